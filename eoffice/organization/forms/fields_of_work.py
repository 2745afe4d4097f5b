"""The name of a field of work."""

from __future__ import annotations

from django import forms

from eoffice.organization.forms.fields import TextField
from eoffice.organization.models.fields_of_work import NAME_LENGTH


class FieldOfWorkForm(forms.Form):
    """Lĩnh vực."""

    name = TextField(label="Tên lĩnh vực", max_length=NAME_LENGTH, error_messages={"required": "Nhập tên lĩnh vực."})

"""The name of a saved filter."""

from __future__ import annotations

from django import forms

from eoffice.documents.forms.incoming import TextField


class FilterNameForm(forms.Form):
    name = TextField(label="Tên bộ lọc", error_messages={"required": "Chưa đặt tên bộ lọc."})

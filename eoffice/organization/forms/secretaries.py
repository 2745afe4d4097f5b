"""What is written down about a leader's secretary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.models import Person
from eoffice.organization.services.proposing_rights import Terms
from eoffice.organization.services.secretaries import BASIS_LENGTH, ServiceTerms


class SecretaryForm(forms.Form):
    """Phân công thư ký: by the leader for himself, at once."""

    secretary = PickField(label="Thư ký", error_messages={"required": "Chọn thư ký trong danh sách."})
    starts_on = DayField(label="Từ ngày")
    ends_on = DayField(label="Đến hết ngày", required=False)
    basis = TextField(
        label="Văn bản phân công", max_length=BASIS_LENGTH, error_messages={"required": "Ghi văn bản phân công."}
    )

    def terms(self) -> ServiceTerms:
        """What a valid form says."""
        said = self.cleaned_data
        return ServiceTerms(basis=said["basis"], starts_on=said["starts_on"], ends_on=said["ends_on"])

    def show_picked(self, name: str) -> None:
        """Show the person picked again after a fault."""
        field = self.fields["secretary"]
        if isinstance(field, PickField) and name:
            field.choices = [("", ""), (str(self.data.get("secretary", "")), name)]


class ProposedSecretaryForm(SecretaryForm):
    """The same by who keeps rights: a proposal, with its leader and its reason."""

    leader = forms.TypedChoiceField(label="Lãnh đạo", coerce=int, error_messages={"required": "Chọn lãnh đạo."})
    reason = TextField(label="Lý do", widget=forms.Textarea, error_messages={"required": "Ghi lý do."})
    field_order = ("leader", "secretary", "starts_on", "ends_on", "basis", "reason")

    def __init__(self, *args: Any, leaders: Sequence[Person], **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        field = self.fields["leader"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [("", "Chọn lãnh đạo"), *((each.pk, each.full_name) for each in leaders)]

    def proposal(self) -> Terms:
        """What a valid form proposes."""
        said = self.cleaned_data
        return Terms(starts_on=said["starts_on"], ends_on=said["ends_on"], reason=said["reason"], basis=said["basis"])

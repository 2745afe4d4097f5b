"""What is written when a leader lets somebody act in his name."""

from __future__ import annotations

from django import forms

from eoffice.organization.actor import PostSummary
from eoffice.organization.forms.capacities import FieldsOfWorkField, TypesField
from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.services.delegating import DelegationTerms


class DelegationForm(forms.Form):
    """Ủy quyền xử lý."""

    receiver = PickField(
        label="Người nhận ủy quyền",
        error_messages={"required": "Chọn người.", "invalid": "Chọn người trong danh sách."},
    )
    posting = forms.TypedChoiceField(label="Ủy quyền với chức danh", coerce=int)
    may_direct = forms.BooleanField(label="Cho ý kiến chỉ đạo, phân công, xác nhận kết quả", required=False)
    may_prepare = forms.BooleanField(label="Soạn dự thảo để người ủy quyền xem và trình", required=False)
    starts_on = DayField(label="Từ ngày", error_messages={"required": "Ghi ngày bắt đầu."})
    ends_on = DayField(label="Đến hết ngày", error_messages={"required": "Ghi ngày kết thúc."})
    basis = TextField(
        label="Quyết định, văn bản ủy quyền",
        max_length=300,
        error_messages={"required": "Ghi số, ngày quyết định hoặc văn bản ủy quyền."},
    )
    registry = forms.TypedChoiceField(label="Chỉ văn bản của", coerce=int, required=False, empty_value=None)
    document_types = TypesField(label="Loại văn bản", required=False)
    fields_of_work = FieldsOfWorkField(label="Lĩnh vực", required=False)

    def offer(self, *, posts: tuple[PostSummary, ...], registries: list[tuple[int, str]]) -> None:
        """Offer the giver's own posts and the registries."""
        own = [(post.posting_id, f"{post.position_name}, {post.unit_name}") for post in posts]
        self.fields["posting"].choices = own  # type: ignore[attr-defined]  # Django types fields loosely
        self.fields["registry"].choices = [("", "Mọi đơn vị"), *registries]  # type: ignore[attr-defined]  # as above

    def show_picked(self, name: str) -> None:
        """Show the person picked again after a fault."""
        field = self.fields["receiver"]
        if isinstance(field, PickField) and name:
            field.choices = [("", ""), (str(self.data.get("receiver", "")), name)]

    def terms(self) -> DelegationTerms:
        """What a valid form says."""
        said = self.cleaned_data
        return DelegationTerms(
            may_direct=said["may_direct"],
            may_prepare=said["may_prepare"],
            basis=said["basis"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            registry_id=said["registry"],
            document_types=tuple(said["document_types"]),
            fields_of_work=tuple(said["fields_of_work"]),
        )

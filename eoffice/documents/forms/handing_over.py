"""Input of letting somebody go: since when, on what basis, where to, and who takes the work."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from eoffice.documents.models import HandOverKind, Work
from eoffice.documents.services.handing_over import HandOverTerms
from eoffice.organization import queries as organization
from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.services.leaving import NewPost

PEOPLE = "/api/v1/organization/recipients?kind=person&q="
UNITS = "/api/v1/organization/recipients?kind=unit&q="
_PICK = {"required": "Chọn người nhận.", "invalid": "Chọn người trong danh sách."}


class SuccessorForm(forms.Form):
    """One person for what is left."""

    successor = PickField(label="Người nhận", error_messages=_PICK)


class LeavingForm(forms.Form):
    """`works` are the kinds of which there is something to give: each may have a successor of its own."""

    kind = forms.ChoiceField(label="Hình thức", choices=HandOverKind.choices, initial=HandOverKind.LEAVES)
    first_day = DayField(label="Từ ngày", error_messages={"required": "Ghi ngày."})
    basis = TextField(label="Căn cứ", max_length=300, error_messages={"required": "Ghi căn cứ: số, ngày quyết định."})
    unit = PickField(label="Đơn vị mới", required=False, error_messages={"invalid": "Chọn đơn vị trong danh sách."})
    position_name = TextField(label="Chức vụ mới", max_length=100, required=False)
    rank = forms.IntegerField(
        label="Cấp bậc", min_value=0, max_value=99, initial=9, required=False, error_messages={"invalid": "Ghi số."}
    )
    successor = PickField(label="Người nhận mọi việc", required=False, error_messages=_PICK)

    def __init__(self, *args: object, works: Iterable[Work] = (), **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as Django takes them
        self.works = list(works)
        for work in self.works:
            self.fields[f"to_{work}"] = PickField(label=str(work.label), required=False, error_messages=_PICK)

    def show_picked(self) -> None:
        """Put the names of what was picked into the lists, so that a fault keeps them."""
        names = [name for name, each in self.fields.items() if isinstance(each, PickField)]
        picked = {name: int(value) for name in names if (value := str(self.data.get(name, ""))).isdecimal()}
        people = organization.persons_by_id(key for name, key in picked.items() if name != "unit")
        units = organization.units_by_id([picked["unit"]] if "unit" in picked else [])
        for name, key in picked.items():
            row = units.get(key) if name == "unit" else people.get(key)
            pick = self.fields[name]
            if row is not None and isinstance(pick, PickField):
                pick.choices = [("", ""), (key, str(row))]

    def terms(self) -> HandOverTerms:
        """What a valid form says."""
        said = self.cleaned_data
        kind = HandOverKind(said["kind"])
        new_post = None
        if kind == HandOverKind.MOVES and said["unit"]:
            rank = 9 if said["rank"] is None else said["rank"]
            new_post = NewPost(unit_id=said["unit"], position_name=said["position_name"], rank=rank)
        return HandOverTerms(
            kind=kind,
            first_day=said["first_day"],
            basis=said["basis"],
            successor_id=said["successor"],
            others={work: said[f"to_{work}"] for work in self.works if said[f"to_{work}"]},
            new_post=new_post,
        )

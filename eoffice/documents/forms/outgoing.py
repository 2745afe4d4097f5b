"""What the clerk types when a document is numbered, sealed, recalled or sent by post."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import QueryDict

from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.models import DispatchMethod
from eoffice.documents.services.dispatching import DispatchEntry
from eoffice.documents.services.numbering_outgoing import NumberChoice, NumberWay

_WAYS = (
    (NumberWay.NEXT, "Số tiếp theo"),
    (NumberWay.RESERVED, "Số đang giữ"),
    (NumberWay.SUFFIX, "Số chèn (12a)"),
)


class NumberForm(forms.Form):
    """Which register, which number, which date."""

    register = forms.TypedChoiceField(label="Sổ", coerce=int)
    way = forms.ChoiceField(label="Cách lấy số", choices=_WAYS, initial=NumberWay.NEXT)
    number = forms.IntegerField(label="Số", required=False, min_value=1, max_value=9_999_999)
    dated_on = forms.DateField(label="Ngày ban hành", input_formats=["%d/%m/%Y", "%Y-%m-%d"])

    def __init__(
        self, *args: object, registers: list[tuple[int, str]], today: date | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as Django takes them
        field = self.fields["register"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = registers
        self.fields["dated_on"].initial = f"{today:%d/%m/%Y}" if today else None

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("way") in {NumberWay.RESERVED, NumberWay.SUFFIX} and not values.get("number"):
            self.add_error("number", "Ghi số đang giữ, hoặc số đứng trước số chèn.")
        return values

    def choice(self) -> NumberChoice:
        """The checked choice; call after `is_valid`."""
        values = self.cleaned_data
        way = NumberWay(values["way"])
        return NumberChoice(
            way=way,
            number=values["number"] if way != NumberWay.NEXT else None,
            register_id=values["register"],
            dated_on=values["dated_on"],
        )


class SealForm(forms.Form):
    """The PIN that opens the seal; never kept, never shown again."""

    pin = forms.CharField(label="Mã PIN chữ ký số cơ quan", max_length=12, widget=forms.PasswordInput)


class ReasonForm(forms.Form):
    """Why a number is voided, a document recalled, a paper returned."""

    reason = forms.CharField(label="Lý do", max_length=1000, widget=forms.Textarea)


class DispatchRoundForm(forms.Form):
    """One round to the post: way and day for all, and beside each recipient what is his own.

    The lines are drawn beside the recipients: `picked` holds delivery ids, `reference-<id>`, `envelopes-<id>` and
    `received_by-<id>` what differs.
    """

    method = forms.ChoiceField(label="Cách gửi", choices=DispatchMethod.choices, initial=DispatchMethod.POST)
    sent_on = forms.DateField(label="Ngày chuyển", input_formats=["%d/%m/%Y", "%Y-%m-%d"])
    note = forms.CharField(label="Ghi chú chung", max_length=500, required=False)

    def entries(self, raw: QueryDict) -> dict[int, DispatchEntry]:
        """The checked lines by delivery id; call after `is_valid`. Raises Invalid naming the line at fault."""
        chosen = [number for text in raw.getlist("picked") if (number := whole_number(text)) is not None]
        faults = {}
        found: dict[int, DispatchEntry] = {}
        for delivery_id in chosen:
            envelopes = whole_number(raw.get(f"envelopes-{delivery_id}", "1"))
            if envelopes is None:
                faults[f"envelopes-{delivery_id}"] = "Số lượng bì là số từ 1 đến 999."
                continue
            found[delivery_id] = DispatchEntry(
                method=self.cleaned_data["method"],
                sent_on=self.cleaned_data["sent_on"],
                envelopes=envelopes,
                reference=raw.get(f"reference-{delivery_id}", ""),
                received_by=raw.get(f"received_by-{delivery_id}", ""),
                note=self.cleaned_data["note"],
            )
        if faults:
            raise Invalid(fields=faults)
        return found


class DispatchForm(forms.Form):
    """One line of the postal register."""

    method = forms.ChoiceField(label="Cách gửi", choices=DispatchMethod.choices, initial=DispatchMethod.POST)
    sent_on = forms.DateField(label="Ngày chuyển", input_formats=["%d/%m/%Y", "%Y-%m-%d"])
    envelopes = forms.IntegerField(label="Số lượng bì", min_value=1, max_value=999, initial=1)
    reference = forms.CharField(label="Mã bưu gửi, địa chỉ thư", max_length=100, required=False)
    received_by = forms.CharField(label="Người ký nhận", max_length=100, required=False)
    note = forms.CharField(label="Ghi chú", max_length=500, required=False)

    def entry(self) -> DispatchEntry:
        """The checked line; call after `is_valid`."""
        return DispatchEntry(**self.cleaned_data)

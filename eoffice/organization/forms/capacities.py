"""What is written down about a signing capacity. The printed block is made from it, never typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms

from eoffice.organization.forms.fields import DayField, TextField
from eoffice.organization.models import FieldOfWork, Person, Posting, SigningCapacity, SigningForm
from eoffice.organization.services.capacities import CapacityTerms
from eoffice.organization.signing_blocks import COLLECTIVES

FORM_WORDS: Final = (
    ("", "Chọn hình thức"),
    (SigningForm.OWN, "Ký trực tiếp: người đứng đầu"),
    (SigningForm.TM, "TM. thay mặt tập thể"),
    (SigningForm.Q, "Q. quyền cấp trưởng"),
    (SigningForm.KT, "KT. ký thay: cấp phó"),
    (SigningForm.TL, "TL. thừa lệnh: đơn vị thuộc"),
    (SigningForm.TUQ, "TUQ. thừa ủy quyền: cấp dưới"),
)


class TypesField(forms.MultipleChoiceField):
    """Codes of document types. Which there are is known to `layout`, above this room: the page offers them by name."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:  # noqa: ANN401 - whatever the form was sent
        return re.fullmatch(r"[a-z_]{2,32}", str(value)) is not None


class FieldsOfWorkField(forms.TypedMultipleChoiceField):
    """Keys of fields of work. The form offers those of the list with `offer_fields`; the service checks them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(coerce=int, empty_value=[], **options)


def offer_fields(form: forms.Form, fields: Iterable[FieldOfWork], *, kept: Sequence[int] = ()) -> None:
    """Offer the open fields of work, and closed ones that the row has already (`kept`)."""
    choices = [(each.pk, each.name) for each in fields if each.closed_at is None or each.pk in kept]
    form.fields["fields_of_work"].choices = choices  # type: ignore[attr-defined]  # Django types fields loosely


class TermsForm(forms.Form):
    """What may change about a capacity: fields of work, types, content, basis, days."""

    fields_of_work = FieldsOfWorkField(label="Lĩnh vực", required=False)
    content = TextField(label="Nội dung được ký", required=False, max_length=200)
    document_types = TypesField(label="Loại văn bản", required=False)
    basis = TextField(label="Căn cứ", max_length=300, error_messages={"required": "Ghi văn bản làm căn cứ."})
    starts_on = DayField(label="Từ ngày")
    ends_on = DayField(label="Đến hết ngày", required=False)

    def terms(self) -> CapacityTerms:
        """What a valid form says."""
        said = self.cleaned_data
        return CapacityTerms(
            basis=said["basis"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            content=said["content"],
            document_types=said["document_types"],
            fields_of_work=said["fields_of_work"],
        )


class CapacityForm(TermsForm):
    """A new capacity: besides the terms, who signs, in which form, by whose leave."""

    person = forms.TypedChoiceField(label="Người ký", coerce=int, error_messages={"required": "Chọn người ký."})
    form = forms.ChoiceField(label="Hình thức", choices=FORM_WORDS, error_messages={"required": "Chọn hình thức ký."})
    given_by = forms.TypedChoiceField(label="Người giao ký", coerce=int, required=False, empty_value=None)
    collective = TextField(label="Tập thể ký thay mặt", required=False, max_length=100)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - passed on
        signers: Sequence[Posting],
        givers: Sequence[Person],
        **options: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(*args, **options)
        people = [
            (post.person_id, f"{post.person.full_name}, {post.position.name} {post.unit.short_name}")
            for post in signers
        ]
        self._offer("person", [("", "Chọn người ký"), *people])
        self._offer("given_by", [("", "Không: tự ký"), *((each.pk, each.full_name) for each in givers)])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = choices

    @property
    def collectives(self) -> Sequence[str]:
        return COLLECTIVES


class CapacityEndForm(forms.Form):
    """Kết thúc thẩm quyền ký."""

    first_day_without = DayField(label="Không còn được ký từ ngày")


def terms_of(capacity: SigningCapacity) -> dict[str, object]:
    """What the form of an existing capacity starts with."""
    return {
        "content": capacity.content,
        "fields_of_work": capacity.fields_of_work,
        "document_types": capacity.document_types,
        "basis": capacity.basis,
        "starts_on": capacity.starts_on,
        "ends_on": capacity.ends_on,
    }

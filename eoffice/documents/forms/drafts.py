"""What is typed on the pages of drafts, parsed into service input."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.http import QueryDict

from eoffice.core.errors import Invalid
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.paging import whole_number
from eoffice.documents.models import Draft, DraftRecipient, Submission, Urgency
from eoffice.documents.queries.draft_signers import Signers
from eoffice.documents.services.composing import DATE_FIELDS, EXTRA_FIELDS
from eoffice.documents.services.drafting import SUBJECT_LENGTH, DraftEntry, RecipientEntry
from eoffice.layout.errors import BodyInvalid
from eoffice.layout.types import TYPES, type_of
from eoffice.organization.calendar import end_of_day

DEFAULT_COPY_NOTE: Final = "để biết"
_DATES: Final = ["%d/%m/%Y", "%Y-%m-%d"]
LONG_EXTRAS: Final = frozenset({"attendees", "invited", "event", "purpose"})


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class DraftForm(forms.Form):
    """The fields of a letter. Nothing is required while it is written: `submit_draft` says what is missing."""

    document_type = forms.ChoiceField(label="Loại văn bản", choices=[(each.code, each.name) for each in TYPES])
    subject = forms.CharField(
        label="Trích yếu", max_length=SUBJECT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    urgency = forms.TypedChoiceField(label="Mức độ khẩn", choices=Urgency.choices, coerce=int, required=False)
    field_of_work = forms.TypedChoiceField(label="Lĩnh vực", required=False, coerce=int, empty_value=None)
    addressees = forms.CharField(label="Kính gửi", required=False, max_length=8000, widget=forms.Textarea)
    authority = forms.CharField(label="Thẩm quyền ban hành", required=False, max_length=200)
    legal_bases = forms.CharField(label="Căn cứ", required=False, max_length=20000, widget=forms.Textarea)
    capacity = forms.ChoiceField(label="Người ký", required=False)
    outside = forms.CharField(label="Cơ quan ngoài hệ thống", required=False, max_length=8000, widget=forms.Textarea)
    copies_note = forms.CharField(label="Đồng gửi để", required=False, max_length=100)
    circulation_mark = forms.CharField(label="Phạm vi lưu hành", required=False, max_length=60)
    drafter_mark = forms.CharField(label="Ký hiệu người soạn, số bản", required=False, max_length=30)
    reply_due_on = forms.DateField(
        label="Hạn trả lời", required=False, input_formats=_DATES, widget=forms.DateInput(format="%d/%m/%Y")
    )
    needs_number = forms.BooleanField(label="Lấy số văn bản", required=False)
    needs_seal = forms.BooleanField(label="Đóng dấu cơ quan", required=False)
    proposal = forms.CharField(label="Nội dung trình", required=False, max_length=20000, widget=forms.Textarea)

    def __init__(self, *args: Any, signers: Signers, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        self.signers_outside = signers.outside_words
        """Who could sign but for the field of work, for the line below the choice."""
        self._offer("capacity", [("", "Chọn người ký"), *signers.choices])
        self._offer("field_of_work", [("", "Chưa ghi lĩnh vực"), *((row.pk, row.name) for row in signers.fields)])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def entry(self, raw: QueryDict) -> DraftEntry:
        """The service's input; call after `is_valid`. `raw` holds body, recipients, extras and appendices.

        Raises BodyInvalid for JSON that cannot be read.
        """
        data = self.cleaned_data
        reply_due_on: date | None = data["reply_due_on"]
        return DraftEntry(
            document_type=data["document_type"],
            subject=data["subject"],
            urgency=data["urgency"] or 0,
            field_of_work_id=data["field_of_work"],
            capacity_id=int(data["capacity"]) if data["capacity"] else None,
            needs_number=data["needs_number"],
            needs_seal=data["needs_seal"],
            content={
                "addressees": _lines(data["addressees"]),
                "legal_bases": _lines(data["legal_bases"]),
                "authority": data["authority"],
                "circulation_mark": data["circulation_mark"],
                "drafter_mark": data["drafter_mark"],
                "extra": _extras(raw, data["document_type"]),
                "cosigner_id": _cosigner(raw),
                "appendices": _appendices(raw),
            },
            body=_json_object(raw.get("body", "")),
            recipients=_recipients(raw, data["copies_note"] or DEFAULT_COPY_NOTE, data["outside"]),
            reply_due_at=end_of_day(reply_due_on) if reply_due_on else None,
            proposal=data["proposal"],
        )


def initial_of(draft: Draft, recipients: tuple[DraftRecipient, ...], submission: Submission) -> dict[str, object]:
    """The form's values for a draft as it is kept."""
    content = draft.content
    copies = [row for row in recipients if row.note and row.outside_id is None]
    return {
        "document_type": draft.document_type,
        "subject": draft.subject,
        "urgency": draft.urgency,
        "field_of_work": draft.field_of_work_id,
        "addressees": "\n".join(content.get("addressees") or []),
        "authority": content.get("authority", ""),
        "legal_bases": "\n".join(content.get("legal_bases") or []),
        "capacity": str(draft.capacity_id or ""),
        "outside": "\n".join(_outside_line(row) for row in recipients if row.outside_id is not None),
        "copies_note": copies[0].note if copies else DEFAULT_COPY_NOTE,
        "circulation_mark": content.get("circulation_mark", ""),
        "drafter_mark": content.get("drafter_mark", ""),
        "reply_due_on": draft.reply_due_at,
        "needs_number": draft.needs_number,
        "needs_seal": draft.needs_seal,
        "proposal": submission.proposal,
    }


def _outside_line(row: DraftRecipient) -> str:
    return f"{row.outside} ({row.note})" if row.note else str(row.outside)


def picked(recipients: tuple[DraftRecipient, ...], *, copies: bool) -> str:
    """Units and people as the picker takes them: those that act, or those that get a copy with a note."""
    chosen = [row for row in recipients if row.outside_id is None and bool(row.note) is copies]
    return json.dumps(
        [
            {"kind": "unit", "id": row.unit_id, "name": str(row.unit), "detail": "", "path": ""}
            if row.unit_id is not None
            else {"kind": "person", "id": row.person_id, "name": str(row.person), "detail": "", "path": ""}
            for row in chosen
        ],
        ensure_ascii=False,
    )


def extra_fields(document_type: str, values: Mapping[str, str]) -> list[dict[str, object]]:
    """The fields only this type's template has, for drawing: name, label, value, whether long or a date."""
    labels = EXTRA_FIELDS.get(type_of(document_type).template, {})
    return [
        {
            "name": name,
            "label": label,
            "value": values.get(name, ""),
            "long": name in LONG_EXTRAS,
            "date": name in DATE_FIELDS,
        }
        for name, label in labels.items()
    ]


def _extras(raw: QueryDict, document_type: str) -> dict[str, str]:
    labels = EXTRA_FIELDS.get(type_of(document_type).template, {})
    values = {name: raw.get(f"extra-{name}", "") for name in labels}
    return {name: _iso(value) if name in DATE_FIELDS else value for name, value in values.items()}


def _iso(text: str) -> str:
    """A day typed as dd/mm/yyyy, kept as ISO; something else stays as typed and is named when it is drawn."""
    day, _, rest = text.partition("/")
    month, _, year = rest.partition("/")
    parts = (year.strip(), month.strip().zfill(2), day.strip().zfill(2))
    return "-".join(parts) if all(part.isdecimal() for part in parts) else text


def _appendices(raw: QueryDict) -> list[dict[str, object]]:
    count = raw.get("appendix-count", "0")
    found: list[dict[str, object]] = []
    for index in range(min(whole_number(count) or 0, 20)):
        if raw.get(f"appendix-{index}-remove"):
            continue
        found.append(
            {
                "title": raw.get(f"appendix-{index}-title", ""),
                "body": _json_object(raw.get(f"appendix-{index}-body", "")),
                "landscape": bool(raw.get(f"appendix-{index}-landscape")),
            }
        )
    if raw.get("add_appendix"):
        found.append({"title": "", "body": None})
    return found


def _json_object(text: str) -> dict[str, object] | None:
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise BodyInvalid from error
    if not isinstance(value, dict):
        raise BodyInvalid
    return value


def _recipients(raw: QueryDict, copies_note: str, outside: str) -> tuple[RecipientEntry, ...]:
    return (
        *_picked(raw.get("recipients", ""), note=""),
        *_outside(outside),
        *_picked(raw.get("copies", ""), note=copies_note),
    )


def _picked(text: str, *, note: str) -> list[RecipientEntry]:
    try:
        chosen = json.loads(text or "[]")
    except json.JSONDecodeError:
        chosen = []
    return [
        RecipientEntry(kind=str(one.get("kind")), id=number, note=note)
        for one in (chosen if isinstance(chosen, list) else [])
        if isinstance(one, dict) and (number := whole_number(str(one.get("id", "")))) is not None
    ]


def _cosigner(raw: QueryDict) -> int | None:
    """The one person picked to sign beside the signer. Raises Invalid for a unit: only a person signs."""
    chosen = _picked(raw.get("cosigner", ""), note="")
    if any(one.kind != "person" for one in chosen):
        raise Invalid("Thư ký cùng ký phải là một người. Nội dung đã nhập vẫn còn; chọn lại một người trong danh sách.")
    return chosen[0].id if chosen else None


def _outside(text: str) -> list[RecipientEntry]:
    """One body a line; words in brackets at the end are its note."""
    entries = []
    for line in _lines(text):
        name, bracket, note = line.rstrip(";.").rpartition(" (")
        is_noted = bool(bracket) and note.endswith(")")
        entries.append(
            RecipientEntry(kind="outside", name=name if is_noted else line, note=note[:-1] if is_noted else "")
        )
    return entries


class NewDraftForm(forms.Form):
    """How a draft begins."""

    document_type = forms.ChoiceField(
        label="Loại văn bản", choices=[(each.code, each.name) for each in TYPES], initial="letter"
    )
    mode = forms.ChoiceField(
        label="Cách soạn",
        choices=[("composed", "Soạn trên hệ thống"), ("uploaded", "Tải tệp DOCX, PDF lên")],
        initial="composed",
    )
    unit = forms.TypedChoiceField(
        label="Đơn vị soạn thảo", coerce=int, error_messages={"required": "Chọn đơn vị soạn thảo."}
    )
    subject = forms.CharField(
        label="Trích yếu", max_length=SUBJECT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    leader = forms.TypedChoiceField(label="Chuẩn bị cho", coerce=int, required=False, empty_value=None)
    field_of_work = forms.TypedChoiceField(
        label="Lĩnh vực",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"required": "Chọn một lĩnh vực trong phạm vi được ủy quyền."},
    )
    """Asked only of who prepares under a delegation bound to fields: a draft outside them he would not see."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's own
        units: list[tuple[int, str]],
        leaders: list[tuple[int, str]],
        fields_of_work: Sequence[tuple[int, str]] = (),
        **kwargs: Any,  # noqa: ANN401 - Django's own
    ) -> None:
        super().__init__(*args, **kwargs)
        bound = self.fields["field_of_work"]
        if isinstance(bound, forms.TypedChoiceField):
            bound.choices, bound.required = fields_of_work, bool(fields_of_work)
        served = self.fields["leader"]
        if isinstance(served, forms.TypedChoiceField):
            served.choices = [("", "Bản thân"), *((pk, f"Ông/bà {name}") for pk, name in leaders)]
        field = self.fields["unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = units if len(units) == 1 or self.initial.get("unit") else [("", "Chọn đơn vị"), *units]


class ReviewForm(forms.Form):
    """A decision on a step; `version` is the one that was read."""

    version = forms.IntegerField(min_value=1)
    comment = forms.CharField(required=False, max_length=4000)
    reason = forms.CharField(required=False, max_length=1000)


class ConsultForm(forms.Form):
    """A question about a draft to units or people."""

    question = forms.CharField(label="Nội dung xin ý kiến", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    due_on = forms.DateField(label="Hạn trả lời", required=False, input_formats=_DATES, widget=forms.DateInput)

    def asked(self, raw: QueryDict) -> tuple[list[int], list[int]]:
        """Unit ids and person ids picked."""
        chosen = _picked(raw.get("asked", ""), note="")
        return (
            [one.id for one in chosen if one.kind == "unit" and one.id is not None],
            [one.id for one in chosen if one.kind == "person" and one.id is not None],
        )


class AnswerForm(forms.Form):
    answer = forms.CharField(label="Ý kiến", max_length=20000, widget=forms.Textarea)


class SignForm(forms.Form):
    """PIN and the papers as `<draft id>:<version read>`."""

    pin = forms.CharField(
        label="Mã PIN chữ ký số",
        max_length=12,
        required=False,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric"}),
    )


class AssuranceForm(forms.Form):
    """What is said about secrecy with an upload."""

    seen_no_mark = forms.BooleanField(label="Đã xem, tệp không có dấu chỉ độ mật", required=False)
    not_secret_basis = forms.CharField(label="Lý do không phải tài liệu mật", required=False, max_length=250)


def places_of(raw: QueryDict) -> LetterPlaces:
    """The boxes the placement island sends; a box that cannot be read is no box."""
    return LetterPlaces(
        number=box_of(raw, "place-number"),
        date=box_of(raw, "place-date"),
        signatures=tuple(box for box in [box_of(raw, "place-signature_1")] if box is not None),
        seal=box_of(raw, "place-seal"),
    )


def box_of(raw: QueryDict, name: str) -> Box | None:
    """One box of the placement island; None where there is none."""
    try:
        value = json.loads(raw.get(name) or "null")
        return Box.from_json(value) if isinstance(value, dict) else None
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def moment_of(text: str) -> datetime | None:
    """`updated_at` as a page carries it; None where it cannot be read."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None

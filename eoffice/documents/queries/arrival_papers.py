"""The registration page, and the papers made from an incoming letter: stamped copy, handling slip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.documents.errors import PdfNotReady
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Channel,
    FilePurpose,
    IncomingDocument,
    RegisterEntry,
    Urgency,
)
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.duplicates import EarlierLetter, duplicates_of
from eoffice.documents.queries.incoming import (
    FileLine,
    files_of,
    get_incoming,
    holder_name,
    leaders_of,
    newest_arrival,
    queue_to_register,
    type_label,
)
from eoffice.layout import slips, stamps
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import FieldOfWork, Person
from eoffice.renditions import queries as renditions
from eoffice.renditions.models import RenditionState
from eoffice.signing import queries as signing
from eoffice.signing.engine.verdicts import Verdict

__all__ = [
    "PdfNotReady",
    "RegistrationPage",
    "SignatureReport",
    "handling_slip",
    "registration_page",
    "signature_reports",
    "stamped_copy",
]

DOUBTFUL_BELOW: Final = 0.85
"""Confidence under which a field read from the page is shown amber and comes first with Tab."""
MARKED_FIELDS: Final = (
    "issuing_body", "number", "issued_on", "subject", "signer_name", "symbol", "signer_position", "document_type",
    "urgency",
)  # fmt: skip
"""In the order of their numbers on the page."""
_READING_TAKES: Final = timedelta(seconds=20)
"""Longer than a page takes to be read once it is a PDF: after that nothing could be read from it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One field read from the page. `no` is the number of its mark; `certainty` in words, `96%`."""

    no: int
    certainty: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPage:
    """Everything beside the form of registration."""

    incoming: IncomingDocument
    files: list[FileLine]
    initial: dict[str, object]
    suggestions: dict[str, Suggestion]
    marks_json: str
    earlier: list[EarlierLetter]
    leaders: list[Person]
    fields_of_work: list[FieldOfWork]
    queue: list[int]
    newest: str
    signatures: SignatureReport | None
    is_being_read: bool
    """The machine has still to say what it reads on the page."""

    @property
    def original(self) -> FileLine | None:
        return next((each for each in self.files if each.is_original), None)

    @property
    def original_hashes(self) -> list[str]:
        return [each.sha256 for each in self.files if each.is_original]

    @property
    def place_in_queue(self) -> int:
        return self.queue.index(self.incoming.pk) + 1 if self.incoming.pk in self.queue else 0

    @property
    def following(self) -> int | None:
        """The letter after this one; after the last of them the first, so that what was put off comes last."""
        at = self.queue.index(self.incoming.pk) if self.incoming.pk in self.queue else -1
        return next(iter(self.queue[at + 1 :] + self.queue[: max(at, 0)]), None)

    @property
    def doubtful(self) -> int:
        return sum(each.is_doubtful for each in self.suggestions.values())


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """What the check of a file's signatures said."""

    verdict: Verdict
    checked_at: datetime | None
    file_id: int
    """The line of the letter's files whose check it is."""


def registration_page(actor: Actor, incoming_id: int, *, now: datetime) -> RegistrationPage:
    """The page on which a clerk registers a letter. Raises DocumentNotFound, NotPermitted."""
    incoming = get_incoming(actor, incoming_id)
    permissions.require(permissions.can_register(actor, incoming), "Chỉ văn thư của đơn vị đăng ký được văn bản đến.")
    lines = files_of(incoming)
    initial = _initial(incoming)
    return RegistrationPage(
        incoming=incoming,
        files=lines,
        initial=initial,
        suggestions=_suggestions(incoming.suggested),
        marks_json=_marks(incoming.suggested),
        earlier=duplicates_of(
            registry_id=incoming.registry_id,
            number=str(initial.get("number") or ""),
            symbol=str(initial.get("symbol") or ""),
            issuing_body=str(initial.get("issuing_body") or ""),
            sha256s=[each.sha256 for each in lines if each.is_original],
            besides=incoming.pk,
        ),
        leaders=leaders_of(incoming.registry_id, now=now),
        fields_of_work=organization.offered_fields(besides=incoming.field_of_work_id),
        queue=queue_to_register(actor),
        newest=newest_arrival(incoming.registry_id),
        signatures=signature_reports(lines),
        is_being_read=_is_being_read(incoming, lines, now),
    )


def _is_being_read(incoming: IncomingDocument, lines: list[FileLine], now: datetime) -> bool:
    """Whether fields of an uploaded letter may still come from its page: on its way to a PDF, or just become one."""
    original = next((each for each in lines if each.is_original), None)
    if original is None or incoming.suggested or incoming.channel == Channel.INTERNAL:
        return False
    rendition = renditions.rendition_of(original.sha256)
    if rendition is None:
        return now - incoming.received_at < _READING_TAKES
    if rendition.state == RenditionState.FAILED:
        return False
    return rendition.finished_at is None or now - rendition.finished_at < _READING_TAKES


def _initial(incoming: IncomingDocument) -> dict[str, object]:
    """What the letter has already (from a sender in the installation), else what was read from the page."""
    initial: dict[str, object] = {"urgency": incoming.urgency or Urgency.NORMAL, "language": incoming.language}
    for name, said in incoming.suggested.items():
        initial[name] = date.fromisoformat(said["value"]) if name == "issued_on" else said["value"]
    for name in (
        "issuing_body", "number", "symbol", "issued_on", "document_type", "type_name", "field_of_work_id", "subject",
        "signer_name", "signer_position", "page_amount", "circulation", "description",
    ):  # fmt: skip
        if (value := getattr(incoming, name)) not in (None, ""):
            initial[name] = value
    if incoming.urgency:
        initial["urgency"] = incoming.urgency
    if incoming.due_at is not None:
        initial["due_on"] = local_date(incoming.due_at)
    return initial


def _suggestions(suggested: dict[str, Any]) -> dict[str, Suggestion]:
    return {
        name: Suggestion(
            MARKED_FIELDS.index(name) + 1, f"{round(said['confidence'] * 100)}%", said["confidence"] < DOUBTFUL_BELOW
        )
        for name, said in suggested.items()
        if name in MARKED_FIELDS
    }


def _marks(suggested: dict[str, Any]) -> str:
    marks = [
        {
            **said["box"],
            "label": str(MARKED_FIELDS.index(name) + 1),
            "tone": "warn" if said["confidence"] < DOUBTFUL_BELOW else "",
        }
        for name, said in suggested.items()
        if name in MARKED_FIELDS
    ]
    return json.dumps(marks)


def signature_reports(lines: list[FileLine]) -> SignatureReport | None:
    """The newest check of the original's signatures; None while there is none."""
    original = next((each for each in lines if each.is_original and each.media_type == "application/pdf"), None)
    verdict = signing.verdict_of(original.sha256) if original else None
    if original is None or verdict is None:
        return None
    return SignatureReport(verdict, signing.checked_at(original.sha256), original.id)


def stamped_copy(actor: Actor, incoming_id: int) -> bytes:
    """A copy of the original with the arrival stamp filled in. Raises DocumentNotFound, PdfNotReady, NoFreeSpace."""
    incoming = get_incoming(actor, incoming_id)
    entry = _entry_of(incoming)
    version = incoming.files.filter(purpose=FilePurpose.ORIGINAL).order_by("pk").first()
    pdf = renditions.pdf_of(version.file_id) if version else None
    if entry is None or pdf is None:
        raise PdfNotReady("Chưa đóng được dấu đến: văn bản chưa đăng ký, hoặc bản PDF đang được tạo.")
    return stamps.stamp_arrival(
        files.read(pdf),
        organization=entry.register.registry.name_on(incoming.arrival_on),
        number=incoming.shown_arrival,
        arrived_at=entry.entered_at,
        forwarded_to=incoming.forwarded_to.full_name if incoming.forwarded_to else "",
        file_notation=incoming.file_notation,
        with_hour=incoming.urgency >= Urgency.VERY_URGENT,
    )


def _entry_of(incoming: IncomingDocument) -> RegisterEntry | None:
    """Its line in the register: stamps and slips name the registry that took the number, by the name of that day."""
    return RegisterEntry.objects.select_related("register__registry").filter(incoming=incoming).first()


def handling_slip(actor: Actor, incoming_id: int, *, now: datetime) -> bytes:
    """Phiếu giải quyết văn bản đến as a PDF, with what was directed, passed on and done so far.

    Raises DocumentNotFound, PdfNotReady for a letter without an arrival number.
    """
    incoming = get_incoming(actor, incoming_id)
    if incoming.arrival_on is None:
        raise PdfNotReady("Chưa in được phiếu: văn bản chưa đăng ký.")
    lines = list(
        Assignment.objects.filter(incoming=incoming)
        .exclude(state__in=["withdrawn", "recalled"])
        .select_related("unit", "person", "assigned_by", "given_through")
        .order_by("pk")
    )
    leads = [line for line in lines if line.role == AssignmentRole.LEAD and line.parent_id is None]
    entry = _entry_of(incoming)
    registry = entry.register.registry if entry else incoming.registry
    directives = (
        incoming.directives.filter(taken_back_at__isnull=True).select_related("author", "on_behalf_of").order_by("pk")
    )
    return slips.render_handling_slip(
        slips.HandlingSlip(
            head=slips.SlipHead(
                body=registry.name_on(incoming.arrival_on), place=registry.place or "Hà Nội", day=local_date(now)
            ),
            arrival_number=incoming.shown_arrival,
            arrived_on=incoming.arrival_on,
            document_type=type_label(incoming.document_type) or incoming.type_name,
            number_symbol=incoming.shown_code,
            issued_on=incoming.issued_on,
            issuer=incoming.issuing_body,
            subject=incoming.subject,
            lead=holder_name(leads[-1]) if leads else "",
            support=tuple(
                holder_name(line) for line in lines if line.role == AssignmentRole.SUPPORT and line.parent_id is None
            ),
            due_on=local_date(incoming.due_at) if incoming.due_at else None,
            leaders=tuple(
                slips.Opinion(
                    who=each.given_by_words or "Quy tắc phân phối",
                    text=each.text,
                    given_at=each.given_at,
                )
                for each in directives
            ),
            unit_leaders=tuple(
                slips.Opinion(
                    who=line.given_by_words,
                    text=f"Giao {holder_name(line)}. {line.instruction}".strip(),
                    given_at=line.assigned_at,
                )
                for line in lines
                if line.parent_id is not None
            ),
            proposals=tuple(
                slips.Opinion(who=holder_name(line), text=line.result, given_at=line.reported_at)
                for line in lines
                if line.result
            ),
        )
    )

"""Trích sao: the form of a paper set anew with the part that is copied, numbered, then sealed as every copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import NotIssued, RegisterMissing
from eoffice.documents.models import CopyForm, OriginalKind, OutgoingDocument, PaperCopy, RegisterEntry, RegisterKind
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.documents.queries import outgoing as outgoing_queries
from eoffice.documents.services import deciding_copies, numbering, once
from eoffice.documents.services.copying import KIND, faults_of
from eoffice.documents.services.sealing_copies import require_copy_free
from eoffice.layout.extracts import CopiedPaper, ExtractContent, render_extract
from eoffice.layout.families import rules_of
from eoffice.layout.flow import Paragraph, blocks_of
from eoffice.layout.letters import STATE
from eoffice.layout.letters import Family as Letterhead
from eoffice.layout.schema import check_body
from eoffice.layout.types import TYPES
from eoffice.layout.wording import number_text
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit
from eoffice.renditions import services as renditions
from eoffice.renditions.secrecy import find_secrecy_mark

PDF = "application/pdf"
_TYPE_CODES = frozenset(kind.code for kind in TYPES)
_NUMBER_LATER = "……"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractEntry:
    """What the clerk says: the form of the paper, the part that is copied, and the copy. Names in ordinary case.

    Exactly one of `incoming_id` and `outgoing_id`, or none for a paper that is not in the house.
    """

    original_kind: str
    document_type: str
    issuing_body: str
    code: str
    dated: date
    subject: str
    signer_name: str
    body: Mapping[str, object]
    basis: str = ""
    decider_id: int | None = None
    superior_body: str = ""
    place: str = ""
    signer_lines: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    incoming_id: int | None = None
    outgoing_id: int | None = None

    def kept(self, *, symbol: str) -> dict[str, object]:
        """What `PaperCopy.extract` keeps beside its columns."""
        return {
            "type": self.document_type,
            "superior": tidy(self.superior_body)[:200],
            "place": tidy(self.place)[:60],
            "signer_lines": [tidy(line)[:120] for line in self.signer_lines if tidy(line)][:4],
            "signer_name": tidy(self.signer_name)[:100],
            "recipients": [tidy(line)[:200] for line in self.recipients if tidy(line)][:50],
            "body": dict(self.body),
            "symbol": symbol,
        }


def begin_extract(
    *, actor: Actor, registry_id: int, entry: ExtractEntry, now: datetime, request_key: str = ""
) -> PaperCopy:
    """Take a number of the register of copies for an extract, and set its page.

    The number is taken in one transaction, the page is set after it; a process killed between the two leaves the
    number on its line, and saving again sets the page. The same `request_key` again gives the extract it made, also
    one that was sealed or void meanwhile: that one stays as it is.
    Source: NĐ 30/2020/NĐ-CP, Điều 25; PL I, phần II.
    Raises NotPermitted, Invalid, BodyInvalid, RegisterMissing, RegisterClosed, DatesRunBackwards, DocumentNotFound.
    """
    require(permissions.can_copy(actor, registry_id), "Chỉ văn thư của đơn vị trích sao văn bản.")
    registry = organization.get_unit(registry_id)
    _require_whole(actor, registry_id, entry, now)
    render_extract(_content(entry, registry, _NUMBER_LATER, local_date(now)))  # what cannot be set takes no number
    copy = _take_number(actor, registry, entry, now, request_key)
    return _set_page(actor, copy.pk, now) if copy.is_open else copy


def revise_extract(*, actor: Actor, copy_id: int, entry: ExtractEntry, now: datetime) -> PaperCopy:
    """Set the page of an extract that is not sealed yet anew, under the number it has.

    Raises as `begin_extract`, and PaperBeingSigned.
    """
    copy = _own(actor, copy_id)
    require_copy_free(copy, now)
    _require_whole(actor, copy.registry_id, entry, now, kept_decider=copy.decider_id)
    render_extract(_content(entry, copy.registry, copy.shown_code, copy.entry.dated_on))
    with transaction.atomic():
        locked = PaperCopy.objects.select_for_update(no_key=True).get(pk=copy.pk)
        _require_open(locked)
        changed = _columns(entry)
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.extract = entry.kept(symbol=str(locked.extract.get("symbol", "")))
        locked.scan = None
        locked.save(update_fields=[*changed, "extract", "scan"])
        _record(actor, "extract_changed", locked, now)
    return _set_page(actor, copy.pk, now)


def preview_extract(*, actor: Actor, registry_id: int, entry: ExtractEntry, now: datetime) -> bytes:
    """The page as it would be set, without its number; nothing is kept. Raises as `begin_extract`."""
    require(permissions.can_copy(actor, registry_id), "Chỉ văn thư của đơn vị trích sao văn bản.")
    _require_whole(actor, registry_id, entry, now)
    return render_extract(_content(entry, organization.get_unit(registry_id), _NUMBER_LATER, local_date(now)))


def symbol_of(registry: Unit) -> str:
    """`TrS-TXG` (PL III, mục I)."""
    return f"TrS-{registry.symbol}"


@transaction.atomic
def _take_number(actor: Actor, registry: Unit, entry: ExtractEntry, now: datetime, request_key: str) -> PaperCopy:
    claim = once.claim(actor=actor, key=request_key, object_kind=KIND, now=now)
    if claim.done:
        return _own(actor, claim.done[0], ended_too=True)
    try:
        register = numbering.register_for(
            registry_id=registry.pk, kind=RegisterKind.COPY, document_type=CopyForm.EXTRACT, now=now
        )
    except RegisterMissing as error:
        raise RegisterMissing(
            "Chưa mở Sổ đăng ký bản sao của năm nay. Mở sổ ở Sổ đăng ký rồi lưu lại; nội dung đã nhập vẫn còn."
        ) from error
    taken = numbering.take_number(register=register, dated_on=local_date(now))
    copy = PaperCopy.objects.create(
        registry=registry, form=CopyForm.EXTRACT, incoming_id=entry.incoming_id, outgoing_id=entry.outgoing_id,
        extract=entry.kept(symbol=symbol_of(registry)), made_by_id=actor.person_id, made_at=now, **_columns(entry),
    )  # fmt: skip
    RegisterEntry.objects.create(
        register=register, number=taken.number, dated_on=taken.dated_on, copy=copy, entered_by_id=actor.person_id,
        entered_at=now,
    )  # fmt: skip
    _record(actor, "extracted", copy, now)
    claim.settle([copy.pk])
    return copy


def _set_page(actor: Actor, copy_id: int, now: datetime) -> PaperCopy:
    """Set the page from what is kept and keep it, unless it was changed or sealed meanwhile."""
    copy = _own(actor, copy_id)
    number = f"{number_text(copy.entry.number, copy.entry.suffix)}/{copy.extract['symbol']}"
    entry = entry_of(copy)
    stored = files.store(render_extract(_content(entry, copy.registry, number, copy.entry.dated_on)), media_type=PDF)
    with transaction.atomic():
        locked = PaperCopy.objects.select_for_update(no_key=True).get(pk=copy.pk)
        if locked.is_open and locked.extract == copy.extract:
            locked.scan = stored
            locked.save(update_fields=["scan"])
            renditions.request(sha256=stored.sha256, now=now)
    copy.refresh_from_db()
    return copy


def entry_of(copy: PaperCopy) -> ExtractEntry:
    """What was said of an extract, as it is kept."""
    kept: dict[str, Any] = copy.extract
    return ExtractEntry(
        original_kind=copy.original_kind,
        document_type=kept["type"],
        issuing_body=copy.issuing_body,
        code=copy.code,
        dated=copy.dated,
        subject=copy.subject,
        signer_name=kept["signer_name"],
        body=kept["body"],
        basis=copy.basis,
        decider_id=copy.decider_id,
        superior_body=kept["superior"],
        place=kept["place"],
        signer_lines=tuple(kept["signer_lines"]),
        recipients=tuple(kept["recipients"]),
        incoming_id=copy.incoming_id,
        outgoing_id=copy.outgoing_id,
    )


def _own(actor: Actor, copy_id: int, *, ended_too: bool = False) -> PaperCopy:
    rows = PaperCopy.objects.select_related("registry", "entry").filter(permissions.copies_visible_to(actor))
    copy = rows.filter(pk=copy_id, form=CopyForm.EXTRACT).first()
    if copy is None:
        raise NotFound
    require(permissions.can_copy(actor, copy.registry_id), "Chỉ văn thư của đơn vị trích sao văn bản.")
    if not ended_too:
        _require_open(copy)
    return copy


def _require_open(copy: PaperCopy) -> None:
    if not copy.is_open:
        ended = "được ký số" if copy.sealed_at else "hủy"
        raise Conflict(f"Bản trích sao này đã {ended} nên không sửa được nữa.")


def _columns(entry: ExtractEntry) -> dict[str, Any]:
    return {
        "original_kind": entry.original_kind,
        "code": tidy(entry.code),
        "dated": entry.dated,
        "issuing_body": tidy(entry.issuing_body),
        "subject": tidy(entry.subject),
        "basis": tidy(entry.basis),
        "decider_id": entry.decider_id,
    }


def _content(entry: ExtractEntry, registry: Unit, number: str, copied_on: date) -> ExtractContent:
    shown = number if number != _NUMBER_LATER else f"{number}/{symbol_of(registry)}"
    return ExtractContent(
        paper=CopiedPaper(
            type=entry.document_type, issuing_body=entry.issuing_body, superior_body=entry.superior_body,
            code=entry.code, dated=entry.dated, place=entry.place, subject=entry.subject,
            signer_lines=entry.signer_lines, signer_name=entry.signer_name, family=_letterhead_of(entry),
        ),
        body=entry.body, copier=registry.name, number=shown, place=registry.place, copied_on=copied_on,
        basis=deciding_copies.words_of(entry.decider_id, entry.basis), recipients=entry.recipients,
    )  # fmt: skip


def _require_whole(
    actor: Actor, registry_id: int, entry: ExtractEntry, now: datetime, *, kept_decider: int | None = None
) -> None:
    """Refuse what is missing, and a source the actor may not see or that is no paper yet."""
    if entry.incoming_id is not None:
        incoming_queries.get_incoming(actor, entry.incoming_id)
    if entry.outgoing_id is not None and outgoing_queries.get_outgoing(actor, entry.outgoing_id).issued_at is None:
        raise NotIssued("Chỉ trích sao văn bản đã phát hành.")
    faults = faults_of(
        entry,
        {
            "code": "Nhập số, ký hiệu của văn bản.",
            "issuing_body": "Nhập cơ quan ban hành.",
            "subject": "Nhập trích yếu.",
            "signer_name": "Nhập người ký văn bản.",
        },
        now,
    )
    faults |= deciding_copies.faults_of(
        entry.decider_id, entry.basis, registry_id=registry_id, now=now, kept=kept_decider
    )
    if entry.document_type not in _TYPE_CODES:
        faults["document_type"] = "Chọn loại văn bản."
    if entry.original_kind not in {OriginalKind.ORIGINAL, OriginalKind.MAIN}:
        faults["original_kind"] = "Trích sao từ bản gốc hoặc bản chính."
    words = _words_of(check_body(entry.body))
    if not any(line.strip() for line in words):
        faults["body"] = "Nhập phần nội dung được trích."
    if find_secrecy_mark(head_lines=words) is not None:
        faults["body"] = "Nội dung có dấu chỉ độ mật. Hệ thống nối mạng không nhận tài liệu mật; báo văn thư mật."
    if faults:
        raise Invalid("Chưa lưu được bản trích sao.", fields=faults)


def _letterhead_of(entry: ExtractEntry) -> Letterhead:
    """What stands above a paper of the issuer's family; a paper of a body outside has the state's."""
    if entry.outgoing_id is None:
        return STATE
    family = OutgoingDocument.objects.values_list("registry__family", flat=True).get(pk=entry.outgoing_id)
    return rules_of(family).letterhead


def _words_of(body: Mapping[str, object]) -> list[str]:
    """The lines of a body; a table's cells count as lines."""
    paragraphs: list[Paragraph] = []
    for block in blocks_of(body, end_mark=False):
        if isinstance(block, Paragraph):
            paragraphs.append(block)
        else:
            paragraphs += [each for row in block.rows for cell in row for each in cell.blocks]
    return ["".join(run.text for run in each.runs) for each in paragraphs]


def _record(actor: Actor, what: str, copy: PaperCopy, now: datetime) -> None:
    audit.record(
        actor=actor.ref, action=f"documents.copy.{what}", object_kind=KIND, object_id=copy.pk, now=now,
        detail={"form": copy.form},
    )  # fmt: skip

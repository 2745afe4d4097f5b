"""Cấp số: the clerk takes the number; number and date then appear on the signed page without breaking the signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files, outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError, IllegalTransition, Invalid
from eoffice.core.vietnamese import fold
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, NoCapacity, PageNotFilled, RegisterMissing
from eoffice.documents.events import OutgoingNumbered, OutgoingVoided
from eoffice.documents.models import (
    Draft,
    EntryState,
    FilePurpose,
    FileVersion,
    OutgoingDocument,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.duplicates import code_fold
from eoffice.documents.services import numbering
from eoffice.documents.services.changing_state import allows, change_state, record_birth
from eoffice.documents.services.locking_outgoing import lock_outgoing, lock_visible_draft
from eoffice.documents.services.numbering import TakenNumber
from eoffice.documents.services.planning_annexes import PlannedAnnex, keep_plan, plan_annexes
from eoffice.documents.services.reviewing import send_back
from eoffice.documents.services.sealing import require_not_being_sealed
from eoffice.documents.states import DraftAction, DraftState, OutgoingAction, OutgoingState
from eoffice.layout.wording import date_line
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, SigningCapacity
from eoffice.renditions import services as renditions
from eoffice.renditions.inspecting import inspect_pdf
from eoffice.signing import services as signing
from eoffice.workflow import services as workflow

PAGE_TASK: Final = "documents.put_number_on_page"


class NumberWay(StrEnum):
    """Which number the clerk takes."""

    NEXT = "next"
    RESERVED = "reserved"
    SUFFIX = "suffix"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChoice:
    """What the clerk chose: `number` is the reserved one, or the one to squeeze in behind; None for the next.

    `register_id` None takes the register that numbers this type; `dated_on` None is today in Vietnam.
    """

    way: NumberWay = NumberWay.NEXT
    number: int | None = None
    register_id: int | None = None
    dated_on: date | None = None


def _already(draft: Draft) -> str | None:
    """To a second clerk, or to who went back in the browser; nothing to add where no number was taken."""
    outgoing = OutgoingDocument.objects.filter(draft=draft).first()
    return f"Văn bản này đã được cấp số {outgoing.shown_code}. Sổ không cấp thêm số nào." if outgoing else None


def number_draft(*, actor: Actor, draft_id: int, now: datetime, choice: NumberChoice | None = None) -> OutgoingDocument:
    """Make an outgoing document of a signed draft under a number of its register, and write it on the page.

    The number is taken in one transaction with draft and register locked; the page is filled after it. A process
    killed between the two loses nothing: a job, enqueued with the number, fills the page. Source: NĐ 30/2020/NĐ-CP,
    Điều 15. Raises DocumentNotFound, NotPermitted, IllegalTransition, RegisterMissing, RegisterClosed,
    NumberNotReserved, DatesRunBackwards, Invalid, PageNotFilled, AnnexUnsealable, AnnexNotReady.
    """
    annexes = _planned_annexes(actor, draft_id, now)
    outgoing = take_number_for_draft(
        actor=actor, draft_id=draft_id, now=now, choice=choice or NumberChoice(), annexes=annexes
    )
    put_number_on_page(outgoing_id=outgoing.pk, now=now)
    outgoing.refresh_from_db()
    return outgoing


def _planned_annexes(actor: Actor, draft_id: int, now: datetime) -> list[PlannedAnnex] | None:
    """How the separate files will go out, looked at before a number is taken; None where none will be taken."""
    draft = Draft.objects.filter(draft_permissions.visible_to(actor), pk=draft_id).first()
    if draft is None or draft.state != DraftState.SIGNED:
        return None  # the next step says why
    actor = fitting_posts.at_registry(actor, draft.registry_id)
    if not permissions.can_number(actor, draft):
        return None
    return plan_annexes(draft=draft, now=now)


@transaction.atomic
def take_number_for_draft(
    *,
    actor: Actor,
    draft_id: int,
    now: datetime,
    choice: NumberChoice,
    annexes: list[PlannedAnnex] | None = None,
) -> OutgoingDocument:
    """The first step of `number_draft`: number, entry, document, annexes and rights, in one transaction."""
    draft = lock_visible_draft(actor, draft_id)
    actor = fitting_posts.at_registry(actor, draft.registry_id)
    permissions.require(permissions.can_number(actor, draft), "Chỉ văn thư của đơn vị phát hành cấp số.")
    if not allows(draft, DraftAction.NUMBER):
        raise IllegalTransition(draft.state, DraftAction.NUMBER, _already(draft))
    if not draft.needs_number:
        raise Invalid("Văn bản nội bộ này không lấy số: ký xong là hoàn tất.")
    if draft.capacity is None:
        raise NoCapacity
    taken = _take(_register(draft, choice, now), choice, now)
    outgoing = _make_document(draft, draft.capacity, taken, now)
    RegisterEntry.objects.create(
        register=taken.register,
        number=taken.number,
        suffix=taken.suffix,
        dated_on=taken.dated_on,
        outgoing=outgoing,
        entered_by_id=actor.person_id,
        entered_at=now,
    )
    if annexes is not None:
        keep_plan(outgoing, annexes)
    record_birth(outgoing, actor=actor.ref, now=now, action="number")
    change_state(
        draft, DraftAction.NUMBER, actor=actor.ref, now=now, audit_action="documents.outgoing.numbered",
        detail={"outgoing": outgoing.pk, "register": taken.register.pk, "number": outgoing.shown_number},
    )  # fmt: skip
    access.copy_rights(from_kind="draft", from_id=draft.pk, to_kind=permissions.KIND, to_id=outgoing.pk)
    access.grant_to_roles(
        object_kind=permissions.KIND,
        places=[(outgoing.pk, outgoing.registry_id, "registry")],
        roles=permissions.READERS,
        reason=AccessReason.REGISTRY,
    )
    outbox.publish(
        OutgoingNumbered(outgoing.pk, draft.pk, outgoing.registry_id, outgoing.shown_code),
        name="documents.outgoing.numbered",
        now=now,
    )
    # By name: the job's module imports this one. Written with the number, so a killed process loses nothing.
    app.configure_task(PAGE_TASK, queue="documents", allow_unknown=False).defer(outgoing_id=outgoing.pk)
    return outgoing


def put_number_again(*, actor: Actor, outgoing_id: int, now: datetime) -> None:
    """Write a taken number on its page again after a failure. Raises DocumentNotFound, NotPermitted, PageNotFilled."""
    outgoing = (
        OutgoingDocument.objects.select_related("draft").filter(permissions.visible_to(actor), pk=outgoing_id).first()
    )
    if outgoing is None:
        raise DocumentNotFound
    permissions.require(permissions.can_number(actor, outgoing.draft), "Chỉ văn thư của đơn vị ghi số lên trang.")
    put_number_on_page(outgoing_id=outgoing_id, now=now)


def put_number_on_page(*, outgoing_id: int, now: datetime) -> None:
    """Fill number and date in the signed file and keep the result as the document's file. May run any number of times.

    A document that has its file, or was voided, is left alone. Raises PageNotFilled.
    """
    outgoing = OutgoingDocument.objects.select_related("draft", "registry").get(pk=outgoing_id)
    if outgoing.file_id is not None or outgoing.state != OutgoingState.NUMBERED:
        return
    signed = signed_version_of(outgoing.draft)
    if signed is None:
        raise PageNotFilled(outgoing.shown_code, "không tìm thấy tệp đã ký.")
    try:
        sha256 = _fill(outgoing, signed.file_id, now)
        pages = inspect_pdf(files.path_of(sha256)).pages
    except ExpectedError as error:
        raise PageNotFilled(outgoing.shown_code, error.message) from error
    _confirm_page(outgoing_id, sha256, signed.name, pages, now)


def signed_version_of(draft: Draft) -> FileVersion | None:
    """The newest file of a draft that carries the leader's signature."""
    return FileVersion.objects.filter(draft=draft, purpose=FilePurpose.SIGNED).order_by("-pk").first()


def _fill(outgoing: OutgoingDocument, sha256: str, now: datetime) -> str:
    """The file with number and date on it, in the name of the clerk who took the number.

    A text that came signed takes neither: it stays as it was signed, the number stands in the register and beside it.
    """
    if outgoing.draft.is_countersigned:
        return sha256
    entry = RegisterEntry.objects.select_related("entered_by").get(outgoing=outgoing)
    places = outgoing.draft.places
    filled = signing.fill_file(
        actor=organization.actor_of(user_id=entry.entered_by.user_id or 0, now=now, source="job"),
        source_sha=sha256,
        number=outgoing.shown_number if places.get("number") else "",
        date_line=date_line(outgoing.registry.place, outgoing.issued_on) if places.get("date") else "",
        now=now,
    )
    return str(filled.pk)


@transaction.atomic
def _confirm_page(outgoing_id: int, sha256: str, name: str, pages: int, now: datetime) -> None:
    outgoing = (
        OutgoingDocument.objects.select_for_update(no_key=True, of=("self",))
        .select_related("draft")
        .get(pk=outgoing_id)
    )
    if outgoing.file_id is not None or outgoing.state != OutgoingState.NUMBERED:
        return
    outgoing.file = FileVersion.objects.create(
        outgoing=outgoing, purpose=FilePurpose.NUMBERED, file_id=sha256, name=name, created_at=now
    )
    outgoing.page_amount = pages
    outgoing.save(update_fields=["file", "page_amount"])
    renditions.request(sha256=sha256, now=now)
    audit.record(
        actor=ActorRef(None, source="job"),
        action=f"documents.outgoing.{'number_beside_page' if outgoing.draft.is_countersigned else 'number_on_page'}",
        object_kind=permissions.KIND,
        object_id=outgoing.pk, now=now, detail={"sha256": sha256},
    )  # fmt: skip


def _register(draft: Draft, choice: NumberChoice, now: datetime) -> Register:
    if choice.register_id is None:
        return numbering.register_for(
            registry_id=draft.registry_id, kind=RegisterKind.OUTGOING, document_type=draft.document_type, now=now
        )
    register = numbering.lock_register(choice.register_id)
    if register.registry_id != draft.registry_id or register.kind != RegisterKind.OUTGOING:
        raise RegisterMissing
    if register.document_types and draft.document_type not in register.document_types:
        raise Invalid(fields={"register": f"{register.name} không cấp số cho loại văn bản này."})
    return register


def _take(register: Register, choice: NumberChoice, now: datetime) -> TakenNumber:
    today = local_date(now)
    dated_on = choice.dated_on or today
    if dated_on > today:
        raise Invalid(fields={"dated_on": "Ngày ban hành không được sau hôm nay."})
    if choice.way == NumberWay.NEXT:
        return numbering.take_number(register=register, dated_on=dated_on)
    if choice.number is None:
        raise Invalid(fields={"number": "Ghi số cần lấy."})
    if choice.way == NumberWay.RESERVED:
        return numbering.take_reserved_number(register=register, number=choice.number, dated_on=dated_on)
    return numbering.take_suffixed_number(register=register, after=choice.number, dated_on=dated_on)


def _frozen_on(draft: Draft) -> date | None:
    """The day the page was frozen: the body's name on it is the name of the document."""
    return local_date(draft.signing_file.created_at) if draft.signing_file else None


def _make_document(draft: Draft, capacity: SigningCapacity, taken: TakenNumber, now: datetime) -> OutgoingDocument:
    outgoing = OutgoingDocument(
        draft=draft,
        registry_id=draft.registry_id,
        drafting_unit_id=draft.unit_id,
        document_type=draft.document_type,
        field_of_work_id=draft.field_of_work_id,
        number=taken.number,
        suffix=taken.suffix,
        symbol=draft.symbol,
        subject=draft.subject,
        issued_on=taken.dated_on,
        issuing_body=draft.registry.name_on(_frozen_on(draft)),
        signer_id=capacity.person_id,
        signer_name=capacity.person.full_name,
        signer_position=capacity.position_title,
        urgency=draft.urgency,
        reply_due_at=draft.reply_due_at,
        copies=draft.recipients.count() + 1,
        numbered_at=now,
    )
    outgoing.code_fold = code_fold(outgoing.shown_number, outgoing.symbol)[:80]
    outgoing.search_fold = fold(
        " ".join((outgoing.shown_code, outgoing.subject, outgoing.issuing_body, outgoing.signer_name))
    )
    outgoing.save(force_insert=True)
    return outgoing


@transaction.atomic
def void_number(*, actor: Actor, outgoing_id: int, reason: str, now: datetime) -> OutgoingDocument:
    """Void a number taken in vain: draft and document end, the line of the register stays with its reason.

    The number is never given out again. Raises DocumentNotFound, NotPermitted, IllegalTransition, Invalid,
    PaperBeingSigned.
    """
    outgoing = lock_outgoing(actor, outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành hủy số.")
    reason = _require_reason(reason)
    entry = RegisterEntry.objects.filter(outgoing=outgoing).first()
    if entry is None:
        raise DocumentNotFound
    require_not_being_sealed(outgoing, now)
    numbering.lock_register(entry.register_id)
    change_state(outgoing, OutgoingAction.VOID, actor=actor.ref, now=now, reason=reason)
    change_state(outgoing.draft, DraftAction.VOID, actor=actor.ref, now=now, reason=reason)
    numbering.void_entry(actor=actor, entry=entry, state=EntryState.VOID, reason=reason, now=now)
    outbox.publish(OutgoingVoided(outgoing.pk, reason), name="documents.outgoing.voided", now=now)
    notifications.notify(
        person_ids={outgoing.draft.author_id, outgoing.signer_id} - {actor.person_id},
        kind="documents.outgoing.voided",
        title=f"Số {outgoing.shown_code} đã hủy",
        text=reason,
        url=reverse("documents:outgoing_detail", args=[outgoing.pk]),
        now=now,
    )
    return outgoing


@transaction.atomic
def return_for_form(*, actor: Actor, draft_id: int, reason: str, now: datetime) -> Draft:
    """Send a signed paper back for a fault of form; the signature stays with the old file.

    Drafter and signer are told. Raises DocumentNotFound, NotPermitted, IllegalTransition, Invalid.
    """
    draft = lock_visible_draft(actor, draft_id)
    actor = fitting_posts.at_registry(actor, draft.registry_id)
    permissions.require(permissions.can_return_for_form(actor, draft), "Chỉ văn thư của đơn vị phát hành trả lại.")
    reason = _require_reason(reason)
    if draft.state != DraftState.SIGNED:
        raise IllegalTransition(draft.state, DraftAction.RETURN)
    workflow.stop_run(actor=actor, subject_kind="draft", subject_id=draft.pk, now=now)
    send_back(draft, actor=actor, reason=reason, now=now)
    if draft.capacity is not None and draft.capacity.person_id != actor.person_id:
        notifications.notify(
            person_ids=[draft.capacity.person_id],
            kind="documents.draft.returned_for_form",
            title="Văn thư trả lại văn bản đã ký để sửa thể thức",
            text=f"{draft.subject}: {reason}",
            url=reverse("documents:draft_detail", args=[draft.pk]),
            now=now,
        )
    return draft


def _require_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid(fields={"reason": "Ghi lý do."})
    return text[:1000]

"""Writing drafts: begin, keep what is typed, keep a version, recipients, attachments, give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import fold, tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, VersionChanged
from eoffice.documents.models import (
    Assignment,
    Draft,
    DraftMode,
    DraftRecipient,
    DraftVersion,
    FileVersion,
    IncomingDocument,
    OutgoingDocument,
    OutsideBody,
    Submission,
    Urgency,
)
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import change_state, record_birth
from eoffice.documents.services.composing import checked_body, checked_content, symbol_for
from eoffice.documents.services.ending_requests import end_opinions_on_draft
from eoffice.documents.services.once import claim
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, DraftAction
from eoffice.layout.types import Template, type_of
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role
from eoffice.workflow import services as workflow

SUBJECT_LENGTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientEntry:
    """One line of nơi nhận: `kind` unit, person or outside. An outside body is known by id or by name."""

    kind: str
    id: int | None = None
    name: str = ""
    note: str = ""
    expects_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEntry:
    """What a drafter fills in. `content` and `body` as in `composing`; lenient until it is submitted."""

    document_type: str = "letter"
    subject: str = ""
    urgency: int = Urgency.NORMAL
    field_of_work_id: int | None = None
    capacity_id: int | None = None
    needs_number: bool = True
    needs_seal: bool = True
    content: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    recipients: tuple[RecipientEntry, ...] = ()
    reply_due_at: datetime | None = None
    proposal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrigin:
    """Why a draft is written: to answer a line or a letter, or to correct or replace an issued document."""

    assignment_id: int | None = None
    in_reply_to_id: int | None = None
    corrects_id: int | None = None
    replaces_id: int | None = None


def lock_draft(draft_id: int, *, actor: Actor) -> Draft:
    """Lock one draft that the actor may see, with its units. Raises DocumentNotFound."""
    draft = (
        Draft.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "registry", "author")
        .filter(permissions.visible_to(actor), pk=draft_id)
        .first()
    )
    if draft is None:
        raise DocumentNotFound
    return draft


@transaction.atomic
def create_draft(
    *,
    actor: Actor,
    entry: DraftEntry,
    now: datetime,
    unit_id: int | None = None,
    origin: DraftOrigin | None = None,
    mode: DraftMode = DraftMode.COMPOSED,
    request_key: str = "",
    leader_id: int | None = None,
) -> Draft:
    """Begin a draft in the name of a unit (None: that of the actor's one post), optionally as the answer to something.

    With `leader_id` a secretary prepares it for the leader he serves: it stands in the leader's name, who alone sends
    it on. The same `request_key` again gives the draft it made. Raises NotPermitted, Invalid, NoRegistryAbove,
    PostNeeded, DocumentNotFound for an origin the actor cannot see.
    """
    once = claim(actor=actor, key=request_key, object_kind=permissions.KIND, now=now)
    if once.done:
        return Draft.objects.select_related("unit", "registry", "author").get(pk=once.done[0])
    if unit_id is None and actor.in_all_posts:
        raise Invalid(fields={"unit": "Đang làm việc với tất cả chức danh. Chọn đơn vị soạn thảo."})
    unit = organization.get_unit(unit_id or actor.unit_id or 0)
    permissions.require(
        permissions.can_draft_for(actor, unit.pk),
        "Chưa có chức danh ở đơn vị này nên chưa soạn được văn bản cho đơn vị.",
    )
    permissions.require(
        leader_id is None or (actor.is_himself and leader_id in actor.leader_ids),
        "Chỉ thư ký đang phục vụ lãnh đạo này chuẩn bị dự thảo cho lãnh đạo được.",
    )
    actor = fitting_posts.at_unit(actor, unit.pk)
    draft = Draft(
        author_id=leader_id or actor.rights_of_id,
        prepared_by_id=actor.person_id if leader_id or not actor.is_himself else None,
        unit=unit,
        registry=organization.registry_of(unit),
        mode=mode,
        updated_at=now,
    )
    _fill(draft, entry, now)
    assignment = _link_origin(actor, draft, origin or DraftOrigin())
    draft.field_of_work_id = draft.field_of_work_id or _field_of_origin(draft)
    delegated.require_within(actor, draft)
    draft.save(force_insert=True)
    if assignment is not None:
        assignment.reply = draft
        assignment.save(update_fields=["reply"])
    _set_recipients(draft, entry.recipients or _recipients_of(draft.corrects or draft.replaces))
    Submission.objects.create(draft=draft, proposal=entry.proposal.strip())
    _open_access(draft, secretaries=access.secretaries_of(leader_id) if leader_id else [])
    record_birth(draft, actor=actor.ref, now=now)
    audit.record(
        actor=actor.ref,
        action="documents.draft.created",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"type": draft.document_type, "mode": str(draft.mode)},
    )
    once.settle([draft.pk])
    return draft


def _link_origin(actor: Actor, draft: Draft, origin: DraftOrigin) -> Assignment | None:
    """Tie a new draft to what it answers; the line is locked, so that it gets one reply at a time."""
    draft.corrects = _seen_outgoing(actor, origin.corrects_id)
    draft.replaces = _seen_outgoing(actor, origin.replaces_id)
    if origin.assignment_id is None:
        if origin.in_reply_to_id is not None:
            _require_seen(actor, "incoming", origin.in_reply_to_id)
            draft.in_reply_to_id = origin.in_reply_to_id
        return None
    line = Assignment.objects.select_for_update(no_key=True).filter(pk=origin.assignment_id).first()
    if line is None:
        raise DocumentNotFound
    _require_seen(actor, "incoming", line.incoming_id)
    holds = line.person_id == actor.rights_of_id or (line.unit_id is not None and line.unit_id in actor.unit_ids)
    permissions.require(holds, "Chỉ người được giao dòng này mới soạn văn bản trả lời cho nó.")
    if line.state not in OPEN_ASSIGNMENT_STATES:
        raise Conflict("Việc này đã kết thúc nên không soạn trả lời cho nó nữa. Tải lại trang để xem trạng thái mới.")
    draft.assignment, draft.in_reply_to_id = line, line.incoming_id
    return line


def _field_of_origin(draft: Draft) -> int | None:
    """An answer, a correction and a replacement are in the field of what they are about, until somebody says other."""
    older = draft.corrects or draft.replaces
    if older is not None:
        return older.field_of_work_id
    if draft.in_reply_to_id is None:
        return None
    return IncomingDocument.objects.filter(pk=draft.in_reply_to_id).values_list("field_of_work_id", flat=True).get()


def _seen_outgoing(actor: Actor, outgoing_id: int | None) -> OutgoingDocument | None:
    if outgoing_id is None:
        return None
    _require_seen(actor, "outgoing", outgoing_id)
    return OutgoingDocument.objects.get(pk=outgoing_id)


def _recipients_of(outgoing: OutgoingDocument | None) -> tuple[RecipientEntry, ...]:
    """Whoever got a document gets what corrects or replaces it too, until the drafter says otherwise."""
    if outgoing is None:
        return ()
    rows = DraftRecipient.objects.filter(draft_id=outgoing.draft_id).select_related("outside").order_by("position")
    return tuple(
        RecipientEntry(
            kind="unit" if row.unit_id else "person" if row.person_id else "outside",
            id=row.unit_id or row.person_id or row.outside_id,
            name=row.outside.name if row.outside else "",
            note=row.note,
        )
        for row in rows
    )


def _require_seen(actor: Actor, object_kind: str, object_id: int) -> None:
    if not delegated.can_see(actor, object_kind=object_kind, object_id=object_id):
        raise DocumentNotFound


def _open_access(draft: Draft, *, secretaries: list[int]) -> None:
    kind, source = permissions.KIND, f"draft:{draft.pk}"
    author = access.principal_of_person(draft.author_id)
    heads = access.principal_of_role(Role.UNIT_HEAD, draft.unit_id)
    access.grant(object_kind=kind, object_id=draft.pk, principals=[author], reason=AccessReason.DRAFTER, source=source)
    access.grant(object_kind=kind, object_id=draft.pk, principals=[heads], reason=AccessReason.UNIT_WORK, source=source)
    if secretaries:
        access.grant(
            object_kind=kind, object_id=draft.pk, principals=secretaries, reason=AccessReason.PREPARES,
            source=f"secretaries:{draft.author_id}",
        )  # fmt: skip


@transaction.atomic
def edit_draft(
    *, actor: Actor, draft_id: int, entry: DraftEntry, now: datetime, seen_at: datetime | None = None
) -> Draft:
    """Keep what is typed (also by itself while typing); kept versions never change.

    `seen_at` is `updated_at` of what the editor shows: a change elsewhere meanwhile raises VersionChanged.
    Raises DocumentNotFound, NotPermitted, Invalid, BodyInvalid.
    """
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(
        permissions.can_edit(actor, draft), "Chỉ người soạn thảo sửa được, và chỉ khi dự thảo chưa trình."
    )
    if seen_at is not None and draft.updated_at != seen_at:
        raise VersionChanged(
            "Dự thảo vừa được sửa ở nơi khác. Nội dung đang nhập vẫn giữ trên màn hình; mở bản mới để so."
        )
    write_entry(draft, entry, now)
    delegated.require_within(actor, draft)
    audit.record(
        actor=actor.ref,
        action="documents.draft.edited",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"version": draft.version},
    )
    return draft


def write_entry(draft: Draft, entry: DraftEntry, now: datetime) -> None:
    """Write an entry into a draft locked by the caller; a kept version is left behind by counting on."""
    if draft.versions.filter(number=draft.version).exists():
        draft.version += 1
    _fill(draft, entry, now)
    draft.save(update_fields=[*_ENTRY_FIELDS, "version"])
    _set_recipients(draft, entry.recipients)
    Submission.objects.filter(draft=draft).update(proposal=entry.proposal.strip())


def fill_in(draft: Draft, entry: DraftEntry, now: datetime) -> list[DraftRecipient]:
    """Fill an entry into a draft in memory, for drawing it before it is kept; returns its lines of nơi nhận.

    Raises Invalid, BodyInvalid.
    """
    _fill(draft, entry, now)
    return recipient_rows(draft, entry.recipients)


_ENTRY_FIELDS = (
    "document_type", "subject", "urgency", "field_of_work", "capacity", "needs_number", "needs_seal", "symbol",
    "content", "body", "reply_due_at", "search_fold", "updated_at",
)  # fmt: skip


def _fill(draft: Draft, entry: DraftEntry, now: datetime) -> None:
    kind = type_of(entry.document_type)
    subject = tidy(entry.subject)
    if len(subject) > SUBJECT_LENGTH:
        raise Invalid(fields={"subject": f"Trích yếu dài {len(subject)} ký tự; tối đa {SUBJECT_LENGTH}."})
    if entry.urgency not in Urgency.values:
        raise Invalid(fields={"urgency": "Chọn mức độ khẩn trong danh sách."})
    draft.document_type = kind.code
    draft.subject = subject
    draft.urgency = entry.urgency
    draft.field_of_work_id = _checked_field(draft, entry.field_of_work_id)
    draft.capacity_id = _checked_capacity(draft, entry.capacity_id)
    draft.needs_number = entry.needs_number
    draft.needs_seal = entry.needs_seal and entry.needs_number
    draft.symbol = (
        symbol_for(document_type=kind.code, registry=draft.registry, unit=draft.unit) if entry.needs_number else ""
    )
    draft.content = checked_content(entry.content)
    _check_cosigner(draft)
    draft.body = checked_body(entry.body)
    draft.reply_due_at = entry.reply_due_at
    draft.search_fold = fold(f"{draft.symbol} {subject} {kind.name}")
    draft.updated_at = now


def _checked_field(draft: Draft, field_id: int | None) -> int | None:
    """An open field of work, or the one the draft has; whether the signer may sign it is asked when it is submitted."""
    if field_id is not None and not organization.may_take_field(field_id, kept=draft.field_of_work_id):
        raise Invalid(fields={"field_of_work": "Lĩnh vực đã đóng hoặc không có trong danh mục. Chọn lại."})
    return field_id


def _checked_capacity(draft: Draft, capacity_id: int | None) -> int | None:
    """A capacity of the registry that numbers this draft; whether it holds on the day is asked when signing."""
    if capacity_id is None:
        return None
    capacity = organization.get_capacity(capacity_id)
    if capacity.registry_id != draft.registry_id:
        raise Invalid(fields={"capacity": "Người ký này không có thẩm quyền ở đơn vị ban hành. Chọn người khác."})
    return capacity.pk


def _check_cosigner(draft: Draft) -> None:
    """Two people sign a biên bản and nothing else; the second is a person of the house, not the signer once more."""
    if draft.cosigner_id is None:
        return
    if type_of(draft.document_type).template is not Template.MINUTES or draft.mode == DraftMode.UPLOADED:
        del draft.content["cosigner_id"]
        return
    person = organization.get_person(draft.cosigner_id)
    if draft.capacity_id and organization.get_capacity(draft.capacity_id).person_id == person.pk:
        raise Invalid(fields={"cosigner": "Thư ký và chủ tọa phải là hai người. Chọn người khác."})


def _set_recipients(draft: Draft, entries: tuple[RecipientEntry, ...]) -> None:
    draft.recipients.all().delete()
    DraftRecipient.objects.bulk_create(recipient_rows(draft, entries))


def recipient_rows(draft: Draft, entries: tuple[RecipientEntry, ...]) -> list[DraftRecipient]:
    """The lines of nơi nhận, not stored; naming a place twice is naming it once. Raises Invalid, NotFound."""
    units = organization.units_by_id(each.id for each in entries if each.kind == "unit" and each.id)
    persons = organization.persons_by_id(each.id for each in entries if each.kind == "person" and each.id)
    rows: dict[tuple[str, int], DraftRecipient] = {}
    for entry in entries:
        row = DraftRecipient(draft=draft, note=tidy(entry.note)[:100], expects_reply=entry.expects_reply)
        if entry.kind == "unit" and entry.id in units:
            row.unit = units[entry.id]
        elif entry.kind == "person" and entry.id in persons:
            row.person = persons[entry.id]
        elif entry.kind == "outside":
            row.outside = _outside_body(entry)
        else:
            raise Invalid(fields={"recipients": "Có nơi nhận không đọc được. Chọn lại từ danh sách."})
        rows.setdefault((entry.kind, row.unit_id or row.person_id or row.outside_id or 0), row)
    for position, row in enumerate(rows.values()):
        row.position = position
    return list(rows.values())


def _outside_body(entry: RecipientEntry) -> OutsideBody:
    """A body outside the installation, kept for the next time under its name."""
    if entry.id is not None:
        known = OutsideBody.objects.filter(pk=entry.id).first()
        if known is not None:
            return known
    name = tidy(entry.name)[:200]
    if not name:
        raise Invalid(fields={"recipients": "Ghi tên cơ quan ngoài hệ thống."})
    body, _ = OutsideBody.objects.get_or_create(name_fold=fold(name)[:240], defaults={"name": name})
    return body


@transaction.atomic
def save_version(*, actor: Actor, draft_id: int, note: str, now: datetime) -> DraftVersion:
    """Keep the present content as a version that never changes; saving it twice keeps it once.

    Raises DocumentNotFound, NotPermitted.
    """
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(permissions.can_edit(actor, draft), "Chỉ người soạn thảo lưu được lần dự thảo.")
    return keep_version(draft, actor=actor, note=note, file=None, now=now)


def keep_version(draft: Draft, *, actor: Actor, note: str, file: FileVersion | None, now: datetime) -> DraftVersion:
    """Write the version row of a draft locked by the caller; the file of a kept version may still be added."""
    version, is_new = DraftVersion.objects.get_or_create(
        draft=draft,
        number=draft.version,
        defaults={
            "document_type": draft.document_type,
            "subject": draft.subject,
            "content": {**draft.content, **facts_beside_content(draft)},
            "body": draft.body,
            "file": file,
            "note": tidy(note)[:500],
            "created_by_id": actor.person_id,
            "created_at": now,
        },
    )
    if not is_new and file is not None and version.file_id is None:
        version.file = file
        version.save(update_fields=["file"])
    if is_new:
        audit.record(
            actor=actor.ref,
            action="documents.draft.version_saved",
            object_kind=permissions.KIND,
            object_id=draft.pk,
            now=now,
            detail={"version": draft.version},
        )
    return version


def facts_beside_content(draft: Draft) -> dict[str, object]:
    """What a version remembers besides the letter's own fields, so that two can be compared whole."""
    capacity = organization.get_capacity(draft.capacity_id) if draft.capacity_id else None
    recipients = draft.recipients.select_related("unit", "person", "outside").order_by("position")
    return {
        "urgency": draft.urgency,
        "field_of_work": draft.field_of_work.name if draft.field_of_work else "",
        "signer": f"{' / '.join(capacity.block_lines)}: {capacity.person.full_name}" if capacity else "",
        "recipients": [f"{row} ({row.note})" if row.note else str(row) for row in recipients],
        "symbol": draft.symbol,
    }


@transaction.atomic
def abandon_draft(*, actor: Actor, draft_id: int, reason: str, now: datetime) -> Draft:
    """Give a draft up; it stays readable. Raises DocumentNotFound, NotPermitted, IllegalTransition."""
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(draft.author_id == actor.person_id, "Chỉ người soạn thảo bỏ được dự thảo này.")
    change_state(draft, DraftAction.ABANDON, actor=actor.ref, reason=reason, now=now)
    workflow.stop_run(actor=actor, subject_kind=permissions.KIND, subject_id=draft.pk, now=now)
    end_opinions_on_draft(draft, ref=actor.ref, now=now, why="dự thảo đã bỏ")
    if draft.assignment_id is not None:
        Assignment.objects.filter(pk=draft.assignment_id, reply=draft).update(reply=None)
    return draft

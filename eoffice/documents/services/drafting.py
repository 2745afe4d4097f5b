"""Writing drafts: keep what is typed, its recipients, a version; give up. `beginning_drafts` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid
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
    OutsideBody,
    Submission,
    Urgency,
)
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.composing import checked_body, checked_content, symbol_for
from eoffice.documents.services.ending_requests import end_opinions_on_draft
from eoffice.documents.states import DraftAction
from eoffice.layout.types import Template, type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
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
    fill(draft, entry, now)
    draft.save(update_fields=[*_ENTRY_FIELDS, "version"])
    set_recipients(draft, entry.recipients)
    Submission.objects.filter(draft=draft).update(proposal=entry.proposal.strip())


def fill_in(draft: Draft, entry: DraftEntry, now: datetime) -> list[DraftRecipient]:
    """Fill an entry into a draft in memory, for drawing it before it is kept; returns its lines of nơi nhận.

    Raises Invalid, BodyInvalid.
    """
    fill(draft, entry, now)
    return recipient_rows(draft, entry.recipients)


_ENTRY_FIELDS = (
    "document_type", "subject", "urgency", "field_of_work", "capacity", "needs_number", "needs_seal", "symbol",
    "content", "body", "reply_due_at", "search_fold", "updated_at",
)  # fmt: skip


def fill(draft: Draft, entry: DraftEntry, now: datetime) -> None:
    """Put what was typed on a draft, checked, without saving it. Raises Invalid, BodyInvalid, ContentInvalid."""
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


def set_recipients(draft: Draft, entries: tuple[RecipientEntry, ...]) -> None:
    """Put these recipients in the place of those a saved draft has. Raises Invalid."""
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

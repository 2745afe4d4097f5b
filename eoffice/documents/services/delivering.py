"""Bring an issued document to its recipients: the trays of other registries, units and people here, bodies outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.core.vietnamese import fold
from eoffice.documents.errors import NoRecipients
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Channel,
    Delivery,
    DraftRecipient,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    OutgoingDocument,
)
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.queries.annexes import SentAttachment
from eoffice.documents.queries.duplicates import body_fold
from eoffice.documents.services.changing_state import record_births
from eoffice.documents.states import DeliveryState, IncomingState
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role, Unit
from eoffice.renditions import services as renditions

_OFFICE: Final = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.AUDITOR)
_UNIT: Final = (Role.UNIT_HEAD, Role.CLERK)
Bundle = list[tuple[FilePurpose, FileVersion]]


@dataclass(frozen=True, slots=True)
class Addressed:
    """Recipients by the way they get the document."""

    elsewhere: dict[int, list[DraftRecipient]]
    """Units of other registries, by registry id."""
    units_here: list[DraftRecipient]
    """Units numbered by the issuing registry itself."""
    persons: list[DraftRecipient]
    outside: list[DraftRecipient]


def addressed_of(outgoing: OutgoingDocument) -> Addressed:
    """Who gets the document and by which way, each once. Raises NoRecipients, Conflict."""
    recipients = list(
        DraftRecipient.objects.filter(draft_id=outgoing.draft_id)
        .select_related("unit", "person", "outside")
        .order_by("position")
    )
    if not recipients:
        raise NoRecipients
    _send_to_heirs(recipients)
    registries = _registries_of([row.unit for row in recipients if row.unit is not None])
    elsewhere: dict[int, list[DraftRecipient]] = {}
    units_here: list[DraftRecipient] = []
    seen: set[int] = set()
    for row in recipients:
        if row.unit_id is None or row.unit_id in seen:
            continue
        seen.add(row.unit_id)
        registry_id = registries[row.unit_id]
        if registry_id == outgoing.registry_id:
            units_here.append(row)
        else:
            elsewhere.setdefault(registry_id, []).append(row)
    people = {row.person_id: row for row in recipients if row.person_id is not None}
    bodies = {row.outside_id: row for row in recipients if row.outside_id is not None}
    return Addressed(elsewhere, units_here, list(people.values()), list(bodies.values()))


def _send_to_heirs(recipients: Sequence[DraftRecipient]) -> None:
    """A letter to a unit that is no more goes to the one that goes on, and the deliveries say so. Raises Conflict."""
    closed = {row.unit_id: row.unit for row in recipients if row.unit is not None and row.unit.closed_on is not None}
    if not closed:
        return
    heirs = organization.heirs_of([unit.pk for unit in closed.values()])
    for row in recipients:
        old = closed.get(row.unit_id)
        if old is None:
            continue
        heir = heirs.get(old.pk)
        if heir is None:
            raise Conflict(f"{old.name} không còn hoạt động và chưa có đơn vị kế thừa. Chọn nơi nhận khác.")
        row.unit = heir
        for same in recipients:
            if same.unit_id == heir.pk:  # also where it is addressed by its own name: it is sent once
                same.note = f"{same.note}; kế thừa {old.short_name}"[:100].removeprefix("; ")


def _registries_of(units: Sequence[Unit]) -> dict[int, int]:
    """The registry that receives for each unit: itself, or the nearest above."""
    ancestors = {unit_id for unit in units for unit_id in unit.ancestor_ids}
    with_registry = {row.pk for row in organization.units_by_id(ancestors).values() if row.has_registry}
    found = {}
    for unit in units:
        registry_id = next((unit_id for unit_id in reversed(unit.ancestor_ids) if unit_id in with_registry), None)
        if registry_id is None:
            raise Conflict(f"{unit.name} chưa có văn thư nào nhận văn bản. Quản trị cần đặt đơn vị có con dấu.")
        found[unit.pk] = registry_id
    return found


def deliver(outgoing: OutgoingDocument, bundle: Bundle, addressed: Addressed, actor: Actor, now: datetime) -> int:
    """Write every delivery and what arrives by it, in the caller's transaction; returns how many there are."""
    arrivals = _arrive_elsewhere(outgoing, bundle, addressed, actor, now)
    copy = _arrive_here(outgoing, bundle, addressed, actor, now)
    _, file = bundle[0]
    renditions.request(sha256=file.file_id, now=now)
    rows = [
        _delivery(outgoing, row, now, incoming=arrivals[registry_id], name=row.unit.name if row.unit else "")
        for registry_id, recipients in addressed.elsewhere.items()
        for row in recipients
    ]
    rows += [
        _delivery(outgoing, row, now, incoming=copy, name=row.unit.name if row.unit else "")
        for row in addressed.units_here
    ]
    rows += [
        _delivery(outgoing, row, now, incoming=copy, name=row.person.full_name if row.person else "")
        for row in addressed.persons
    ]
    rows += [
        _delivery(outgoing, row, now, incoming=None, name=row.outside.name if row.outside else "")
        for row in addressed.outside
    ]
    Delivery.objects.bulk_create(rows)
    return len(rows)


def _delivery(
    outgoing: OutgoingDocument, row: DraftRecipient, now: datetime, *, incoming: IncomingDocument | None, name: str
) -> Delivery:
    return Delivery(
        outgoing=outgoing,
        unit_id=row.unit_id,
        person_id=row.person_id,
        outside_id=row.outside_id,
        name=name,
        note=row.note,
        expects_reply=row.expects_reply,
        incoming=incoming,
        state=DeliveryState.OUTSIDE if row.outside_id is not None else DeliveryState.ARRIVED,
        sent_at=now,
        state_at=now,
    )


def _arrive_elsewhere(
    outgoing: OutgoingDocument, bundle: Bundle, addressed: Addressed, actor: Actor, now: datetime
) -> dict[int, IncomingDocument]:
    """One letter in the tray of each other registry, waiting to be registered there."""
    if not addressed.elsewhere:
        return {}
    letters = IncomingDocument.objects.bulk_create(
        [
            _letter(outgoing, registry_id, now, due=any(row.expects_reply for row in recipients))
            for registry_id, recipients in addressed.elsewhere.items()
        ]
    )
    record_births(letters, actor=actor.ref, now=now, action="arrive")
    _give_files(bundle, letters, now)
    _let_offices_see(letters, now)
    offices = organization.holder_ids_of([Role.CLERK], addressed.elsewhere, on=local_date(now))
    notifications.notify(
        person_ids={person_id for ids in offices.values() for person_id in ids},
        kind="documents.incoming.arrived",
        title=f"Văn bản đến chờ đăng ký: {outgoing.shown_code}",
        text=f"{outgoing.issuing_body}: {outgoing.subject}",
        url=f"{reverse('documents:incoming_list')}?box=to_register",
        now=now,
    )
    return {letter.registry_id: letter for letter in letters}


def _arrive_here(
    outgoing: OutgoingDocument, bundle: Bundle, addressed: Addressed, actor: Actor, now: datetime
) -> IncomingDocument | None:
    """The copy for units and people of this registry: no arrival number, one line for each."""
    if not addressed.units_here and not addressed.persons:
        return None
    copy = _letter(outgoing, outgoing.registry_id, now, due=False)
    copy.is_internal = True
    copy.state = IncomingState.IN_PROGRESS
    copy.save(force_insert=True)
    record_births([copy], actor=actor.ref, now=now, action="arrive")
    _give_files(bundle, [copy], now)
    _let_offices_see([copy], now)
    lines = Assignment.objects.bulk_create(
        [_line(copy, row, outgoing, actor, now) for row in (*addressed.units_here, *addressed.persons)]
    )
    record_births(lines, actor=actor.ref, now=now, action="assign")
    _let_holders_see(copy, lines)
    heads = organization.holder_ids_of(_UNIT, [line.unit_id for line in lines if line.unit_id], on=local_date(now))
    told = {person_id for ids in heads.values() for person_id in ids}
    notifications.notify(
        person_ids=told | {line.person_id for line in lines if line.person_id},
        kind="documents.incoming.arrived",
        title=f"Văn bản mới: {outgoing.shown_code}",
        text=outgoing.subject,
        url=reverse("documents:incoming_detail", args=[copy.pk]),
        now=now,
    )
    return copy


def _letter(outgoing: OutgoingDocument, registry_id: int, now: datetime, *, due: bool) -> IncomingDocument:
    return IncomingDocument(
        registry_id=registry_id,
        state=IncomingState.RECEIVED,
        channel=Channel.INTERNAL,
        received_at=now,
        source_outgoing=outgoing,
        document_type=outgoing.document_type,
        field_of_work_id=outgoing.field_of_work_id,
        number=outgoing.shown_number,
        symbol=outgoing.symbol,
        issued_on=outgoing.issued_on,
        issuing_body=outgoing.issuing_body,
        subject=outgoing.subject,
        page_amount=outgoing.page_amount,
        signer_position=outgoing.signer_position,
        signer_name=outgoing.signer_name[:50],
        urgency=outgoing.urgency,
        due_at=outgoing.reply_due_at if due else None,
        code_fold=outgoing.code_fold,
        body_fold=body_fold(outgoing.issuing_body),
        search_fold=fold(
            " ".join((outgoing.shown_code, outgoing.issuing_body, outgoing.subject, outgoing.signer_name))
        ),
    )


def _line(
    copy: IncomingDocument, row: DraftRecipient, outgoing: OutgoingDocument, actor: Actor, now: datetime
) -> Assignment:
    """Each unit handles its own share; a person addressed by name is informed.

    Only where a reply is expected does the signer wait for it: then the line is one that he gave.
    """
    return Assignment(
        incoming=copy,
        unit_id=row.unit_id,
        person_id=row.person_id,
        role=AssignmentRole.LEAD if row.unit_id is not None else AssignmentRole.INFORMED,
        instruction=row.note,
        due_at=outgoing.reply_due_at if row.expects_reply else None,
        requires_reply=row.expects_reply and row.unit_id is not None,
        assigned_by_id=outgoing.signer_id if row.expects_reply else None,
        assigned_at=now,
    )


def bundle_of(file: FileVersion, attached: Sequence[SentAttachment]) -> Bundle:
    """The issued file and the separate files that go with it."""
    separate = [version for each in attached for version in each.files]
    return [(FilePurpose.ORIGINAL, file), *((FilePurpose.ATTACHMENT, version) for version in separate)]


def _give_files(bundle: Bundle, letters: Sequence[IncomingDocument], now: datetime) -> None:
    """The very file that was sealed, and the separate files as they go with it; bytes are kept once."""
    FileVersion.objects.bulk_create(
        [
            FileVersion(incoming=letter, purpose=purpose, file_id=version.file_id, name=version.name, created_at=now)
            for letter in letters
            for purpose, version in bundle
        ]
    )


def _let_offices_see(letters: Iterable[IncomingDocument], now: datetime) -> None:
    access.grant_to_roles(
        object_kind=incoming_permissions.KIND,
        places=[(letter.pk, letter.registry_id, "registry") for letter in letters],
        roles=_OFFICE,
        reason=AccessReason.REGISTRY,
        dated_on=local_date(now),
    )


def _let_holders_see(copy: IncomingDocument, lines: Iterable[Assignment]) -> None:
    rows = list(lines)
    access.grant_to_roles(
        object_kind=incoming_permissions.KIND,
        places=[(copy.pk, row.unit_id, f"assignment:{row.pk}") for row in rows if row.unit_id is not None],
        roles=_UNIT,
        reason=AccessReason.ASSIGNED,
    )
    access.grant_to_persons(
        object_kind=incoming_permissions.KIND,
        places=[(copy.pk, row.person_id, f"assignment:{row.pk}") for row in rows if row.person_id is not None],
        reason=AccessReason.RECIPIENT,
    )

"""Phát hành: an outgoing document reaches every recipient of this installation at once, in set-based statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, IllegalTransition
from eoffice.core.vietnamese import fold
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, FileNotReady, NoRecipients, NotSealed, Recalled
from eoffice.documents.events import OutgoingIssued
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Channel,
    Delivery,
    DocumentLink,
    DraftRecipient,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    LinkRelation,
    OutgoingDocument,
    Recall,
    Sealing,
)
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.annexes import SentAttachment, sent_attachments
from eoffice.documents.queries.duplicates import body_fold
from eoffice.documents.services.changing_state import allows, change_state, record_births
from eoffice.documents.services.check_codes import ensure_code
from eoffice.documents.services.closing import complete_by_reply
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.documents.states import DeliveryState, DraftAction, IncomingAction, IncomingState, OutgoingAction
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role, Unit
from eoffice.renditions import services as renditions
from eoffice.signing import services as signing

_OFFICE: Final = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.AUDITOR)
_UNIT: Final = (Role.UNIT_HEAD, Role.CLERK)
_Bundle = list[tuple[FilePurpose, FileVersion]]


@dataclass(frozen=True, slots=True)
class _Addressed:
    """Recipients by the way they get the document."""

    elsewhere: dict[int, list[DraftRecipient]]
    """Units of other registries, by registry id."""
    units_here: list[DraftRecipient]
    """Units numbered by the issuing registry itself."""
    persons: list[DraftRecipient]
    outside: list[DraftRecipient]


def issue_outgoing(*, actor: Actor, outgoing_id: int, now: datetime) -> OutgoingDocument:
    """Issue a sealed document to all its recipients.

    One transaction: deliveries, one incoming document for each receiving registry, an internal copy with lines for
    units and people of this registry, files, rights, notifications, links, and the completion of the line it answers.
    The number of statements does not grow with the recipients. Source: NĐ 30/2020/NĐ-CP, Điều 18.
    Raises DocumentNotFound, NotPermitted, IllegalTransition, FileNotReady, NotSealed, NoRecipients.
    """
    with transaction.atomic():
        outgoing = lock_outgoing(actor, outgoing_id)
        actor = fitting_posts.at_outgoing(actor, outgoing)
        permissions.require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành phát hành được.")
        if not allows(outgoing, OutgoingAction.ISSUE):
            raise IllegalTransition(outgoing.state, OutgoingAction.ISSUE)
        attached = sent_attachments(outgoing.draft_id)
        file = _sealed_file(outgoing, attached)
        addressed = _addressed(outgoing)
        deliveries = _deliver(outgoing, _bundle(file, attached), addressed, actor, now)
        ensure_code(draft_id=outgoing.draft_id, now=now)
        outgoing.issued_at = now
        change_state(
            outgoing, OutgoingAction.ISSUE, actor=actor.ref, now=now, also=("issued_at",),
            audit_action="documents.outgoing.issued", detail={"deliveries": deliveries, "sha256": file.file_id},
        )  # fmt: skip
        change_state(outgoing.draft, DraftAction.ISSUE, actor=actor.ref, now=now)
        _link(outgoing, actor)
        _keep_lasting(outgoing, file, now)
        for annex in attached:
            if annex.sealed is not None:
                _keep_lasting(outgoing, annex.sealed, now, f", phụ lục {annex.position}")
        complete_by_reply(actor=actor, draft=outgoing.draft, now=now)
        outbox.publish(
            OutgoingIssued(outgoing.pk, outgoing.draft_id, outgoing.registry_id, deliveries),
            name="documents.outgoing.issued",
            now=now,
        )
        _tell_authors(outgoing, actor, now)
    return outgoing


def _sealed_file(outgoing: OutgoingDocument, attached: Sequence[SentAttachment]) -> FileVersion:
    """The file that goes out. A paper without seal goes out as it was numbered; none before its annexes are signed."""
    if outgoing.file is None:
        raise FileNotReady
    if outgoing.draft.needs_seal and not Sealing.objects.filter(outgoing=outgoing, sealed_at__isnull=False).exists():
        raise NotSealed
    if any(each.annex is not None and each.annex.is_to_be_sealed and each.sealed is None for each in attached):
        raise NotSealed
    return outgoing.file


def _keep_lasting(outgoing: OutgoingDocument, file: FileVersion, now: datetime, part: str = "") -> None:
    """Have the signatures of the issued file kept provable; what is added later breaks none of them."""
    signing.keep_lasting(
        sha256=file.file_id,
        title=f"{outgoing.shown_code}{part}",
        url=reverse("documents:outgoing_detail", args=[outgoing.pk]),
        unit_id=outgoing.registry_id,
        now=now,
    )


def _addressed(outgoing: OutgoingDocument) -> _Addressed:
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
    return _Addressed(elsewhere, units_here, list(people.values()), list(bodies.values()))


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


def _deliver(outgoing: OutgoingDocument, bundle: _Bundle, addressed: _Addressed, actor: Actor, now: datetime) -> int:
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
    outgoing: OutgoingDocument, bundle: _Bundle, addressed: _Addressed, actor: Actor, now: datetime
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
    outgoing: OutgoingDocument, bundle: _Bundle, addressed: _Addressed, actor: Actor, now: datetime
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


def _bundle(file: FileVersion, attached: Sequence[SentAttachment]) -> _Bundle:
    separate = [version for each in attached for version in each.files]
    return [(FilePurpose.ORIGINAL, file), *((FilePurpose.ATTACHMENT, version) for version in separate)]


def _give_files(bundle: _Bundle, letters: Sequence[IncomingDocument], now: datetime) -> None:
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


def _link(outgoing: OutgoingDocument, actor: Actor) -> None:
    """What the new document answers, corrects or replaces; the older one stays as it is and shows the newer."""
    draft = outgoing.draft
    links = [
        ("incoming", draft.in_reply_to_id, LinkRelation.REPLIES_TO),
        ("outgoing", draft.corrects_id, LinkRelation.CORRECTS),
        ("outgoing", draft.replaces_id, LinkRelation.REPLACES),
    ]
    DocumentLink.objects.bulk_create(
        [
            DocumentLink(
                from_kind=permissions.KIND,
                from_id=outgoing.pk,
                to_kind=kind,
                to_id=object_id,
                relation=relation,
                created_by_id=actor.person_id,
            )
            for kind, object_id, relation in links
            if object_id is not None
        ],
        ignore_conflicts=True,
    )


def _tell_authors(outgoing: OutgoingDocument, actor: Actor, now: datetime) -> None:
    notifications.notify(
        person_ids={outgoing.draft.author_id, outgoing.signer_id} - {actor.person_id},
        kind="documents.outgoing.issued",
        title=f"Đã phát hành {outgoing.shown_code}",
        text=outgoing.subject,
        url=reverse("documents:outgoing_detail", args=[outgoing.pk]),
        now=now,
    )


@transaction.atomic
def send_again(*, actor: Actor, delivery_id: int, now: datetime) -> Delivery:
    """Gửi lại: put a refused letter back in the recipient's tray, and tell one that has not taken it yet.

    Raises DocumentNotFound, NotPermitted, Recalled, Conflict.
    """
    found = Delivery.objects.filter(pk=delivery_id).values_list("outgoing_id", flat=True).first()
    if found is None:
        raise DocumentNotFound
    outgoing = lock_outgoing(actor, found)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_issue(actor, outgoing))
    if Recall.objects.filter(outgoing=outgoing).exists():
        raise Recalled
    # The letter before its delivery, as its registration locks them.
    incoming = IncomingDocument.objects.select_for_update(no_key=True).filter(deliveries=delivery_id).first()
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=delivery_id)
    if incoming is None or delivery.state not in {
        DeliveryState.REFUSED, DeliveryState.SENT, DeliveryState.ARRIVED,
    }:  # fmt: skip
        raise Conflict("Nơi này đã nhận văn bản nên không cần gửi lại.")
    if incoming.state == IncomingState.REFUSED:
        change_state(incoming, IncomingAction.ARRIVE_AGAIN, actor=actor.ref, now=now)
    Delivery.objects.filter(incoming=incoming).update(state=DeliveryState.ARRIVED, reason="", sent_at=now, state_at=now)
    offices = organization.holder_ids_of([Role.CLERK], [incoming.registry_id], on=local_date(now))
    notifications.notify(
        person_ids={person_id for ids in offices.values() for person_id in ids},
        kind="documents.incoming.arrived",
        title=f"Văn bản gửi lại, chờ đăng ký: {outgoing.shown_code}",
        text=f"{outgoing.issuing_body}: {outgoing.subject}",
        url=reverse("documents:incoming_detail", args=[incoming.pk]),
        now=now,
    )
    audit.record(
        actor=actor.ref, action="documents.outgoing.sent_again", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"delivery": delivery.pk},
    )  # fmt: skip
    delivery.refresh_from_db()
    return delivery

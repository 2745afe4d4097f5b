"""Đóng dấu: the organisation signs the numbered file over a valid signature of the person in authority, and annexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.errors import Conflict, ExpectedError, IllegalTransition, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.errors import FileNotReady, LeaderSignatureInvalid, NoCapacity, SealingTakenOver
from eoffice.documents.events import OutgoingSealed
from eoffice.documents.models import FilePurpose, FileVersion, OutgoingDocument, RegisterEntry, Sealing
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.services.checking_capacity import require_capacity
from eoffice.documents.services.freezing import places_from_json, seal_field
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.documents.services.sealing_annexes import bind_annexes, papers_of, ready_annexes, signed_annexes
from eoffice.documents.states import OutgoingState
from eoffice.organization.actor import Actor
from eoffice.organization.models import SigningCapacity
from eoffice.renditions import services as renditions
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.errors import SealRefused, SignatureRefused
from eoffice.signing.models import Stage

LEASE: Final = timedelta(minutes=2)
"""After this a sealing that was begun and not confirmed belongs to nobody: its process died."""
SEALED_FILE: Final = "documents.sealed_file"
"""Names the numbered file, by its version, in a request for a seal that is made elsewhere (`sealing_elsewhere`)."""


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """SHA-256 of the sealed paper, and of each sealed annex by the key of its row."""

    paper: str
    annexes: Mapping[int, str] = field(default_factory=dict)


def seal_outgoing(*, actor: Actor, outgoing_id: int, pin: str, now: datetime) -> OutgoingDocument:
    """Sign a numbered document and its separate annexes with the key of its registry, opened once by the seal's PIN.

    Reserve, sign, confirm: the key is used outside any transaction. A process killed in between leaves a
    reservation that ends by itself; the numbered file is untouched and is sealed again, and of paper and annexes none
    that was signed is signed twice. Refused unless the signature
    of the authorised person on that very file is valid. Source: NĐ 30/2020/NĐ-CP, Điều 33.
    Raises DocumentNotFound, NotPermitted, IllegalTransition, FileNotReady, SealingTakenOver, LeaderSignatureInvalid,
    NoCapacity, PinWrong, KeyLocked, NoKey, AnnexNotReady, AnnexNotSealed.
    """
    sealing = reserve_sealing(actor=actor, outgoing_id=outgoing_id, now=now)
    try:
        made = make_sealed_files(actor=actor, outgoing_id=outgoing_id, pin=pin, now=now)
    except ExpectedError:
        let_go(sealing)
        raise
    return confirm_sealing(actor=actor, sealing=sealing, made=made, now=now)


@transaction.atomic
def reserve_sealing(*, actor: Actor, outgoing_id: int, now: datetime) -> Sealing:
    """Begin: nobody else seals this document for as long as `LEASE`, and nobody while a key elsewhere is asked."""
    outgoing = lock_outgoing(actor, outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_seal(actor, outgoing), "Chỉ văn thư giữ con dấu của đơn vị ký số cơ quan.")
    if outgoing.state != OutgoingState.NUMBERED:
        raise IllegalTransition(outgoing.state, "seal")
    if not outgoing.draft.needs_seal:
        raise Invalid("Văn bản này không cần đóng dấu; phát hành được ngay.")
    if outgoing.file is None:
        raise FileNotReady
    _require_own_number(outgoing)
    require_not_being_sealed(outgoing, now)
    sealing, is_new = Sealing.objects.select_for_update(no_key=True).get_or_create(
        outgoing=outgoing, defaults={"started_by_id": actor.person_id, "started_at": now}
    )
    if sealing.sealed_at is not None:
        raise IllegalTransition("sealed", "seal")
    if not is_new:
        if sealing.started_by_id != actor.person_id and now - sealing.started_at < LEASE:
            raise SealingTakenOver
        sealing.started_by_id, sealing.started_at = actor.person_id, now
        sealing.save(update_fields=["started_by", "started_at"])
    return sealing


def require_not_being_sealed(outgoing: OutgoingDocument, now: datetime) -> None:
    """The numbered file is not waiting for a seal asked of a phone or a token. Raises PaperBeingSigned."""
    if outgoing.file_id is not None:
        signing.require_free(subject_kind=SEALED_FILE, subject_id=outgoing.file_id, now=now)


def _require_own_number(outgoing: OutgoingDocument) -> None:
    """What bears the number and name of a registry that is no more gets no other one's seal."""
    entry = RegisterEntry.objects.select_related("register__registry").filter(outgoing=outgoing).first()
    if entry is not None and entry.register.registry_id != outgoing.registry_id:
        old = entry.register.registry.name
        raise Conflict(f"Văn bản mang số và tên của {old}, đơn vị không còn hoạt động. Hủy số và soạn lại.")


def make_sealed_files(*, actor: Actor, outgoing_id: int, pin: str, now: datetime) -> SealedFiles:
    """Sign the numbered file and its annexes with the seal; opens no transaction of its own around the work."""
    outgoing, _, _ = sealable(outgoing_id)
    key = signing.unlock_seal(actor=actor, unit_id=outgoing.registry_id, pin=pin, now=now)
    return sign_with(key, actor=actor, outgoing_id=outgoing_id, now=now)


def sign_with(key: signing.OpenKey, *, actor: Actor, outgoing_id: int, now: datetime) -> SealedFiles:
    """The same with a seal that is open already. Raises KeyNotYours for a paper of another registry."""
    outgoing, capacity, file = sealable(outgoing_id)
    annexes = ready_annexes(outgoing=outgoing, now=now)
    try:
        paper, *others = signing.seal_files(
            actor=actor,
            open_key=key,
            unit_id=outgoing.registry_id,
            paper=paper_of(outgoing, file),
            authorised_person_id=capacity.person_id,
            annexes=papers_of(annexes, code=outgoing.shown_code, now=now),
            now=now,
        )
    except SealRefused as error:
        raise LeaderSignatureInvalid(error.message) from error
    if paper.stored is None:
        raise paper.error or SignatureRefused()
    return SealedFiles(str(paper.stored.pk), signed_annexes(annexes, others, now=now))


def sealable(outgoing_id: int) -> tuple[OutgoingDocument, SigningCapacity, FileVersion]:
    """A numbered document with the capacity its signer had on its day, and the file to seal.

    Raises FileNotReady, NoCapacity.
    """
    rows = OutgoingDocument.objects.select_related("registry__parent", "draft__capacity", "file")
    outgoing = rows.get(pk=outgoing_id)
    if outgoing.file is None:
        raise FileNotReady
    capacity = outgoing.draft.capacity
    if capacity is None:
        raise NoCapacity
    require_capacity(capacity, outgoing.draft, on=outgoing.issued_on)
    return outgoing, capacity, outgoing.file


def paper_of(outgoing: OutgoingDocument, file: FileVersion) -> signing.Paper:
    """The numbered file as it is sealed: its field, and the seal drawn for it."""
    parent = outgoing.registry.parent
    mark = signatures.seal_mark(
        unit_id=outgoing.registry_id,
        organization=outgoing.registry.name,
        superior=parent.name if parent else "",
        box=places_from_json(outgoing.draft.places).seal,
    )
    return signing.Paper(source_sha=file.file_id, field=seal_field(outgoing.draft), mark=mark, stage=Stage.SEAL)


@transaction.atomic
def confirm_sealing(*, actor: Actor, sealing: Sealing, made: SealedFiles, now: datetime) -> OutgoingDocument:
    """Bind the sealed files to the document, all or none, if the reservation still is this one.

    Raises SealingTakenOver: then another's sealed files count and these are left unreferenced.
    """
    outgoing = lock_outgoing(actor, sealing.outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    current = Sealing.objects.select_for_update(no_key=True).get(pk=sealing.pk)
    is_ours = (current.started_by_id, current.started_at) == (sealing.started_by_id, sealing.started_at)
    if current.sealed_at is not None or not is_ours or outgoing.state != OutgoingState.NUMBERED:
        raise SealingTakenOver
    bind_annexes(actor=actor, outgoing=outgoing, signed=made.annexes, now=now)
    version = FileVersion.objects.create(
        outgoing=outgoing,
        purpose=FilePurpose.SEALED,
        file_id=made.paper,
        name=f"{outgoing.shown_code.replace('/', '-')}.pdf",
        created_by_id=actor.person_id,
        created_at=now,
    )
    current.sealed_at, current.file = now, version
    current.save(update_fields=["sealed_at", "file"])
    outgoing.file = version
    outgoing.save(update_fields=["file"])
    renditions.request(sha256=made.paper, now=now)
    audit.record(
        actor=actor.ref, action="documents.outgoing.sealed", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"sha256": made.paper, "annexes": list(made.annexes.values())},
    )  # fmt: skip
    outbox.publish(OutgoingSealed(outgoing.pk, made.paper), name="documents.outgoing.sealed", now=now)
    return outgoing


@transaction.atomic
def let_go(sealing: Sealing) -> None:
    """A refused sealing holds nobody up."""
    Sealing.objects.filter(pk=sealing.pk, sealed_at__isnull=True, started_at=sealing.started_at).delete()

"""Taking letters in: every file is checked in the hold before a byte of it is kept (design part 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import files, outbox
from eoffice.core.errors import ExpectedError, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.events import IncomingReceived
from eoffice.documents.models import Channel, FilePurpose, FileVersion, IncomingDocument
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.services import once, registry_access
from eoffice.documents.services.changing_state import record_birth
from eoffice.documents.services.examining_uploads import examine_held
from eoffice.documents.services.locking_incoming import lock_incoming
from eoffice.organization.actor import Actor
from eoffice.renditions import hold
from eoffice.renditions import services as renditions
from eoffice.renditions.errors import FileTypeRefused
from eoffice.renditions.sniffing import FileKind
from eoffice.signing.services import checking as signatures

PDF = FileKind.PDF.media_type
XML = FileKind.XML.media_type


class Upload(Protocol):
    """A file somebody brings: a request's upload or an open file with its name."""

    @property
    def name(self) -> str | None: ...

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """What the clerk says about secrecy. `not_secret_basis` lets a false hit through, with its reason."""

    seen_no_mark: bool = False
    """Of scans: "không có dấu chỉ độ mật"."""
    not_secret_basis: str = ""
    declared: str = ""
    """Độ mật as the sender declared it; any value of the three levels is a hit."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one file: the letter made from it, or why not. `warnings` are Vietnamese sentences."""

    name: str
    incoming_id: int | None = None
    error: ExpectedError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Passed:
    """A file that passed its checks and still waits in the hold."""

    token: str
    name: str
    media_type: str
    page_amount: int | None
    not_secret_basis: str
    warnings: tuple[str, ...] = field(default=())


def receive_incoming(
    *,
    actor: Actor,
    registry_id: int,
    uploads: Sequence[Upload],
    now: datetime,
    assurance: Assurance | None = None,
    as_one: bool = False,
    request_key: str = "",
    channel: Channel = Channel.UPLOAD,
) -> list[Receipt]:
    """Take files in, each as a letter of its own that waits to be registered.

    With `as_one` the first is the letter and the others its attachments: all are kept or none. One refused file
    does not hold up the others; its receipt says why. Checks run outside any transaction. A file with a mark of
    secrecy is destroyed unread and leaves only time and actor in the audit trail. Source: NĐ 30/2020/NĐ-CP,
    Điều 21. Raises NotPermitted, Invalid.
    """
    permissions.require(
        permissions.can_receive(actor, registry_id), "Chỉ văn thư của đơn vị tiếp nhận được văn bản đến."
    )
    actor = fitting_posts.at_registry(actor, registry_id)
    if not uploads:
        raise Invalid("Chưa chọn tệp nào.", fields={"files": "Chọn ít nhất một tệp."})
    said = assurance or Assurance()
    groups = [list(uploads)] if as_one else [[upload] for upload in uploads]
    receipts: list[Receipt] = []
    for index, group in enumerate(groups):
        key = f"{request_key}:{index}" if request_key else ""
        receipts.append(_receive_group(actor, registry_id, group, said, key, channel, now))
    return receipts


def attach_files(
    *,
    actor: Actor,
    incoming_id: int,
    uploads: Sequence[Upload],
    now: datetime,
    assurance: Assurance | None = None,
) -> list[FileVersion]:
    """Add attachments to a letter that is not closed yet; all are kept or none.

    Raises DocumentNotFound, NotPermitted, SecretMaterial, SecrecyUnconfirmed and the refusals of files.
    """
    if not uploads:
        raise Invalid("Chưa chọn tệp nào.", fields={"files": "Chọn ít nhất một tệp."})
    permissions.require(actor.plays(*permissions.OFFICE))
    passed = _checked(actor, uploads, assurance or Assurance(), now)
    try:
        with transaction.atomic():
            incoming = lock_incoming(actor, incoming_id)
            actor = fitting_posts.at_letter(actor, incoming)
            permissions.require(permissions.can_correct(actor, incoming))
            made = [_keep(actor, incoming, one, FilePurpose.ATTACHMENT, now) for one in passed]
            audit.record(
                actor=actor.ref, action="documents.incoming.attached", object_kind=permissions.KIND,
                object_id=incoming.pk, now=now, detail={"files": len(made)},
            )  # fmt: skip
            return made
    finally:
        _let_go(passed)


def _receive_group(
    actor: Actor,
    registry_id: int,
    uploads: Sequence[Upload],
    assurance: Assurance,
    request_key: str,
    channel: Channel,
    now: datetime,
) -> Receipt:
    name = hold.clean_name(uploads[0].name or "")
    try:
        passed = _checked(actor, uploads, assurance, now)
        if passed[0].media_type == XML:
            _let_go(passed)
            raise FileTypeRefused("Tệp XML chỉ kèm theo văn bản, không thay được văn bản. Chọn tệp văn bản trước.")
    except ExpectedError as error:
        return Receipt(name, error=error)
    try:
        with transaction.atomic():
            claim = once.claim(actor=actor, key=request_key, object_kind=permissions.KIND, now=now)
            if claim.done is not None:
                return Receipt(name, claim.done[0] if claim.done else None)
            incoming = _make(actor, registry_id, passed, channel, now)
            claim.settle([incoming.pk])
    finally:
        _let_go(passed)
    return Receipt(name, incoming.pk, warnings=tuple(text for one in passed for text in one.warnings))


# Checks: no transaction is open here ------------------------------------------------------------------------


def _checked(actor: Actor, uploads: Sequence[Upload], assurance: Assurance, now: datetime) -> list[_Passed]:
    """Hold and check every file; on the first refusal all held bytes are destroyed."""
    passed: list[_Passed] = []
    try:
        for upload in uploads:
            held = hold.hold(upload, upload.name or "")
            passed.append(_Passed(held.token, held.name, "", None, ""))
            passed[-1] = _examined(actor, held, assurance, now)
    except BaseException:
        _let_go(passed)
        raise
    return passed


def _examined(actor: Actor, held: hold.HeldFile, assurance: Assurance, now: datetime) -> _Passed:
    found = examine_held(
        actor=actor,
        held=held,
        assurance=assurance,
        refused_as="documents.incoming.secret_refused",
        now=now,
        takes_xml=True,
    )
    checked, basis = found.checked, found.not_secret_basis
    return _Passed(
        token=held.token,
        name=held.name,
        media_type=checked.media_type,
        page_amount=checked.facts.pages if checked.facts else None,
        not_secret_basis=f"{actor.name}: {basis}"[:300] if basis else "",
        warnings=checked.warnings,
    )


def _let_go(passed: Sequence[_Passed]) -> None:
    for one in passed:
        hold.destroy(one.token)


# Keeping ----------------------------------------------------------------------------------------------------


def _make(
    actor: Actor, registry_id: int, passed: Sequence[_Passed], channel: Channel, now: datetime
) -> IncomingDocument:
    first = passed[0]
    incoming = IncomingDocument.objects.create(
        registry_id=registry_id,
        channel=channel,
        received_at=now,
        received_by_id=actor.person_id,
        page_amount=first.page_amount,
        not_secret_basis=next((one.not_secret_basis for one in passed if one.not_secret_basis), ""),
    )
    for index, one in enumerate(passed):
        _keep(actor, incoming, one, FilePurpose.ATTACHMENT if index else FilePurpose.ORIGINAL, now)
    registry_access.grant_registry(incoming)
    record_birth(incoming, actor=actor.ref, now=now, action="received")
    audit.record(
        actor=actor.ref, action="documents.incoming.received", object_kind=permissions.KIND, object_id=incoming.pk,
        now=now, detail={"files": len(passed), "not_secret": bool(incoming.not_secret_basis)},
    )  # fmt: skip
    outbox.publish(IncomingReceived(incoming.pk, registry_id), name="documents.incoming.received", now=now)
    return incoming


def _keep(
    actor: Actor, incoming: IncomingDocument, passed: _Passed, purpose: FilePurpose, now: datetime
) -> FileVersion:
    with hold.opened(passed.token) as path:
        stored = files.store_path(path, media_type=passed.media_type)
    if passed.media_type != XML:  # signed data is checked and downloaded, not drawn as pages
        renditions.request(sha256=stored.sha256, now=now)
    if passed.media_type in (PDF, XML):
        signatures.request_check(sha256=stored.sha256)
    return FileVersion.objects.create(
        incoming=incoming,
        purpose=purpose,
        file=stored,
        name=passed.name,
        created_by_id=actor.person_id,
        created_at=now,
    )

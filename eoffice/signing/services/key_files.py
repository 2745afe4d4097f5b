"""Keys brought along in a PKCS#12 file: read, checked, closed again under a PIN; file and password are never kept."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from django.db import IntegrityError, transaction

from eoffice.core.errors import Conflict, NotFound, NotPermitted
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.key_files import Fault, KeyFileRefused, KeyFromFile, read_key_file
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable, KeyFileInvalid, TooManyKeyFiles
from eoffice.signing.models import KeyFileTry, KeyOrigin, SigningKey
from eoffice.signing.providers.base import HeldKey
from eoffice.signing.services.certificates import note_certificate
from eoffice.signing.services.keys import (
    Holder,
    check_pin,
    kept_keys,
    record_key,
    require_own,
    require_seal_keeper,
    take_out_of_use,
)
from eoffice.signing.services.matching import mismatch_of_holder
from eoffice.signing.services.trust import trust_anchors

FILE_TRIES: Final = 10
TRY_SPAN: Final = timedelta(minutes=15)
_UNCHANGED: Final = "Chưa lưu gì, chữ ký đang dùng (nếu có) không thay đổi."
_FAULTS: Final = {
    Fault.UNREADABLE: ("file", "Tệp này không phải tệp khóa PKCS#12 (.p12, .pfx) hoặc đã hỏng."),
    Fault.PASSWORD: ("password", "Mật khẩu của tệp không đúng."),
    Fault.NO_KEY: ("file", "Tệp chỉ có chứng thư, không có khóa. Xuất lại tệp cùng khóa bí mật."),
    Fault.SEVERAL_KEYS: ("file", "Tệp có nhiều khóa. Xuất riêng khóa dùng để ký vào một tệp."),
    Fault.NO_CERTIFICATE: ("file", "Tệp có khóa mà không có chứng thư của khóa đó."),
    Fault.KIND: (
        "file",
        "Loại khóa trong tệp không dùng để ký văn bản được. Cần RSA từ 2048 bit hoặc ECDSA từ 256 bit.",
    ),
    Fault.TOO_HEAVY: ("file", "Tệp quá lớn hoặc mở quá lâu nên hệ thống dừng lại. Tệp khóa thường chỉ vài chục KB."),
}


def bring_key(*, actor: Actor, content: bytes, password: str, pin: str, now: datetime) -> SigningKey:
    """Take the key of a file as the actor's own, under a PIN; it replaces the one in use.

    Where the certificate does not match the person it waits for an administrator, and the one in use stays in use.
    Raises PinInvalid, KeyFileInvalid, TooManyKeyFiles, CertificateUnusable, Conflict, NotPermitted.
    """
    require_own(actor)
    return _bring(actor, Holder(person_id=actor.person_id), content, password, pin, now)


def bring_seal_key(*, actor: Actor, unit_id: int, content: bytes, password: str, pin: str, now: datetime) -> SigningKey:
    """Take the key of a file as a unit's seal, by who keeps the seal. As `bring_key`."""
    require_seal_keeper(actor, unit_id)
    return _bring(actor, Holder(unit_id=unit_id), content, password, pin, now)


def confirm_key(*, actor: Actor, key_id: int, now: datetime) -> SigningKey:
    """Confirm that a certificate with another name is its holder's; its key comes into use in place of the old one.

    Raises NotFound, NotPermitted, CertificateUnusable.
    """
    with transaction.atomic():
        key = _waiting(actor, key_id)
        check_certificate(bytes(key.certificate), crls=(), now=now)
        for old in _holder_of(key).keys.select_for_update(no_key=True):
            take_out_of_use(actor, old, now)
        key.is_waiting = False
        key.save(update_fields=["is_waiting"])
        record_key(actor, "signing.key.confirmed", key, now, mismatch=key.mismatch)
        note_certificate(key, now=now)
    return key


def refuse_key(*, actor: Actor, key_id: int, now: datetime) -> None:
    """Refuse a certificate that is not its holder's; its key is destroyed. Raises NotFound, NotPermitted."""
    with transaction.atomic():
        key = _waiting(actor, key_id)
        record_key(actor, "signing.key.refused", key, now, mismatch=key.mismatch)
        take_out_of_use(actor, key, now)


def _bring(actor: Actor, holder: Holder, content: bytes, password: str, pin: str, now: datetime) -> SigningKey:
    check_pin(pin)
    _count_try(actor, now)
    brought = _read(content, password)
    parsed = _usable(brought, now)
    mismatch = mismatch_of_holder(parsed, person_id=holder.person_id, unit_id=holder.unit_id)
    is_waiting = bool(mismatch) and not holder.keys.filter(certificate=brought.certificate).exists()
    held = kept_keys().keep(
        brought.private_key, certificate=brought.certificate, chain=brought.chain, pin=pin, context=holder.context
    )
    try:
        with transaction.atomic():
            key = _keep(actor, holder, held, parsed, mismatch=mismatch, is_waiting=is_waiting, now=now)
    except IntegrityError as error:
        raise Conflict(f"Chứng thư này đang được dùng cho người hoặc con dấu khác. {_UNCHANGED}") from error
    KeyFileTry.objects.filter(person_id=actor.person_id).delete()
    return key


def _keep(
    actor: Actor,
    holder: Holder,
    held: HeldKey,
    parsed: x509.Certificate,
    *,
    mismatch: str,
    is_waiting: bool,
    now: datetime,
) -> SigningKey:
    replaced = holder.kept.filter(is_waiting=True) if is_waiting else holder.kept
    for old in replaced.select_for_update(no_key=True).order_by("pk"):
        take_out_of_use(actor, old, now)
    key = SigningKey.objects.create(
        person_id=holder.person_id,
        unit_id=holder.unit_id,
        purpose=holder.purpose,
        provider=KeyOrigin.FILE,
        certificate=held.certificate,
        chain=[base64.b64encode(der).decode() for der in held.chain],
        serial=f"{parsed.serial_number:x}",
        is_waiting=is_waiting,
        brought_by_id=actor.person_id,
        mismatch=mismatch[:300],
        closed_key=held.closed_key,
        context=held.context,
        made_at=now,
        expires_at=parsed.not_valid_after_utc,
        pin_set_at=now,
    )
    record_key(actor, "signing.key.brought", key, now, mismatch=mismatch)
    if not is_waiting:
        note_certificate(key, now=now)
    return key


def _read(content: bytes, password: str) -> KeyFromFile:
    try:
        return read_key_file(content, password)
    except KeyFileRefused as error:
        field, words = _FAULTS[error.fault]
        raise KeyFileInvalid(f"{words} {_UNCHANGED}", fields={field: f"{words} {_UNCHANGED}"}) from error


def _usable(brought: KeyFromFile, now: datetime) -> x509.Certificate:
    try:
        parsed = x509.load_der_x509_certificate(brought.certificate)
        check_certificate(brought.certificate, crls=trust_anchors(now=now).crls, now=now)
    except ValueError as error:
        words = _FAULTS[Fault.UNREADABLE][1]
        raise KeyFileInvalid(f"{words} {_UNCHANGED}", fields={"file": words}) from error
    except CertificateUnusable as error:
        raise KeyFileInvalid(error.message, fields={"file": error.message}) from error
    return parsed


def _count_try(actor: Actor, now: datetime) -> None:
    """Committed before the file is opened, so that tries at once count too."""
    with transaction.atomic():
        KeyFileTry.objects.filter(at__lte=now - TRY_SPAN).delete()
        if KeyFileTry.objects.filter(person_id=actor.person_id).count() >= FILE_TRIES:
            raise TooManyKeyFiles
        KeyFileTry.objects.create(person_id=actor.person_id, at=now)


def _waiting(actor: Actor, key_id: int) -> SigningKey:
    rows = SigningKey.objects.select_for_update(no_key=True)
    key = rows.filter(pk=key_id, is_waiting=True, withdrawn_at__isnull=True, provider=KeyOrigin.FILE).first()
    if key is None:
        raise NotFound
    if not permissions.can_confirm_keys(actor):
        raise NotPermitted
    if actor.person_id in {key.person_id, key.brought_by_id}:
        raise NotPermitted("Không tự xác nhận chứng thư do mình tải lên. Quản trị viên khác xác nhận.")
    return key


def _holder_of(key: SigningKey) -> Holder:
    return Holder(unit_id=key.unit_id) if key.unit_id is not None else Holder(person_id=key.person_id)

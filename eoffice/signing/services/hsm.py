"""Keys in the HSM given to people and seals: seen by the administrator, taken by their holders under a PIN."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.chains import upwards
from eoffice.signing.engine.keeping import close_bytes, open_bytes
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable, HsmDown
from eoffice.signing.models import KeyOrigin, SigningKey
from eoffice.signing.providers.hsm import HsmUnusable, TokenSeen
from eoffice.signing.services.authority import installation_secret
from eoffice.signing.services.certificates import note_certificate
from eoffice.signing.services.hsm_keys import the_hsm, with_pin
from eoffice.signing.services.keys import (
    Holder,
    check_pin,
    record_key,
    require_own,
    require_seal_keeper,
    take_out_of_use,
)
from eoffice.signing.services.matching import common_name, mismatch_of_holder
from eoffice.signing.services.trust import trust_anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySeen:
    """A key of a token with its certificate, and what keeps it from being given."""

    key_id: str
    subject: str
    issuer: str
    serial: str
    expires_at: datetime
    refusal: str
    holder: str
    """Whose it is here already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReport:
    """A token as it was found: what the library tells of it, and its keys or why they could not be read."""

    token: TokenSeen
    keys: tuple[KeySeen, ...]
    words: str


def check_hsm(*, actor: Actor, now: datetime) -> list[TokenReport]:
    """Look at every token of the HSM, with the PIN of each that has one. Raises NotPermitted, HsmDown."""
    _require(actor)
    hsm = the_hsm()
    if hsm is None:
        raise HsmDown("Máy chủ chưa khai thư viện HSM (EOFFICE_HSM_MODULE).")
    try:
        tokens = [token for token in hsm.tokens() if token.label]
    except HsmUnusable as error:
        raise HsmDown(error.words) from error
    reports = [_report(token, now) for token in tokens]
    with transaction.atomic():
        audit.record(
            actor=actor.ref, action="signing.hsm.checked", object_kind="hsm", object_id="hsm", now=now,
            detail={"tokens": [report.token.label for report in reports]},
        )  # fmt: skip
    return reports


def give_key(*, actor: Actor, token: str, key_id: str, email: str, unit_id: int | None, now: datetime) -> SigningKey:
    """Give a key of the HSM to a person (by e-mail) or to a unit's seal; it signs once its holder has set a PIN.

    The certificate must be usable and name its holder (`MethodRules`): nothing here proves whose it is but the name.
    Raises NotPermitted, HsmDown, NotFound, Invalid, CertificateUnusable, Conflict.
    """
    _require(actor)
    holder = _holder(email, unit_id)
    found = with_pin(token, lambda hsm, pin: hsm.certificates(token, pin=pin))
    seen = next((each for each in found if each.key_id == key_id), None)
    if seen is None:
        raise NotFound("Token không còn khóa này. Chưa giao.")
    parsed = x509.load_der_x509_certificate(seen.certificate)
    trust = trust_anchors(now=now)
    check_certificate(seen.certificate, crls=trust.crls, now=now)
    mismatch = mismatch_of_holder(parsed, person_id=holder.person_id, unit_id=holder.unit_id)
    if mismatch:
        raise CertificateUnusable(f"Chưa giao khóa: {mismatch}")
    above = upwards(parsed, [x509.load_der_x509_certificate(der) for der in trust.intermediates])
    handle = json.dumps({"token": token, "id": key_id}).encode()
    try:
        with transaction.atomic():
            for old in holder.kept.select_for_update(no_key=True).filter(is_waiting=True):
                take_out_of_use(actor, old, now)
            for old in holder.keys.select_for_update(no_key=True).filter(certificate=seen.certificate):
                take_out_of_use(actor, old, now)  # given again: its PIN was forgotten
            key = SigningKey.objects.create(
                person_id=holder.person_id,
                unit_id=holder.unit_id,
                purpose=holder.purpose,
                provider=KeyOrigin.HSM,
                certificate=seen.certificate,
                chain=[base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in above],
                serial=f"{parsed.serial_number:x}",
                is_waiting=True,
                brought_by_id=actor.person_id,
                closed_key=close_bytes(handle, pin="", secret=installation_secret(), context=holder.context),
                context=holder.context,
                made_at=now,
                expires_at=parsed.not_valid_after_utc,
                pin_set_at=now,
            )
            record_key(actor, "signing.key.given", key, now, token=token)
    except IntegrityError as error:
        raise Conflict("Khóa này đã giao cho người hoặc con dấu khác. Chưa có gì thay đổi.") from error
    return key


def take_key(*, actor: Actor, pin: str, now: datetime) -> SigningKey:
    """Take the key one was given into use, under a PIN of one's own. Raises PinInvalid, NotFound, NotPermitted."""
    require_own(actor)
    return _take(actor, Holder(person_id=actor.person_id), pin, now)


def take_seal_key(*, actor: Actor, unit_id: int, pin: str, now: datetime) -> SigningKey:
    """Take the key a unit's seal was given into use. Raises PinInvalid, NotFound, NotPermitted."""
    require_seal_keeper(actor, unit_id)
    return _take(actor, Holder(unit_id=unit_id), pin, now)


def _take(actor: Actor, holder: Holder, pin: str, now: datetime) -> SigningKey:
    check_pin(pin)
    given = holder.kept.filter(is_waiting=True, provider=KeyOrigin.HSM)
    waiting = given.first()
    if waiting is None:
        raise NotFound
    secret = installation_secret()
    handle = open_bytes(bytes(waiting.closed_key), pin="", secret=secret, context=waiting.context)
    closed = close_bytes(handle, pin=pin, secret=secret, context=waiting.context)
    with transaction.atomic():
        key = given.select_for_update(no_key=True).filter(pk=waiting.pk).first()
        if key is None:
            raise NotFound
        for old in holder.keys.select_for_update(no_key=True):
            take_out_of_use(actor, old, now)
        key.closed_key, key.pin_set_at, key.is_waiting = closed, now, False
        key.save(update_fields=["closed_key", "pin_set_at", "is_waiting"])
        record_key(actor, "signing.key.taken", key, now)
        note_certificate(key, now=now)
    return key


def _report(token: TokenSeen, now: datetime) -> TokenReport:
    try:
        found = with_pin(token.label, lambda hsm, pin: hsm.certificates(token.label, pin=pin))
    except HsmDown as error:
        return TokenReport(token=token, keys=(), words=error.message)
    crls = trust_anchors(now=now).crls
    return TokenReport(
        token=token, keys=tuple(_key(each.key_id, each.certificate, crls, now) for each in found), words=""
    )


def _key(key_id: str, certificate: bytes, crls: tuple[bytes, ...], now: datetime) -> KeySeen:
    parsed = x509.load_der_x509_certificate(certificate)
    rows = SigningKey.objects.filter(certificate=certificate, withdrawn_at__isnull=True)
    held = rows.select_related("person", "unit").first()
    return KeySeen(
        key_id=key_id,
        subject=common_name(parsed.subject),
        issuer=common_name(parsed.issuer),
        serial=f"{parsed.serial_number:x}",
        expires_at=parsed.not_valid_after_utc,
        refusal=_said(lambda: check_certificate(certificate, crls=crls, now=now)),
        holder=str(held.unit or held.person) if held is not None else "",
    )


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except ExpectedError as error:
        return error.message
    return ""


def _holder(email: str, unit_id: int | None) -> Holder:
    if unit_id is not None:
        return Holder(unit_id=organization.get_unit(unit_id).pk)
    person = organization.person_of_email(email.strip())
    if person is None:
        words = "Không có người nào đang dùng e-mail này."
        raise Invalid(f"Chưa giao khóa. {words}", fields={"email": words})
    return Holder(person_id=person.pk)


def _require(actor: Actor) -> None:
    if not permissions.can_manage_providers(actor):
        raise NotPermitted

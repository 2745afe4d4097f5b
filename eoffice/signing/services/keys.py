"""A person's key and a unit's seal: PIN set, changed, forgotten; key opened; certificate revoked, key removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from eoffice.audit import services as audit
from eoffice.core.clock import VIETNAM
from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.authority import Subject
from eoffice.signing.engine.keeping import PinDoesNotOpen
from eoffice.signing.engine.signing import RawSigner
from eoffice.signing.errors import KeyExists, KeyLocked, NoKey, PinInvalid, PinWrong
from eoffice.signing.models import (
    WRONG_PINS_ALLOWED,
    CertificateAuthority,
    KeyOrigin,
    Purpose,
    RevocationReason,
    SigningKey,
)
from eoffice.signing.providers.base import HeldKey
from eoffice.signing.providers.software import KeptKeys
from eoffice.signing.services.authority import Authority, ensure_authority, installation_secret, open_authority
from eoffice.signing.services.certificates import note_certificate
from eoffice.signing.services.hsm_keys import open_hsm_key
from eoffice.signing.services.keeping_seals import require_keeper

LOCK_TIME: Final = timedelta(minutes=15)
_PIN_LENGTHS: Final = range(6, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenKey:
    """A key opened by its PIN, for the work of one request; never stored, never sent."""

    key_id: int
    person_id: int | None
    unit_id: int | None
    signer: RawSigner
    is_certified_here: bool = True
    """Else its authority is elsewhere, and what that one says of it may come late."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Of whom the key is: a person, or a unit with its seal."""

    person_id: int | None = None
    unit_id: int | None = None

    @property
    def purpose(self) -> Purpose:
        return Purpose.PERSON if self.unit_id is None else Purpose.SEAL

    @property
    def kept(self) -> QuerySet[SigningKey]:
        """The key in use and the one that waits to be confirmed."""
        used = SigningKey.objects.filter(revoked_at__isnull=True, withdrawn_at__isnull=True)
        return used.filter(person_id=self.person_id or 0) if self.unit_id is None else used.filter(unit_id=self.unit_id)

    @property
    def keys(self) -> QuerySet[SigningKey]:
        """The keys in use: one at most."""
        return self.kept.filter(is_waiting=False)

    @property
    def context(self) -> str:
        return f"person:{self.person_id}" if self.unit_id is None else f"unit:{self.unit_id}"


def set_pin(*, actor: Actor, pin: str, now: datetime) -> SigningKey:
    """Make the actor's own key and certificate under a first PIN. Raises PinInvalid, KeyExists, NotPermitted."""
    require_own(actor)
    return _make_key(actor, Holder(person_id=actor.person_id), pin, now, replacing=False)


def change_pin(*, actor: Actor, old: str, new: str, now: datetime) -> None:
    """Close the actor's key under another PIN; a wrong old one counts as a try.

    Raises PinInvalid, PinWrong, KeyLocked, NoKey.
    """
    require_own(actor)
    _change_pin(actor, Holder(person_id=actor.person_id), old, new, now)


def reset_forgotten_pin(*, actor: Actor, pin: str, now: datetime) -> SigningKey:
    """Revoke the actor's certificate and make a new key under a new PIN. Raises PinInvalid, NoKey."""
    require_own(actor)
    return _make_key(actor, Holder(person_id=actor.person_id), pin, now, replacing=True)


def set_seal_pin(*, actor: Actor, unit_id: int, pin: str, now: datetime) -> SigningKey:
    """Make the key of a unit's seal under a first PIN. Raises PinInvalid, KeyExists, NotPermitted."""
    require_seal_keeper(actor, unit_id)
    return _make_key(actor, Holder(unit_id=unit_id), pin, now, replacing=False)


def change_seal_pin(*, actor: Actor, unit_id: int, old: str, new: str, now: datetime) -> None:
    """Close the seal's key under another PIN, as at a hand-over. Raises PinInvalid, PinWrong, KeyLocked, NoKey."""
    require_seal_keeper(actor, unit_id)
    _change_pin(actor, Holder(unit_id=unit_id), old, new, now)


def reset_forgotten_seal_pin(*, actor: Actor, unit_id: int, pin: str, now: datetime) -> SigningKey:
    """Revoke the seal's certificate and make a new key. Raises PinInvalid, NoKey, NotPermitted."""
    require_seal_keeper(actor, unit_id)
    return _make_key(actor, Holder(unit_id=unit_id), pin, now, replacing=True)


def unlock(*, actor: Actor, pin: str, now: datetime) -> OpenKey:
    """Open the actor's own key. Five wrong PINs lock it for 15 minutes. Raises PinWrong, KeyLocked, NoKey.

    The try is counted and committed before the PIN is tested; a right one clears the count.
    """
    require_own(actor)
    return _unlock(actor, Holder(person_id=actor.person_id), pin, now)


def unlock_seal(*, actor: Actor, unit_id: int, pin: str, now: datetime) -> OpenKey:
    """Open a unit's seal. That the actor keeps it is asked here, what may be sealed in `documents`.

    Where the rules say so (`KeeperRules`) only its named keeper opens it. Raises NotPermitted as well.
    """
    require_seal_keeper(actor, unit_id)
    require_keeper(actor, unit_id)
    return _unlock(actor, Holder(unit_id=unit_id), pin, now)


def revoke_key(*, actor: Actor, key_id: int, reason: RevocationReason, now: datetime) -> None:
    """Revoke a certificate at once; its earlier signatures without a time stamp stop being valid.

    One from elsewhere is revoked by its issuer alone: here its key is taken out of use.
    Raises NotFound, NotPermitted. Revoked twice it stays as it was.
    """
    with transaction.atomic():
        key = SigningKey.objects.select_for_update(no_key=True).filter(pk=key_id).first()
        if key is None:
            raise NotFound
        if not permissions.can_revoke(actor, person_id=key.person_id, unit_id=key.unit_id):
            raise NotPermitted
        if key.provider != KeyOrigin.SOFTWARE:
            if key.withdrawn_at is None:
                take_out_of_use(actor, key, now)
        elif key.revoked_at is None:
            _revoke(actor, key, reason, now)


def remove_key(*, actor: Actor, now: datetime) -> None:
    """Sign with the actor's own key from a file no longer; the key is destroyed here, what it signed stays.

    Raises NoKey, NotPermitted.
    """
    require_own(actor)
    _remove(actor, Holder(person_id=actor.person_id), now)


def remove_seal_key(*, actor: Actor, unit_id: int, now: datetime) -> None:
    """Seal with a key from a file no longer. Raises NoKey, NotPermitted."""
    require_seal_keeper(actor, unit_id)
    _remove(actor, Holder(unit_id=unit_id), now)


def take_out_of_use(actor: Actor, key: SigningKey, now: datetime) -> None:
    """Let a key sign no more, in the caller's transaction, and destroy it; its certificate and history stay."""
    key.withdrawn_at, key.closed_key = now, b""
    key.save(update_fields=["withdrawn_at", "closed_key"])
    record_key(actor, "signing.key.withdrawn", key, now)


@transaction.atomic
def _remove(actor: Actor, holder: Holder, now: datetime) -> None:
    keys = list(holder.kept.select_for_update(no_key=True).exclude(provider=KeyOrigin.SOFTWARE))
    if not keys:
        raise NoKey
    for key in keys:
        take_out_of_use(actor, key, now)


def holder_for(actor: Actor, unit_id: int | None) -> Holder:
    """Whose key an actor handles, in person: his own, or the seal of a unit he keeps. Raises NotPermitted."""
    if unit_id is None:
        require_own(actor)
        return Holder(person_id=actor.person_id)
    require_seal_keeper(actor, unit_id)
    return Holder(unit_id=unit_id)


def require_own(actor: Actor) -> None:
    """Raise NotPermitted for who acts for another."""
    if actor.on_behalf_of_id is not None:
        raise NotPermitted("Xử lý theo ủy quyền không bao gồm ký số. Chưa có gì được ký.")


def require_seal_keeper(actor: Actor, unit_id: int) -> None:
    """Raise NotPermitted for all but the unit's clerk."""
    if not permissions.can_keep_seal(actor, unit_id):
        raise NotPermitted("Chỉ văn thư của đơn vị giữ chữ ký số cơ quan. Chưa có gì thay đổi.")


def check_pin(pin: str) -> None:
    """Raise PinInvalid for one that is too short or easily guessed."""
    steps = {ord(after) - ord(before) for before, after in pairwise(pin)}
    weak = steps in ({0}, {1}, {-1})
    if len(pin) not in _PIN_LENGTHS or not (pin.isascii() and pin.isdigit()) or weak:
        raise PinInvalid(fields={"pin": PinInvalid.default_message})


def _make_key(actor: Actor, holder: Holder, pin: str, now: datetime, *, replacing: bool) -> SigningKey:
    check_pin(pin)
    if holder.keys.exists() and not replacing:
        raise KeyExists
    if replacing:
        _require_made_here(holder)
    authority = _authority(now)
    held = kept_keys().make(
        issuer=authority.issuing,
        mark=authority.mark,
        subject=_subject(holder),
        pin=pin,
        context=holder.context,
        now=now,
    )
    certificate = x509.load_der_x509_certificate(held.certificate)
    try:
        with transaction.atomic():
            if replacing:
                for key in holder.keys.select_for_update(no_key=True):
                    _revoke(actor, key, RevocationReason.FORGOTTEN, now)
            key = SigningKey.objects.create(
                person_id=holder.person_id,
                unit_id=holder.unit_id,
                purpose=holder.purpose,
                provider=KeyOrigin.SOFTWARE,
                certificate=held.certificate,
                serial=f"{certificate.serial_number:x}",
                closed_key=held.closed_key,
                context=held.context,
                made_at=now,
                expires_at=certificate.not_valid_after_utc,
                pin_set_at=now,
            )
            record_key(actor, "signing.key.made", key, now)
            note_certificate(key, now=now)
    except IntegrityError as error:
        raise KeyExists from error  # made by another window in the meantime
    return key


def _change_pin(actor: Actor, holder: Holder, old: str, new: str, now: datetime) -> None:
    check_pin(new)
    key = _count_try(holder, now)
    try:
        closed = kept_keys().change_pin(_held(key), old=old, new=new)
    except PinDoesNotOpen as error:
        raise _wrong(key) from error
    with transaction.atomic():
        current = SigningKey.objects.select_for_update(no_key=True).get(pk=key.pk)
        current.closed_key, current.pin_set_at, current.tries, current.locked_until = closed, now, 0, None
        current.save(update_fields=["closed_key", "pin_set_at", "tries", "locked_until"])
        record_key(actor, "signing.key.pin_changed", current, now)


def _unlock(actor: Actor, holder: Holder, pin: str, now: datetime) -> OpenKey:
    if not pin and holder.keys.exists():  # forgotten, not tried
        raise Invalid("Nhập mã PIN. Chưa có gì được ký.", fields={"pin": "Nhập mã PIN."})
    key = _count_try(holder, now)
    try:
        signer = open_hsm_key(key, pin=pin) if key.provider == KeyOrigin.HSM else kept_keys().open(_held(key), pin=pin)
    except PinDoesNotOpen as error:
        with transaction.atomic():
            record_key(actor, "signing.key.pin_wrong", key, now)
        raise _wrong(key) from error
    SigningKey.objects.filter(pk=key.pk).update(tries=0, locked_until=None)
    if key.provider == KeyOrigin.HSM:
        with transaction.atomic():
            record_key(actor, "signing.key.hsm_opened", key, now)
    return OpenKey(
        key_id=key.pk,
        person_id=key.person_id,
        unit_id=key.unit_id,
        signer=signer,
        is_certified_here=key.provider == KeyOrigin.SOFTWARE,
    )


def _count_try(holder: Holder, now: datetime) -> SigningKey:
    with transaction.atomic():
        key = holder.keys.select_for_update(no_key=True).first()
        if key is None:
            raise NoKey
        if key.is_locked(now):
            raise _locked(key)
        if key.locked_until is not None:
            key.tries, key.locked_until = 0, None
        key.tries += 1
        if key.tries >= WRONG_PINS_ALLOWED:
            key.locked_until = now + LOCK_TIME
        key.save(update_fields=["tries", "locked_until"])
    return key


def _wrong(key: SigningKey) -> PinWrong | KeyLocked:
    left = WRONG_PINS_ALLOWED - key.tries
    if left <= 0:
        return _locked(key)
    return PinWrong(f"Mã PIN không đúng. Chưa có gì được ký; còn {left} lần thử.", tries_left=left)


def _locked(key: SigningKey) -> KeyLocked:
    until = key.locked_until.astimezone(VIETNAM) if key.locked_until else None
    at = f"{until:%H:%M}" if until else ""
    return KeyLocked(
        f"Chữ ký số tạm khóa đến {at} vì nhập sai mã PIN {WRONG_PINS_ALLOWED} lần. Chưa có gì được ký.",
        until=key.locked_until,
    )


def _subject(holder: Holder) -> Subject:
    if holder.unit_id is not None:
        unit = organization.get_unit(holder.unit_id)
        return Subject(common_name=unit.name.upper(), organization=unit.name)
    if holder.person_id is None:
        raise NotFound
    person = organization.get_person(holder.person_id)
    return Subject(common_name=person.full_name, organization=_installation_name())


def _installation_name() -> str:
    installation = organization.installation()
    return installation.name if installation else ""


def _require_made_here(holder: Holder) -> None:
    key = holder.keys.first()
    if key is None:
        raise NoKey
    if key.provider == KeyOrigin.HSM:
        raise Conflict("Quên mã PIN thì quản trị giao lại khóa HSM. Chứng thư đang dùng chưa thay đổi.")
    if key.provider == KeyOrigin.FILE:
        raise Conflict("Quên mã PIN thì tải lại tệp khóa và đặt mã PIN mới. Chứng thư đang dùng chưa thay đổi.")


def can_make_keys() -> bool:
    """Whether this installation certifies keys itself: a demonstration, or one with an internal authority."""
    installation = organization.installation()
    return (installation is not None and installation.is_demo) or CertificateAuthority.objects.exists()


def _authority(now: datetime) -> Authority:
    """Test certificates come by themselves in a demonstration only; a real office sets its authority up on purpose."""
    installation = organization.installation()
    is_demo = installation is not None and installation.is_demo
    return ensure_authority(now=now) if is_demo else open_authority()


def kept_keys() -> KeptKeys:
    """Whoever closes and opens keys here."""
    return KeptKeys(secret=installation_secret())


def _held(key: SigningKey) -> HeldKey:
    return HeldKey(
        certificate=bytes(key.certificate),
        chain=(open_authority().issuing.der,) if key.provider == KeyOrigin.SOFTWARE else key.chain_der,
        closed_key=bytes(key.closed_key),
        context=key.context,
    )


def _revoke(actor: Actor, key: SigningKey, reason: RevocationReason, now: datetime) -> None:
    key.revoked_at, key.revocation_reason = now, reason
    key.save(update_fields=["revoked_at", "revocation_reason"])
    record_key(actor, "signing.key.revoked", key, now, reason=str(reason))


def record_key(actor: Actor, action: str, key: SigningKey, now: datetime, **detail: str) -> None:
    """Write what happened to a key into the audit."""
    audit.record(
        actor=actor.ref,
        action=action,
        object_kind="signing_key",
        object_id=key.pk,
        now=now,
        detail={"serial": key.serial, **detail},
    )

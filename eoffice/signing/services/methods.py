"""A person's own ways of signing: certificates fetched and shown, added, tried out, chosen, removed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound
from eoffice.core.rates import Rate
from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person
from eoffice.signing import permissions
from eoffice.signing.engine.chains import upwards
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable, TooManyCodes
from eoffice.signing.models import MethodKind, MethodRules, SigningMethod, SigningProvider
from eoffice.signing.models.methods import METHOD_SECRETS
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.providers.signer import Account, OfferedCertificate, SendsCodes, SignerDown, SignerRefuses
from eoffice.signing.providers.vgca import certificate_in
from eoffice.signing.services.certificates import note_certificate
from eoffice.signing.services.matching import common_name, mismatch_of_person, rules_of_methods, rules_of_tokens
from eoffice.signing.services.signers import account_of, closed, signer_at, signer_of
from eoffice.signing.services.trust import trust_anchors

_CODES: Final = Rate(5, timedelta(minutes=10))
"""Codes that services are asked to send, by way of signing: each may cost a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A certificate that a person can take as a way of signing, or why not."""

    serial: str
    subject: str
    issuer: str
    starts_at: datetime
    expires_at: datetime
    refusal: str
    offered: OfferedCertificate

    @property
    def can_be_taken(self) -> bool:
        return not self.refusal


def offered_certificates(
    *, actor: Actor, provider_id: int, account: str, now: datetime, secrets: Mapping[str, str] | None = None
) -> list[Offer]:
    """Ask a service what the actor can sign with, each with what keeps it from being used. Changes nothing.

    Raises NotPermitted, NotFound, Invalid (the service does not answer, or knows nobody by this name).
    """
    permissions.require_own_hand(actor)
    provider = _provider(provider_id)
    person = organization.get_person(actor.person_id)
    found = _ask(provider, Account(account=account.strip(), secrets=secrets or {}))
    rules = rules_of_methods()
    crls = trust_anchors(now=now).crls
    return [_offer(each, person, account, rules, crls, now) for each in found]


def add_method(
    *,
    actor: Actor,
    provider_id: int,
    account: str,
    serial: str,
    now: datetime,
    secrets: Mapping[str, str] | None = None,
) -> SigningMethod:
    """Take one of the offered certificates as a way of signing; the first one becomes the default.

    The certificate is fetched again and must match the person (`MethodRules`). Raises NotPermitted, NotFound, Invalid,
    CertificateUnusable, Conflict.
    """
    offers = offered_certificates(actor=actor, provider_id=provider_id, account=account, now=now, secrets=secrets)
    offer = next((each for each in offers if each.serial == serial), None)
    if offer is None:
        raise NotFound("Dịch vụ không còn chứng thư này. Chưa thêm cách ký.")
    if offer.refusal:
        raise CertificateUnusable(f"Chưa thêm cách ký: {offer.refusal}")
    return _kept(
        actor,
        offer,
        kind=MethodKind.REMOTE,
        provider_id=provider_id,
        account=account.strip(),
        secrets=closed(secrets or {}, METHOD_SECRETS),
        chain=[base64.b64encode(der).decode() for der in offer.offered.chain],
        now=now,
    )


def _kept(
    actor: Actor,
    offer: Offer,
    *,
    kind: MethodKind,
    provider_id: int | None,
    account: str,
    secrets: str,
    chain: list[str],
    now: datetime,
) -> SigningMethod:
    has_default = SigningMethod.objects.filter(person_id=actor.person_id, is_default=True, removed_at__isnull=True)
    try:
        with transaction.atomic():
            method = SigningMethod.objects.create(
                person_id=actor.person_id,
                kind=kind,
                provider_id=provider_id,
                account=account,
                credential=offer.offered.credential,
                certificate=offer.offered.certificate,
                chain=chain,
                serial=offer.serial,
                subject=offer.subject[:300],
                issuer=offer.issuer[:300],
                starts_at=offer.starts_at,
                expires_at=offer.expires_at,
                secrets=secrets,
                is_default=not has_default.exists(),
                added_by_id=actor.person_id,
                added_at=now,
            )
            _record(actor, "signing.method.added", method, now)
            note_certificate(method, now=now)
    except IntegrityError as error:
        raise Conflict("Cách ký này đã có trong danh sách.") from error
    return method


def add_token_method(*, actor: Actor, certificate: bytes, now: datetime) -> SigningMethod:
    """Take a certificate of one's USB token as a way of signing; its authorities come from the trust list.

    That the token holds its key shows at the first signature: a value is verified with its certificate.
    Raises NotPermitted, Invalid, CertificateUnusable, Conflict.
    """
    return _add_from_desk(actor, certificate, kind=MethodKind.TOKEN, provider_id=None, now=now)


def add_program_method(*, actor: Actor, provider_id: int, told: str, now: datetime) -> SigningMethod:
    """Take the certificate that a signing program on one's computer told of as a way of signing.

    `told` is the program's own text. That it holds the key shows at the first signature: a file is taken only with a
    signature by this very certificate. Raises NotPermitted, NotFound, Invalid, CertificateUnusable, Conflict.
    """
    provider = _provider(provider_id)
    if not KINDS[provider.kind].is_on_desk:
        raise NotFound
    certificate = certificate_in(told)
    if certificate is None:
        raise Invalid(f"{provider.name} không đưa ra chứng thư nào đọc được. Cắm token rồi thử lại.")
    return _add_from_desk(actor, certificate, kind=MethodKind.PROGRAM, provider_id=provider.pk, now=now)


def _add_from_desk(
    actor: Actor, certificate: bytes, *, kind: MethodKind, provider_id: int | None, now: datetime
) -> SigningMethod:
    permissions.require_own_hand(actor)
    person = organization.get_person(actor.person_id)
    trust = trust_anchors(now=now)
    offered = OfferedCertificate(credential="", certificate=certificate)
    offer = _offer(offered, person, "", rules_of_tokens(), trust.crls, now)
    if offer.refusal:
        raise CertificateUnusable(f"Chưa thêm cách ký: {offer.refusal}")
    parsed = x509.load_der_x509_certificate(certificate)
    above = upwards(parsed, [x509.load_der_x509_certificate(der) for der in trust.intermediates])
    chain = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in above]
    return _kept(actor, offer, kind=kind, provider_id=provider_id, account="", secrets="", chain=chain, now=now)


def choose_method(*, actor: Actor, method_id: int | None, now: datetime) -> None:
    """Make one of the actor's ways of signing the default; None is the key kept in this installation."""
    permissions.require_own_hand(actor)
    with transaction.atomic():
        own = SigningMethod.objects.select_for_update(no_key=True).filter(
            person_id=actor.person_id, removed_at__isnull=True
        )
        methods = list(own.order_by("pk"))
        chosen = next((method for method in methods if method.pk == method_id), None)
        if method_id is not None and chosen is None:
            raise NotFound
        for method in methods:
            if method.is_default and method is not chosen:
                method.is_default = False
                method.save(update_fields=["is_default"])
        if chosen is not None:
            chosen.is_default = True
            chosen.save(update_fields=["is_default"])
            _record(actor, "signing.method.chosen", chosen, now)


def remove_method(*, actor: Actor, method_id: int, now: datetime) -> None:
    """Sign this way no longer. What was signed stays, what is open goes on. Raises NotFound, NotPermitted."""
    permissions.require_own_hand(actor)
    with transaction.atomic():
        method = _own(actor, method_id, lock=True)
        method.removed_at, method.is_default, method.secrets = now, False, ""
        method.save(update_fields=["removed_at", "is_default", "secrets"])
        _record(actor, "signing.method.removed", method, now)


def send_code(*, actor: Actor, method_id: int, now: datetime) -> str:
    """Have the service send the actor a code for his next signature; words for him, with the question if it puts one.

    Raises NotFound, Invalid, TooManyCodes.
    """
    permissions.require_own_hand(actor)
    method = _own(actor, method_id)
    signer = signer_of(method)
    if not isinstance(signer, SendsCodes) or not any(each.is_sent for each in signer.asks):
        raise NotFound
    if _CODES.is_used_up(str(method.pk), now):
        raise TooManyCodes
    _CODES.count(str(method.pk), now)
    try:
        question = signer.send_code(account_of(method))
    except (SignerDown, SignerRefuses) as error:
        raise Invalid(error.words) from error
    with transaction.atomic():
        _record(actor, "signing.method.code_sent", method, now)
    return f"Trả lời: {question}" if question else "Dịch vụ đã gửi mã. Nhập mã vào ô trên rồi ký."


def test_method(*, actor: Actor, method_id: int, now: datetime) -> SigningMethod:
    """Ask the service whether it still offers this very certificate; keep what was seen. Raises NotFound."""
    permissions.require_own_hand(actor)
    method = _own(actor, method_id)
    method.tested_at, (method.test_passed, method.test_words) = now, _tried(method, now)
    with transaction.atomic():
        method.save(update_fields=["tested_at", "test_passed", "test_words"])
        _record(actor, "signing.method.tested", method, now)
    return method


def _tried(method: SigningMethod, now: datetime) -> tuple[bool, str]:
    try:
        check_certificate(bytes(method.certificate), crls=trust_anchors(now=now).crls, now=now)
        found = signer_of(method).certificates(account_of(method))
    except (SignerDown, SignerRefuses) as error:
        return False, error.words[:300]
    except ExpectedError as error:
        return False, error.message[:300]
    same = next((each for each in found if each.certificate == bytes(method.certificate)), None)
    if same is None:
        return False, "Dịch vụ không còn chứng thư này. Bỏ cách ký rồi thêm lại."
    if not same.is_usable:
        return False, f"Dịch vụ báo chứng thư đang ở trạng thái: {same.words}."[:300]
    return True, "Dịch vụ trả lời và chứng thư đang dùng được."


def _provider(provider_id: int) -> SigningProvider:
    provider = SigningProvider.objects.filter(pk=provider_id, is_on=True).first()
    if provider is None:
        raise NotFound
    return provider


def _own(actor: Actor, method_id: int, *, lock: bool = False) -> SigningMethod:
    rows = SigningMethod.objects.filter(pk=method_id, person_id=actor.person_id, removed_at__isnull=True)
    rows = rows.select_for_update(no_key=True) if lock else rows.select_related("provider")
    method = rows.first()
    if method is None:
        raise NotFound
    return method


def _ask(provider: SigningProvider, account: Account) -> list[OfferedCertificate]:
    try:
        found = signer_at(provider).certificates(account)
    except (SignerDown, SignerRefuses) as error:
        raise Invalid(error.words, fields={"account": error.words}) from error
    if not found:
        words = "Dịch vụ không có chứng thư nào cho tài khoản này. Kiểm tra lại số đã nhập."
        raise Invalid(words, fields={"account": words})
    return found


def _offer(
    offered: OfferedCertificate,
    person: Person,
    account: str,
    rules: MethodRules,
    crls: tuple[bytes, ...],
    now: datetime,
) -> Offer:
    try:
        parsed = x509.load_der_x509_certificate(offered.certificate)
    except ValueError as error:
        raise Invalid("Chứng thư không đọc được. Chưa thêm cách ký; báo quản trị kiểm tra.") from error
    return Offer(
        serial=f"{parsed.serial_number:x}",
        subject=common_name(parsed.subject),
        issuer=common_name(parsed.issuer),
        starts_at=parsed.not_valid_before_utc,
        expires_at=parsed.not_valid_after_utc,
        refusal=_refusal(offered, parsed, person, account, rules, crls, now),
        offered=offered,
    )


def _refusal(
    offered: OfferedCertificate,
    parsed: x509.Certificate,
    person: Person,
    account: str,
    rules: MethodRules,
    crls: tuple[bytes, ...],
    now: datetime,
) -> str:
    if not offered.is_usable:
        return f"dịch vụ báo chứng thư đang ở trạng thái “{offered.words}”."
    try:
        check_certificate(offered.certificate, crls=crls, now=now)
    except CertificateUnusable as error:
        return error.message
    mismatch = mismatch_of_person(parsed, person, rules)
    if mismatch:
        return mismatch
    if rules.matches_account and fold(account).strip() not in fold(parsed.subject.rfc4514_string()):
        return "chứng thư không ghi đúng số định danh đã nhập."
    return ""


def _record(actor: Actor, action: str, method: SigningMethod, now: datetime) -> None:
    audit.record(
        actor=actor.ref,
        action=action,
        object_kind="signing_method",
        object_id=method.pk,
        now=now,
        detail={"serial": method.serial, "provider": method.provider_id},
    )

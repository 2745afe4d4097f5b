"""Ways of signing, a person's own and those of a seal he keeps: added, tried out, chosen, removed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound
from eoffice.core.rates import Rate
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.chains import upwards
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable, TooManyCodes
from eoffice.signing.models import MethodKind, SigningMethod
from eoffice.signing.models.methods import METHOD_SECRETS
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.providers.signer import OfferedCertificate, SendsCodes, SignerDown, SignerRefuses
from eoffice.signing.providers.vgca import certificate_in
from eoffice.signing.services.certificates import note_certificate
from eoffice.signing.services.keys import Holder, holder_for
from eoffice.signing.services.matching import rules_of_tokens
from eoffice.signing.services.offers import Offer, offer_of, offered_certificates, provider_in_use
from eoffice.signing.services.signers import account_of, closed, signer_of
from eoffice.signing.services.trust import trust_anchors

_CODES: Final = Rate(5, timedelta(minutes=10))
"""Codes that services are asked to send, by way of signing: each may cost a message."""


def add_method(
    *,
    actor: Actor,
    provider_id: int,
    account: str,
    serial: str,
    now: datetime,
    secrets: Mapping[str, str] | None = None,
    unit_id: int | None = None,
) -> SigningMethod:
    """Take one of the offered certificates as the actor's way of signing, or as that of the seal he keeps.

    The first one becomes the default. The certificate is fetched again and must match its holder (`MethodRules`).
    Raises NotPermitted, NotFound, Invalid, CertificateUnusable, Conflict.
    """
    offers = offered_certificates(
        actor=actor, provider_id=provider_id, account=account, now=now, secrets=secrets, unit_id=unit_id
    )
    offer = next((each for each in offers if each.serial == serial), None)
    if offer is None:
        raise NotFound("Dịch vụ không còn chứng thư này. Chưa thêm cách ký.")
    if offer.refusal:
        raise CertificateUnusable(f"Chưa thêm cách ký: {offer.refusal}")
    return _kept(
        actor,
        holder_for(actor, unit_id),
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
    holder: Holder,
    offer: Offer,
    *,
    kind: MethodKind,
    provider_id: int | None,
    account: str,
    secrets: str,
    chain: list[str],
    now: datetime,
) -> SigningMethod:
    has_default = methods_in_use(holder).filter(is_default=True)
    try:
        with transaction.atomic():
            method = SigningMethod.objects.create(
                person_id=holder.person_id,
                unit_id=holder.unit_id,
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


def add_token_method(*, actor: Actor, certificate: bytes, now: datetime, unit_id: int | None = None) -> SigningMethod:
    """Take a certificate of a USB token as one's way of signing, or of the seal; its authorities are of the trust list.

    That the token holds its key shows at the first signature: a value is verified with its certificate.
    Raises NotPermitted, Invalid, CertificateUnusable, Conflict.
    """
    return _add_from_desk(actor, unit_id, certificate, kind=MethodKind.TOKEN, provider_id=None, now=now)


def add_program_method(
    *, actor: Actor, provider_id: int, told: str, now: datetime, unit_id: int | None = None
) -> SigningMethod:
    """Take the certificate that a signing program on one's computer told of as a way of signing, or of sealing.

    `told` is the program's own text. That it holds the key shows at the first signature: a file is taken only with a
    signature by this very certificate. Raises NotPermitted, NotFound, Invalid, CertificateUnusable, Conflict.
    """
    provider = provider_in_use(provider_id)
    if not KINDS[provider.kind].is_on_desk:
        raise NotFound
    certificate = certificate_in(told)
    if certificate is None:
        raise Invalid(f"{provider.name} không đưa ra chứng thư nào đọc được. Cắm token rồi thử lại.")
    return _add_from_desk(actor, unit_id, certificate, kind=MethodKind.PROGRAM, provider_id=provider.pk, now=now)


def _add_from_desk(
    actor: Actor, unit_id: int | None, certificate: bytes, *, kind: MethodKind, provider_id: int | None, now: datetime
) -> SigningMethod:
    holder = holder_for(actor, unit_id)
    trust = trust_anchors(now=now)
    offered = OfferedCertificate(credential="", certificate=certificate)
    offer = offer_of(offered, holder, "", rules_of_tokens(), trust.crls, now)
    if offer.refusal:
        raise CertificateUnusable(f"Chưa thêm cách ký: {offer.refusal}")
    parsed = x509.load_der_x509_certificate(certificate)
    above = upwards(parsed, [x509.load_der_x509_certificate(der) for der in trust.intermediates])
    chain = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in above]
    return _kept(
        actor, holder, offer, kind=kind, provider_id=provider_id, account="", secrets="", chain=chain, now=now
    )  # fmt: skip


def choose_method(*, actor: Actor, method_id: int | None, now: datetime, unit_id: int | None = None) -> None:
    """Make one of the actor's ways of signing, or of the seal's, the default; None is the key of this installation.

    Raises NotFound, NotPermitted.
    """
    holder = holder_for(actor, unit_id)
    with transaction.atomic():
        methods = list(methods_in_use(holder).select_for_update(no_key=True).order_by("pk"))
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


def remove_method(*, actor: Actor, method_id: int, now: datetime) -> SigningMethod:
    """Sign this way no longer. What was signed stays, what is open goes on. Raises NotFound, NotPermitted."""
    with transaction.atomic():
        method = handled_method(actor, method_id, lock=True)
        method.removed_at, method.is_default, method.secrets = now, False, ""
        method.save(update_fields=["removed_at", "is_default", "secrets"])
        _record(actor, "signing.method.removed", method, now)
    return method


def send_code(*, actor: Actor, method_id: int, now: datetime) -> str:
    """Have the service send a code for the next signature; words for the actor, with the question if it puts one.

    Raises NotFound, NotPermitted, Invalid, TooManyCodes.
    """
    method = handled_method(actor, method_id)
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
    """Ask the service whether it still offers this very certificate; keep what was seen.

    Raises NotFound, NotPermitted.
    """
    method = handled_method(actor, method_id)
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


def methods_in_use(holder: Holder) -> QuerySet[SigningMethod]:
    """The ways of signing of a person, or of a unit's seal."""
    rows = SigningMethod.objects.filter(removed_at__isnull=True)
    return (
        rows.filter(person_id=holder.person_id or 0) if holder.unit_id is None else rows.filter(unit_id=holder.unit_id)
    )


def handled_method(actor: Actor, method_id: int, *, lock: bool = False) -> SigningMethod:
    """A way of signing that is the actor's own, or of a seal he keeps. Raises NotFound, NotPermitted."""
    permissions.require_own_hand(actor)
    rows = SigningMethod.objects.filter(pk=method_id, removed_at__isnull=True)
    rows = rows.select_for_update(no_key=True) if lock else rows.select_related("provider")
    method = rows.first()
    if method is None:
        raise NotFound
    is_own = method.person_id == actor.person_id
    if not is_own and not (method.unit_id is not None and permissions.can_keep_seal(actor, method.unit_id)):
        raise NotFound
    return method


def _record(actor: Actor, action: str, method: SigningMethod, now: datetime) -> None:
    audit.record(
        actor=actor.ref,
        action=action,
        object_kind="signing_method",
        object_id=method.pk,
        now=now,
        detail={"serial": method.serial, "provider": method.provider_id, "unit": method.unit_id},
    )

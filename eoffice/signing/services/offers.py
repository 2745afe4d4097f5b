"""What services and tokens offer to sign with, and what keeps a certificate from being its holder's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing.engine.signing import check_certificate
from eoffice.signing.errors import CertificateUnusable
from eoffice.signing.models import MethodRules, SigningProvider
from eoffice.signing.providers.signer import Account, OfferedCertificate, SignerDown, SignerRefuses
from eoffice.signing.services.keys import Holder, holder_for
from eoffice.signing.services.matching import common_name, mismatch_of_person, mismatch_of_seal, rules_of_methods
from eoffice.signing.services.signers import signer_at
from eoffice.signing.services.trust import trust_anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A certificate that its holder can take as a way of signing, or why not."""

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
    *,
    actor: Actor,
    provider_id: int,
    account: str,
    now: datetime,
    secrets: Mapping[str, str] | None = None,
    unit_id: int | None = None,
) -> list[Offer]:
    """Ask a service what the actor, or the seal he keeps, can sign with, and what keeps each from use. Changes nothing.

    Raises NotPermitted, NotFound, Invalid (the service does not answer, or knows nobody by this name).
    """
    holder = holder_for(actor, unit_id)
    provider = provider_in_use(provider_id)
    found = _ask(provider, Account(account=account.strip(), secrets=secrets or {}))
    rules = rules_of_methods()
    crls = trust_anchors(now=now).crls
    return [offer_of(each, holder, account, rules, crls, now) for each in found]


def provider_in_use(provider_id: int) -> SigningProvider:
    """A service that is on. Raises NotFound."""
    provider = SigningProvider.objects.filter(pk=provider_id, is_on=True).first()
    if provider is None:
        raise NotFound
    return provider


def _ask(provider: SigningProvider, account: Account) -> list[OfferedCertificate]:
    try:
        found = signer_at(provider).certificates(account)
    except (SignerDown, SignerRefuses) as error:
        raise Invalid(error.words, fields={"account": error.words}) from error
    if not found:
        words = "Dịch vụ không có chứng thư nào cho tài khoản này. Kiểm tra lại số đã nhập."
        raise Invalid(words, fields={"account": words})
    return found


def offer_of(
    offered: OfferedCertificate,
    holder: Holder,
    account: str,
    rules: MethodRules,
    crls: tuple[bytes, ...],
    now: datetime,
) -> Offer:
    """One certificate against its holder. Raises Invalid for what cannot be read."""
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
        refusal=_refusal(offered, parsed, holder, account, rules, crls, now),
        offered=offered,
    )


def _refusal(
    offered: OfferedCertificate,
    parsed: x509.Certificate,
    holder: Holder,
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
    mismatch = _mismatch(parsed, holder, rules)
    if mismatch:
        return mismatch
    if rules.matches_account and fold(account).strip() not in fold(parsed.subject.rfc4514_string()):
        return "chứng thư không ghi đúng số định danh đã nhập."
    return ""


def _mismatch(parsed: x509.Certificate, holder: Holder, rules: MethodRules) -> str:
    if holder.unit_id is None:
        return mismatch_of_person(parsed, organization.get_person(holder.person_id or 0), rules)
    return mismatch_of_seal(parsed, organization.get_unit(holder.unit_id)) if rules.matches_name else ""

"""The installation's own authority, for tests or inside one office, and its revocation lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from django.conf import settings
from django.db import transaction

from eoffice import environment
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.authority import (
    INTERNAL_MARK,
    TEST_MARK,
    CertifiedKey,
    Revocation,
    issue_crl,
    make_issuing,
    make_root,
)
from eoffice.signing.engine.keeping import close_key, open_key
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.errors import AuthorityExists, AuthorityMissing
from eoffice.signing.models import (
    AuthorityKind,
    AuthorityScope,
    CertificateAuthority,
    KeyOrigin,
    RevocationReason,
    SigningKey,
)

_CRL_VALID: Final = timedelta(days=7)
_CRL_RENEWED_BEFORE: Final = timedelta(days=2)
_REASONS: Final = {
    RevocationReason.COMPROMISED: x509.ReasonFlags.key_compromise,
    RevocationReason.LEFT: x509.ReasonFlags.affiliation_changed,
    RevocationReason.REPLACED: x509.ReasonFlags.superseded,
    RevocationReason.FORGOTTEN: x509.ReasonFlags.superseded,
}
_MARKS: Final = {AuthorityScope.TEST: TEST_MARK, AuthorityScope.INTERNAL: INTERNAL_MARK}
_SYSTEM: Final = ActorRef(None, source="job")


@dataclass(frozen=True, slots=True)
class Authority:
    """Both authorities with their keys open."""

    root: CertifiedKey
    issuing: CertifiedKey
    scope: AuthorityScope

    @property
    def mark(self) -> str:
        """Stands in every certificate it issues."""
        return _MARKS[self.scope]


def installation_secret() -> str:
    """The secret under which keys are closed; made at first use, kept outside the database."""
    return environment.secret(settings.ENVIRONMENT, "signing")


def ensure_authority(*, now: datetime) -> Authority:
    """Open the test authority; make root and issuing certificates the first time.

    Two first starts at once agree on one pair: the second finds the row of the first and discards its own.
    """
    try:
        return open_authority()
    except AuthorityMissing:
        root = make_root(name="eOffice CA gốc (thử nghiệm)", now=now)
        issuing = make_issuing(root, name="eOffice CA (thử nghiệm)", now=now)
        _keep(root, issuing, scope=AuthorityScope.TEST, basis="", actor=_SYSTEM, now=now)
    return open_authority()


def found_authority(*, actor: Actor | None, basis: str, now: datetime) -> Authority:
    """Set up the authority of one office, by its own decision `basis`, for signatures that count inside it alone.

    Its certificates carry `INTERNAL_MARK`; no outside program believes them. `actor` None is the operator at the
    command line. Raises AuthorityExists, Invalid, NotPermitted.
    """
    if actor is not None and not permissions.can_found_authority(actor):
        raise NotPermitted
    installation = organization.installation()
    if installation is None or installation.is_demo:
        raise Invalid("Chỉ hệ thống thật, đã khởi tạo, mới lập nơi cấp chứng thư nội bộ. Chưa có gì thay đổi.")
    if not basis.strip():
        raise Invalid("Nhập căn cứ.", fields={"basis": "Nhập quyết định hoặc văn bản làm căn cứ."})
    if CertificateAuthority.objects.exists():
        raise AuthorityExists
    root = make_root(name=f"CA gốc nội bộ {installation.name}", now=now, mark=INTERNAL_MARK)
    issuing = make_issuing(root, name=f"CA nội bộ {installation.name}", now=now, mark=INTERNAL_MARK)
    by = actor.ref if actor is not None else ActorRef(None, source="cli")
    if not _keep(root, issuing, scope=AuthorityScope.INTERNAL, basis=basis.strip()[:500], actor=by, now=now):
        raise AuthorityExists
    return open_authority()


def open_authority() -> Authority:
    """Open the authority of this installation. Raises AuthorityMissing."""
    rows = {row.kind: row for row in CertificateAuthority.objects.all()}
    if len(rows) < 2:
        raise AuthorityMissing
    root = rows[AuthorityKind.ROOT]
    return Authority(_opened(root), _opened(rows[AuthorityKind.ISSUING]), AuthorityScope(root.scope))


def own_anchors(*, now: datetime) -> TrustAnchors:
    """Our own authority with a current revocation list."""
    rows = list(CertificateAuthority.objects.order_by("pk"))
    return TrustAnchors(
        roots=tuple(bytes(row.certificate) for row in rows if row.kind == AuthorityKind.ROOT),
        intermediates=tuple(bytes(row.certificate) for row in rows if row.kind != AuthorityKind.ROOT),
        crls=tuple(_current_crl(row, now) for row in rows),
    )


def _keep(
    root: CertifiedKey, issuing: CertifiedKey, *, scope: AuthorityScope, basis: str, actor: ActorRef, now: datetime
) -> bool:
    """Whether this pair is the one kept."""
    secret = installation_secret()
    rows = [
        CertificateAuthority(
            kind=kind,
            scope=scope,
            basis=basis,
            certificate=pair.der,
            closed_key=close_key(pair.private_key, pin="", secret=secret, context=f"authority:{kind}"),
            made_at=now,
        )
        for kind, pair in ((AuthorityKind.ROOT, root), (AuthorityKind.ISSUING, issuing))
    ]
    with transaction.atomic():
        CertificateAuthority.objects.bulk_create(rows[:1], ignore_conflicts=True)
        kept = CertificateAuthority.objects.select_for_update(no_key=True).get(kind=AuthorityKind.ROOT)
        if bytes(kept.certificate) != root.der:
            return False
        CertificateAuthority.objects.bulk_create(rows[1:])
        audit.record(
            actor=actor, action="signing.authority.made", object_kind="authority", object_id=kept.pk, now=now,
            detail={"scope": str(scope), "basis": basis},
        )  # fmt: skip
    return True


def _opened(row: CertificateAuthority) -> CertifiedKey:
    private_key = open_key(bytes(row.closed_key), pin="", secret=installation_secret(), context=f"authority:{row.kind}")
    return CertifiedKey(x509.load_der_x509_certificate(bytes(row.certificate)), private_key)


def _current_crl(row: CertificateAuthority, now: datetime) -> bytes:
    """The newest list; a new one when it runs out or a revocation is not on it yet."""
    revoked = _revocations(row)
    stale = row.crl_expires_at is None or row.crl_expires_at - now < _CRL_RENEWED_BEFORE
    if row.crl is not None and not stale and row.crl_lines == len(revoked):
        return bytes(row.crl)
    number = row.crl_number + 1
    crl = issue_crl(_opened(row), revoked=revoked, number=number, now=now, valid_for=_CRL_VALID)
    # Of two renewals at once one is kept; both lists are right.
    CertificateAuthority.objects.filter(pk=row.pk, crl_number=row.crl_number).update(
        crl=crl, crl_number=number, crl_expires_at=now + _CRL_VALID, crl_lines=len(revoked)
    )
    return crl


def _revocations(row: CertificateAuthority) -> list[Revocation]:
    if row.kind == AuthorityKind.ROOT:
        return []
    keys = SigningKey.objects.filter(revoked_at__isnull=False, provider=KeyOrigin.SOFTWARE).order_by("pk")
    return [
        Revocation(int(key.serial, 16), key.revoked_at, _REASONS[RevocationReason(key.revocation_reason)])
        for key in keys
        if key.revoked_at is not None
    ]

"""Our own authority, and whom else we believe."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class AuthorityKind(models.TextChoices):
    ROOT = "root", "Gốc"
    ISSUING = "issuing", "Cấp phát"


class AuthorityScope(models.TextChoices):
    """What certificates of our own authority are good for; stands in the subject of every one of them."""

    TEST = "test", "Chứng thư thử nghiệm"
    INTERNAL = "internal", "Chứng thư nội bộ"


class CertificateAuthority(models.Model):
    """Nơi cấp chứng thư của chính hệ thống: for tests and demonstrations, or inside one office by its own decision.

    The private key is encrypted under the installation's secret. `crl` is the newest revocation list (DER).
    """

    scope = models.CharField(max_length=8, choices=AuthorityScope, default=AuthorityScope.TEST)
    basis = models.CharField(max_length=500, blank=True)
    """The decision an internal authority was set up by."""
    kind = models.CharField(max_length=8, choices=AuthorityKind, unique=True)
    certificate = models.BinaryField()
    closed_key = models.BinaryField()
    crl = models.BinaryField(null=True)
    crl_number = models.PositiveIntegerField(default=0)
    crl_expires_at = models.DateTimeField(null=True)
    crl_lines = models.PositiveIntegerField(default=0)
    """Certificates on `crl`: fewer than are revoked means a new list is due."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "signing_authority"

    def __str__(self) -> str:
        return self.get_kind_display()


class AnchorPurpose(models.TextChoices):
    """Which signatures an anchor is believed for (digital-signature F)."""

    PUBLIC = "public", "Chứng thư công cộng"
    STATE = "state", "Chuyên dùng Chính phủ"
    TIME_STAMP = "time_stamp", "Dấu thời gian"
    FOREIGN = "foreign", "Nước ngoài được công nhận"
    PARTNER = "partner", "Đối tác"
    TEST = "test", "Thử nghiệm"


class TrustAnchor(models.Model):
    """Chứng thư gốc được tin cậy; `is_intermediate` marks one that only helps to build the path."""

    purpose = models.CharField(max_length=12, choices=AnchorPurpose)
    is_intermediate = models.BooleanField(default=False)
    certificate = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of the certificate, lower-case hex."""
    name = models.CharField(max_length=200)
    trusted_from = models.DateTimeField(null=True)
    """Signatures of a proven time before it are not believed on this anchor; None is without beginning."""
    trusted_until = models.DateTimeField(null=True)
    basis = models.CharField(max_length=500, blank=True)
    """Why it is believed: the decision, or where the fingerprint was compared."""
    added_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "signing_trust_anchor"
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "purpose"], condition=Q(withdrawn_at__isnull=True), name="signing_anchor_once"
            ),
            models.CheckConstraint(
                condition=Q(trusted_from__isnull=True)
                | Q(trusted_until__isnull=True)
                | Q(trusted_from__lt=F("trusted_until")),
                name="signing_anchor_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name

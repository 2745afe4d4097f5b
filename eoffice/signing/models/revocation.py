"""Answers about revocation, kept for as long as they hold, and whom we may ask inside our own network."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

INSIDE_HOSTS_LIMIT: Final = 2000
LIST_AGE_MINUTES: Final = 60


class AnswerKind(models.TextChoices):
    OCSP = "ocsp", "Trả lời OCSP"
    CRL = "crl", "Danh sách thu hồi"


class RevocationAnswer(models.Model):
    """Trả lời về thu hồi of one issuer: a list, or an answer about one certificate; replaced by a newer one.

    `content` (DER) stays None while no answer could be had; `failed_at` keeps us from asking again at once.
    """

    key = models.CharField(max_length=64, primary_key=True)
    """SHA-256 over kind, issuer, serial and address, lower-case hex."""
    kind = models.CharField(max_length=4, choices=AnswerKind)
    issuer = models.CharField(max_length=64, db_index=True)
    """SHA-256 of the issuer's certificate, lower-case hex."""
    issuer_name = models.CharField(max_length=200)
    serial = models.CharField(max_length=64, blank=True)
    """The certificate an OCSP answer is about, lower-case hex; empty for a list."""
    address = models.CharField(max_length=2000)
    content = models.BinaryField(null=True)
    produced_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "signing_revocation_answer"
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=True, valid_until__isnull=True, fetched_at__isnull=True)
                | Q(content__isnull=False, valid_until__isnull=False, fetched_at__isnull=False),
                name="signing_revocation_whole",
            ),
        ]
        indexes = [models.Index(fields=["valid_until"], name="signing_revocation_until")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.issuer_name}"


class RevocationRules(models.Model):
    """Quy định về hỏi thông tin thu hồi of this installation: one row."""

    asks_online = models.BooleanField(default=True)
    """Off: only what a file brings along and what is kept is used (an installation without a way out)."""
    inside_hosts = models.CharField(max_length=INSIDE_HOSTS_LIMIT, blank=True)
    """Hosts (`host` or `host:port`, by blanks) that may be asked although they stand inside our own network."""
    list_age_minutes = models.PositiveSmallIntegerField(default=LIST_AGE_MINUTES)
    """An issuer's list made longer ago is not news enough for the register of certificates: those that name an OCSP
    responder are asked about one by one. 0: the list is enough, whatever its age."""

    class Meta:
        db_table = "signing_revocation_rules"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="signing_revocation_rules_one_row")]

    def __str__(self) -> str:
        return self.inside_hosts

    @property
    def inside(self) -> frozenset[str]:
        return frozenset(self.inside_hosts.lower().split())


class EvidenceKind(models.TextChoices):
    CERTIFICATE = "cert", "Chứng thư số"
    OCSP = "ocsp", "Trả lời OCSP"
    CRL = "crl", "Danh sách thu hồi"


class EvidenceItem(models.Model):
    """Bằng chứng that a verdict was built on (DER), kept once however many verdicts use it. Rows are never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=4, choices=EvidenceKind)
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "signing_evidence"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"

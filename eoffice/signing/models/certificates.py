"""Certificates that are held, what is asked of their issuers, and requests for new ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models import Q

from eoffice.signing.models.keys import SigningKey
from eoffice.signing.models.methods import SigningMethod
from eoffice.signing.states import CertificateRequestState

OPEN_REQUEST_STATES: Final = (
    CertificateRequestState.WAITING,
    CertificateRequestState.CONFIRMED,
    CertificateRequestState.LISTED,
)


class HeldCertificate(models.Model):
    """Chứng thư số: one certificate that a person or a seal signs with, and how its issuer speaks of it.

    Written from the key or the way of signing that carries it, whatever its kind; `ended_at` once that is out of use.
    """

    key = models.OneToOneField(SigningKey, null=True, on_delete=models.PROTECT, related_name="held")
    method = models.OneToOneField(SigningMethod, null=True, on_delete=models.PROTECT, related_name="held")
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """Whose seal it is; None for a person's."""
    at_unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """Where it is listed: the unit of the seal, or of the person's main post when last looked at."""
    holder_name = models.CharField(max_length=200)
    holder_sort = models.CharField(max_length=300)
    holder_fold = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    organization = models.CharField(max_length=300, blank=True)
    issuer = models.CharField(max_length=300)
    serial = models.CharField(max_length=64)
    """Lower-case hex."""
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    mismatch = models.CharField(max_length=600, blank=True)
    """What on the certificate is not what we know of its holder, in words."""
    compared_at = models.DateTimeField(null=True)
    """When it was last compared with its holder."""
    authority = models.CharField(max_length=64, blank=True)
    """SHA-256 of the certificate that issued it, as in `RevocationAnswer.issuer`; empty while we do not know that."""
    list_addresses = models.CharField(max_length=4000, blank=True)
    """Where the certificate says its issuer's list is: web addresses by blanks, two at most."""
    responder_addresses = models.CharField(max_length=4000, blank=True)
    """Where it says OCSP answers, the same way."""
    ask_at = models.DateTimeField()
    """When its issuer is to be asked next."""
    tried_at = models.DateTimeField(null=True)
    """When that was last tried, whether an answer came or not."""
    silences = models.PositiveSmallIntegerField(default=0)
    """Tries in a row without an answer; each makes the next pause longer."""
    checked_at = models.DateTimeField(null=True)
    """When its issuer last answered."""
    standing_at = models.DateTimeField(null=True)
    """Of when the newest answer speaks (thisUpdate): what happened later is not in it."""
    check_words = models.CharField(max_length=300, blank=True)
    """Why the last try brought no answer."""
    revoked_at = models.DateTimeField(null=True)
    """Since when its issuer calls it revoked or suspended."""
    is_suspended = models.BooleanField(default=False)
    """Revoked for a while (RFC 5280, certificateHold): may become good again."""
    warned_days = models.PositiveSmallIntegerField(null=True)
    """The last of the warnings that was given: 30, 7 or 1 days before the end."""

    class Meta:
        db_table = "signing_held_certificate"
        constraints = [
            models.CheckConstraint(
                condition=Q(key__isnull=False, method__isnull=True) | Q(key__isnull=True, method__isnull=False),
                name="signing_held_one_source",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, unit__isnull=True) | Q(person__isnull=True, unit__isnull=False),
                name="signing_held_one_holder",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at", "id"], name="signing_held_by_end"),
            models.Index(fields=["holder_sort", "id"], name="signing_held_by_name"),
            models.Index(fields=["ask_at"], condition=Q(ended_at__isnull=True), name="signing_held_to_ask"),
            models.Index(fields=["authority"], condition=Q(ended_at__isnull=True), name="signing_held_authority"),
            models.Index(fields=["compared_at"], condition=Q(ended_at__isnull=True), name="signing_held_to_compare"),
            models.Index(fields=["serial"], name="signing_held_serial"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_name} {self.serial}"

    @property
    def is_known_of_old(self) -> bool:
        """Whether the newest answer was made more than an hour before it was asked for: what came since is unknown."""
        if self.checked_at is None or self.standing_at is None:
            return False
        return self.checked_at - self.standing_at > timedelta(hours=1)

    @property
    def kind_words(self) -> str:
        return "Con dấu" if self.unit_id is not None else "Cá nhân"


class CertificateRequestKind(models.TextChoices):
    NEW = "new", "Cấp mới"
    RENEW = "renew", "Gia hạn, cấp lại"
    REPLACE = "replace", "Thay thiết bị lưu khóa"


class CertificateList(models.Model):
    """Danh sách gửi nơi cấp: confirmed requests that went to the issuer together. Rows are never changed."""

    made_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "signing_certificate_list"

    @property
    def number(self) -> int:
        """What people call it by: its key, which two at once never share; one not made leaves a gap."""
        return self.pk

    def __str__(self) -> str:
        return f"Danh sách {self.number}"


class CertificateRequest(models.Model):
    """Đề nghị cấp chứng thư số: asked by a person (or a seal's clerk), confirmed by another, sent, fulfilled."""

    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    """Who asks: the holder, or the clerk for the seal."""
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """Whose seal it is for; None for the person's own signature."""
    at_unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    """Where the person worked when asking: its heads may confirm."""
    position_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=CertificateRequestKind)
    replaces = models.ForeignKey(HeldCertificate, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=CertificateRequestState, default=CertificateRequestState.WAITING)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, blank=True)
    listed_in = models.ForeignKey(CertificateList, null=True, on_delete=models.PROTECT, related_name="requests")
    fulfilled_by = models.ForeignKey(HeldCertificate, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_certificate_request"
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(unit__isnull=True, state__in=OPEN_REQUEST_STATES),
                name="signing_certificate_request_one_person",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(unit__isnull=False, state__in=OPEN_REQUEST_STATES),
                name="signing_certificate_request_one_unit",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("person")),
                name="signing_certificate_request_by_two",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="signing_cert_request_state")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REQUEST_STATES

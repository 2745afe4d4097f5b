"""Keys, pictures of signatures and seals, what was signed, what a check found."""

from __future__ import annotations

import base64
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import models
from django.db.models import F, Q

WRONG_PINS_ALLOWED: Final = 5
"""Wrong tries before a key is locked for a while (`services.keys`)."""


class Purpose(models.TextChoices):
    """Whose signature a key makes."""

    PERSON = "person", "Chữ ký cá nhân"
    SEAL = "seal", "Chữ ký cơ quan, tổ chức"


class RevocationReason(models.TextChoices):
    FORGOTTEN = "forgotten", "Quên mã PIN"
    COMPROMISED = "compromised", "Lộ khóa hoặc mã PIN"
    LEFT = "left", "Thôi việc hoặc thôi chức vụ"
    REPLACED = "replaced", "Thay bằng chứng thư mới"


class KeyOrigin(models.TextChoices):
    """Where a key kept here comes from."""

    SOFTWARE = "software", "Tạo tại đây"
    FILE = "pkcs12", "Tải lên từ tệp .p12, .pfx"
    HSM = "hsm", "Trong HSM của cơ quan"


class SigningKey(models.Model):
    """Chữ ký số: one key of this installation and its certificate, of a person or of a unit (the seal).

    `closed_key` is encrypted under the PIN and the installation's secret: the key, or where in the HSM it is. Emptied
    when a key that was certified elsewhere is taken out of use. Tries are counted before a PIN is tested, so that
    parallel guesses count too.
    """

    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose)
    provider = models.CharField(max_length=20, choices=KeyOrigin, default=KeyOrigin.SOFTWARE)
    certificate = models.BinaryField()
    chain = models.JSONField(default=list)
    """Base64 DER from the issuer upwards, for a key from a file; one made here is issued by our own authority."""
    serial = models.CharField(max_length=64)
    """Lower-case hex."""
    is_waiting = models.BooleanField(default=False)
    """Signs nothing yet: one from a file until an administrator has confirmed whose it is, one in the HSM until its
    holder has set a PIN."""
    mismatch = models.CharField(max_length=300, blank=True)
    """What of the certificate does not match its holder."""
    brought_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """Who uploaded the file it comes from."""
    closed_key = models.BinaryField()
    context = models.CharField(max_length=80)
    """What the encrypted key is bound to."""
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    pin_set_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    """Taken out of use (with its unit, replaced, removed): signs no more; what it signed stays checkable as before."""
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=16, choices=RevocationReason, blank=True)

    class Meta:
        db_table = "signing_key"
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="person", person__isnull=False, unit__isnull=True)
                | Q(purpose="seal", person__isnull=True, unit__isnull=False),
                name="signing_key_one_owner",
            ),
            models.UniqueConstraint(
                fields=["person", "is_waiting"],
                condition=Q(revoked_at__isnull=True, withdrawn_at__isnull=True),
                name="signing_key_one_in_use_per_person",
            ),
            models.UniqueConstraint(
                fields=["unit", "is_waiting"],
                condition=Q(revoked_at__isnull=True, withdrawn_at__isnull=True),
                name="signing_key_one_in_use_per_unit",
            ),
            models.UniqueConstraint(
                fields=["serial"],
                condition=Q(revoked_at__isnull=True, withdrawn_at__isnull=True),
                name="signing_key_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revocation_reason=""), name="signing_key_revoked_why"
            ),
            models.CheckConstraint(
                condition=Q(provider="software") | Q(revoked_at__isnull=True), name="signing_key_revoked_by_its_issuer"
            ),
        ]
        indexes = [models.Index(fields=["serial"], name="signing_key_serial")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.serial}"

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        return tuple(base64.b64decode(text) for text in self.chain)

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


class MarkImageState(models.TextChoices):
    WAITING = "waiting", "Chờ xác nhận"
    IN_USE = "in_use", "Đang dùng"
    REPLACED = "replaced", "Đã thay"
    REFUSED = "refused", "Không được xác nhận"


class MarkImage(models.Model):
    """Ảnh chữ ký, ảnh con dấu: one version of what is drawn on a page when a person signs or a unit seals.

    The picture itself never changes: what was signed with an older one carries that one in the paper itself.
    """

    purpose = models.CharField(max_length=8, choices=Purpose)
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    """Counts the versions of one owner from 1."""
    png = models.BinaryField()
    clear_percent = models.PositiveSmallIntegerField(null=True)
    colour_percent = models.PositiveSmallIntegerField(null=True)
    """What the check measured; None for pictures from before there was one."""
    diameter_mm = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    """Real size of a seal; None for a signature, which fills its box."""
    state = models.CharField(max_length=8, choices=MarkImageState)
    uploaded_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    decided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "signing_mark_image"
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="person", person__isnull=False, unit__isnull=True, diameter_mm__isnull=True)
                | Q(purpose="seal", person__isnull=True, unit__isnull=False, diameter_mm__isnull=False),
                name="signing_mark_image_one_owner",
            ),
            models.UniqueConstraint(
                fields=["person", "number"], condition=Q(person__isnull=False), name="signing_mark_image_of_person"
            ),
            models.UniqueConstraint(
                fields=["unit", "number"], condition=Q(unit__isnull=False), name="signing_mark_image_of_unit"
            ),
            models.UniqueConstraint(
                fields=["person", "state"],
                condition=Q(person__isnull=False, state__in=["waiting", "in_use"]),
                name="signing_mark_image_person_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "state"],
                condition=Q(unit__isnull=False, state__in=["waiting", "in_use"]),
                name="signing_mark_image_unit_once",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="seal", state="in_use")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("uploaded_by")),
                name="signing_mark_image_seal_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} #{self.number}"


class ImageRules(models.Model):
    """Quy định về ảnh chữ ký, ảnh con dấu of this installation: one row.

    Decree 30/2020 asks for the real size of a seal and gives no diameter; the range only catches slips of the hand.
    """

    signatures_wait = models.BooleanField(default=False)
    """A new picture of a signature counts only once an administrator has confirmed it."""
    smallest_seal_mm = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(20))
    largest_seal_mm = models.DecimalField(max_digits=4, decimal_places=1, default=Decimal(42))

    class Meta:
        db_table = "signing_image_rules"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="signing_image_rules_one_row"),
            models.CheckConstraint(
                condition=Q(smallest_seal_mm__gte=10, largest_seal_mm__lte=60)
                & Q(smallest_seal_mm__lte=F("largest_seal_mm")),
                name="signing_image_rules_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.smallest_seal_mm}-{self.largest_seal_mm} mm"


class Stage(models.TextChoices):
    """Bước ký: what a signature says (design part 3, SignatureRequest)."""

    INITIAL = "initial", "Ký nháy"
    CONTENT = "content", "Ký nội dung"
    FORMAT = "format", "Ký thể thức"
    OFFICIAL = "official", "Ký ban hành"
    SEAL = "seal", "Ký số cơ quan"


class SignatureRecord(models.Model):
    """Lần ký: a signature made here, from which file to which. Rows are never changed."""

    file_before = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_after = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    stage = models.CharField(max_length=8, choices=Stage)
    key = models.ForeignKey(SigningKey, null=True, on_delete=models.PROTECT, related_name="records")
    """The key kept in this installation; None where `method` says which other key it was."""
    method = models.ForeignKey("signing.SigningMethod", null=True, on_delete=models.PROTECT, related_name="records")
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    """Who acted: the signer, or the clerk who sealed."""
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """Whose seal it is; None for a person's signature."""
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "signing_record"
        constraints = [
            models.UniqueConstraint(fields=["file_after"], name="signing_record_one_per_file"),
            models.CheckConstraint(
                condition=Q(stage="seal", unit__isnull=False) | (~Q(stage="seal") & Q(unit__isnull=True)),
                name="signing_record_seal_has_unit",
            ),
            models.CheckConstraint(
                condition=Q(key__isnull=False, method__isnull=True) | Q(key__isnull=True, method__isnull=False),
                name="signing_record_one_key",
            ),
        ]
        indexes = [models.Index(fields=["file_before"], name="signing_record_before")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.field}"


class FillingRecord(models.Model):
    """Lần điền số và ngày: from which file to which. Rows are never changed."""

    file_before = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_after = models.OneToOneField("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    filled_at = models.DateTimeField()

    class Meta:
        db_table = "signing_filling"

    def __str__(self) -> str:
        return f"#{self.pk}"


class PublicCheck(models.Model):
    """Lượt kiểm tra không đăng nhập: from which address, when. Kept as long as it is counted, nothing of the file."""

    address = models.GenericIPAddressField()
    at = models.DateTimeField()

    class Meta:
        db_table = "signing_public_check"
        indexes = [models.Index(fields=["address", "at"], name="signing_public_check_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.at:%H:%M:%S}"


class KeyFileTry(models.Model):
    """Lượt tải tệp khóa: who, when. Kept as long as it is counted, nothing of the file or its password."""

    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "signing_key_file_try"
        indexes = [models.Index(fields=["person", "at"], name="signing_key_file_try_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.at:%H:%M:%S}"


class HsmToken(models.Model):
    """Token của HSM: which PIN it has refused, so that no process ever sends that one again."""

    label = models.CharField(max_length=64, primary_key=True)
    refused_pin = models.CharField(max_length=64, blank=True)
    """HMAC-SHA-256 of the refused PIN under the installation's secret, hex."""
    refused_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_hsm_token"

    def __str__(self) -> str:
        return self.label


class VerificationReport(models.Model):
    """Kết quả kiểm tra chữ ký of one stored file; checked again it is replaced. `record` is `Verdict.to_record()`."""

    file = models.OneToOneField("core.StoredFile", primary_key=True, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=13)
    state = models.CharField(max_length=10)
    record = models.JSONField()
    checked_at = models.DateTimeField()
    engine = models.CharField(max_length=80, blank=True)
    """Versions of what judged."""
    trust_state = models.CharField(max_length=64, blank=True)
    """SHA-256 over the list of trusted anchors at the check, lower-case hex."""
    evidence = models.JSONField(default=list)
    """SHA-256 of each `EvidenceItem` that was used: certificates, revocation lists, OCSP answers."""
    unreachable = models.JSONField(default=dict)
    """Whose revocation could not be asked (subject → why)."""
    recheck_at = models.DateTimeField(null=True, db_index=True)
    """When it is to be checked again: a source was silent, or the trust list has changed."""

    class Meta:
        db_table = "signing_report"

    def __str__(self) -> str:
        return f"{self.pk[:12]} {self.verdict}"

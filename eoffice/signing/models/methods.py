"""How people sign: the services the installation is connected to, and each person's own ways."""

from __future__ import annotations

import base64
from typing import Final

from django.db import models
from django.db.models import Q

PROVIDER_SECRETS: Final = "signing_provider.secrets"
METHOD_SECRETS: Final = "signing_method.secrets"
"""What `core.secret_text` binds these columns to."""


class ProviderKind(models.TextChoices):
    """Which protocol a remote service speaks."""

    SMARTCA = "smartca", "VNPT SmartCA (SP769 v1, xác nhận trên điện thoại)"
    SMARTCA_V2 = "smartca_v2", "VNPT SmartCA tích hợp (SP769 v2)"
    MYSIGN = "mysign", "Viettel MySign"
    CSC = "csc", "Dịch vụ theo chuẩn CSC (v1, v2)"
    VGCA = "vgca", "VGCA Sign Service (chương trình trên máy người ký)"


class SigningProvider(models.Model):
    """Dịch vụ ký số từ xa: one service, set up by the administrator.

    `settings` are plain and checked by the provider's own form; `secrets` is a JSON object encrypted by
    `core.secret_text`; `hook` is the unguessable part of the address where it may tell us that something is new.
    """

    kind = models.CharField(max_length=12, choices=ProviderKind)
    name = models.CharField(max_length=100)
    base_url = models.CharField(max_length=300)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    is_on = models.BooleanField(default=True)
    timeout_s = models.PositiveSmallIntegerField(default=15)
    confirm_s = models.PositiveIntegerField(default=300)
    """How long a person has to confirm before the request expires."""
    hook = models.CharField(max_length=64, unique=True)
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    test_words = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "signing_provider"
        constraints = [
            models.CheckConstraint(condition=Q(timeout_s__range=(2, 120)), name="signing_provider_timeout"),
            models.CheckConstraint(condition=Q(confirm_s__range=(30, 86400)), name="signing_provider_confirm"),
        ]

    def __str__(self) -> str:
        return self.name


class MethodKind(models.TextChoices):
    """Where the private key of a method lives. The key kept in this installation is a `SigningKey`, not a method."""

    REMOTE = "remote", "Ký số từ xa"
    TOKEN = "token", "USB token trên máy tính"
    PROGRAM = "program", "Chương trình ký trên máy tính"
    """Takes the whole file and brings it back signed: no hash is handed out, nothing is prepared (ADR 0057)."""


class SigningMethod(models.Model):
    """Cách ký: one key elsewhere that a person (or a unit, with its seal) signs with, and its certificate.

    `chain` holds Base64 DER from the issuer upwards; `secrets` what the provider gave for this account.
    """

    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=MethodKind)
    provider = models.ForeignKey(SigningProvider, null=True, on_delete=models.PROTECT, related_name="methods")
    account = models.CharField(max_length=100, blank=True)
    """What the provider knows the person by: citizen id, tax code, user name."""
    credential = models.CharField(max_length=200, blank=True)
    """Which of the account's keys, as the provider names it."""
    certificate = models.BinaryField()
    chain = models.JSONField(default=list)
    serial = models.CharField(max_length=64)
    """Lower-case hex."""
    subject = models.CharField(max_length=300)
    issuer = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    secrets = models.TextField(blank=True)
    is_default = models.BooleanField(default=False)
    added_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    test_words = models.CharField(max_length=300, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_method"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, unit__isnull=True) | Q(person__isnull=True, unit__isnull=False),
                name="signing_method_one_owner",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(is_default=True, removed_at__isnull=True),
                name="signing_method_one_default",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(is_default=True, removed_at__isnull=True),
                name="signing_method_one_default_of_unit",
            ),
            models.UniqueConstraint(
                fields=["person", "unit", "provider", "serial"],
                condition=Q(removed_at__isnull=True),
                nulls_distinct=False,
                name="signing_method_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("remote", "program")) | Q(provider__isnull=False),
                name="signing_method_remote_has_provider",
            ),
        ]
        indexes = [models.Index(fields=["serial"], name="signing_method_serial")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.serial}"

    @property
    def signs_files(self) -> bool:
        """Whether whole files go to the key, not hashes."""
        return self.kind == MethodKind.PROGRAM

    @property
    def is_brought(self) -> bool:
        """Whether what the key makes is brought to us from the person's computer: nobody is polled."""
        return self.kind in {MethodKind.TOKEN, MethodKind.PROGRAM}

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        return tuple(base64.b64decode(text) for text in self.chain)


class MethodRules(models.Model):
    """Quy định về cách ký of this installation: one row. What in a certificate must match the person."""

    matches_name = models.BooleanField(default=True)
    """The certificate's common name holds the person's full name, accents and case aside."""
    matches_email = models.BooleanField(default=False)
    """The certificate names the person's e-mail address."""
    matches_account = models.BooleanField(default=False)
    """The certificate's subject names the citizen id or tax code that the person signs in with at the provider."""

    class Meta:
        db_table = "signing_method_rules"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="signing_method_rules_one_row")]

    def __str__(self) -> str:
        return f"{self.matches_name}, {self.matches_email}, {self.matches_account}"

"""The second proof of a person: codes, authenticator app, passkeys, recovery codes, trusted devices; and its rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from eoffice.accounts.models.users import User


class CodePurpose(models.TextChoices):
    """What a one-time code is for; a code for one purpose is none for another."""

    SIGN_IN = "sign_in", "Đăng nhập"
    OLD_PHONE = "old_phone", "Đổi số điện thoại: số cũ"
    NEW_PHONE = "new_phone", "Đổi số điện thoại: số mới"


class OneTimeCode(models.Model):
    """Mã một lần: six digits sent to a phone or mailbox, kept as a keyed digest, used once under its `mark`.

    `mark` ties the code to one half-way sign-in or one session: a code read elsewhere opens nothing.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="one_time_codes")
    purpose = models.CharField(max_length=16, choices=CodePurpose)
    mark = models.CharField(max_length=64)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=8)
    recipient = models.CharField(max_length=254)
    message_id = models.BigIntegerField()
    """Of `core.OutboundMessage`: the page tells how far it has come."""
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_one_time_code"
        indexes = [models.Index(fields=["user", "purpose", "mark", "-id"], name="accounts_code_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose} {self.sent_at:%H:%M:%S}"


class AuthenticatorApp(models.Model):
    """Ứng dụng xác thực (TOTP): one for each account. `last_step` is the newest time step used: none counts twice."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator_app")
    secret = models.TextField()
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_authenticator_app"

    def __str__(self) -> str:
        return f"{self.user_id}"


class Passkey(models.Model):
    """Khóa đăng nhập (passkey, WebAuthn): a key on a device or stick; only its public half is here."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=100)
    credential_id = models.CharField(max_length=400, unique=True)
    credential = models.BinaryField()
    """AttestedCredentialData of WebAuthn."""
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_passkey"

    def __str__(self) -> str:
        return self.name


class PasskeyChallenge(models.Model):
    """A question put to a browser's passkey; answered once, then gone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12)
    mark = models.CharField(max_length=64)
    challenge = models.CharField(max_length=100)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_passkey_challenge"
        constraints = [
            models.UniqueConstraint(fields=["user", "purpose", "mark"], name="accounts_passkey_challenge_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose}"


class RecoveryCode(models.Model):
    """Mã khôi phục: one of ten, shown once, kept as a keyed digest, used once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_recovery_code"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class TrustedDevice(models.Model):
    """Thiết bị tin cậy: a browser whose account is not asked for the second proof until `expires_at`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trusted_devices")
    digest = models.CharField(max_length=64, unique=True)
    agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    trusted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_trusted_device"
        indexes = [models.Index(fields=["user", "-id"], name="accounts_trusted_device_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.expires_at:%d/%m/%Y}"


class ConfirmedPhone(models.Model):
    """Số nhận mã: the phone an account has confirmed by a code, or an administrator has set for it.

    Where there is none, codes go to the number the organisation has registered for the person.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="confirmed_phone")
    number = models.CharField(max_length=20)
    confirmed_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_confirmed_phone"

    def __str__(self) -> str:
        return f"{self.user_id}"


class SecondFactorTry(models.Model):
    """A wrong code, by account and address; counted to slow down guessing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "accounts_second_factor_try"
        indexes = [models.Index(fields=["user", "at"], name="accounts_factor_try_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%H:%M:%S}"


class Requirement(models.TextChoices):
    """When people without one of the listed roles are asked for a second proof."""

    NEVER = "never", "Không bắt buộc"
    OUTSIDE = "outside", "Khi ở ngoài mạng nội bộ"
    ALWAYS = "always", "Luôn luôn"


class SecondFactorPolicy(models.Model):
    """The one row of rules about the second proof; edited by the administrator."""

    singleton = models.BooleanField(primary_key=True, default=True)
    always_roles = models.JSONField(default=list)
    """Codes of roles whose holders are always asked."""
    everybody_else = models.CharField(max_length=8, choices=Requirement, default=Requirement.NEVER)
    office_networks = models.JSONField(default=list)
    """Address ranges (CIDR) of the offices."""
    trusted_days = models.PositiveSmallIntegerField(default=30)
    """How long a browser may be trusted; 0 switches it off."""
    code_channels = models.JSONField(default=list)
    """Other ways for a code besides SMS: `voice`, `mail`."""
    codes_per_number = models.PositiveSmallIntegerField(default=5)
    """In ten minutes; four times as many a day."""
    codes_per_address = models.PositiveSmallIntegerField(default=60)
    """In ten minutes: a whole office may stand behind one address."""

    class Meta:
        db_table = "accounts_second_factor_policy"
        constraints = [
            models.CheckConstraint(condition=Q(singleton=True), name="accounts_second_factor_policy_single"),
            models.CheckConstraint(
                condition=Q(codes_per_number__gte=1, codes_per_address__gte=1, trusted_days__lte=365),
                name="accounts_second_factor_policy_bounds",
            ),
        ]

    def __str__(self) -> str:
        return "Yếu tố thứ hai"

"""Tries at the door, and the devices an account has come from."""

from __future__ import annotations

from django.db import models

from eoffice.accounts.models.users import User


class KnownDevice(models.Model):
    """A browser from which this account has signed in before (thiết bị quen): strangers' wrong tries do not slow it.

    Known by a random cookie, kept as its SHA-256. It proves nothing about the person: it only has a count of its own.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_known_device"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_known_device_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_seen_at:%d/%m/%Y}"


class SignInAttempt(models.Model):
    """A refused try: from which address, on which e-mail (a digest: unknown ones count too), by which device."""

    address = models.GenericIPAddressField()
    at = models.DateTimeField()
    email_digest = models.CharField(max_length=64, default="")
    device = models.ForeignKey(KnownDevice, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "accounts_sign_in_attempt"
        indexes = [
            models.Index(fields=["address", "at"], name="accounts_attempt_address"),
            models.Index(fields=["email_digest", "at"], name="accounts_attempt_email"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.at:%H:%M:%S}"

"""Links by mail that let somebody set a password: the invitation of a new person, the way back of who forgot it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from eoffice.accounts.models.users import User


class LinkPurpose(models.TextChoices):
    """Why a link was sent."""

    INVITATION = "invitation", "Thư mời"
    RESET = "reset", "Đặt lại mật khẩu"


class PasswordLink(models.Model):
    """Liên kết đặt mật khẩu: sent to one mailbox, kept as SHA-256, counts once and for a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_links")
    purpose = models.CharField(max_length=12, choices=LinkPurpose)
    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254)
    """Where it was sent: it is void once the account has another e-mail."""
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    """Set when a newer link, or a password set another way, took its place."""

    class Meta:
        db_table = "accounts_password_link"
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(voided_at__isnull=True), name="accounts_password_link_one_end"
            )
        ]
        indexes = [models.Index(fields=["user", "-id"], name="accounts_password_link_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose} {self.expires_at:%d/%m/%Y %H:%M}"

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and self.voided_at is None and now < self.expires_at


class ResetRequest(models.Model):
    """Yêu cầu đặt lại: an e-mail somebody typed, known or not, and the network it came from; answered by a job."""

    email = models.CharField(max_length=254)
    network = models.CharField(max_length=50)
    """The IPv4 address, or the first 64 bits of an IPv6 one."""
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_reset_request"
        indexes = [
            models.Index(fields=["email", "at"], name="accounts_reset_email"),
            models.Index(fields=["network", "at"], name="accounts_reset_network"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.at:%H:%M:%S}"

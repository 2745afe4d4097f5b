"""Tokens for programs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.accounts.models.users import User


class PersonalToken(models.Model):
    """A token for programs (khóa truy cập API): shown once, stored as SHA-256, with narrow scopes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    """When its owner was told that it ends soon."""

    class Meta:
        db_table = "accounts_personal_token"
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_token_user", condition=Q(revoked_at__isnull=True)),
            models.Index(
                fields=["expires_at"], name="accounts_token_unwarned",
                condition=Q(revoked_at__isnull=True, warned_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

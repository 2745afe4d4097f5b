"""Doors other than a password kept here, and who came in through them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.accounts.models.users import User


class DoorKind(models.TextChoices):
    """Loại cửa đăng nhập."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"
    LDAP = "ldap", "LDAP, Active Directory"
    IMAP = "imap", "Hộp thư (IMAP)"


class Door(models.Model):
    """A way in that the administrator has set up (cửa đăng nhập). `code` stands in addresses given to the provider."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=DoorKind)
    name = models.CharField(max_length=100)
    """What its button says, or in whose name a password is asked."""
    position = models.PositiveSmallIntegerField(default=0)
    is_on = models.BooleanField(default=False)
    settings: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    """Client secret or password of the reading account, encrypted (`core.secret_text`)."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "accounts_door"

    def __str__(self) -> str:
        return self.name

    @property
    def asks_password(self) -> bool:
        """The person types e-mail and password into our page; otherwise the browser goes to the provider."""
        return self.kind in {DoorKind.LDAP, DoorKind.IMAP}


class ForeignIdentity(models.Model):
    """An account's name at a door (danh tính ngoài): `subject` never changes there, an e-mail may."""

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="foreign_identities")
    linked_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_foreign_identity"
        constraints = [
            models.UniqueConstraint(fields=["door", "subject"], name="accounts_identity_subject_once"),
            models.UniqueConstraint(fields=["door", "user"], name="accounts_identity_user_once"),
        ]

    def __str__(self) -> str:
        return f"{self.door_id}: {self.user_id}"


class Handshake(models.Model):
    """A way to a provider and back: begun by one browser, answered once, taken by that browser once."""

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=64, unique=True)
    """`state` of OpenID Connect, the request's ID of SAML."""
    browser_digest = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    verifier = models.CharField(max_length=128)
    onward = models.TextField()
    proves_user_id = models.BigIntegerField(null=True)
    """Of the signed-in account that proves itself again this way; None for a sign-in."""
    began_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ticket_digest = models.CharField(max_length=64, null=True, unique=True)
    answer: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_handshake"
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(used_at__isnull=False), name="accounts_handshake_in_order"
            )
        ]
        indexes = [models.Index(fields=["began_at"], name="accounts_handshake_began")]

    def __str__(self) -> str:
        return f"{self.door_id} {self.began_at:%H:%M:%S}"


class SeenMessage(models.Model):
    """A provider's message that counts once (assertion of SAML, logout token): its digest until it is void anyway."""

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()

    class Meta:
        db_table = "accounts_seen_message"
        indexes = [models.Index(fields=["until"], name="accounts_seen_until")]

    def __str__(self) -> str:
        return self.digest[:12]

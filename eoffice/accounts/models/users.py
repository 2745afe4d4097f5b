"""Identity: who may sign in. Persons, posts and rights belong to `organization`."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now


class UserManager(BaseUserManager["User"]):
    """Finds accounts by e-mail whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A sign-in account (tài khoản): an e-mail and, for some, a password; other doors hang on it."""

    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    is_emergency = models.BooleanField(default=False)
    """Tài khoản khẩn cấp: signs in with its own password even where everybody else must use another door."""
    has_dense_lists = models.BooleanField(db_default=False)
    list_width_px = models.PositiveSmallIntegerField(null=True)
    """Width of the list pane, 320–640; null where the person never moved it."""
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        db_table = "accounts_user"
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_once")]

    def __str__(self) -> str:
        return self.email

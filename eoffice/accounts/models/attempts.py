"""Tries at the door."""

from __future__ import annotations

from django.db import models


class SignInAttempt(models.Model):
    """A refused try from an address; counted over ten minutes to slow down guessing over many accounts."""

    address = models.GenericIPAddressField()
    at = models.DateTimeField()

    class Meta:
        db_table = "accounts_sign_in_attempt"
        indexes = [models.Index(fields=["address", "at"], name="accounts_attempt_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.at:%H:%M:%S}"

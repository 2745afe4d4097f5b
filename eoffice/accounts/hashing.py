"""How passwords are kept: Argon2id with the first set of parameters OWASP recommends (46 MiB, one pass, one lane).

Django's own (100 MiB, two passes, eight lanes) took 0.23 s of CPU for each sign-in on a busy machine of two cores, more
than one of them at 300 sign-ins a minute; this takes 0.06 s there. Hashes made with other parameters go on opening.
Source: OWASP Password Storage Cheat Sheet, Argon2id.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """What `PASSWORD_HASHERS` names first."""

    memory_cost = 47_104
    """KiB."""
    time_cost = 1
    parallelism = 1

"""Recovery codes: ten on paper, each good once, for the day the phone is lost."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.crypto import salted_hmac

from eoffice.accounts.models import RecoveryCode, User
from eoffice.accounts.second_factor_errors import CodeRefused
from eoffice.accounts.services.second_factor_slowing import count_wrong_code, forget_wrong_codes, require_calm_codes
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef

COUNT: Final = 10
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""No letter that reads like another: 0 and o, 1, i and l."""
_LENGTH: Final = 10


@transaction.atomic
def make_recovery_codes(*, actor: ActorRef, user_id: int, now: datetime) -> list[str]:
    """Replace every recovery code by ten new ones and return them; they are shown this once."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(COUNT)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user_id, code), made_at=now) for code in codes
    )
    audit.record(
        actor=actor,
        action="accounts.second_factor.recovery_codes_made",
        object_kind="user",
        object_id=user.pk,
        now=now,
    )
    half = _LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def use_recovery_code(*, user_id: int, code: str, now: datetime, address: str = "") -> RecoveryCode:
    """Use up one recovery code; blanks, dashes and capitals do not matter. Raises CodeRefused, GuessingSlowed."""
    with transaction.atomic():
        require_calm_codes(user_id=user_id, address=address, now=now)
        typed = "".join(letter for letter in code.lower() if letter.isalnum())[: _LENGTH * 2]
        # Found by its digest, keyed by the installation's secret: there is nothing to compare letter by letter.
        row = (
            RecoveryCode.objects.select_for_update(no_key=True)
            .filter(user_id=user_id, digest=_digest(user_id, typed), used_at__isnull=True)
            .first()
        )
        if row is None:
            count_wrong_code(user_id=user_id, address=address, now=now)
        else:
            row.used_at = now
            row.save(update_fields=["used_at"])
            forget_wrong_codes(user_id=user_id, address=address)
            audit.record(
                actor=ActorRef(person_id=None),
                action="accounts.second_factor.recovery_code_used",
                object_kind="user",
                object_id=user_id,
                now=now,
                address=address,
            )
    if row is None:
        raise CodeRefused
    return row


def _digest(user_id: int, code: str) -> str:
    return salted_hmac("accounts.recovery_code", f"{user_id}:{code}", algorithm="sha256").hexdigest()

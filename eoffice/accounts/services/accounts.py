"""Making accounts."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from eoffice.accounts.models import User
from eoffice.accounts.services.passwords import require_good_password
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc


@transaction.atomic
def create_user(*, actor: ActorRef, email: str, password: str | None, now: datetime) -> User:
    """Make an account. `password` None makes one that only another door can open.

    Raises Invalid for a taken e-mail or a weak password.
    """
    email = nfc(email).strip()
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(f"Đã có tài khoản {email}.", fields={"email": "E-mail này đã có tài khoản."})
    if password is not None:
        require_good_password(password)
    user = User(email=email, password=make_password(password))
    user.save(force_insert=True)
    audit.record(actor=actor, action="accounts.user.created", object_kind="user", object_id=user.pk, now=now)
    return user

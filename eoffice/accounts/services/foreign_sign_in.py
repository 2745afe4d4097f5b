"""From somebody a door vouches for to an account of ours: found, never made."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.errors import IdentityTaken, UnknownPerson
from eoffice.accounts.models import Door, ForeignIdentity, User
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.vietnamese import nfc


@transaction.atomic
def account_of(*, door: Door, identity: Identity, now: datetime) -> User:
    """The account of an identity: by its stored subject, else by its verified e-mail, which then is stored.

    Locks the account's row, so that two first sign-ins at once link once. Raises UnknownPerson for somebody without an
    open account, IdentityTaken when the e-mail's account already answers to another subject of this door.
    """
    linked = ForeignIdentity.objects.filter(door=door, subject=identity.subject).select_related("user").first()
    if linked is not None:
        if not linked.user.is_active:
            raise UnknownPerson
        return linked.user
    if not identity.email_is_verified or not identity.email:
        raise UnknownPerson
    user = (
        User.objects.select_for_update(no_key=True)
        .filter(email__iexact=nfc(identity.email).strip(), is_active=True)
        .first()
    )
    if user is None:
        raise UnknownPerson
    _link(door, identity, user, now)
    return user


def _link(door: Door, identity: Identity, user: User, now: datetime) -> None:
    """Called with the account's row locked: whoever came a moment earlier has linked already."""
    known = ForeignIdentity.objects.filter(door=door, user=user).first()
    if known is not None:
        if known.subject != identity.subject:
            raise IdentityTaken
        return
    ForeignIdentity.objects.create(door=door, subject=identity.subject, user=user, linked_at=now)
    audit.record(
        actor=ActorRef(person_id=None),
        action="accounts.identity.linked",
        object_kind="user",
        object_id=user.pk,
        now=now,
        detail={"door": door.code},
    )

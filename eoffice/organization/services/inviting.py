"""Thư mời: people without a password get a link by mail, one by one or everybody of an import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction

from eoffice.accounts import queries as accounts_queries
from eoffice.accounts import services as accounts
from eoffice.accounts.errors import NoLocalDoor, NoMail
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways
from eoffice.core.errors import Conflict
from eoffice.core.models import Channel
from eoffice.organization.actor import Actor
from eoffice.organization.errors import ImportNotReady
from eoffice.organization.models import ImportRun, Person, RunState
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries.inviting import accounts_of_run
from eoffice.organization.services.keeping_people import lock_person

AT_ONCE: Final = 500
"""Invitations of one job; the next job takes the following ones, so that a stopped worker repeats little."""
Defer = Callable[[int, int | None], None]
"""Puts the invitations of the run with this id into the queue, in the name of this person."""


@transaction.atomic
def invite_person(*, actor: Actor, person_id: int, now: datetime) -> Person:
    """Mail a person a link: an invitation, or, where the account has a password, one to set it anew.

    Raises NotFound, NotPermitted, Conflict without an account, NoLocalDoor, NoMail.
    """
    person = lock_person(actor, person_id, now)
    if person.user_id is None:
        raise Conflict("Người này chưa có tài khoản nên chưa gửi được thư.")
    accounts.send_link(actor=actor.ref, user_id=person.user_id, now=now)
    return person


@transaction.atomic
def invite_people_of_run(*, actor: Actor, run_id: int, now: datetime, defer: Defer) -> ImportRun:
    """Let jobs mail everybody of an applied import who has no password yet.

    Raises NotPermitted, ImportNotReady, NoLocalDoor where only other doors are open, NoMail.
    """
    permissions.require(permissions.can_import(actor))
    run = ImportRun.objects.select_for_update(no_key=True).defer("content").filter(pk=run_id).first()
    if run is None or run.state != RunState.APPLIED:
        raise ImportNotReady
    if not accounts_queries.entry_policy().local_passwords:
        raise NoLocalDoor("Đang chỉ cho đăng nhập chung; mọi người không cần thư mời. Chưa gửi thư nào.")
    if not gateways.has_way(Channel.MAIL):
        raise NoMail
    audit.record(actor=actor.ref, action="organization.import.invited", object_kind="import", object_id=run_id, now=now)
    defer(run_id, actor.person_id)
    return run


def send_invitations(*, actor: ActorRef, run_id: int, now: datetime) -> bool:
    """Mail the next people of a run who have no password and no link; True when some were passed on to the next job.

    Each in a transaction of its own: a mail server that refuses one stops nobody else. May run twice.
    """
    waiting = accounts_queries.to_invite(accounts_of_run(run_id), now=now)
    for user_id in waiting[:AT_ONCE]:
        try:
            accounts.send_link(actor=actor, user_id=user_id, now=now, unless_sent=True)
        except NoLocalDoor:
            # Comes in through another door already: needs no invitation.
            continue
    return len(waiting) > AT_ONCE

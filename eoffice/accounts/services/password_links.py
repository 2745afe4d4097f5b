"""Links by mail that let somebody set a password: invitations, and the way back of who forgot it."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from eoffice.accounts import holders, password_events, queries
from eoffice.accounts.errors import AccountUnknown, LinkRefused, NoLocalDoor, NoMail, TooManyResets
from eoffice.accounts.models import EntryPolicy, LinkPurpose, PasswordLink, ResetRequest, SessionEnd, User
from eoffice.accounts.services import password_mails
from eoffice.accounts.services.passwords import require_good_password, void_links
from eoffice.accounts.services.second_factor_devices import revoke_trusted_devices
from eoffice.accounts.services.sessions import end_sessions
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.models import Channel
from eoffice.core.vietnamese import nfc

ANSWER_TASK: Final = "accounts.answer_reset_request"
REQUESTS_OF_A_NETWORK: Final = 30
"""In `NETWORK_SPAN`; a whole office may stand behind one address."""
NETWORK_SPAN: Final = timedelta(minutes=15)
MAILS_OF_AN_ACCOUNT: Final = 3
"""In `ACCOUNT_SPAN`; what is asked beyond gets the same answer on screen and no mail."""
ACCOUNT_SPAN: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """A password that was set by a link: whose, and by which kind of link."""

    user: User
    purpose: str


@dataclass(frozen=True, slots=True)
class HandedLink:
    """A link for somebody's hand; it opens one account once, until `expires_at`."""

    address: str
    expires_at: datetime


@transaction.atomic
def send_link(*, actor: ActorRef, user_id: int, now: datetime, unless_sent: bool = False) -> PasswordLink | None:
    """Mail a person a link: an invitation where the account has no password yet, else one to set it anew.

    It takes the place of every earlier link. With `unless_sent` an account that has a password, or an open link,
    is passed over (None): a job over many may run twice. Locks the account. Raises NoLocalDoor, NoMail.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    policy = queries.entry_policy()
    if unless_sent and (user.has_usable_password() or queries.open_link_of(user_id, now=now) is not None):
        return None
    if not may_have_password(user, policy):
        raise NoLocalDoor
    if not gateways.has_way(Channel.MAIL):
        raise NoMail(
            "Hệ thống chưa có cổng gửi thư nên chưa gửi được liên kết. Thêm cổng ở Quản trị › Xác thực, cổng tin, hoặc"
            " người vận hành máy chủ chạy «eoffice org invite E-MAIL» để lấy liên kết trao tận tay."
        )
    return _send(actor, user, _purpose(user), policy, now)


@transaction.atomic
def hand_link(*, actor: ActorRef, email: str, now: datetime) -> HandedLink:
    """Make the link of `send_link` for the operator to hand over himself, where no mail goes out.

    Locks the account. Raises AccountUnknown, NoLocalDoor.
    """
    user = User.objects.select_for_update(no_key=True).filter(email__iexact=_plain(email), is_active=True).first()
    if user is None:
        raise AccountUnknown(email=email)
    policy = queries.entry_policy()
    if not may_have_password(user, policy):
        raise NoLocalDoor
    link, address = _made(user, _purpose(user), policy, now)
    audit.record(
        actor=actor, action="accounts.password_link.handed", object_kind="user", object_id=user.pk, now=now,
        detail={"purpose": str(link.purpose)},
    )  # fmt: skip
    return HandedLink(address, link.expires_at)


def may_have_password(user: User, policy: EntryPolicy) -> bool:
    """Whether the door of passwords kept here is on for this account.

    Where everybody may use it, still not for who has come in through another door and never had a password here:
    a mailbox must not open a way around that door's own checks.
    """
    if not user.is_active or not (policy.local_passwords or user.is_emergency):
        return False
    return user.has_usable_password() or not user.foreign_identities.exists()


@transaction.atomic
def request_reset(*, email: str, address: str, now: datetime) -> None:
    """Note that somebody asks for a way back; a job answers, so that known and unknown e-mails cost the same here.

    Raises TooManyResets (by network alone: nothing about an account is told), NoMail.
    """
    if not gateways.has_way(Channel.MAIL):
        raise NoMail
    network = network_of(address)
    if ResetRequest.objects.filter(network=network, at__gt=now - NETWORK_SPAN).count() >= REQUESTS_OF_A_NETWORK:
        raise TooManyResets
    row = ResetRequest.objects.create(email=_plain(email), network=network, at=now)
    app.configure_task(ANSWER_TASK, queue="messages").defer(request_id=row.pk)


@transaction.atomic
def answer_reset_request(*, request_id: int, now: datetime) -> PasswordLink | None:
    """Mail the link, where there is an account that may have one; the second time nothing happens."""
    row = ResetRequest.objects.select_for_update(no_key=True).filter(pk=request_id, answered_at=None).first()
    if row is None:
        return None
    row.answered_at = now
    row.save(update_fields=["answered_at"])
    user = User.objects.select_for_update(no_key=True).filter(email__iexact=row.email, is_active=True).first()
    asked = ResetRequest.objects.filter(email=row.email, at__gt=row.at - ACCOUNT_SPAN, pk__lte=row.pk).count()
    if user is None or asked > MAILS_OF_AN_ACCOUNT:
        return None
    policy = queries.entry_policy()
    # Who was never invited is let in by an administrator, not by asking.
    was_let_in = user.has_usable_password() or user.password_links.exists()
    if not was_let_in or not may_have_password(user, policy):
        if not policy.local_passwords or user.foreign_identities.exists():
            password_mails.tell_of_other_door(user=user, key=f"reset-elsewhere:{row.pk}", now=now)
        return None
    return _send(ActorRef(person_id=None), user, LinkPurpose.RESET, policy, now)


def link_of(token: str, *, now: datetime) -> PasswordLink:
    """The open link with this token and its account; reading changes nothing. Raises LinkRefused."""
    link = PasswordLink.objects.select_related("user").filter(digest=_digest(token)).first()
    if link is None or not _counts(link, link.user, now):
        raise LinkRefused
    return link


@transaction.atomic
def set_password(*, token: str, new: str, now: datetime, address: str = "") -> PasswordSet:
    """Set the password of a link's account and use the link up; every session and trusted device of the account ends.

    Two browsers at once with one link: one succeeds. Locks the account, then the link. Raises LinkRefused, Invalid
    for a weak password (the link then still counts).
    """
    found = link_of(token, now=now)
    user = User.objects.select_for_update(no_key=True).get(pk=found.user_id)
    link = PasswordLink.objects.select_for_update(no_key=True).get(pk=found.pk)
    if not _counts(link, user, now):
        raise LinkRefused
    require_good_password(new)
    user.password = make_password(new)
    user.save(update_fields=["password"])
    link.used_at = now
    link.save(update_fields=["used_at"])
    void_links(user_id=user.pk, now=now)
    actor = holders.holder_of(user.pk, now).ref
    audit.record(
        actor=actor, action="accounts.user.password_set", object_kind="user", object_id=user.pk, now=now,
        detail={"by": link.purpose}, address=address,
    )  # fmt: skip
    end_sessions(actor=actor, user_id=user.pk, because=SessionEnd.PASSWORD, now=now)
    revoke_trusted_devices(actor=actor, user_id=user.pk, now=now)
    if link.purpose == LinkPurpose.RESET:
        password_mails.tell_of_reset(user=user, key=f"reset-done:{link.pk}", now=now)
        outbox.publish(
            password_events.PasswordChanged(user.pk, "reset"), name=password_events.PASSWORD_CHANGED, now=now
        )
    return PasswordSet(user, link.purpose)


def forget_old_links(*, now: datetime) -> int:
    """Delete links and requests of more than ninety days; how many."""
    links, _ = PasswordLink.objects.filter(expires_at__lt=now - _KEPT).delete()
    requests, _ = ResetRequest.objects.filter(at__lt=now - timedelta(days=1)).delete()
    return links + requests


def network_of(address: str) -> str:
    """What counts as one network: an IPv4 address, or 64 bits of an IPv6 one, which any home has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _purpose(user: User) -> LinkPurpose:
    return LinkPurpose.RESET if user.has_usable_password() else LinkPurpose.INVITATION


def _made(user: User, purpose: LinkPurpose, policy: EntryPolicy, now: datetime) -> tuple[PasswordLink, str]:
    """A new link in the place of every earlier one, and its address, which nobody can make out of the row."""
    token = secrets.token_urlsafe(32)
    is_invitation = purpose == LinkPurpose.INVITATION
    life = timedelta(days=policy.invitation_days) if is_invitation else timedelta(minutes=policy.reset_minutes)
    void_links(user_id=user.pk, now=now)
    link = PasswordLink.objects.create(
        user=user, purpose=purpose, digest=_digest(token), email=user.email, made_at=now, expires_at=now + life
    )
    return link, f"{settings.ENVIRONMENT.base_url}{reverse('accounts:password_choose', args=[token])}"


def _send(actor: ActorRef, user: User, purpose: LinkPurpose, policy: EntryPolicy, now: datetime) -> PasswordLink:
    link, address = _made(user, purpose, policy, now)
    text = password_mails.invitation if purpose == LinkPurpose.INVITATION else password_mails.way_back
    sending.order_message(
        order=sending.Order(
            key=f"password-link:{link.pk}",
            channel=Channel.MAIL,
            purpose=f"password_{purpose}",
            recipient=user.email,
            subject=password_mails.SUBJECTS[purpose],
            text=text(name=holders.holder_of(user.pk, now).full_name, address=address, expires_at=link.expires_at),
            # A mail that comes after its link has ended would only confuse.
            expires_at=link.expires_at,
        ),
        now=now,
    )
    audit.record(
        actor=actor, action="accounts.password_link.sent", object_kind="user", object_id=user.pk, now=now,
        detail={"purpose": str(purpose)},
    )  # fmt: skip
    return link


def _counts(link: PasswordLink, user: User, now: datetime) -> bool:
    if not link.is_open(now) or link.email.casefold() != user.email.casefold():
        return False
    return may_have_password(user, queries.entry_policy())


def _plain(email: str) -> str:
    return nfc(email).strip().casefold()[:254]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

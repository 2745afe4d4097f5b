"""Reads over accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from eoffice.accounts.models import (
    ConfirmedPhone,
    Door,
    DoorKind,
    EntryPolicy,
    ForeignIdentity,
    KnownDevice,
    OpenSession,
    PasswordLink,
    PersonalToken,
    User,
)
from eoffice.core.errors import NotFound

SESSIONS_SHOWN = 100
_POLICY_FIELDS = ("local_passwords", "idle_minutes", "special_idle_minutes", "absolute_hours")


def tokens_of(user: User) -> list[PersonalToken]:
    """The user's tokens that still work or have worked, newest first; at most fifty."""
    return list(PersonalToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-pk")[:50])


def working_tokens(now: datetime) -> QuerySet[PersonalToken]:
    """Every token that opens something now, with its account, for the administrator's list."""
    return PersonalToken.objects.filter(revoked_at=None, expires_at__gt=now).select_related("user")


def get_working_token(token_id: int, *, now: datetime) -> PersonalToken:
    """A token that opens something now. Raises NotFound."""
    token = working_tokens(now).filter(pk=token_id).first()
    if token is None:
        raise NotFound("Khóa truy cập này đã thu hồi hoặc đã hết hạn.")
    return token


def active_user(user_id: int) -> User | None:
    """The account, unless it is closed."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def user_by_email(email: str) -> User | None:
    """The account with this e-mail, open or closed, whatever its capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()


def open_link_of(user_id: int, *, now: datetime) -> PasswordLink | None:
    """The link an account was sent and that still counts."""
    links = PasswordLink.objects.filter(user_id=user_id, used_at=None, voided_at=None, expires_at__gt=now)
    return links.order_by("-pk").first()


def to_invite(user_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Those of the accounts that are open, have no password, no other door's identity and no open link; by id."""
    links = PasswordLink.objects.filter(user=OuterRef("pk"), used_at=None, voided_at=None, expires_at__gt=now)
    rows = _without_password(user_ids).filter(~Exists(links))
    return list(rows.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Invited:
    """Of many people: who waits for an invitation, who holds one, who has a password."""

    waiting: int
    invited: int
    opened: int


def invited_among(user_ids: Sequence[int], *, now: datetime) -> Invited:
    """How many of the accounts wait for an invitation, hold one, or are open. Two statements."""
    links = PasswordLink.objects.filter(user=OuterRef("pk"), used_at=None, voided_at=None, expires_at__gt=now)
    counts = _without_password(user_ids).aggregate(
        invited=Count("pk", filter=Exists(links)), waiting=Count("pk", filter=~Exists(links))
    )
    opened = User.objects.filter(pk__in=user_ids, is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return Invited(counts["waiting"], counts["invited"], opened.count())


def _without_password(user_ids: Sequence[int]) -> QuerySet[User]:
    identities = ForeignIdentity.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        ~Exists(identities), pk__in=user_ids, is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Who an e-mail belongs to, whether this device is one of theirs, and how people come in."""

    user: User | None
    device_id: int | None
    device_seen_at: datetime | None
    policy: EntryPolicy


def known_at_the_door(*, email: str, device_digest: str) -> Known:
    """The account with this e-mail, its known device with this digest, and the policy; in one query.

    An unknown e-mail takes the same query and comes with the default policy, which lets nobody in.
    """
    device = KnownDevice.objects.filter(user=OuterRef("pk"), digest=device_digest)
    policy = EntryPolicy.objects.filter(singleton=True)
    user = (
        User.objects.filter(email__iexact=email)
        .annotate(
            device_id=Subquery(device.values("pk")[:1]),
            device_seen_at=Subquery(device.values("last_seen_at")[:1]),
            **{f"policy_{name}": Subquery(policy.values(name)[:1]) for name in _POLICY_FIELDS},
        )
        .first()
    )
    if user is None:
        return Known(None, None, None, EntryPolicy())
    said = {name: getattr(user, f"policy_{name}") for name in _POLICY_FIELDS}
    return Known(
        user,
        user.device_id,
        user.device_seen_at,
        EntryPolicy(**{name: value for name, value in said.items() if value is not None}),
    )


def entry_policy() -> EntryPolicy:
    """How people come in; the defaults until an administrator has said otherwise."""
    return EntryPolicy.objects.first() or EntryPolicy()


def emergency_accounts() -> list[User]:
    """Open accounts that get in with their own password whatever the doors say; at most fifty."""
    return list(User.objects.filter(is_emergency=True, is_active=True).order_by("email")[:50])


def doors() -> list[Door]:
    """Every door, in the order of the login page."""
    return list(Door.objects.order_by("position", "pk")[:50])


def get_door(code: str) -> Door:
    """A door by its code. Raises NotFound."""
    door = Door.objects.filter(code=code).first()
    if door is None:
        raise NotFound("Không có cửa đăng nhập này.")
    return door


def get_open_door(code: str) -> Door:
    """A door that is on. Raises NotFound."""
    door = get_door(code)
    if not door.is_on:
        raise NotFound("Cửa đăng nhập này đã tắt.")
    return door


def provider_doors() -> list[Door]:
    """Doors that are a button of the login page, in their order."""
    kinds = [DoorKind.OIDC, DoorKind.SAML]
    return list(Door.objects.filter(is_on=True, kind__in=kinds).order_by("position", "pk")[:10])


def password_doors_for(email: str) -> list[Door]:
    """Directories and mail servers that are on and serve the domain of this e-mail, in their order."""
    domain = email.rpartition("@")[2].casefold()
    kinds = [DoorKind.LDAP, DoorKind.IMAP]
    doors = Door.objects.filter(is_on=True, kind__in=kinds).order_by("position", "pk")[:10]
    return [door for door in doors if domain in (door.settings.get("domains") or [domain])]


def open_sessions_of(user_id: int, *, now: datetime) -> list[OpenSession]:
    """Devices where this account is signed in, the last seen first; at most a hundred."""
    policy = entry_policy()
    rows = OpenSession.objects.filter(user_id=user_id, ended_at=None).order_by("-seen_at", "-pk")[:SESSIONS_SHOWN]
    return [row for row in rows if (now - row.started_at).total_seconds() < policy.absolute_hours * 3600]


def newest_sessions() -> list[OpenSession]:
    """Sessions open anywhere, the last seen first; at most a hundred."""
    rows = OpenSession.objects.filter(ended_at=None).select_related("user").annotate(email=F("user__email"))
    return list(rows.order_by("-seen_at", "-pk")[:SESSIONS_SHOWN])


def confirmed_numbers(user_ids: Sequence[int]) -> dict[int, str]:
    """The confirmed phone of each of these open accounts, E.164; who has none is left out."""
    rows = ConfirmedPhone.objects.filter(user_id__in=user_ids, user__is_active=True)
    return dict(rows.values_list("user_id", "number"))

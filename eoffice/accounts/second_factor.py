"""Whether a second proof is asked after the first one, and which ways of giving it an account has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject

from eoffice.accounts.holders import Holder
from eoffice.accounts.models import (
    AuthenticatorApp,
    CodePurpose,
    ConfirmedPhone,
    Passkey,
    RecoveryCode,
    SecondFactorPolicy,
    TrustedDevice,
    User,
)
from eoffice.accounts.services.second_factor_codes import Wish, send_code
from eoffice.accounts.services.second_factor_devices import is_trusted
from eoffice.accounts.services.second_factor_phones import number_of
from eoffice.accounts.services.second_factor_policy import current_policy, is_required
from eoffice.core.channels import gateways
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel

_RULES: Final = tuple(field.attname for field in SecondFactorPolicy._meta.concrete_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How an account can prove itself a second time. `number` and `mail` are empty where no code can go there."""

    number: str = ""
    voice: bool = False
    mail: str = ""
    app: bool = False
    passkeys: int = 0
    recovery_codes: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing at all: the person must register something first."""
        return not (self.number or self.mail or self.app or self.passkeys)

    @property
    def has_own(self) -> bool:
        """The person has registered something beyond the number the organisation knows."""
        return self.app or self.passkeys > 0


def required_for(
    *, user: User, holder: Holder, door: str, address: str, cookies: Mapping[str, str], now: datetime
) -> bool:
    """Say whether this account must show a second factor before its session opens.

    By the rules (role, network, emergency account), or because the person has registered an app or passkey; not in a
    browser trusted for this account. `address` is the network address the person comes from. At most two queries.
    """
    rules, has_own = _rules_and_own_factor(user.pk)
    asked = has_own or is_required(rules, user=user, holder=holder, address=address)
    return asked and not is_trusted(user_id=user.pk, cookies=cookies, now=now)


def ways_of(user: User, holder: Holder) -> Ways:
    """Every way this account can prove itself now."""
    policy = current_policy()
    number = number_of(user.pk, holder)
    open_channels = {channel for channel in Channel.values if number or channel == Channel.MAIL}
    sends = {channel for channel in open_channels if gateways.has_way(channel)}
    # Another channel stands in for SMS only where the rules name it.
    mail = user.email if Channel.MAIL in policy.code_channels and Channel.MAIL in sends else ""
    return Ways(
        number=number if Channel.SMS in sends else "",
        voice=Channel.VOICE in policy.code_channels and Channel.VOICE in sends,
        mail=mail,
        app=AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=False).exists(),
        passkeys=Passkey.objects.filter(user=user).count(),
        recovery_codes=RecoveryCode.objects.filter(user=user, used_at__isnull=True).count(),
    )


def send_first_code(*, user: User, holder: Holder, mark: str, address: str, now: datetime) -> None:
    """Send a code at once to who has no better way than SMS, so that it is there when the page opens.

    What stands in the way (a code sent a moment ago, too many) is told by the page when a code is asked for there.
    """
    ways = ways_of(user, holder)
    if ways.has_own or not ways.number:
        return
    wish = Wish(user_id=user.pk, purpose=CodePurpose.SIGN_IN, mark=mark, recipient=ways.number, address=address)
    try:
        send_code(actor=holder.ref, wish=wish, now=now)
    except Invalid:
        return


def policy() -> SecondFactorPolicy:
    """The rules in force."""
    return current_policy()


def is_asked_by_rules(user: User, holder: Holder, address: str) -> bool:
    """Whether the rules, and not the person's own choice, ask for the second proof."""
    return is_required(current_policy(), user=user, holder=holder, address=address)


def app_of(user_id: int) -> AuthenticatorApp | None:
    """The authenticator app in use."""
    return AuthenticatorApp.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()


def passkeys_of(user_id: int) -> list[Passkey]:
    """The account's passkeys, oldest first; ten at most."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("pk"))


def trusted_devices_of(user_id: int, now: datetime) -> list[TrustedDevice]:
    """Browsers trusted now, newest first; fifty at most."""
    return list(
        TrustedDevice.objects.filter(user_id=user_id, revoked_at__isnull=True, expires_at__gt=now).order_by("-pk")[:50]
    )


def confirmed_phone_of(user_id: int) -> ConfirmedPhone | None:
    """The number the person has confirmed, or an administrator has set."""
    return ConfirmedPhone.objects.filter(user_id=user_id).first()


def _rules_and_own_factor(user_id: int) -> tuple[SecondFactorPolicy, bool]:
    """The rules in force, and whether the account has an app or passkey; in one query, as every sign-in asks both."""
    keys = Passkey.objects.filter(user_id=OuterRef("pk"))
    apps = AuthenticatorApp.objects.filter(user_id=OuterRef("pk"), confirmed_at__isnull=False)
    rules = SecondFactorPolicy.objects.values_list(JSONObject(**{name: name for name in _RULES}), flat=True)[:1]
    row = User.objects.filter(pk=user_id).values_list(Exists(keys), Exists(apps), Subquery(rules)).first()
    if row is None:
        return SecondFactorPolicy(), False
    has_key, has_app, kept = row
    return SecondFactorPolicy(**(kept or {})), has_key or has_app

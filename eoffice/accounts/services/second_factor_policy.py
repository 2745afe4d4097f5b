"""The rules about the second proof: reading them, changing them, applying them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from eoffice.accounts.holders import Holder
from eoffice.accounts.models import Requirement, SecondFactorPolicy, User
from eoffice.accounts.second_factor_errors import AdministratorOfFactorsOnly
from eoffice.audit import services as audit
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel

ADMINISTRATOR: Final = "administrator"
MOST_NETWORKS: Final = 200


@dataclass(frozen=True, kw_only=True)
class PolicyEntry:
    """What the administrator fills in; `networks` as typed, one range a line or item."""

    always_roles: tuple[str, ...] = ()
    everybody_else: str = Requirement.NEVER
    networks: tuple[str, ...] = ()
    trusted_days: int = 30
    code_channels: tuple[str, ...] = field(default=())
    codes_per_number: int = 5
    codes_per_address: int = 60


def current_policy() -> SecondFactorPolicy:
    """The rules in force; those of a new installation where nobody has set any."""
    return SecondFactorPolicy.objects.first() or SecondFactorPolicy()


def require_administrator(actor: Holder) -> None:
    """Raise AdministratorOfFactorsOnly for everybody else."""
    if not actor.has_role(ADMINISTRATOR):
        raise AdministratorOfFactorsOnly


@transaction.atomic
def change_policy(*, actor: Holder, entry: PolicyEntry, now: datetime) -> SecondFactorPolicy:
    """Replace the rules. Raises AdministratorOfFactorsOnly, Invalid with every wrong field."""
    require_administrator(actor)
    return set_policy(entry=entry, actor=actor, now=now)


@transaction.atomic
def set_policy(*, actor: Holder, entry: PolicyEntry, now: datetime) -> SecondFactorPolicy:
    """Replace the rules without asking who: for the founding of an installation and the demo. Raises Invalid."""
    networks = _networks(entry.networks)
    policy, _ = SecondFactorPolicy.objects.update_or_create(
        singleton=True,
        defaults={
            "always_roles": sorted(set(entry.always_roles)),
            "everybody_else": _choice(entry.everybody_else),
            "office_networks": networks,
            "trusted_days": _between(entry.trusted_days, 0, 365, "trusted_days"),
            "code_channels": [channel for channel in (Channel.VOICE, Channel.MAIL) if channel in entry.code_channels],
            "codes_per_number": _between(entry.codes_per_number, 1, 100, "codes_per_number"),
            "codes_per_address": _between(entry.codes_per_address, 1, 100_000, "codes_per_address"),
        },
    )
    audit.record(
        actor=actor.ref,
        action="accounts.second_factor.policy_changed",
        object_kind="second_factor_policy",
        object_id=1,
        now=now,
        detail={"always": policy.always_roles, "else": policy.everybody_else, "networks": len(networks)},
    )
    return policy


def is_required(policy: SecondFactorPolicy, *, user: User, holder: Holder, address: str) -> bool:
    """Whether the rules ask this account for a second proof when it comes from `address`.

    Emergency accounts always; then the listed roles; then everybody else by network. An address that is not known
    counts as outside.
    """
    if user.is_emergency or holder.has_role(*policy.always_roles):
        return True
    if policy.everybody_else == Requirement.OUTSIDE:
        return not is_inside(policy, address)
    return bool(policy.everybody_else == Requirement.ALWAYS)


def is_inside(policy: SecondFactorPolicy, address: str) -> bool:
    """Whether the address lies in one of the offices' ranges; an IPv4 address in IPv6 clothes is the IPv4 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in ipaddress.ip_network(network) for network in policy.office_networks)


def _networks(typed: tuple[str, ...]) -> list[str]:
    networks: list[str] = []
    for text in (each.strip() for each in typed):
        if not text:
            continue
        try:
            networks.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError as error:
            raise Invalid(
                fields={"networks": f"«{text[:50]}» không phải dải địa chỉ. Ví dụ: 10.0.0.0/8 hoặc 203.0.113.7."}
            ) from error
    if len(networks) > MOST_NETWORKS:
        raise Invalid(fields={"networks": f"Tối đa {MOST_NETWORKS} dải địa chỉ."})
    return networks


def _choice(text: str) -> str:
    if text not in Requirement.values:
        raise Invalid(fields={"everybody_else": "Chọn một cách trong danh sách."})
    return text


def _between(number: int, least: int, most: int, name: str) -> int:
    if not least <= number <= most:
        raise Invalid(fields={name: f"Nhập số từ {least} đến {most}."})
    return number

"""Where a request really comes from, behind a proxy or not."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_ONE_HOUSEHOLD_BITS = 64
"""An IPv6 connection owns a whole /64: counting single addresses would count nothing."""


def address_of(request: HttpRequest) -> str:
    """The network address of the browser; empty where the server knows none (a socket of the machine itself).

    `X-Forwarded-For` is believed only as far as the proxies of `EOFFICE_TRUSTED_PROXIES` wrote it: read from the
    right, up to the first address that is not one of them. Anyone may send the rest of that header.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return _farthest(str(request.META.get("REMOTE_ADDR") or ""), hops, settings.ENVIRONMENT.trusted_proxies)


def counted_address(address: str) -> str:
    """What tries are counted by: an IPv4 address, the /64 of an IPv6 one; empty for what is no address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _ONE_HOUSEHOLD_BITS), strict=False).network_address)
    return str(parsed) if parsed is not None else ""


def _farthest(peer: str, hops: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    for hop in reversed(hops):
        parsed = _parsed(peer)
        if parsed is None or not any(parsed in network for network in trusted) or _parsed(hop) is None:
            break
        peer = str(_parsed(hop))
    return peer


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found

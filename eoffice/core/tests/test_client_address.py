"""Which address a request counts by: the proxy's word is taken from the proxies named, and from nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings as house
from django.test import RequestFactory
from pytest_django import Settings

from eoffice.core.client_address import address_of, counted_address
from eoffice.environment import EnvironmentInvalid, read


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, nonsense", "10.1.2.3"),
        ("::1", "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
        ("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_header_is_read_from_named_proxies_alone(settings: Settings, peer: str, forwarded: str, address: str) -> None:
    proxies = read({"EOFFICE_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}).trusted_proxies
    settings.ENVIRONMENT = replace(house.ENVIRONMENT, trusted_proxies=proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)) == address


def test_without_named_proxies_nobody_is_believed() -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.1"}, REMOTE_ADDR="127.0.0.1")

    assert address_of(request) == "127.0.0.1"


def test_one_ipv6_connection_counts_once() -> None:
    assert counted_address("2001:db8:1:2:aaaa::1") == counted_address("2001:db8:1:2:bbbb::9") == "2001:db8:1:2::"
    assert counted_address("198.51.100.1") == "198.51.100.1"
    assert counted_address("unix:") == ""


def test_wrong_proxy_is_told_at_start() -> None:
    with pytest.raises(EnvironmentInvalid, match="EOFFICE_TRUSTED_PROXIES='proxy'"):
        read({"EOFFICE_TRUSTED_PROXIES": "10.0.0.1,proxy"})

"""What is closed under a PIN opens again, also what was closed at another cost or by an earlier version."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from eoffice.signing.engine import keeping
from eoffice.signing.engine.keeping import PinDoesNotOpen, close_bytes, open_bytes
from tests.costs import RealCosts

GIVEN = {"pin": "481516", "secret": "bí mật của hệ thống", "context": "person:7"}


def test_what_was_closed_at_the_cost_of_an_installation_opens_at_any(
    real_costs: RealCosts, monkeypatch: pytest.MonkeyPatch
):
    assert real_costs.pin_log2 == 15
    with monkeypatch.context() as as_installed:
        as_installed.setattr(keeping, "COST_LOG2", real_costs.pin_log2)
        dear = close_bytes(b"khoa", **GIVEN)
    assert open_bytes(dear, **GIVEN) == b"khoa"
    assert dear[1] == 15
    with pytest.raises(PinDoesNotOpen):
        open_bytes(dear, **{**GIVEN, "pin": "481517"})


def test_what_the_first_version_closed_opens():
    peppered = hmac.new(GIVEN["secret"].encode(), GIVEN["pin"].encode(), hashlib.sha256).digest()
    salt, nonce = b"s" * 16, b"n" * 12
    key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(peppered)
    first = b"\x01" + salt + nonce + AESGCM(key).encrypt(nonce, b"khoa", GIVEN["context"].encode())
    assert open_bytes(first, **GIVEN) == b"khoa"


@pytest.mark.parametrize("cost", [0, 5, 21, 255])
def test_a_changed_cost_opens_nothing_and_costs_nothing(cost: int):
    closed = close_bytes(b"khoa", **GIVEN)
    with pytest.raises(PinDoesNotOpen):
        open_bytes(closed[:1] + bytes([cost]) + closed[2:], **GIVEN)


@pytest.mark.parametrize("length", [0, 1, 2, 20])
def test_what_was_cut_short_does_not_open(length: int):
    with pytest.raises(PinDoesNotOpen):
        open_bytes(close_bytes(b"khoa", **GIVEN)[:length], **GIVEN)

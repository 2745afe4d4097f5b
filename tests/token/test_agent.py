"""`eoffice-token` on a real loopback port with a SoftHSM2 token: pairing, consent, and everything that goes wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.tests import soft_hsm
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.soft_hsm import TOKEN_PIN, SoftToken
from tests.token.asking import DIGEST, SITE, asking, order
from tests.token.desk import Desk, desk

pytestmark = pytest.mark.skipif(not soft_hsm.is_installed(), reason="needs SoftHSM2 and OpenSC (scripts/prepare test)")


@pytest.fixture(scope="module")
def keys() -> dict[str, SoftwareKey]:
    pki = Pki()
    return {"01": pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048), "02": pki.key("Trần Quốc Khánh")}


@pytest.fixture
def token(tmp_path: Path, keys: dict[str, SoftwareKey]) -> Iterator[SoftToken]:
    with soft_hsm.soft_token(tmp_path / "hsm", label="Token của Khánh") as made:
        for key_id, key in keys.items():
            made.put(key, key_id=key_id)
        yield made


@pytest.fixture
def agent(token: SoftToken, tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "home", SITE) as made:
        yield made


def test_only_its_site_is_answered_and_only_by_its_own_address(agent: Desk):
    strange = {"Origin": "https://ke-xau.example"}
    assert agent.call("GET", "/", "", strange)[0] == 403
    assert agent.call("GET", "/", "", {"Origin": SITE, "Host": "vanban.coquan.example"})[0] == 421
    status, told, headers = agent.call("GET", "/", "", {"Origin": SITE})
    assert (status, told["program"]) == (200, "eoffice-token")
    preflight = {"Origin": SITE, "Access-Control-Request-Private-Network": "true"}
    status, _, headers = agent.call("OPTIONS", "/sign", "", preflight)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Origin" not in agent.call("OPTIONS", "/sign", "", strange)[2]


def test_page_is_paired_by_the_code_in_the_window(agent: Desk):
    assert agent.ask("/certificates", {})[0] == 401
    first = agent.code()
    for wrong in ("00000000", "", "mã số", "１２３", "00000000"):
        assert agent.ask("/pair", {"code": wrong})[0] == 403
    assert agent.ask("/pair", {"code": first})[0] == 403, "five wrong codes make a new one"

    agent.pair()

    status, told, _ = agent.ask("/certificates", {})
    assert status == 200
    assert {(each["subject"], each["token"]) for each in told["certificates"]} == {
        ("Trần Quốc Khánh", "Token của Khánh")
    }
    assert len(told["certificates"]) == 2
    assert agent.ask("/certificates", {}, Origin="https://ke-xau.example")[0] == 403


@pytest.mark.parametrize("key_id", ["01", "02"])
def test_papers_are_named_signed_and_the_pin_stays_here(agent: Desk, keys: dict[str, SoftwareKey], key_id: str):
    agent.pair()
    key = keys[key_id]
    answer = asking(agent, order(key, "A-01", "A-02"))
    address = agent.consent_address()
    page = str(agent.call("GET", address.removeprefix(agent.origin), "", {})[1]["page"])
    assert "Công văn &lt;b&gt;A-01&lt;/b&gt;" in page
    assert SITE in page

    after = agent.type_pin(address, pin=TOKEN_PIN)

    assert "Đã ký 2 văn bản" in after
    status, told = answer()
    assert (status, told["fault"], sorted(told["values"])) == (200, "", ["A-01", "A-02"])
    value = base64.b64decode(told["values"]["A-02"])
    public = x509.load_der_x509_certificate(key.certificate).public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        pair = (int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        public.verify(utils.encode_dss_signature(*pair), DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    else:
        assert isinstance(public, rsa.RSAPublicKey)
        public.verify(value, DIGEST, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    assert TOKEN_PIN not in "".join(agent.lines)


def test_wrong_pin_is_said_and_tried_again_by_the_person_alone(agent: Desk, keys: dict[str, SoftwareKey]):
    agent.pair()
    answer = asking(agent, order(keys["01"], "A-01"))
    address = agent.consent_address()

    assert "Mã PIN không đúng" in agent.type_pin(address, pin="00000000")
    assert "Đã ký 1 văn bản" in agent.type_pin(address, pin=TOKEN_PIN)

    assert list(answer()[1]["values"]) == ["A-01"]


def test_refused_signs_nothing(agent: Desk, keys: dict[str, SoftwareKey]):
    agent.pair()
    answer = asking(agent, order(keys["01"], "A-01"))

    assert "Đã từ chối" in agent.type_pin(agent.consent_address(), do="refuse")

    status, told = answer()
    assert (status, told["fault"], told["values"]) == (200, "refused", {})


def test_token_pulled_out_before_the_pin_is_told_and_signs_again_later(
    agent: Desk, token: SoftToken, keys: dict[str, SoftwareKey]
):
    agent.pair()
    answer = asking(agent, order(keys["01"], "A-01"))
    address = agent.consent_address()
    token.remove()

    assert "Token bị rút ra" in agent.type_pin(address, pin=TOKEN_PIN)
    assert answer()[1]["fault"] == "gone"
    assert agent.ask("/sign", order(keys["01"], "A-01"))[0] == 404

    token.put_back()
    answer = asking(agent, order(keys["01"], "A-01"))
    agent.type_pin(agent.consent_address(after=1), pin=TOKEN_PIN)
    assert list(answer()[1]["values"]) == ["A-01"]


def test_consent_page_of_a_strange_form_or_address_is_refused(agent: Desk, keys: dict[str, SoftwareKey]):
    agent.pair()
    answer = asking(agent, order(keys["01"], "A-01"))
    path = agent.consent_address().removeprefix(agent.origin)

    assert agent.call("POST", path, f"pin={TOKEN_PIN}&do=sign", {"Origin": SITE})[0] == 403
    assert agent.call("POST", f"{path}x", f"pin={TOKEN_PIN}&do=sign", {"Origin": agent.origin})[0] == 404
    assert agent.ask("/sign", order(keys["01"], "A-02"))[0] == 409
    headers = agent.call("GET", path, "", {})[2]
    assert headers["X-Frame-Options"] == "DENY"
    # With "no-referrer" a browser would send its own form with the origin "null".
    assert headers["Referrer-Policy"] == "same-origin"

    agent.type_pin(f"{agent.origin}{path}", do="refuse")
    assert answer()[1]["values"] == {}

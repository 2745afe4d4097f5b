"""`eoffice-token` with tokens that count wrong PINs, lock, and are pulled out in mid-signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.tests import soft_hsm
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.soft_hsm import TOKEN_PIN
from tests.token import stubborn
from tests.token.asking import SITE, asking, order
from tests.token.desk import Desk, desk
from tests.token.stubborn import TRIES, Stubborn

pytestmark = pytest.mark.skipif(
    not stubborn.can_be_built(), reason="needs SoftHSM2, OpenSC and a C compiler (scripts/prepare test)"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stubborn.build(tmp_path_factory.mktemp("stubborn"))


@pytest.fixture(scope="module")
def keys() -> list[SoftwareKey]:
    pki = Pki()
    return [pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048), pki.key("Lê Thị Minh Nguyệt")]


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stubborn:
    made = Stubborn(tmp_path)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def agent(tmp_path: Path, library: Path, keys: list[SoftwareKey], device: Stubborn) -> Iterator[Desk]:
    """Two tokens at once; on the second the first key's id stands for the other person's key."""
    with (
        soft_hsm.soft_token(tmp_path / "hsm", label="Token của Khánh") as first,
        soft_hsm.soft_token(tmp_path / "hsm", label="Token của Nguyệt") as second,
    ):
        first.put(keys[0], key_id="01")
        second.put(keys[1], key_id="01")
        with desk(tmp_path / "home", SITE, module=library) as made:
            made.pair()
            yield made


def test_last_try_is_told_and_then_the_token_is_locked(agent: Desk, device: Stubborn, keys: list[SoftwareKey]):
    answer = asking(agent, order(keys[0], "A-01"))
    address = agent.consent_address()

    first = agent.type_pin(address, pin="00000000")
    assert "Mã PIN không đúng. Chưa có gì được ký." in first
    assert "Chỉ còn một lần thử" not in first
    assert "Chỉ còn một lần thử" in agent.type_pin(address, pin="00000001")
    assert device.wrong_pins() == TRIES - 1, "no PIN is sent twice"
    last = agent.type_pin(address, pin="00000002")
    assert "Token đã khóa" in last
    assert "<form" not in last

    status, told = answer()
    assert (status, told["fault"], told["values"]) == (200, "locked", {})
    assert "Token đã khóa" in told["words"]
    status, told = asking(agent, order(keys[0], "A-01"))()
    assert (status, told["fault"]) == (200, "locked"), "nobody is asked for a PIN that cannot help"
    assert device.wrong_pins() == TRIES


def test_last_try_left_by_another_program_is_told_before_the_pin(
    agent: Desk, device: Stubborn, keys: list[SoftwareKey]
):
    answer = asking(agent, order(keys[0], "A-01"))
    address = agent.consent_address()
    for wrong in ("00000000", "00000001"):
        agent.type_pin(address, pin=wrong)
    agent.type_pin(address, do="refuse")
    assert answer()[1]["fault"] == "refused"

    answer = asking(agent, order(keys[0], "A-01"))
    address = agent.consent_address(after=1)
    page = str(agent.call("GET", address.removeprefix(agent.origin), "", {})[1]["page"])
    assert "Chỉ còn một lần thử" in page
    assert "Đã ký 1 văn bản" in agent.type_pin(address, pin=TOKEN_PIN)
    assert list(answer()[1]["values"]) == ["A-01"]
    assert device.wrong_pins() == 0


def test_token_pulled_out_between_two_papers_keeps_the_first(agent: Desk, device: Stubborn, keys: list[SoftwareKey]):
    device.leave_after(1)
    answer = asking(agent, order(keys[0], "A-01", "A-02", "A-03"))

    after = agent.type_pin(agent.consent_address(), pin=TOKEN_PIN)

    assert "Đã ký 1 trong 3 văn bản. Token bị rút ra" in after
    status, told = answer()
    assert (status, told["fault"], list(told["values"])) == (200, "gone", ["A-01"])
    device.stay()
    answer = asking(agent, order(keys[0], "A-02", "A-03"))
    assert "Đã ký 2 văn bản" in agent.type_pin(agent.consent_address(after=1), pin=TOKEN_PIN)
    assert list(answer()[1]["values"]) == ["A-02", "A-03"]


def test_key_is_found_on_the_right_one_of_two_tokens(agent: Desk, keys: list[SoftwareKey]):
    told = agent.ask("/certificates", {})[1]
    assert {(each["subject"], each["token"]) for each in told["certificates"]} == {
        ("Trần Quốc Khánh", "Token của Khánh"),
        ("Lê Thị Minh Nguyệt", "Token của Nguyệt"),
    }
    answer = asking(agent, order(keys[1], "B-01"))
    address = agent.consent_address()
    assert "Token của Nguyệt" in str(agent.call("GET", address.removeprefix(agent.origin), "", {})[1]["page"])
    assert "Đã ký 1 văn bản" in agent.type_pin(address, pin=TOKEN_PIN)
    assert list(answer()[1]["values"]) == ["B-01"]

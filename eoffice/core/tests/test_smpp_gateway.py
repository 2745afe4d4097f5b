"""A session with a message centre that speaks real SMPP 3.4 on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from eoffice.core.channels import smpp_gateway
from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.smpp_gateway import Receipt, SmppLink, SmppSettings, send_by_smpp
from eoffice.core.channels.transport import Content
from eoffice.core.errors import Invalid
from eoffice.core.tests.message_centre import PASSWORD, MessageCentre

CONTENT = Content(key="k", recipient="+84901234567", text="Ma dang nhap 123456")


def until(true: Callable[[], bool], *, patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def centre() -> Iterator[MessageCentre]:
    with MessageCentre() as made:
        yield made


@pytest.fixture
def receipts() -> list[Receipt]:
    return []


@pytest.fixture
def link(centre: MessageCentre, receipts: list[Receipt]) -> Iterator[SmppLink]:
    made = SmppLink(settings_for(centre), password=PASSWORD, on_receipt=receipts.append)
    yield made
    made.close()


def settings_for(centre: MessageCentre, *, enquire_every_s: int = 30) -> SmppSettings:
    return SmppSettings(
        host="127.0.0.1", port=centre.port, system_id="txg", sender="TruongXuan", enquire_every_s=enquire_every_s
    )


def test_message_is_submitted_and_its_receipt_comes_back(
    centre: MessageCentre, link: SmppLink, receipts: list[Receipt]
) -> None:
    accepted = link.submit(CONTENT)

    assert accepted.provider_ids == ("A1",)
    (message,) = centre.submitted
    assert (message.destination, message.source) == ("84901234567", "TruongXuan")
    assert (message.data_coding, message.registered, message.payload) == (0, 1, b"Ma dang nhap 123456")
    until(lambda: receipts == [Receipt(str(0xA1), True)])
    until(lambda: centre.answers_to_us == 1)


def test_long_vietnamese_text_goes_in_joined_parts(centre: MessageCentre, link: SmppLink) -> None:
    text = "Mã đăng nhập eOffice là 123456, có hiệu lực 5 phút. Không đưa mã này cho bất kỳ ai."

    accepted = link.submit(Content(key="k", recipient="+84901234567", text=text))

    assert len(accepted.provider_ids) == 2
    assert [part.esm_class for part in centre.submitted] == [0x40, 0x40]
    assert [part.data_coding for part in centre.submitted] == [8, 8]
    assert b"".join(part.payload[6:] for part in centre.submitted).decode("utf-16-be") == text


def test_session_stays_open_between_messages(centre: MessageCentre, link: SmppLink) -> None:
    link.submit(CONTENT)
    link.submit(CONTENT)

    assert centre.binds == 1


def test_session_is_bound_again_after_a_fall(centre: MessageCentre, link: SmppLink) -> None:
    link.submit(CONTENT)
    centre.drop_sessions()
    until(lambda: centre.binds == 2)

    assert link.submit(CONTENT).provider_ids == ("A2",)


def test_silent_session_is_asked_for_life(centre: MessageCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    centre.asks = True
    link = SmppLink(settings_for(centre, enquire_every_s=0), password=PASSWORD, on_receipt=lambda _: None)
    try:
        until(lambda: centre.enquiries >= 2)
        assert centre.answers_to_us == 1
    finally:
        link.close()


def test_wrong_password_is_told(centre: MessageCentre) -> None:
    with pytest.raises(NotAccepted):
        wait_less(lambda: send_by_smpp(settings_for(centre), secret="sai", content=CONTENT))

    assert centre.submitted == []


def wait_less(send: Callable[[], object]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smpp_gateway, "SEND_TIMEOUT_S", 1.0)
        send()


def test_refused_number_is_final_and_a_full_queue_is_not(centre: MessageCentre, link: SmppLink) -> None:
    centre.refuse_with = 0x0B
    with pytest.raises(NotAccepted) as wrong_number:
        link.submit(CONTENT)
    centre.refuse_with = 0x14
    with pytest.raises(NotAccepted) as queue_full:
        link.submit(CONTENT)

    assert (wrong_number.value.is_final, queue_full.value.is_final) == (True, False)


def test_mute_centre_is_given_up(centre: MessageCentre) -> None:
    centre.mute = True

    with pytest.raises(NotAccepted, match="không trả lời"):
        wait_less(lambda: send_by_smpp(settings_for(centre), secret=PASSWORD, content=CONTENT))


def test_trial_binds_submits_and_unbinds(centre: MessageCentre) -> None:
    send_by_smpp(settings_for(centre), secret=PASSWORD, content=CONTENT)

    assert (centre.binds, len(centre.submitted), centre.unbinds) == (1, 1, 1)


def test_settings_that_cannot_be_used_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        SmppSettings(host="a b", port=0, system_id="", sender="Trường Xuân", enquire_every_s=1).check()

    assert set(refused.value.fields) == {"host", "port", "system_id", "sender", "enquire_every_s"}

"""SMS through an SMPP 3.4 message centre: one bound session kept open, parts submitted, receipts taken.

The session lives in a thread of the sending process: it answers and asks `enquire_link`, binds again after a fall with
growing pauses, and hands delivery receipts to its owner at any time.
"""

from __future__ import annotations

import logging
import re
import secrets
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from typing import Any, Final

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.smpp

from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.sms_parts import parts_of
from eoffice.core.channels.transport import SEND_TIMEOUT_S, Accepted, Content
from eoffice.core.errors import Invalid

logger = logging.getLogger(__name__)
# The library writes whole messages, codes included, at level DEBUG.
logging.getLogger("smpp.Client").setLevel(logging.WARNING)

_HIGHEST_PORT: Final = 65535
_LONGEST_PAUSE_S: Final = 30.0
_LOOK_S: Final = 0.2
_FINAL_STATUSES: Final = frozenset(
    {smpplib.consts.SMPP_ESME_RINVDSTADR, smpplib.consts.SMPP_ESME_RINVDSTTON, smpplib.consts.SMPP_ESME_RINVDSTNPI}
)
# What the library raises at a PDU it cannot read, besides its own errors: the session is bound anew.
_UNREADABLE: Final = (struct.error, ValueError, AttributeError, IndexError)
_FAILURES: Final = (smpplib.exceptions.PDUError, smpplib.exceptions.ConnectionError, OSError, *_UNREADABLE)
_IS_RECEIPT: Final = 0x04
_RECEIPT: Final = re.compile(r"\bid:(\S+).*?\bstat:(\w+)", re.IGNORECASE | re.DOTALL)
_DELIVERED: Final = frozenset({"DELIVRD", "2"})
_UNDELIVERED: Final = frozenset({"UNDELIV", "EXPIRED", "DELETED", "REJECTD", "3", "4", "5", "8"})


@dataclass(frozen=True, kw_only=True)
class SmppSettings:
    """A message centre and how to bind to it."""

    host: str
    port: int = 2775
    tls: bool = False
    system_id: str = ""
    system_type: str = ""
    sender: str = ""
    """Brand name (up to eleven letters) or number shown on the phone."""
    enquire_every_s: int = 30
    asks_receipt: bool = True

    def check(self) -> None:
        """Raise Invalid with every fault by field."""
        faults = {}
        if not self.host or any(letter.isspace() or letter == "/" for letter in self.host):
            faults["host"] = "Nhập tên máy chủ, ví dụ smpp.nhamang.example."
        if not 0 < self.port <= _HIGHEST_PORT:
            faults["port"] = "Cổng là số từ 1 đến 65535."
        if not self.system_id or len(self.system_id) > 15:
            faults["system_id"] = "Nhập tên đăng nhập nhà mạng cấp, dài tối đa 15 ký tự."
        if not self.sender.isascii() or len(self.sender) > 20:
            faults["sender"] = "Tên người gửi chỉ gồm chữ không dấu, số, dài tối đa 20 ký tự."
        if not 5 <= self.enquire_every_s <= 600:
            faults["enquire_every_s"] = "Nhịp giữ kết nối từ 5 đến 600 giây."
        if faults:
            raise Invalid("Cấu hình cổng SMPP chưa dùng được.", fields=faults)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the message centre tells about one part; `delivered` None while it is still on its way."""

    provider_id: str
    delivered: bool | None


class SmppLink:
    """One session with a message centre, in a thread of its own. `close` ends it."""

    def __init__(self, settings: SmppSettings, *, password: str, on_receipt: Callable[[Receipt], None]) -> None:
        self.settings = settings
        self._password = password
        self._on_receipt = on_receipt
        self._lock = threading.RLock()
        self._answers: dict[int, Future[str]] = {}
        self._client: Any = None  # smpplib has no types
        self._bound = threading.Event()
        self._closed = threading.Event()
        self._fault = ""
        self._heard_at = 0.0
        self._asked_at = 0.0
        self._thread = threading.Thread(target=self._live, name=f"smpp {settings.host}", daemon=True)
        self._thread.start()

    def submit(self, content: Content) -> Accepted:
        """Submit every part and wait for the centre's answers. Raises NotAccepted."""
        if not self._bound.wait(SEND_TIMEOUT_S):
            raise NotAccepted(self._fault or f"Không nối được tới {self.settings.host}:{self.settings.port}.")
        parts = parts_of(content.text, reference=secrets.randbelow(256))
        try:
            with self._lock:
                answers = [
                    self._submit_part(content.recipient, parts.data_coding, payload, joined=parts.are_joined)
                    for payload in parts.payloads
                ]
            return Accepted(tuple(answer.result(SEND_TIMEOUT_S) for answer in answers))
        except NoAnswer as error:
            raise NotAccepted(f"Cổng SMPP {self.settings.host} không trả lời.") from error
        except _FAILURES as error:
            raise NotAccepted(f"Mất kết nối tới cổng SMPP {self.settings.host}.") from error

    def close(self) -> None:
        """Unbind and end the thread; waiting submissions fail."""
        self._closed.set()
        self._thread.join(SEND_TIMEOUT_S)

    def _submit_part(self, number: str, coding: int, payload: bytes, *, joined: bool) -> Future[str]:
        if self._client is None:
            raise smpplib.exceptions.ConnectionError
        name = self.settings.sender
        pdu = smpplib.smpp.make_pdu(
            "submit_sm",
            client=self._client,
            source_addr_ton=_type_of_sender(name),
            source_addr_npi=smpplib.consts.SMPP_NPI_ISDN if name.isdigit() else smpplib.consts.SMPP_NPI_UNK,
            source_addr=name,
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
            dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
            destination_addr=number.removeprefix("+"),
            esm_class=smpplib.consts.SMPP_GSMFEAT_UDHI if joined else smpplib.consts.SMPP_MSGMODE_DEFAULT,
            data_coding=coding,
            short_message=payload,
            registered_delivery=1 if self.settings.asks_receipt else 0,
        )
        # Noted before it is sent: the answer may be read at once by the session's thread.
        answer: Future[str] = Future()
        self._answers[pdu.sequence] = answer
        self._client.send_pdu(pdu)
        return answer

    def _live(self) -> None:
        """Bind, serve, and bind again after a fall, until closed."""
        pause_s = 0.5
        while not self._closed.is_set():
            try:
                self._bind()
                pause_s = 0.5
                self._serve()
            except _FAILURES as error:
                self._fault = _words_of(error, self.settings)
                logger.warning("smpp.fell host=%s cause=%s", self.settings.host, type(error).__name__)
            finally:
                self._let_go()
            self._closed.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _bind(self) -> None:
        context = ssl.create_default_context() if self.settings.tls else None
        client = smpplib.client.Client(
            self.settings.host,
            self.settings.port,
            timeout=SEND_TIMEOUT_S,
            logger_name="smpp.Client",
            allow_unknown_opt_params=True,
        )
        client.set_message_sent_handler(self._submitted)
        client.set_message_received_handler(self._delivered)
        client.set_error_pdu_handler(self._refused)
        self._client = client
        if context is not None:
            # The library wraps without a server name, so the certificate could not be checked.
            raw = socket.create_connection((self.settings.host, self.settings.port), timeout=SEND_TIMEOUT_S)
            client._socket = context.wrap_socket(raw, server_hostname=self.settings.host)
            client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
        else:
            client.connect()
        client.bind_transceiver(
            system_id=self.settings.system_id, password=self._password, system_type=self.settings.system_type
        )
        self._heard_at = self._asked_at = time.monotonic()
        self._fault = ""
        self._bound.set()

    def _serve(self) -> None:
        while not self._closed.is_set():
            self._keep_alive()
            pending = getattr(self._client._socket, "pending", None)
            waiting = pending() if pending is not None else 0
            if not waiting and not select.select([self._client._socket], [], [], _LOOK_S)[0]:
                continue
            with self._lock:
                self._client.read_once(auto_send_enquire_link=False)
                self._heard_at = time.monotonic()

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard_at > self.settings.enquire_every_s + SEND_TIMEOUT_S:
            raise smpplib.exceptions.ConnectionError
        if now - max(self._heard_at, self._asked_at) > self.settings.enquire_every_s:
            with self._lock:
                self._client.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=self._client))
            self._asked_at = now

    def _let_go(self) -> None:
        with self._lock:
            was_bound = self._bound.is_set()
            self._bound.clear()
            client, self._client = self._client, None
            answers, self._answers = self._answers, {}
        for answer in answers.values():
            answer.set_exception(smpplib.exceptions.ConnectionError())
        if client is not None and client._socket is not None:
            if was_bound and self._closed.is_set():
                _say_goodbye(client)
            client.disconnect()

    def _submitted(self, pdu: Any, **_: object) -> None:  # noqa: ANN401 - smpplib has no types
        answer = self._answers.pop(pdu.sequence, None)
        if answer is not None:
            answer.set_result(_text(pdu.message_id))

    def _refused(self, pdu: Any) -> None:  # noqa: ANN401
        answer = self._answers.pop(pdu.sequence, None)
        if answer is not None:
            known = smpplib.consts.DESCRIPTIONS.get(pdu.status, "")
            logger.warning("smpp.refused host=%s status=%#x %s", self.settings.host, pdu.status, known)
            answer.set_exception(
                NotAccepted(f"Cổng SMPP từ chối với mã {pdu.status:#x}.", is_final=pdu.status in _FINAL_STATUSES)
            )

    def _delivered(self, pdu: Any, **_: object) -> None:  # noqa: ANN401
        receipt = receipt_of(pdu)
        if receipt is not None:
            self._on_receipt(receipt)


def send_by_smpp(settings: SmppSettings, *, secret: str, content: Content) -> Accepted:
    """Bind, submit one message, unbind: a trial of the settings. Raises NotAccepted."""
    link = SmppLink(settings, password=secret, on_receipt=lambda _: None)
    try:
        return link.submit(content)
    finally:
        link.close()


def receipt_of(pdu: Any) -> Receipt | None:  # noqa: ANN401 - smpplib has no types
    """The delivery receipt in a `deliver_sm`, by its optional parameters or by the text; None for anything else.

    Source: SMPP 3.4, 5.2.12 (esm_class), 5.3.2.12, 5.3.2.35 and appendix B.
    """
    if not (pdu.esm_class or 0) & _IS_RECEIPT:
        return None
    found = _RECEIPT.search(_text(pdu.short_message))
    provider_id = _text(getattr(pdu, "receipted_message_id", None)) or (found[1] if found else "")
    state = str(getattr(pdu, "message_state", None) or (found[2].upper() if found else ""))
    if not provider_id:
        return None
    return Receipt(provider_id[:100], True if state in _DELIVERED else False if state in _UNDELIVERED else None)


def _type_of_sender(name: str) -> int:
    if not name:
        return int(smpplib.consts.SMPP_TON_UNK)
    if not name.isdigit():
        return int(smpplib.consts.SMPP_TON_ALNUM)
    return int(smpplib.consts.SMPP_TON_INTL if len(name) > 8 else smpplib.consts.SMPP_TON_SBSCR)


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return text.rstrip("\x00").strip()


def _words_of(error: Exception, settings: SmppSettings) -> str:
    if isinstance(error, smpplib.exceptions.PDUError):
        return f"Cổng SMPP {settings.host} không nhận đăng nhập hoặc trả lời sai."
    return f"Không nối được tới cổng SMPP {settings.host}:{settings.port}."


def _say_goodbye(client: Any) -> None:  # noqa: ANN401 - smpplib has no types
    try:
        client.unbind()
    except _FAILURES:
        logger.info("smpp.gone_without_unbind")

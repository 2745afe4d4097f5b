"""A small SMPP 3.4 message centre on loopback: real PDUs, written without the client's library."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass, field

BIND_TRANSCEIVER, UNBIND, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK = 0x09, 0x06, 0x04, 0x05, 0x15
RESPONSE = 0x80000000
PASSWORD = "mat-khau"


@dataclass
class Submitted:
    destination: str
    source: str
    esm_class: int
    data_coding: int
    registered: int
    payload: bytes
    id: str


@dataclass
class MessageCentre:
    """Takes any number of sessions. `refuse_with` answers every submission with that status."""

    refuse_with: int = 0
    reports: bool = True
    mute: bool = False
    asks: bool = False
    submitted: list[Submitted] = field(default_factory=list)
    binds: int = 0
    enquiries: int = 0
    answers_to_us: int = 0
    unbinds: int = 0

    def __enter__(self) -> MessageCentre:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sessions: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.drop_sessions()

    def drop_sessions(self) -> None:
        """Fall over: every session ends without a word."""
        for session in self._sessions:
            try:
                session.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            session.close()
        self._sessions.clear()

    def _listen(self) -> None:
        while True:
            try:
                session, _ = self._listener.accept()
            except OSError:
                return
            self._sessions.append(session)
            threading.Thread(target=self._serve, args=(session,), daemon=True).start()

    def _serve(self, session: socket.socket) -> None:
        try:
            while True:
                length = struct.unpack(">L", exactly(session, 4))[0]
                command, _status, sequence = struct.unpack(">LLL", exactly(session, 12))
                body = exactly(session, length - 16)
                self._answer(session, command, sequence, body)
        except (OSError, EOFError):
            return

    def _answer(self, session: socket.socket, command: int, sequence: int, body: bytes) -> None:
        if command == BIND_TRANSCEIVER:
            _system_id, password = body.split(b"\0")[:2]
            right = password == PASSWORD.encode()
            self.binds += right
            session.sendall(pdu(command | RESPONSE, 0 if right else 0x0E, sequence, b"centre\0" if right else b""))
            if right and self.asks:
                session.sendall(pdu(ENQUIRE_LINK, 0, 77))
        elif command == ENQUIRE_LINK:
            self.enquiries += 1
            session.sendall(pdu(command | RESPONSE, 0, sequence))
        elif command == UNBIND:
            self.unbinds += 1
            session.sendall(pdu(command | RESPONSE, 0, sequence))
        elif command == SUBMIT_SM and not self.mute:
            self._take(session, sequence, body)
        elif command & RESPONSE:
            self.answers_to_us += 1

    def _take(self, session: socket.socket, sequence: int, body: bytes) -> None:
        if self.refuse_with:
            session.sendall(pdu(SUBMIT_SM | RESPONSE, self.refuse_with, sequence))
            return
        message = parsed(body, f"{len(self.submitted) + 0xA1:X}")
        self.submitted.append(message)
        session.sendall(pdu(SUBMIT_SM | RESPONSE, 0, sequence, message.id.encode() + b"\0"))
        if self.reports:
            time.sleep(0.05)
            session.sendall(pdu(DELIVER_SM, 0, 1000 + sequence, receipt(message)))


def exactly(session: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = session.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def parsed(body: bytes, given_id: str) -> Submitted:
    _service, rest = body.split(b"\0", 1)
    source, rest = rest[2:].split(b"\0", 1)
    destination, rest = rest[2:].split(b"\0", 1)
    esm_class = rest[0]
    _scheduled, rest = rest[3:].split(b"\0", 1)
    _validity, rest = rest.split(b"\0", 1)
    registered, _replace, data_coding, _default, length = rest[:5]
    return Submitted(
        destination.decode(), source.decode(), esm_class, data_coding, registered, rest[5 : 5 + length], given_id
    )


def receipt(message: Submitted, state: str = "DELIVRD") -> bytes:
    """Appendix B; the id in decimal, though the answer to the submission had it in hexadecimal, as some centres do."""
    text = (
        f"id:{int(message.id, 16)} sub:001 dlvrd:001 submit date:2611220840 done date:2611220840 stat:{state} err:000"
        f" text:"
    ).encode()
    addresses = b"\0" + b"\1\1" + message.destination.encode() + b"\0" + b"\5\0" + message.source.encode() + b"\0"
    return addresses + bytes([0x04, 0, 0]) + b"\0\0" + bytes([0, 0, 0, 0, len(text)]) + text

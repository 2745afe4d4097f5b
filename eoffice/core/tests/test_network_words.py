"""Causes of failed connections, met on real sockets."""

from __future__ import annotations

import http.client
import imaplib
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from ldap3 import Connection, Server
from ldap3.core.exceptions import LDAPException

from eoffice.core.network_words import why_unreachable


@pytest.fixture
def hanging_up() -> Iterator[int]:
    """A server that takes every connection and says nothing sensible; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.sendall(b"hello\r\n")
            peer.close()

    Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def words_of(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, http.client.HTTPException, imaplib.IMAP4.error, LDAPException) as error:
        return why_unreachable(error)
    raise AssertionError("it connected")


def test_a_closed_port_refuses_whatever_library_asks() -> None:
    port = closed_port()
    for act in (
        lambda: socket.create_connection(("127.0.0.1", port), timeout=2),
        lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2),
        lambda: imaplib.IMAP4("127.0.0.1", port, timeout=2),
        lambda: Connection(Server("127.0.0.1", port=port, connect_timeout=2), auto_bind=True),
    ):
        assert "từ chối kết nối" in words_of(act)


def test_a_port_without_tls_cannot_be_spoken_to_in_secret(hanging_up: int) -> None:
    def act() -> None:
        with socket.create_connection(("127.0.0.1", hanging_up), timeout=2) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")

    assert re.search("kênh mã hóa|ngắt kết nối", words_of(act))


def test_another_protocol_and_a_name_nobody_knows(hanging_up: int) -> None:
    assert re.search(
        "không đúng giao thức|ngắt kết nối",
        words_of(lambda: urllib.request.urlopen(f"http://127.0.0.1:{hanging_up}/", timeout=2)),
    )
    assert "tên máy chủ" in why_unreachable(urllib.error.URLError(socket.gaierror(-2, "Name or service not known")))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), "chứng thư"),
        (TimeoutError("timed out"), "không trả lời kịp"),
        (OSError(113, "No route to host"), "không có đường mạng"),
        (ConnectionResetError(104, "reset"), "ngắt kết nối"),
        (RuntimeError("??"), "chưa rõ nguyên nhân"),
    ],
)
def test_no_class_name_is_ever_shown(error: BaseException, words: str) -> None:
    said = why_unreachable(error)
    assert words in said
    assert type(error).__name__ not in said

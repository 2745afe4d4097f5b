"""Fetching a small thing from an address that somebody else wrote down: public hosts only, little time, little room.

Addresses in certificates are chosen by who issued them. The name is looked up once, every address it stands for is
checked, and the connection goes to the address that was checked: a name that changes its mind meets nobody inside.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

_REDIRECTS: Final = 3
_CHUNK: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotFetched(Exception):
    """Nothing usable came from the address; the text says why, in Vietnamese."""


def fetch(
    url: str,
    *,
    body: bytes | None = None,
    content_type: str = "",
    timeout_s: float,
    limit_bytes: int,
    inside: Iterable[str] = (),
) -> bytes:
    """The body of the answer at `url`: GET, or POST when there is a `body`.

    `timeout_s` is for the whole exchange, redirects included. Only `http` and `https` to public addresses on their
    usual ports; `inside` names hosts (`host` or `host:port`, lower case) that may be anywhere. A redirect is held to
    the same rules, and a POST follows none. Raises NotFetched.
    """
    until = time.monotonic() + timeout_s
    allowed = frozenset(inside)
    for _ in range(_REDIRECTS + 1):
        answer, target = _ask(url, body, content_type, until, limit_bytes, allowed)
        if target is None:
            return answer
        if body is not None:
            raise NotFetched("máy chủ chuyển hướng câu hỏi")
        url = urljoin(url, target)
    raise NotFetched("máy chủ chuyển hướng quá nhiều lần")


def checked_address(url: str, *, inside: Iterable[str] = ()) -> tuple[SplitResult, int, str]:
    """The parts of `url`, its port, and the one IP address to speak to. Raises NotFetched."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise NotFetched("địa chỉ không đúng dạng") from error
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not host or parts.username is not None:
        raise NotFetched("chỉ nhận địa chỉ http hoặc https")
    is_inside = not {host, f"{host}:{port}"}.isdisjoint(inside)
    if not is_inside and port not in _PORTS.values():
        raise NotFetched("cổng mạng không được phép")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched("không tìm thấy máy chủ") from error
    addresses = [str(line[4][0]) for line in found]
    if not addresses or not (is_inside or all(_is_public(address) for address in addresses)):
        raise NotFetched("máy chủ nằm trong mạng nội bộ và chưa được cho phép")
    return parts, port, addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in _meant_by(address))


def _meant_by(address: _Address) -> list[_Address]:
    """The address itself, and the IPv4 address wrapped in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    wrapped = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(each for each in wrapped if each is not None)]


def _ask(
    url: str, body: bytes | None, content_type: str, until: float, limit_bytes: int, inside: frozenset[str]
) -> tuple[bytes, str | None]:
    parts, port, address = checked_address(url, inside=inside)
    left = until - time.monotonic()
    if left <= 0:
        raise NotFetched("máy chủ trả lời quá chậm")
    connection = _Pinned(parts, port, address, left)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "*/*", "Connection": "close", "User-Agent": "eOffice"}
    if body is not None:
        headers["Content-Type"] = content_type
    try:
        with connection.ending_at(until):
            connection.request("GET" if body is None else "POST", target, body=body, headers=headers)
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308):
                return b"", answer.getheader("Location") or ""
            if answer.status != 200:
                raise NotFetched(f"máy chủ trả mã {answer.status}")
            return _read(answer, limit_bytes, until), None
    except TimeoutError as error:
        raise NotFetched("máy chủ trả lời quá chậm") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = "máy chủ trả lời quá chậm" if time.monotonic() >= until else "không kết nối được máy chủ"
        raise NotFetched(reason) from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, limit_bytes: int, until: float) -> bytes:
    content = bytearray()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > limit_bytes:
            raise NotFetched("máy chủ trả lời quá dài")
        if time.monotonic() >= until:
            raise NotFetched("máy chủ trả lời quá chậm")
    if answer.length:
        raise NotFetched("máy chủ ngắt giữa chừng")
    return bytes(content)


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name stands for by now."""

    def __init__(self, parts: SplitResult, port: int, address: str, timeout_s: float) -> None:
        super().__init__(parts.hostname or "", port, timeout=timeout_s)
        self._pinned = address
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None

    def connect(self) -> None:
        self.sock = socket.create_connection((self._pinned, self.port), self.timeout)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    def ending_at(self, until: float) -> _Deadline:
        return _Deadline(self, until)


class _Deadline:
    """Cuts the connection when time is over: a server that sends a byte now and then holds nobody up."""

    def __init__(self, connection: _Pinned, until: float) -> None:
        self._connection = connection
        self._timer = threading.Timer(max(0.0, until - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # ended by itself in the meantime

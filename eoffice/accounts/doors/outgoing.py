"""Asking a provider over HTTPS: its own addresses only, no redirects, little time, little room."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Final
from urllib.parse import urlencode, urlsplit

from eoffice.accounts.doors.identity import DoorDown
from eoffice.core.network_words import why_unreachable

TIMEOUT_S: Final = 10
LIMIT_BYTES: Final = 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_acceptable(url: str) -> bool:
    """HTTPS, or plain HTTP to this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def get_json(url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at `url`. Raises DoorDown."""
    return _ask(urllib.request.Request(_checked(url), headers={"Accept": "application/json", **(headers or {})}))  # noqa: S310 - scheme checked


def post_form(url: str, fields: Mapping[str, str], *, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Send a form; status and JSON object of the answer, also of a refusal. Raises DoorDown."""
    request = urllib.request.Request(  # noqa: S310 - scheme checked
        _checked(url),
        data=urlencode(fields).encode(),
        headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **headers},
    )
    try:
        return 200, _ask(request)
    except _Refused as refused:
        return refused.status, refused.body


class _Refused(DoorDown):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"Máy chủ đăng nhập trả lời mã {status}.")
        self.status = status
        self.body = body


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def _checked(url: str) -> str:
    if not is_acceptable(url):
        raise DoorDown("Địa chỉ của nơi đăng nhập phải bắt đầu bằng https://.")
    return url


def _ask(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            return _object(answer.read(LIMIT_BYTES + 1))
    except urllib.error.HTTPError as error:
        raise _Refused(error.code, _object_or_empty(error.read(LIMIT_BYTES))) from error
    except (OSError, HTTPException) as error:
        raise DoorDown(f"Không kết nối được máy chủ đăng nhập: {why_unreachable(error)}.") from error


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > LIMIT_BYTES:
        raise DoorDown("Máy chủ đăng nhập trả lời quá dài.")
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise DoorDown("Máy chủ đăng nhập trả lời không đúng dạng JSON.") from error
    if not isinstance(parsed, dict):
        raise DoorDown("Máy chủ đăng nhập trả lời không đúng dạng JSON.")
    return parsed


def _object_or_empty(content: bytes) -> dict[str, Any]:
    try:
        return _object(content)
    except DoorDown:
        return {}

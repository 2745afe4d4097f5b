"""Why a server could not be reached, in words an administrator can act on: no names of Python's classes."""

from __future__ import annotations

import errno
import http.client
import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Final

_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_BROKEN_OFF: Final = (
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    EOFError,
    http.client.RemoteDisconnected,
    http.client.IncompleteRead,
    imaplib.IMAP4.abort,
    smtplib.SMTPServerDisconnected,
)
_BY_TEXT: Final = (
    ("certificate_verify_failed", "certificate"),
    ("certificate verify failed", "certificate"),
    ("timed out", "time"),
    ("connection refused", "refused"),
    ("name or service not known", "name"),
    ("invalid server address", "name"),
    ("starttls", "secure"),
    ("ssl", "secure"),
    ("socket closed", "broken"),
    ("connection reset", "broken"),
)
"""What libraries that wrap errors in texts of their own say (ldap3)."""
_WORDS: Final = {
    "certificate": "không tin được chứng thư của máy chủ; kiểm tra tên máy chủ, hạn chứng thư và nơi cấp chứng thư",
    "time": "máy chủ không trả lời kịp; kiểm tra địa chỉ, cổng và tường lửa",
    "refused": "máy chủ từ chối kết nối; kiểm tra cổng và dịch vụ ở máy chủ",
    "name": "không tìm thấy tên máy chủ; kiểm tra tên hoặc máy chủ tên miền",
    "unreachable": "không có đường mạng tới máy chủ",
    "secure": "không lập được kênh mã hóa; kiểm tra cổng và kiểu mã hóa",
    "broken": "máy chủ ngắt kết nối giữa chừng; thường do sai cổng hoặc sai kiểu mã hóa",
    "protocol": "máy chủ trả lời không đúng giao thức; kiểm tra cổng",
    "other": "chưa rõ nguyên nhân; xem nhật ký của máy chủ bên kia",
}


def why_unreachable(error: BaseException) -> str:
    """The cause in Vietnamese, lower case, without a full stop; the error itself or whatever it wraps tells."""
    for each in _wrapped(error):
        if (known := _kind_of(each)) is not None:
            return _WORDS[known]
    text = " ".join(str(each) for each in _wrapped(error)).lower()
    return _WORDS[next((kind for part, kind in _BY_TEXT if part in text), "other")]


def _wrapped(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it came from, the outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [getattr(each, "reason", None), each.__cause__, each.__context__]


def _kind_of(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "secure"
    if isinstance(error, TimeoutError):
        return "time"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, socket.gaierror):
        return "name"
    if isinstance(error, _BROKEN_OFF):
        return "broken"
    if isinstance(error, OSError) and error.errno in _UNREACHABLE:
        return "unreachable"
    return "protocol" if isinstance(error, (http.client.HTTPException, imaplib.IMAP4.error)) else None

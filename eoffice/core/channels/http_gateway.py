"""A provider's HTTP interface for SMS or voice, described by settings: address, headers, body, mark of success."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlsplit
from xml.sax.saxutils import escape

from eoffice.core.channels import numbers
from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.transport import SEND_TIMEOUT_S, Accepted, Content
from eoffice.core.errors import Invalid
from eoffice.core.network_words import why_unreachable

METHODS: Final = ("POST", "PUT", "GET")
BODY_TYPES: Final = {
    "json": "application/json; charset=utf-8",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
NAMES: Final = ("number", "number_84", "number_0", "text", "key", "secret", "user")
"""Words in braces that are filled in: `{number}` is +84…, `{number_84}` 84…, `{number_0}` 0…; `{secret}` is kept
encrypted and never shown again."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_MOST_BYTES: Final = 64 * 1024
_STATUS: Final = re.compile(r"^(\d{3})(?:-(\d{3}))?$")
_HEADER_NAME: Final = re.compile(r"^[A-Za-z0-9-]{1,60}$")


@dataclass(frozen=True, kw_only=True)
class HttpSettings:
    """How to order one message. Only the host named in `url` is ever spoken to; redirects are not followed."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body_type: str = "json"
    body: str = ""
    user: str = ""
    success_status: str = "200-299"
    """One status, or a range of them."""
    success_path: str = ""
    """Dotted way into a JSON answer (`result.code`, `messages.0.status`); empty: not asked."""
    success_value: str = ""
    success_pattern: str = ""
    """Regular expression found in the answer; empty: not asked."""
    id_path: str = ""
    """Where a JSON answer tells the provider's id of the message."""

    def check(self) -> None:
        """Raise Invalid with every fault by field."""
        faults = {**_faults_of_address(self.url), **_faults_of_body(self), **_faults_of_success(self)}
        if self.method not in METHODS:
            faults["method"] = "Chọn phương thức trong danh sách."
        if any(not _HEADER_NAME.match(name) or "\n" in value or "\r" in value for name, value in self.headers.items()):
            faults["headers"] = "Mỗi dòng là «Tên: giá trị»; tên chỉ gồm chữ không dấu, số và gạch nối."
        texts = {"url": self.url, "body": self.body, "headers": " ".join(self.headers.values())}
        for name, text in texts.items():
            unknown = (
                sorted(set(_PLACE.findall(text)) - set(NAMES)) if name != "body" or self.body_type != "json" else []
            )
            if unknown:
                faults[name] = f"Không có chỗ điền tên {{{unknown[0]}}}."
        if faults:
            raise Invalid("Cấu hình cổng HTTP chưa dùng được.", fields=faults)


def _faults_of_address(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    try:
        port = parts.port or 1
    except ValueError:
        port = 0
    if parts.scheme not in {"https", "http"} or not parts.hostname or not port or parts.username is not None:
        return {"url": "Nhập địa chỉ đầy đủ, ví dụ https://sms.donvi.vn/api/send."}
    if _PLACE.search(parts.netloc):
        return {"url": "Tên máy chủ phải cố định, không chứa chỗ điền."}
    return {}


def _faults_of_body(settings: HttpSettings) -> dict[str, str]:
    if settings.body_type not in BODY_TYPES:
        return {"body_type": "Chọn dạng nội dung trong danh sách."}
    if settings.body_type == "json" and settings.body:
        try:
            json.loads(settings.body)
        except ValueError as error:
            return {"body": f"Mẫu nội dung chưa đúng cú pháp JSON: {error}."}
    return {}


def _faults_of_success(settings: HttpSettings) -> dict[str, str]:
    if not _STATUS.match(settings.success_status):
        return {"success_status": "Nhập một mã như 200, hoặc một khoảng như 200-299."}
    try:
        re.compile(settings.success_pattern)
    except re.error as error:
        return {"success_pattern": f"Biểu thức chưa đúng: {error}."}
    return {}


def send_by_http(settings: HttpSettings, *, secret: str, content: Content) -> Accepted:
    """Order one message and judge the answer. Raises NotAccepted."""
    values = _values_of(settings, secret, content)
    parts = urlsplit(settings.url)
    target = _filled(parts.path or "/", values, quote_all)
    if parts.query:
        target += "?" + _filled(parts.query, values, quote_plus)
    headers = {name: _filled(text, values, _one_line) for name, text in settings.headers.items()}
    body = b""
    if settings.method != "GET":
        body = _body_of(settings, values)
        headers.setdefault("Content-Type", BODY_TYPES[settings.body_type])
    status, answer = _exchange(settings, target, headers, body)
    return _judged(settings, status, answer)


def _values_of(settings: HttpSettings, secret: str, content: Content) -> dict[str, str]:
    return {
        "number": content.recipient,
        "number_84": content.recipient.removeprefix("+"),
        "number_0": numbers.national(content.recipient),
        "text": content.text,
        "key": content.key,
        "secret": secret,
        "user": settings.user,
    }


def quote_all(text: str) -> str:
    return quote(text, safe="")


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _filled(template: str, values: Mapping[str, str], quoted: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda found: quoted(values[found[1]]) if found[1] in values else found[0], template)


def _body_of(settings: HttpSettings, values: Mapping[str, str]) -> bytes:
    if not settings.body:
        return b""
    if settings.body_type == "json":
        # Filled in after parsing: no quotation mark in a message can change the order.
        return json.dumps(_filled_tree(json.loads(settings.body), values), ensure_ascii=False).encode()
    return _filled(settings.body, values, quote_plus if settings.body_type == "form" else escape).encode()


def _filled_tree(tree: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON is any tree
    if isinstance(tree, str):
        return _filled(tree, values, str)
    if isinstance(tree, list):
        return [_filled_tree(branch, values) for branch in tree]
    if isinstance(tree, dict):
        return {name: _filled_tree(branch, values) for name, branch in tree.items()}
    return tree


def _exchange(settings: HttpSettings, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(settings.url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=SEND_TIMEOUT_S, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=SEND_TIMEOUT_S)
    )
    try:
        connection.request(settings.method, target, body=body or None, headers={**headers, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_BYTES)
    except TimeoutError as error:
        raise NotAccepted(f"Cổng {host} không trả lời trong {SEND_TIMEOUT_S:.0f} giây.") from error
    except ssl.SSLError as error:
        raise NotAccepted(f"Không lập được kết nối bảo mật tới {host}: {why_unreachable(error)}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise NotAccepted(f"Không nối được tới {host}: {why_unreachable(error)}.") from error
    finally:
        connection.close()


def _judged(settings: HttpSettings, status: int, answer: bytes) -> Accepted:
    text = answer.decode("utf-8", "replace")
    if not _status_fits(settings.success_status, status):
        raise NotAccepted(f"Cổng trả mã HTTP {status}.")
    if settings.success_path:
        told = value_at(text, settings.success_path)
        if told != settings.success_value:
            raise NotAccepted(f"Cổng báo {settings.success_path} = {(told or 'không có')[:60]}.")
    if settings.success_pattern and not re.search(settings.success_pattern, text):
        raise NotAccepted("Câu trả lời của cổng không có dấu hiệu thành công đã khai.")
    provider_id = value_at(text, settings.id_path) if settings.id_path else None
    return Accepted((provider_id[:100],) if provider_id else ())


def _status_fits(wanted: str, status: int) -> bool:
    found = _STATUS.match(wanted)
    return found is not None and int(found[1]) <= status <= int(found[2] or found[1])


def value_at(text: str, path: str) -> str | None:
    """The plain value at a dotted path of a JSON text, as text; None where the way ends."""
    try:
        tree = json.loads(text)
    except ValueError:
        return None
    for step in path.split("."):
        if isinstance(tree, dict) and step in tree:
            tree = tree[step]
        elif isinstance(tree, list) and step.isdecimal() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    if isinstance(tree, dict | list):
        return None
    return tree if isinstance(tree, str) else json.dumps(tree)

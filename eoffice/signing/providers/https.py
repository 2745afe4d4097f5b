"""Asking a signing service: JSON over verified TLS, to its own address only, no redirects, little time and room."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from eoffice.signing.providers.signer import SignerDown

LIMIT_BYTES: Final = 2 * 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_kept = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a service answered. `content` is the JSON value; an empty object where there was none."""

    status: int
    content: Any

    @property
    def object(self) -> dict[str, Any]:
        """The answer as an object; empty where it is anything else."""
        return self.content if isinstance(self.content, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonService:
    """A base address and how long to wait for it."""

    base_url: str
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(self, path: str, body: Mapping[str, Any], *, bearer: str = "", again: bool = False) -> Reply:
        """Post a JSON object. Raises SignerDown.

        `again`: asking twice does no harm, so that a connection kept open from the last question may be used, and
        opened anew where the service has closed it meanwhile. An order to sign is never sent twice.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self.headers}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return self._ask(path, json.dumps(body, ensure_ascii=False).encode(), headers, again=again)

    def post_form(self, path: str, fields: Mapping[str, str], *, headers: Mapping[str, str]) -> Reply:
        """Post a form. Raises SignerDown."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
        return self._ask(path, urlencode(fields).encode(), sent, again=False)

    def _ask(self, path: str, body: bytes, headers: Mapping[str, str], *, again: bool) -> Reply:
        url = urlsplit(self.base_url + path)
        if not is_acceptable(self.base_url):
            raise SignerDown("Địa chỉ của dịch vụ ký số phải bắt đầu bằng https://.")
        place = (url.scheme, url.hostname or "", url.port)
        target = url.path + (f"?{url.query}" if url.query else "")
        kept: dict[Any, http.client.HTTPConnection] = _kept.__dict__.setdefault("connections", {})
        connection = kept.pop(place, None) if again else None
        try:
            if connection is not None:
                try:
                    return self._exchange(connection, target, body, headers, place if again else None)
                except (http.client.HTTPException, OSError):
                    connection.close()  # closed by the service since the last question
            return self._exchange(self._connect(place), target, body, headers, place if again else None)
        except TimeoutError as error:
            raise SignerDown(f"Dịch vụ ký số không trả lời trong {self.timeout_s:.0f} giây.") from error
        except ssl.SSLError as error:
            raise SignerDown(f"Không lập được kết nối bảo mật tới dịch vụ ký số: {error.reason}.") from error
        except (OSError, http.client.HTTPException) as error:
            raise SignerDown("Không kết nối được dịch vụ ký số.") from error

    def _connect(self, place: tuple[str, str, int | None]) -> http.client.HTTPConnection:
        scheme, host, port = place
        if scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self.timeout_s, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self.timeout_s)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        keep_as: tuple[str, str, int | None] | None,
    ) -> Reply:
        if connection.sock is not None:
            connection.sock.settimeout(self.timeout_s)
        connection.request("POST", target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        content = answer.read(LIMIT_BYTES + 1)
        if keep_as is not None and not answer.will_close and len(content) <= LIMIT_BYTES:
            _kept.connections[keep_as] = connection
        else:
            connection.close()
        if answer.status >= 500:
            raise SignerDown(f"Dịch vụ ký số báo lỗi (mã {answer.status}).")
        return Reply(status=answer.status, content=_parsed(content))


def is_acceptable(url: str) -> bool:
    """HTTPS, or plain HTTP to this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON is any tree
    if len(content) > LIMIT_BYTES:
        raise SignerDown("Dịch vụ ký số trả lời quá dài.")
    if not content:
        return {}
    try:
        return json.loads(content)
    except ValueError as error:
        raise SignerDown("Dịch vụ ký số trả lời không đúng dạng JSON.") from error

"""Ordering messages from a real HTTP server on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from eoffice.core.channels import http_gateway
from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.http_gateway import HttpSettings, send_by_http
from eoffice.core.channels.transport import Content
from eoffice.core.errors import Invalid

TEXT = 'Mã "123456" & \\ dùng một lần\nhết hạn sau 5 phút'
CONTENT = Content(key="k-1", recipient="+84901234567", text=TEXT)


@dataclass
class Provider:
    """What the server was asked, and what it will say."""

    url: str
    status: int = 200
    answer: bytes = b'{"result": {"code": "0"}, "messages": [{"id": 77}]}'
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def provider() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.asked.append((self.command, self.path, dict(self.headers), body))
            time.sleep(made.delay_s)
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.answer)))
            self.end_headers()
            self.wfile.write(made.answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Provider(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def test_json_body_is_filled_in_without_breaking_it(provider: Provider) -> None:
    settings = HttpSettings(
        url=f"{provider.url}/api/send",
        headers={"Authorization": "Bearer {secret}"},
        body='{"to": "{number_84}", "list": [{"text": "{text}"}], "ref": "{key}", "flash": false}',
        success_path="result.code",
        success_value="0",
        id_path="messages.0.id",
    )
    settings.check()

    accepted = send_by_http(settings, secret="bí-mật-không".encode().hex(), content=CONTENT)

    method, path, headers, body = provider.asked[0]
    assert (method, path) == ("POST", "/api/send")
    assert headers["Authorization"] == "Bearer " + "bí-mật-không".encode().hex()
    assert json.loads(body) == {"to": "84901234567", "list": [{"text": TEXT}], "ref": "k-1", "flash": False}
    assert accepted.provider_ids == ("77",)


def test_form_body_and_address_are_quoted(provider: Provider) -> None:
    settings = HttpSettings(
        url=f"{provider.url}/send?to={{number_0}}&user={{user}}",
        body_type="form",
        body="text={text}&pass={secret}",
        user="txg&co",
    )
    settings.check()

    send_by_http(settings, secret="a=b&c", content=CONTENT)

    _, path, headers, body = provider.asked[0]
    assert parse_qs(urlsplit(path).query) == {"to": ["0901234567"], "user": ["txg&co"]}
    assert parse_qs(body.decode()) == {"text": [TEXT], "pass": ["a=b&c"]}
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")


def test_get_carries_no_body_and_xml_is_escaped(provider: Provider) -> None:
    send_by_http(HttpSettings(url=f"{provider.url}/?t={{text}}", method="GET", body="x"), secret="", content=CONTENT)
    send_by_http(
        HttpSettings(url=provider.url, body_type="xml", body="<sms><t>{text}</t></sms>"), secret="", content=CONTENT
    )

    assert provider.asked[0][0] == "GET"
    assert provider.asked[0][3] == b""
    assert '<t>Mã "123456" &amp; ' in provider.asked[1][3].decode()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, 500, "Cổng trả mã HTTP 500."),
        ({"success_status": "202"}, 200, "Cổng trả mã HTTP 200."),
        ({"success_path": "result.code", "success_value": "1"}, 200, "Cổng báo result.code = 0."),
        ({"success_path": "result.nothing", "success_value": "1"}, 200, "Cổng báo result.nothing = không có."),
        ({"success_pattern": "^OK"}, 200, "Câu trả lời của cổng không có dấu hiệu thành công đã khai."),
    ],
)
def test_answer_without_the_mark_of_success_is_a_refusal(
    provider: Provider, changes: dict[str, str], status: int, words: str
) -> None:
    provider.status = status

    with pytest.raises(NotAccepted) as refused:
        send_by_http(
            HttpSettings(url=provider.url, **changes),  # type: ignore[arg-type]
            secret="s",
            content=CONTENT,
        )

    assert refused.value.message == words


def test_redirect_is_not_followed(provider: Provider) -> None:
    provider.status = 302
    provider.headers = {"Location": f"{provider.url}/elsewhere"}

    with pytest.raises(NotAccepted):
        send_by_http(HttpSettings(url=provider.url), secret="s", content=CONTENT)

    assert len(provider.asked) == 1


def test_slow_and_absent_servers_are_given_up(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_gateway, "SEND_TIMEOUT_S", 0.3)
    provider.delay_s = 1.0

    with pytest.raises(NotAccepted, match="không trả lời"):
        send_by_http(HttpSettings(url=provider.url), secret="s", content=CONTENT)
    with pytest.raises(NotAccepted, match="Không nối được"):
        send_by_http(HttpSettings(url="http://127.0.0.1:9/"), secret="s", content=CONTENT)


@pytest.mark.parametrize(
    ("changes", "field_name"),
    [
        ({"url": "ftp://sms.example/"}, "url"),
        ({"url": "https://{number}.example/"}, "url"),
        ({"url": "https://user:pass@sms.example/"}, "url"),
        ({"url": "https://sms.example:99999/"}, "url"),
        ({"url": "https://sms.example/{pin}"}, "url"),
        ({"method": "TRACE"}, "method"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "headers"),
        ({"headers": {"X A": "1"}}, "headers"),
        ({"body": "{not json"}, "body"),
        ({"body_type": "yaml"}, "body_type"),
        ({"success_status": "ok"}, "success_status"),
        ({"success_pattern": "("}, "success_pattern"),
    ],
)
def test_settings_that_cannot_be_used_are_named(changes: dict[str, object], field_name: str) -> None:
    with pytest.raises(Invalid) as refused:
        HttpSettings(**{"url": "https://sms.example/", **changes}).check()  # type: ignore[arg-type]

    assert list(refused.value.fields) == [field_name]

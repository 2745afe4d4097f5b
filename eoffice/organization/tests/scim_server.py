"""A small SCIM 2.0 service provider on loopback: bearer token, list responses, paging, `active eq true` (RFC 7644)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "scim-token-of-the-test"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def user(number: int, **more: Any) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": f"id-{number}",
        "userName": f"u{number}@truongxuan.example",
        "name": {"familyName": "Nguyễn", "middleName": "Văn", "givenName": f"Số {number}"},
        "emails": [
            {"value": "rieng@khac.example"},
            {"value": f"u{number}@truongxuan.example", "primary": True, "type": "work"},
        ],
        "phoneNumbers": [{"value": "024 3 123 4567", "type": "work"}, {"value": f"09010{number:05}", "type": "mobile"}],
        "active": True,
        "title": "Chuyên viên",
        ENTERPRISE: {"employeeNumber": f"SC{number}", "department": "CN"},
        **more,
    }


class Provider:
    """Its users, how many it gives in one page at most, and what was asked."""

    def __init__(self, users: list[dict[str, Any]]) -> None:
        self.users = users
        self.most = 50
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, Any]]:
        if authorization != f"Bearer {TOKEN}":
            return 401, {"schemas": [_ERROR], "status": "401"}
        parts = urlsplit(path)
        if parts.path != "/scim/v2/Users":
            return 404, {"schemas": [_ERROR], "status": "404"}
        query = parse_qs(parts.query)
        self.asked.append(query)
        wanted = query.get("filter", [""])[0]
        if wanted not in {"", "active eq true"}:
            return 400, {"schemas": [_ERROR], "status": "400", "scimType": "invalidFilter"}
        found = [one for one in self.users if not wanted or one["active"]]
        start = max(int(query.get("startIndex", ["1"])[0]), 1)
        page = found[start - 1 :][: min(int(query.get("count", ["100"])[0]), self.most)]
        return 200, {
            "schemas": [_LIST],
            "totalResults": len(found),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }


@contextmanager
def scim_provider(users: list[dict[str, Any]]) -> Iterator[Provider]:
    provider = Provider(users)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = provider.answer(self.path, self.headers.get("Authorization", ""))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/scim+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/scim/v2"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

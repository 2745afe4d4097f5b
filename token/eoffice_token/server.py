"""The loopback server: pages of known sites ask here, the person answers on a page of the agent's own."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from asn1crypto import x509 as asn1_x509

from eoffice_token.consent import LAST_TRY, STYLE, Opener, Question, page, words_of
from eoffice_token.pairing import Pairing
from eoffice_token.tokens import Signed, TokenKey, Tokens

PORT: Final = 14987
_LARGEST_BYTES: Final = 256 * 1024
_MOST_PAPERS: Final = 50
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """The answer to a request that is not let in, or not understood."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(words)


class Agent:
    """What the server knows: tokens, pairing, and the one question that is open."""

    def __init__(self, tokens: Tokens, pairing: Pairing, opener: Opener, *, port: int = PORT) -> None:
        self.tokens, self.pairing, self._opener = tokens, pairing, opener
        self._busy = threading.Lock()
        self.question: Question | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self.port = int(self.server.server_address[1])

    def certificates(self) -> dict[str, Any]:
        keys, silent = self.tokens.keys()
        return {"certificates": [_shown(key) for key in keys], "silent": silent}

    def sign(self, site: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask the person, then the token; waits for both."""
        papers = _papers(asked)
        if not self._busy.acquire(blocking=False):
            raise Refused(409, "Đang có một yêu cầu ký khác chờ trên máy này. Trả lời yêu cầu đó trước.")
        try:
            key = next((key for key in self.tokens.keys()[0] if key.certificate == asked.get("certificate")), None)
            if key is None:
                raise Refused(404, "Không thấy token có chứng thư này. Cắm token rồi thử lại.")
            signed = Signed({}, "locked") if key.locked else self._ask_person(site, asked, papers, key)
        finally:
            self._busy.release()
        words = words_of(signed, len(papers)) if signed.fault else ""
        return {"values": signed.values, "fault": signed.fault, "words": words}

    def _ask_person(self, site: str, asked: dict[str, Any], papers: list[dict[str, str]], key: TokenKey) -> Signed:
        """Open the page with the question and wait for what comes of it."""
        description = str(asked.get("description", ""))[:200]
        self.question = Question(site, description, papers, key, words=LAST_TRY if key.last_try else "")
        self._opener(f"http://127.0.0.1:{self.port}/consent/{self.question.nonce}")
        return self.question.wait()


def _shown(key: TokenKey) -> dict[str, str]:
    """A certificate in words. One that cannot be read is shown as such, and no page can use it."""
    try:
        parsed = asn1_x509.Certificate.load(base64.b64decode(key.certificate))
        names = [str(name.native.get("common_name", name.human_friendly)) for name in (parsed.subject, parsed.issuer)]
        expires = f"{parsed.not_valid_after:%d/%m/%Y}"
    except (ValueError, TypeError, KeyError):
        names, expires = ["Không đọc được", ""], ""
    return {
        "token": key.label,
        "subject": names[0],
        "issuer": names[1],
        "expires": expires,
        "certificate": key.certificate,
    }


def _papers(asked: dict[str, Any]) -> list[dict[str, str]]:
    papers = asked.get("papers")
    if not isinstance(papers, list) or not 0 < len(papers) <= _MOST_PAPERS:
        raise Refused(400, "Yêu cầu ký không đúng dạng.")
    try:
        return [{name: str(paper[name])[:400] for name in ("doc_id", "title", "digest")} for paper in papers]
    except (TypeError, KeyError) as error:
        raise Refused(400, "Yêu cầu ký không đúng dạng.") from error


def _handler_of(agent: Agent) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "eoffice-token"
        sys_version = ""

        def do_OPTIONS(self) -> None:
            self._answer(self._preflight)

        def do_GET(self) -> None:
            self._answer(self._shown)

        def do_POST(self) -> None:
            self._answer(self._asked)

        def _answer(self, work: Any) -> None:  # noqa: ANN401 - one of the three below
            try:
                self._require_host()
                work()
            except Refused as refused:
                self._say_json(refused.status, {"words": refused.words})

        def _require_host(self) -> None:
            """A name that only resolves to this machine is another site's trick (DNS rebinding)."""
            if self.headers.get("Host") not in {f"127.0.0.1:{agent.port}", f"localhost:{agent.port}"}:
                raise Refused(421, "Sai địa chỉ.")

        def _origin(self) -> str:
            origin = self.headers.get("Origin") or ""
            if origin not in agent.pairing.sites:
                raise Refused(403, "Trang này chưa được cho phép.")
            return origin

        def _preflight(self) -> None:
            self._origin()
            self._say(204, b"", {})

        def _shown(self) -> None:
            if self.path == "/style.css":
                return self._say(200, STYLE.encode(), {"Content-Type": "text/css"})
            if self.path == "/":
                self._origin()
                return self._say_json(200, {"program": "eoffice-token", "version": 1})
            return self._say_page(self._open_question())

        def _asked(self) -> None:
            if self.path.startswith("/consent/"):
                return self._consent(self._open_question())
            origin = self._origin()
            asked = self._body()
            if self.path == "/pair":
                key = agent.pairing.pair(origin, str(asked.get("code", "")))
                if key is None:
                    raise Refused(403, "Mã ghép nối không đúng. Xem mã trong cửa sổ eoffice-token.")
                return self._say_json(200, {"key": key})
            if not agent.pairing.knows(origin, (self.headers.get("Authorization") or "").removeprefix("Bearer ")):
                raise Refused(401, "Trang này chưa ghép nối với máy.")
            if self.path == "/certificates":
                return self._say_json(200, agent.certificates())
            if self.path == "/sign":
                return self._say_json(200, agent.sign(origin, asked))
            raise Refused(404, "Không có địa chỉ này.")

        def _open_question(self) -> Question:
            question = agent.question
            if question is None or self.path != f"/consent/{question.nonce}":
                raise Refused(404, "Yêu cầu này không còn.")
            return question

        def _consent(self, question: Question) -> None:
            """Only from the agent's own page: another site's form carries another origin."""
            if self.headers.get("Origin") not in {f"http://127.0.0.1:{agent.port}", f"http://localhost:{agent.port}"}:
                raise Refused(403, "Sai trang.")
            typed = parse_qs(self._read().decode(errors="replace"))
            if typed.get("do") == ["refuse"]:
                question.refuse()
            elif typed.get("pin"):
                question.try_pin(agent.tokens, typed["pin"][0])
            self._say_page(question)

        def _body(self) -> dict[str, Any]:
            try:
                asked = json.loads(self._read())
            except ValueError as error:
                raise Refused(400, "Yêu cầu không đọc được.") from error
            if not isinstance(asked, dict):
                raise Refused(400, "Yêu cầu không đọc được.")
            return asked

        def _read(self) -> bytes:
            length = self.headers.get("Content-Length") or "0"
            if not length.isdigit() or int(length) > _LARGEST_BYTES:
                raise Refused(413, "Yêu cầu quá lớn.")
            return self.rfile.read(int(length))

        def _say_json(self, status: int, told: dict[str, Any]) -> None:
            self._say(status, json.dumps(told).encode(), {"Content-Type": "application/json"})

        def _say_page(self, question: Question) -> None:
            self._say(200, page(question).encode(), {"Content-Type": "text/html; charset=utf-8", **_PAGE_HEADERS})

        def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            origin = self.headers.get("Origin") or ""
            if origin in agent.pairing.sites:
                headers = headers | {
                    "Access-Control-Allow-Origin": origin,
                    "Access-Control-Allow-Headers": "authorization, content-type",
                    "Access-Control-Allow-Methods": "GET, POST",
                    "Access-Control-Allow-Private-Network": "true",
                    "Vary": "Origin",
                }
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing of what is signed is written down here."""

    return Handler

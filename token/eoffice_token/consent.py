"""The page of the agent's own on which a person sees what he signs and types his PIN."""

from __future__ import annotations

import html
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from eoffice_token.tokens import Signed, TokenKey, Tokens

PATIENCE_S: Final = 180.0
WORDS: Final = {
    "pin": "Mã PIN không đúng. Chưa có gì được ký.",
    "locked": "Token đã khóa vì nhập sai mã PIN nhiều lần. Mở khóa bằng phần mềm của nhà sản xuất hoặc nơi cấp.",
    "gone": "Token bị rút ra hoặc không trả lời. Cắm lại token rồi ký lại.",
    "no_key": "Token không còn khóa của chứng thư này.",
    "driver": "Thư viện của token báo lỗi. Cắm lại token rồi ký lại.",
    "refused": "Đã từ chối ký trên máy tính.",
    "late": "Quá lâu không xác nhận trên máy tính nên yêu cầu kết thúc. Chưa có gì được ký.",
}
_LOCKS: Final = "Token khóa sau vài lần sai liên tiếp."
LAST_TRY: Final = "Chỉ còn một lần thử: nhập sai nữa thì token khóa."


@dataclass
class Question:
    """One signing that waits for its person. `address` is unguessable and good once."""

    site: str
    description: str
    papers: Sequence[dict[str, str]]
    key: TokenKey
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    answer: Signed | None = None
    words: str = ""
    _done: threading.Event = field(default_factory=threading.Event)
    _trying: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> Signed:
        """What came of it; nobody there counts as late."""
        self._done.wait(PATIENCE_S)
        with self._trying:
            if self.answer is None:
                self.answer = Signed({}, "late")
            return self.answer

    def try_pin(self, tokens: Tokens, pin: str) -> bool:
        """Sign with the PIN typed; True when that ended the question. A wrong PIN leaves it open for another."""
        with self._trying:
            if self.answer is not None:
                return True
            signed = tokens.sign(self.key, pin=pin, papers=self.papers)
            if signed.fault == "pin":
                self.words = f"{WORDS['pin']} {LAST_TRY if signed.last_try else _LOCKS}"
                return False
            self.answer = signed
            self._done.set()
            return True

    def refuse(self) -> None:
        with self._trying:
            if self.answer is None:
                self.answer = Signed({}, "refused")
            self._done.set()


def words_of(signed: Signed, papers: int) -> str:
    """How it ended, in words; what was signed before a fault is said first, since it stays signed."""
    if not signed.fault:
        return f"Đã ký {len(signed.values)} văn bản. Đóng trang này."
    done = f"Đã ký {len(signed.values)} trong {papers} văn bản. " if signed.values else ""
    return done + WORDS.get(signed.fault, "")


def page(question: Question) -> str:
    """The question, or how it ended."""
    if question.answer is not None:
        fault = question.answer.fault
        words = words_of(question.answer, len(question.papers))
        return _frame(f"<p class='{'bad' if fault else 'good'}' role='status'>{html.escape(words)}</p>")
    lines = "".join(
        f"<li>{html.escape(paper['title'])}<br><small>Mã {html.escape(paper['doc_id'])}</small></li>"
        for paper in question.papers
    )
    fault = f"<p class='bad' role='alert'>{html.escape(question.words)}</p>" if question.words else ""
    return _frame(
        f"<p>Trang <b>{html.escape(question.site)}</b> yêu cầu ký {len(question.papers)} văn bản bằng token"
        f" <b>{html.escape(question.key.label)}</b>.</p><p>{html.escape(question.description)}</p><ul>{lines}</ul>"
        f"{fault}"
        "<form method='post' autocomplete='off'><label for='pin'>Mã PIN của token</label>"
        "<input id='pin' name='pin' type='password' maxlength='64' autofocus>"
        "<p><button name='do' value='sign'>Ký</button>"
        " <button name='do' value='refuse' class='quiet'>Từ chối</button></p></form>"
    )


def _frame(content: str) -> str:
    return (
        "<!doctype html><html lang='vi'><head><meta charset='utf-8'><title>Xác nhận ký bằng USB token</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><link rel='stylesheet' href='/style.css'>"
        f"</head><body><main><h1>Xác nhận ký bằng USB token</h1>{content}</main></body></html>"
    )


STYLE: Final = """:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:0;padding:1.5rem}
main{max-width:36rem;margin:auto}h1{font-size:1.25rem}small{opacity:.75}li{margin:.5rem 0}
label{display:block;font-weight:600}
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin-top:.25rem}
button{font:inherit;padding:.5rem 1.25rem;min-height:2.75rem}.bad{border-left:4px solid #c62828;padding:.5rem .75rem}
.good{border-left:4px solid #2e7d32;padding:.5rem .75rem}.quiet{opacity:.85}"""

Opener = Callable[[str], object]
"""Shows an address to the person: the browser, or a test."""

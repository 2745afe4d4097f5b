"""The user's guide: `docs/user-guide.md` and the chapters with pictures of `docs/user/`, as pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from eoffice.core.errors import NotFound

_DOCS: Final = Path(settings.PACKAGE_DIR).parent / "docs"
GUIDE_PATH: Final = _DOCS / "user-guide.md"


def guide_html(chapter: str = "") -> Markup:
    """The guide, or one of its chapters, as HTML; raw HTML in the text is shown as text. Raises NotFound."""
    path = _DOCS / "user" / f"{chapter}.md" if chapter else GUIDE_PATH
    if not path.is_file():
        raise NotFound("Chưa có hướng dẫn sử dụng trong bản cài đặt này. Gọi bộ phận hỗ trợ khi cần.")
    return _rendered(path, path.stat().st_mtime_ns)


def picture_path(name: str) -> Path:
    """The file of one picture of the guide. Raises NotFound."""
    path = _DOCS / "images" / f"{name}.png"
    if not path.is_file():
        raise NotFound("Không có hình này trong hướng dẫn.")
    return path


@lru_cache(maxsize=8)
def _rendered(path: Path, _changed_at: int) -> Markup:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(path.read_text(encoding="utf-8"))
    for token in _within(tokens):
        _lead_to_pages(token)
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - html is off in the parser


def _within(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _within(token.children or ())


def _lead_to_pages(token: Token) -> None:
    """What leads from file to file in the text leads from page to page here."""
    source = Path(str(token.attrs.get("src" if token.type == "image" else "href", "")))
    if token.type == "image":
        token.attrs |= {"src": reverse("web:guide_picture", args=[source.stem]), "loading": "lazy"}
    elif source.name == GUIDE_PATH.name:
        token.attrs["href"] = reverse("web:guide")
    elif source.suffix == ".md":
        token.attrs["href"] = reverse("web:guide_chapter", args=[source.stem])

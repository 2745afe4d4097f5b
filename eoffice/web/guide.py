"""The user's guide: `docs/user-guide.md` as a page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from markdown_it import MarkdownIt
from markupsafe import Markup

from eoffice.core.errors import NotFound

GUIDE_PATH = Path(settings.PACKAGE_DIR).parent / "docs" / "user-guide.md"


def guide_html() -> Markup:
    """The guide as HTML. Raw HTML in the text is shown as text, never passed through. Raises NotFound."""
    if not GUIDE_PATH.is_file():
        raise NotFound("Chưa có hướng dẫn sử dụng trong bản cài đặt này. Gọi bộ phận hỗ trợ khi cần.")
    return _rendered(GUIDE_PATH.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _rendered(_changed_at: int) -> Markup:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Markup(parser.render(GUIDE_PATH.read_text(encoding="utf-8")))  # noqa: S704 - html is off in the parser

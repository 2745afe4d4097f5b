"""Bytes of documents as answers: never without a rights check before, never executed by the browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from eoffice.core import files

_SHOWN: frozenset[str] = frozenset({"application/pdf", "image/png", "image/jpeg"})


def stored_file(sha256: str, *, name: str, media_type: str, inline: bool = False) -> FileResponse:
    """A stored file; only PDF and plain pictures are ever shown in place, everything else is a download."""
    response = FileResponse(files.open_file(sha256), content_type=media_type)
    _seal(response, name, inline=inline and media_type in _SHOWN)
    return response


def made_pdf(content: bytes, *, name: str, inline: bool = True) -> HttpResponse:
    """A PDF made for this answer."""
    return made_file(content, name=name, media_type="application/pdf", inline=inline)


def made_file(content: bytes, *, name: str, media_type: str, inline: bool = False) -> HttpResponse:
    """Bytes of any type; as with stored files only PDF and plain pictures are shown in place."""
    response = HttpResponse(content, content_type=media_type)
    _seal(response, name, inline=inline and media_type in _SHOWN)
    return response


def picture(page: Path | bytes) -> HttpResponseBase:
    """A page picture (WebP), from the cache or made for this answer."""
    content = page if isinstance(page, bytes) else page.read_bytes()
    response = HttpResponse(content, content_type="image/webp")
    _seal(response, "trang.png", inline=True)
    return response


def _seal(response: HttpResponseBase, name: str, *, inline: bool) -> None:
    kind = "inline" if inline else "attachment"
    plain = name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "") or "van-ban"
    response.headers["Content-Disposition"] = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"

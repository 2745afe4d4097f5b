"""The edge: expected errors become pages, the rest gets a support code and rises."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from eoffice.core.errors import ExpectedError
from eoffice.web import failures

_WHOLE_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF_PAIR = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
"""In JSON, half of a surrogate pair without the other half: no character, and UTF-8 cannot write it."""


class ReadableText:
    """Refuses text PostgreSQL keeps in no column, NUL and halves of characters: 400, before any view reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        return failures.bad_request(request) if _is_unreadable(request) else None


def _is_unreadable(request: HttpRequest) -> bool:
    # The API reads a body as JSON whatever type it is sent with; files alone come in parts.
    is_json = request.content_type == "application/json" or request.path.startswith(failures.API_PREFIX)
    if is_json and request.content_type != "multipart/form-data" and _cannot_be_kept(request.body):
        return True
    return any("\0" in value for sent in (request.GET, request.POST) for _, values in sent.lists() for value in values)


def _cannot_be_kept(body: bytes) -> bool:
    if b"\\u0000" in body or b"\0" in body:
        return True
    return _HALF_PAIR.search(_WHOLE_PAIR.sub(b"", body)) is not None


class ExpectedErrors:
    """Maps every `core.errors.ExpectedError` a view raises to its status and words; a wrong method gets words too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405:
            response = failures.wrong_method(request, response)
        # One address answers with a page or with a fragment; a cache must keep them apart.
        patch_vary_headers(response, ["HX-Request"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an expected error; give any other a code that the 500 page shows and the log carries."""
        if isinstance(exception, ExpectedError):
            return failures.respond(request, failures.failure_of(exception))
        if not isinstance(exception, Http404):
            code = failures.new_support_code()
            request.support_code = code  # type: ignore[attr-defined]  # read by failures.server_error
            failures.logger.error("unexpected error", exc_info=exception, extra={"support_code": code})
        return None

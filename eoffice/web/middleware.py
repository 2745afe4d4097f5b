"""The edge: expected errors become pages, the rest gets a support code and rises."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from eoffice.core.errors import ExpectedError
from eoffice.web import failures


class ExpectedErrors:
    """Maps every `core.errors.ExpectedError` a view raises to its status and words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
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

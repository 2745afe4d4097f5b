"""One way to tell a person or a program that something did not work: page, fragment or JSON."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.organization import queries as organization
from eoffice.organization.errors import PostNeeded
from eoffice.organization.middleware import ACTING_POST

logger = logging.getLogger("eoffice.web")

API_PREFIX: Final = "/api/"
DIALOG_PLACE: Final = "dialog-slot"
"""Where the page takes dialogs that arrive by htmx (`frontend/shell/dialogs.ts`)."""
_TITLES: Final = {
    400: "Yêu cầu không đúng",
    401: "Cần đăng nhập",
    403: "Chưa được giao việc này",
    404: "Không tìm thấy",
    405: "Không mở trực tiếp được",
    409: "Chưa thực hiện được",
    413: "Tệp quá lớn",
    422: "Chưa thực hiện được",
    429: "Tạm dừng vì thử quá nhiều lần",
    500: "Chưa lưu được",
    503: "Tạm thời chưa phục vụ được",
}
_CHANGED: Final = "Chưa thực hiện: nội dung đã thay đổi"
_TITLES_OF_CODES: Final = {
    "csrf": "Phiên đăng nhập đã thay đổi",
    "version_changed": _CHANGED,
    "illegal_transition": _CHANGED,
    "post_needed": "Ghi nhận ở chức danh nào?",
    "other_post": "Việc của chức danh khác",
}
"""Where the status alone would say something else."""
_OWN_FIELDS: Final = {"csrfmiddlewaretoken", ACTING_POST}
_ICONS: Final = {403: "lock", 404: "file-off", 409: "git-compare"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is told. `fields` are messages of single fields; `support_code` leads the helpdesk to the log."""

    status: int
    code: str
    message: str
    fields: dict[str, str]
    support_code: str = ""
    posts: tuple[tuple[int, str], ...] = ()
    """Posts to choose from, where somebody who works in all of his has to say under which this is done."""


def failure_of(error: ExpectedError) -> Failure:
    """The failure an expected error stands for."""
    fields = error.fields if isinstance(error, Invalid) else {}
    posts = error.choices if isinstance(error, PostNeeded) else ()
    return Failure(status=error.status, code=error.code, message=error.message, fields=fields, posts=posts)


def respond(request: HttpRequest, failure: Failure) -> HttpResponse:
    """Answer in the form the asker reads.

    Programs get JSON; htmx gets a notice over the page after a press or where a dialog was asked for
    (`X-Error-Notice`), or the panel itself when it was reading; everyone else gets a page.
    """
    if request.path.startswith(API_PREFIX):
        return JsonResponse(
            {"code": failure.code, "message": failure.message, "fields": failure.fields}
            | ({"support_code": failure.support_code} if failure.support_code else {})
            | ({"posts": [{"id": pk, "name": words} for pk, words in failure.posts]} if failure.posts else {}),
            status=failure.status,
        )
    by_htmx = bool(request.headers.get("HX-Request"))
    # What is asked for into the place of dialogs would stand unseen below the page if it came as a panel.
    pressed = by_htmx and (request.method != "GET" or request.headers.get("HX-Target") == DIALOG_PLACE)
    template = "web/_notice.html" if pressed else "web/_error.html" if by_htmx else "web/error.html"
    response = render(request, template, _context(request, failure), status=failure.status)
    response.headers["Vary"] = "HX-Request, Cookie"
    if pressed:
        response.headers["X-Error-Notice"] = "1"
    return response


def _context(request: HttpRequest, failure: Failure) -> dict[str, object]:
    installation = organization.installation() if failure.status >= 403 else None
    return {
        "status": failure.status,
        "title": _TITLES_OF_CODES.get(failure.code) or _TITLES.get(failure.status, "Không thực hiện được"),
        "message": failure.message,
        "fields": list(failure.fields.values()),
        "support_code": failure.support_code,
        "icon_name": _ICONS.get(failure.status, "alert-circle"),
        "retry_href": request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/"),
        "posts": failure.posts,
        "acting_post": ACTING_POST,
        "sent_to": request.get_full_path(),
        "sent": _sent_again(request) if failure.posts else [],
        "had_files": bool(failure.posts and request.FILES),
        "hotline": installation.hotline if installation else "",
    }


def _sent_again(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the answer; the token of the form is made anew."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in _OWN_FIELDS]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return respond(
        request,
        Failure(status=400, code="bad_request", message="Yêu cầu không đọc được. Dữ liệu chưa thay đổi.", fields={}),
    )


def no_permission(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    """Django's handler403."""
    return respond(
        request,
        Failure(status=403, code="not_permitted", message="Xem được nhưng chưa được giao việc này.", fields={}),
    )


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """Django's handler404: wrong address, recalled, or out of sight; never told apart."""
    message = "Đường dẫn sai, văn bản đã thu hồi, hoặc không nằm trong phạm vi được xem."
    return respond(request, Failure(status=404, code="not_found", message=message, fields={}))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; the support code was written to the log with the error."""
    code = str(getattr(request, "support_code", "")) or new_support_code()
    message = (
        "Hệ thống gặp lỗi. Dữ liệu đã lưu trước đó an toàn. Tải lại trang rồi làm lại; nếu vẫn lỗi, báo mã hỗ trợ."
    )
    return respond(request, Failure(status=500, code="server_error", message=message, fields={}, support_code=code))


def wrong_method(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """A 405 in words: an address that only takes presses of a button, opened from the address bar or a bookmark."""
    message = (
        "Không mở được địa chỉ này trực tiếp: đây là thao tác gửi từ nút bấm hoặc biểu mẫu. Dữ liệu chưa thay đổi. "
        "Quay lại trang trước hoặc về trang chủ rồi bấm nút tương ứng."
    )
    answer = respond(request, Failure(status=405, code="method_not_allowed", message=message, fields={}))
    answer.headers["Allow"] = refusal.headers.get("Allow", "")
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: an old page after a new sign-in, or cookies that are blocked."""
    logger.warning("csrf refused", extra={"reason": reason, "path": request.path})
    message = (
        "Trang này được mở trước lần đăng nhập gần nhất. Chưa có gì thay đổi, nội dung đã nhập được giữ trên máy. "
        "Tải lại trang rồi làm tiếp."
    )
    return respond(request, Failure(status=403, code="csrf", message=message, fields={}))


def new_support_code() -> str:
    """`7F3A-2210`: short enough to be read out on the telephone."""
    return f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()

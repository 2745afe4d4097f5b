"""The REST face under `/api/v1/`: the routers of the rooms, one OpenAPI description, one shape of refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from eoffice.documents.api import router as documents
from eoffice.notifications.api import router as notifications
from eoffice.organization.api import router as organization
from eoffice.organization.rights_api import router as right_changes
from eoffice.signing.api import router as signing
from eoffice.web.failures import Failure, respond

api = NinjaAPI(
    title="eOffice",
    version="1",
    description="Văn bản và điều hành: cùng quy tắc với giao diện web.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/organization", organization, tags=["organization"])
api.add_router("/organization/right-changes", right_changes)
api.add_router("/notifications", notifications, tags=["notifications"])
api.add_router("/documents", documents, tags=["documents"])
api.add_router("/signing", signing)

_WORDS: Final = (
    ("missing", "Thiếu trường này."),
    ("string", "Cần một chuỗi ký tự."),
    ("int", "Cần một số nguyên."),
    ("float", "Cần một số."),
    ("bool", "Cần true hoặc false."),
    ("datetime", "Cần thời điểm dạng YYYY-MM-DDThh:mm:ss kèm múi giờ."),
    ("date", "Cần ngày dạng YYYY-MM-DD."),
    ("list", "Cần một danh sách."),
    ("dict", "Cần một đối tượng JSON."),
    ("model", "Cần một đối tượng JSON."),
)
"""By the beginning of pydantic's type of fault."""


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Neither a token nor a session."""
    message = "Chưa đăng nhập. Gửi khóa truy cập trong đầu mục Authorization: Bearer <khóa>."
    return respond(request, Failure(status=401, code="not_signed_in", message=message, fields={}))


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework itself refuses: a body that is no JSON, a session without its CSRF token."""
    if error.status_code == 403:
        message = "Thiếu hoặc sai mã CSRF. Tải lại trang rồi gửi lại, hoặc dùng khóa truy cập. Dữ liệu chưa thay đổi."
        return respond(request, Failure(status=403, code="csrf", message=message, fields={}))
    message = "Nội dung gửi lên không đọc được: cần JSON đúng cú pháp, mã UTF-8. Dữ liệu chưa thay đổi."
    return respond(request, Failure(status=error.status_code, code="bad_request", message=message, fields={}))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Fields that are missing or of another kind, each by its path."""
    fields = {_path_of(fault): _words_of(fault) for fault in error.errors}
    message = "Nội dung gửi lên chưa hợp lệ. Dữ liệu chưa thay đổi."
    return respond(request, Failure(status=422, code="invalid", message=message, fields=fields))


def _path_of(fault: Mapping[str, Any]) -> str:
    """`recipients.0.kind` of `("body", "body", "recipients", 0, "kind")`: where it came from is left out."""
    where, *path = fault["loc"]
    if where == "body" and len(path) > 1:
        path = path[1:]
    return ".".join(str(part) for part in path)


def _words_of(fault: Mapping[str, Any]) -> str:
    kind = str(fault["type"])
    expected = fault.get("ctx", {}).get("expected")
    if expected:
        return f"Cần một trong các giá trị: {str(expected).replace(' or ', ', ')}."
    return next((words for prefix, words in _WORDS if kind.startswith(prefix)), "Giá trị không đúng dạng.")

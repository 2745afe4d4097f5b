"""Checking signatures for programs: what the page says, in the words of `eoffice verify --json`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Router
from ninja.files import UploadedFile

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.errors import Invalid
from eoffice.organization.gate import api_actor
from eoffice.signing import services

router = Router(auth=token_or_session("documents"), tags=["Chữ ký số"])


@router.post("/verify", response=dict[str, Any], summary="Kiểm tra chữ ký của một tệp PDF, không lưu tệp")
def verify(request: HttpRequest, file: File[UploadedFile]) -> dict[str, Any]:
    api_actor(request)
    if (file.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        raise Invalid(fields={"file": "Tệp lớn hơn 100 MB. Tách tệp hoặc nén lại rồi kiểm tra."})
    return services.check_shown(content=file.read(), is_signed_in=True, now=clock.now()).to_json()

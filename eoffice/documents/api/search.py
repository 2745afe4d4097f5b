"""Search for programs: what the search page finds."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from eoffice.accounts.api_auth import token_or_session
from eoffice.documents.queries import search as queries
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Tìm kiếm"])


class HitOut(Schema):
    """One document; `kind` is incoming, outgoing or draft."""

    kind: str
    id: int
    code: str
    subject: str
    issuing_body: str
    dated_on: date | None
    state: str


class SearchOut(Schema):
    """At most fifty of each kind, newest first; `has_more` when there are others."""

    hits: list[HitOut]
    has_more: bool


@router.get("", response=SearchOut, summary="Tìm văn bản theo số, ký hiệu, trích yếu, nơi ban hành")
def find(request: HttpRequest, q: str = "") -> SearchOut:
    return SearchOut.from_orm(queries.find(api_actor(request), q[:200]))

"""A person's own notifications, for programs and the phone."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.notifications import queries, services
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"))


class NotificationLine(Schema):
    """One notification; `read_at` null is unread."""

    id: int
    kind: str
    title: str
    text: str
    url: str
    created_at: datetime
    read_at: datetime | None


class NotificationPage(Schema):
    """Newest first; ask for the next page with `after` = `next_after`. `unread` stops at 100."""

    rows: list[NotificationLine]
    next_after: int | None
    unread: int


class ReadUpTo(Schema):
    up_to_id: int


class Marked(Schema):
    marked: int


@router.get("", response=NotificationPage, summary="Thông báo của tôi, mới nhất trước")
def notifications(request: HttpRequest, after: int | None = None) -> NotificationPage:
    actor = api_actor(request)
    page = queries.page(actor, after=after)
    return NotificationPage(
        rows=[NotificationLine.from_orm(row) for row in page.rows],
        next_after=page.next_after,
        unread=queries.unread_count(actor),
    )


@router.post("/{notification_id}/read", response=NotificationLine, summary="Đánh dấu một thông báo đã đọc")
def mark_read(request: HttpRequest, notification_id: int) -> NotificationLine:
    row = services.mark_read(actor=api_actor(request), notification_id=notification_id, now=clock.now())
    return NotificationLine.from_orm(row)


@router.post("/read-all", response=Marked, summary="Đánh dấu đã đọc đến một thông báo")
def mark_all_read(request: HttpRequest, body: ReadUpTo) -> Marked:
    return Marked(marked=services.mark_all_read(actor=api_actor(request), up_to_id=body.up_to_id, now=clock.now()))

"""Units and people for the picker and for programs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.organization import queries
from eoffice.organization.gate import api_actor
from eoffice.organization.schemas import Field, Me, Recipient

router = Router(auth=token_or_session("organization"))


@router.get("/me", response=Me, summary="Người đang đăng nhập")
def me(request: HttpRequest) -> Me:
    actor = api_actor(request)
    return Me(
        person_id=actor.person_id,
        name=actor.name,
        unit_name=actor.unit_name,
        position_name=actor.position_name,
        roles=sorted({role for role, _ in actor.roles}),
    )


@router.get("/recipients", response=list[Recipient], summary="Tìm đơn vị, người theo tên, không cần dấu")
def recipients(request: HttpRequest, q: str = "", kind: str = "") -> list[Recipient]:
    actor = api_actor(request)
    kinds = (kind,) if kind in {"unit", "person"} else ("unit", "person")
    found = queries.search_recipients(q[:100], on=local_date(clock.now()), kinds=kinds, near_unit_ids=actor.unit_ids)
    return [_line(choice) for choice in found]


@router.get("/units/{unit_id}/children", response=list[Recipient], summary="Người và đơn vị dưới một đơn vị")
def children(request: HttpRequest, unit_id: int) -> list[Recipient]:
    """`unit_id` 0 gives the roots of the tree."""
    api_actor(request)
    found = queries.unit_children(unit_id or None, on=local_date(clock.now()))
    return [_line(choice) for choice in found]


@router.get("/fields-of-work", response=list[Field], summary="Danh mục lĩnh vực")
def fields_of_work(request: HttpRequest) -> list[Field]:
    """Closed ones are in it too: papers of before keep them."""
    api_actor(request)
    return [Field(id=row.pk, name=row.name, is_closed=row.closed_at is not None) for row in queries.fields_of_work()]


def _line(choice: queries.RecipientChoice) -> Recipient:
    return Recipient(
        kind=choice.kind,
        id=choice.id,
        name=choice.name,
        mark=choice.mark,
        detail=choice.detail,
        path=choice.path,
    )

"""`eoffice bench letters`, second half: whole pages, through all middleware, over many documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from http import HTTPStatus
from typing import Final

from django.test import Client
from django.urls import reverse

from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Conflict
from eoffice.documents.queries.incoming_boxes import BOX_WORDS, Box
from eoffice.documents.services.benching_figures import Figure, measure
from eoffice.documents.services.benching_group import BenchGroup
from eoffice.documents.services.benching_load import BulkLoad
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

SMALLEST: Final = "Trang Tài khoản (trang nhỏ nhất)"
INBOX: Final = f"Trang {BOX_WORDS[Box.TO_HANDLE]}"
_ASKED: Final = 60
_PRINCIPALS: Final = 25
_HEAD_BOXES: Final = (Box.TO_HANDLE, Box.SUPPORT, Box.INFORMED, Box.FOLLOWING, Box.HANDLED, Box.ALL)
_CLERK_BOXES: Final = (Box.TO_REGISTER, Box.TO_FORWARD, Box.IN_PROGRESS, Box.ALL)
_LEADER_BOXES: Final = (Box.TO_DIRECT, Box.GIVEN_LATE, Box.GIVEN_OPEN)


def bench_pages(group: BenchGroup, *, documents: int, now: datetime) -> dict[int, list[Figure]]:
    """Measure the pages over a tenth of the documents, then over all of them, with the same work waiting.

    The reader answers to 25 principals: himself, his units, the units he heads.
    """
    _widen(group, now)
    load = BulkLoad(group, now)
    found = {}
    for amount in (documents // 10, documents):
        load.upto(amount)
        found[amount] = [measure(what, work) for what, work in _work(group).items()]
    return found


def _widen(group: BenchGroup, now: datetime) -> None:
    """Let the reader head further units until he answers to 25 principals, as far as there are units."""
    head = queries.get_person(group.head.person_id)
    for unit in group.registries[: _PRINCIPALS - len(group.head.principals)]:
        services.grant_role(
            actor=ActorRef(None, source="cli"),
            person=head,
            unit=unit,
            role=Role.UNIT_HEAD,
            starts_on=date(2020, 1, 1),
            now=now,
        )


def _work(group: BenchGroup) -> dict[str, list[Callable[[], object]]]:
    head, clerk, leader = (_client(actor) for actor in (group.head, group.clerk, group.leader))
    listed = reverse("documents:incoming_list")
    pages = {SMALLEST: (head, reverse("accounts:account"))}
    for client, who, boxes in (
        (head, "", _HEAD_BOXES),
        (clerk, "văn thư, ", _CLERK_BOXES),
        (leader, "lãnh đạo, ", _LEADER_BOXES),
    ):
        pages |= {f"Trang {who}{BOX_WORDS[box]}": (client, f"{listed}?box={box}") for box in boxes}
    pages |= {
        "Trang chủ": (head, reverse("web:home")),
        "Trang chủ, văn thư": (clerk, reverse("web:home")),
        "Trang chủ, lãnh đạo": (leader, reverse("web:home")),
        "Dự thảo của tôi": (head, reverse("documents:draft_list")),
        "Văn bản đi": (clerk, reverse("documents:outgoing_list")),
        "Số đếm": (head, reverse("web:counters")),
    }
    return {what: _asked(client, address) for what, (client, address) in pages.items()}


def _client(actor: Actor) -> Client:
    user = queries.get_person(actor.person_id).user
    if user is None:
        raise Conflict("Người đo chưa có tài khoản.")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def _asked(client: Client, address: str) -> list[Callable[[], object]]:
    def page() -> None:
        response = client.get(address)
        if response.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address}: {response.status_code}")

    for _ in range(5):
        page()
    return [page] * _ASKED

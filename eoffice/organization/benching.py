"""`eoffice bench people`: the picker, the actor, signing in, over the people there are; adds nothing but sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median, quantiles
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eoffice.accounts.views.signing_in import DEVICE_COOKIE
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.organization import queries
from eoffice.organization.models import Person, Posting

_TYPED: Final = (
    "ng hoai ph", "n", "ng", "nguyen", "nguyen van", "tran minh a", "phuong", "le thi", "d", "phong ky thuat",
    "quang ninh", "zzzz", "nguyen thi hong hanh", "Đặng", "vp", "TXG", "hoang ng", "bui xuan h", "mai", "do h",
)  # fmt: skip
_TURNS: Final = 25


@dataclass(frozen=True, slots=True)
class PeopleFigure:
    """One piece of work: how often, how long (milliseconds), how many statements at most."""

    what: str
    pieces: int
    median_ms: float
    p95_ms: float
    statements: int


def bench_people(*, email: str, password: str, now: datetime) -> list[PeopleFigure]:
    """Measure on the people there are. Raises Conflict when there are fewer than a thousand."""
    people = Person.objects.count()
    if people < 1000:
        raise Conflict("Cần nhiều người để đo: chạy «eoffice demo --units 700 --people 40000» trước.")
    on = local_date(now)
    unit_ids = frozenset(Posting.objects.order_by("pk").values_list("unit_id", flat=True)[:1])
    users = [person.user_id or 0 for person in Person.objects.exclude(user=None).order_by("pk")[:100]]
    searches = [partial(queries.search_recipients, text, on=on, near_unit_ids=unit_ids) for text in _TYPED]
    known_device = _known_device(email, password)
    return [
        _measure(f"Tìm người, đơn vị trong {people} người", searches * _TURNS),
        _measure("Dựng người đang làm (Actor)", [partial(queries.actor_of, user_id=pk, now=now) for pk in users]),
        _measure("Đăng nhập trên thiết bị mới", [partial(_sign_in, email, password, _new_device)] * 20),
        _measure("Đăng nhập trên thiết bị quen", [partial(_sign_in, email, password, known_device)] * 20),
    ]


def _new_device() -> Client:
    return Client(HTTP_HOST="127.0.0.1")


def _known_device(email: str, password: str) -> Callable[[], Client]:
    """Makes browsers that have signed in before and out again."""
    first = _new_device()
    first.post(reverse("accounts:login"), {"email": email, "password": password})
    device = first.cookies[DEVICE_COOKIE].value

    def make() -> Client:
        client = _new_device()
        client.cookies[DEVICE_COOKIE] = device
        return client

    return make


def _sign_in(email: str, password: str, browser: Callable[[], Client]) -> None:
    answer = browser().post(reverse("accounts:login"), {"email": email, "password": password})
    if answer.status_code not in {302, 303}:
        raise Conflict(f"Không đăng nhập được bằng {email} (mã {answer.status_code}).")


def _measure(what: str, pieces: Sequence[Callable[[], object]]) -> PeopleFigure:
    times, statements = [], 0
    for number, piece in enumerate(pieces):
        if number % 10 == 0:
            with CaptureQueriesContext(connection) as captured:
                piece()
            statements = max(statements, len(captured))
            continue
        start = time.perf_counter()
        piece()
        times.append((time.perf_counter() - start) * 1000)
    return PeopleFigure(what, len(times), median(times), quantiles(times, n=20)[-1], statements)

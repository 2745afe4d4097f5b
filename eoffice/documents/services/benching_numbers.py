"""`eoffice bench numbers`: one register under many connections of several processes, some killed in mid-transaction."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection, connections, transaction

from eoffice.core.clock import local_date
from eoffice.documents.models import IncomingDocument, Register, RegisterEntry
from eoffice.documents.queries.ledger import unexplained_numbers
from eoffice.documents.services import numbering
from eoffice.documents.services.benching_group import make_group, require_empty_database
from eoffice.documents.states import IncomingState


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersPlan:
    """How much is taken by how many; `killed_share` of the transactions lose their connection before commit."""

    numbers: int
    processes: int
    connections: int
    killed_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersResult:
    """What stands in the register afterwards; `doubled` and `unexplained` must be 0."""

    taken: int
    killed: int
    seconds: float
    doubled: int
    unexplained: int
    next_number: int

    @property
    def is_sound(self) -> bool:
        return not self.doubled and not self.unexplained and self.next_number == self.taken + 1


def bench_numbers(plan: NumbersPlan, *, now: datetime) -> NumbersResult:
    """Take `plan.numbers` numbers of one register and prove it afterwards. Raises Conflict in a database in use."""
    require_empty_database()
    group = make_group(companies=0, now=now)
    share = [plan.numbers // plan.processes] * plan.processes
    share[0] += plan.numbers - sum(share)
    # Children open connections of their own; a socket must not be shared over a fork.
    connections.close_all()
    context = multiprocessing.get_context("fork")
    killed = context.Queue()
    workers = [
        context.Process(
            target=_work,
            args=(group.incoming.pk, group.clerk.person_id, amount, index, plan, now, killed),
        )
        for index, amount in enumerate(share)
    ]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    kills = sum(killed.get() for _ in workers)
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    register = Register.objects.get(pk=group.incoming.pk)
    numbers = RegisterEntry.objects.filter(register=register).values_list("number", flat=True)
    return NumbersResult(
        taken=len(numbers),
        killed=kills,
        seconds=seconds,
        doubled=len(numbers) - len(set(numbers)),
        unexplained=len(unexplained_numbers(register)),
        next_number=register.next_number,
    )


def _work(
    register_id: int,
    person_id: int,
    amount: int,
    seed: int,
    plan: NumbersPlan,
    now: datetime,
    killed: multiprocessing.Queue[int],
) -> None:
    threads = plan.connections // plan.processes
    share = [amount // threads] * threads
    share[0] += amount - sum(share)
    kills: list[int] = []

    def take_share(index: int) -> None:
        chance = random.Random(f"{seed}.{index}")  # noqa: S311 - which transaction is killed is no secret
        left = share[index]
        while left:
            is_killed = chance.random() < plan.killed_share
            try:
                _take(register_id, person_id, now, is_killed=is_killed)
            except OperationalError:
                if not is_killed:
                    raise
                kills.append(index)
                connection.close()
            else:
                left -= 1
        connection.close()

    running = [threading.Thread(target=take_share, args=(index,)) for index in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    killed.put(len(kills))


@transaction.atomic
def _take(register_id: int, person_id: int, now: datetime, *, is_killed: bool) -> None:
    """What registering does to the register: lock, number, document, line."""
    today = local_date(now)
    register = numbering.lock_register(register_id)
    taken = numbering.take_number(register=register, dated_on=today)
    document = IncomingDocument.objects.create(
        registry_id=register.registry_id, state=IncomingState.REGISTERED, received_at=now,
        arrival_number=taken.number, arrival_on=today, subject="Đo hiệu năng",
    )  # fmt: skip
    RegisterEntry.objects.create(
        register=register, number=taken.number, dated_on=today, incoming=document, entered_by_id=person_id,
        entered_at=now,
    )  # fmt: skip
    if is_killed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

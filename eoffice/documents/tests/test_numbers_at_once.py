"""Numbers under load: many connections at once, some killed in the middle of a transaction."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import OperationalError, connection, transaction

from eoffice.documents.errors import NumberNotReserved
from eoffice.documents.models import Register, RegisterEntry, RegisterKind
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import numbering
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.test_number_registers import TODAY, enter

CONNECTIONS = 16
ALLOCATIONS = 100
KILLED_SHARE = 0.03


def at_once(amount: int, work: Callable[[int], None]) -> None:
    """Run `work` in `amount` threads that start together, each with its own connection; raise their first error."""
    start = threading.Barrier(amount)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            start.wait()
            work(index)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(amount)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def allocate(register_id: int, person_id: int, *, killed: bool) -> None:
    with transaction.atomic():
        register = numbering.lock_register(register_id)
        enter(numbering.take_number(register=register, dated_on=TODAY), person_id)
        if killed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_sixteen_connections_take_a_hundred_numbers_each_with_kills() -> None:
    cast = make_cast()
    kills = []

    def work(index: int) -> None:
        chance = random.Random(index)
        done = 0
        while done < ALLOCATIONS:
            killed = chance.random() < KILLED_SHARE
            try:
                allocate(cast.incoming_register.pk, cast.clerk.pk, killed=killed)
            except OperationalError:
                assert killed
                kills.append(index)
                connection.close()
            else:
                done += 1

    at_once(CONNECTIONS, work)

    numbers = list(RegisterEntry.objects.order_by("number").values_list("number", flat=True))
    register = Register.objects.get(pk=cast.incoming_register.pk)
    assert len(kills) > 10
    assert numbers == list(range(1, CONNECTIONS * ALLOCATIONS + 1))
    assert register.next_number == CONNECTIONS * ALLOCATIONS + 1
    assert ledger_of(register).unexplained == ()


@pytest.mark.django_db(transaction=True)
def test_clerks_at_new_year_open_one_register() -> None:
    cast: Cast = make_cast()
    found: list[int] = []
    moment = datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC)

    def work(_: int) -> None:
        with transaction.atomic():
            register = numbering.register_for(
                registry_id=cast.group.pk, kind=RegisterKind.INCOMING, document_type="", now=moment
            )
            taken = numbering.take_number(register=register, dated_on=date(2027, 1, 1))
            enter(taken, cast.clerk.pk)
            found.append(taken.number)

    at_once(8, work)

    assert sorted(found) == list(range(1, 9))
    assert Register.objects.filter(registry=cast.group, kind=RegisterKind.INCOMING, year=2027).count() == 1


@pytest.mark.django_db(transaction=True)
def test_reserved_number_goes_to_one_of_two_clerks() -> None:
    cast = make_cast()
    numbering.keep_numbers(
        actor=actor_of(cast.clerk), register_id=cast.incoming_register.pk, first=1, last=1, holder="reserved",
        basis="Giữ số", now=NOW,
    )  # fmt: skip
    outcomes: list[str] = []

    def work(_: int) -> None:
        try:
            with transaction.atomic():
                register = numbering.lock_register(cast.incoming_register.pk)
                taken = numbering.take_reserved_number(register=register, number=1, dated_on=TODAY)
                enter(taken, cast.clerk.pk)
        except NumberNotReserved:
            outcomes.append("refused")
        else:
            outcomes.append("taken")

    at_once(4, work)

    assert sorted(outcomes) == ["refused", "refused", "refused", "taken"]

"""The chain: late committers are sealed, every change is found, and the place of the change is named."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from eoffice.audit import sealing, services
from eoffice.audit.models import AuditBlock, AuditEntry, AuditSealed
from eoffice.core.actor_ref import ActorRef

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@transaction.atomic
def record(count: int = 1, *, kind: str = "test") -> None:
    for number in range(count):
        services.record(
            actor=ActorRef(person_id=1), action="t", object_kind=kind, object_id=number, now=NOW, detail={"a": 1.5}
        )


@pytest.mark.django_db
def test_sealed_entries_are_proved_and_the_tail_is_counted() -> None:
    record(5)
    assert services.seal(now=NOW) == 5
    record(2)
    assert services.seal(now=NOW) == 2
    record(3)

    verdict = services.verify()

    assert verdict.whole
    assert (verdict.blocks, verdict.sealed, verdict.tail) == (2, 7, 3)
    assert verdict.head == AuditBlock.objects.get(number=2).root


@pytest.mark.django_db
def test_nothing_to_seal_makes_no_block() -> None:
    assert services.seal(now=NOW) == 0
    assert AuditBlock.objects.count() == 0
    assert services.verify().whole


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "names_block"),
    [
        ("UPDATE audit_entry SET person_id = 2 WHERE id = %(entry)s", 2),
        ("UPDATE audit_entry SET detail = '{\"a\": 2}' WHERE id = %(entry)s", 2),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE id = %(entry)s", 2),
        ("DELETE FROM audit_sealed WHERE entry_id = %(entry)s", 2),
        ("UPDATE audit_block SET merkle_root = repeat('0', 64) WHERE number = 2", 2),
        ("UPDATE audit_block SET sealed_at = sealed_at - interval '1 day' WHERE number = 2", 2),
        ("DELETE FROM audit_sealed WHERE block_id = 2; DELETE FROM audit_block WHERE number = 2", 3),
    ],
)
def test_change_behind_the_back_of_the_program_is_found(change: str, names_block: int) -> None:
    for _ in range(3):
        record(4)
        services.seal(now=NOW)
    entry = AuditSealed.objects.get(block_id=2, position=1).entry_id

    with connection.cursor() as cursor:
        cursor.execute(change.replace("%(entry)s", str(entry)))
    verdict = services.verify()

    assert not verdict.whole
    assert verdict.broken_block == names_block
    assert verdict.blocks == 1
    assert verdict.reason


@pytest.mark.django_db
def test_cutting_off_the_newest_block_is_found_by_a_head_noted_before() -> None:
    for _ in range(2):
        record()
        services.seal(now=NOW)
    noted = services.verify().head

    newest = AuditSealed.objects.get(block_id=2)
    newest.delete()
    AuditBlock.objects.filter(number=2).delete()

    assert services.verify().whole
    assert not services.verify(expected_root=noted).whole


@pytest.mark.django_db(transaction=True)
def test_entry_that_commits_late_is_sealed_by_a_later_run() -> None:
    wrote, may_commit = threading.Event(), threading.Event()

    def commit_late() -> None:
        with transaction.atomic():
            record(kind="late")
            wrote.set()
            assert may_commit.wait(20)
        connection.close()

    late = threading.Thread(target=commit_late)
    late.start()
    assert wrote.wait(20)
    record(3, kind="early")
    assert services.seal(now=NOW) == 3
    # An hour passes with more blocks made while the old transaction still runs.
    record(2, kind="early")
    assert services.seal(now=NOW + timedelta(hours=1)) == 2
    may_commit.set()
    late.join()

    assert services.seal(now=NOW + timedelta(hours=2)) == 1
    assert AuditEntry.objects.get(object_kind="late").sealed.block_id == 3
    assert services.verify().whole
    assert services.verify().tail == 0


@pytest.mark.django_db(transaction=True)
def test_search_for_unsealed_entries_starts_behind_the_settled_ones() -> None:
    record(2)
    services.seal(now=NOW)
    first = AuditBlock.objects.get(number=1)
    assert first.settled_entry_id == 0

    # Transactions of other tests on the same server count as running too: they end within seconds.
    for minute in range(10, 310):
        record(1)
        assert services.seal(now=NOW + timedelta(minutes=minute)) == 1
        newest = AuditBlock.objects.latest("number")
        if newest.settled_entry_id:
            break
        time.sleep(0.2)

    assert first.newest_entry_id <= newest.settled_entry_id < newest.newest_entry_id
    assert services.verify().tail == 0


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_entry_once() -> None:
    record(200)
    sealed: list[int] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        sealed.append(services.seal(now=NOW))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    services.seal(now=NOW)

    assert sum(sealed) <= 200
    assert AuditSealed.objects.count() == 200
    assert services.verify().whole


@pytest.mark.django_db
def test_many_entries_are_sealed_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH_SIZE", 10)
    record(25)

    assert services.seal(now=NOW) == 25
    assert list(AuditBlock.objects.order_by("number").values_list("count", flat=True)) == [10, 10, 5]
    assert services.verify().whole


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20, unique=True), st.data())
def test_any_changed_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves]
    changed[index] = bytes(b ^ 0xFF for b in changed[index])

    assert sealing.merkle_root(changed) != sealing.merkle_root(leaves)


@pytest.mark.django_db
def test_many_small_blocks_are_proved_in_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(30):
        record(2)
        services.seal(now=NOW)

    with django_assert_max_num_queries(4):
        verdict = services.verify()

    assert (verdict.whole, verdict.blocks, verdict.sealed) == (True, 30, 60)

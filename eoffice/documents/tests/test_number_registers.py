"""Registers give each number once, in order, with dates that never run backwards, and every gap explained."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eoffice.core.errors import Invalid, NotPermitted
from eoffice.documents.errors import (
    BlockOverlaps,
    DatesRunBackwards,
    NumberNotReserved,
    RegisterClosed,
    RegisterMissing,
)
from eoffice.documents.models import (
    EntryState,
    IncomingDocument,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import numbering
from eoffice.documents.services.numbering import TakenNumber
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast

TODAY = date(2026, 11, 23)


def enter(taken: TakenNumber, person_id: int) -> RegisterEntry:
    """Write the line for a taken number, on the smallest incoming document the tables allow."""
    document = IncomingDocument.objects.create(
        registry_id=taken.register.registry_id,
        state="registered",
        received_at=NOW,
        arrival_number=taken.number,
        arrival_suffix=taken.suffix,
        arrival_on=taken.dated_on,
        subject="Văn bản thử",
    )
    return RegisterEntry.objects.create(
        register=taken.register,
        number=taken.number,
        suffix=taken.suffix,
        dated_on=taken.dated_on,
        incoming=document,
        entered_by_id=person_id,
        entered_at=NOW,
    )


def take(cast: Cast, dated_on: date = TODAY) -> RegisterEntry:
    with transaction.atomic():
        register = numbering.lock_register(cast.incoming_register.pk)
        return enter(numbering.take_number(register=register, dated_on=dated_on), cast.clerk.pk)


def take_reserved(cast: Cast, number: int, dated_on: date = TODAY) -> RegisterEntry:
    with transaction.atomic():
        register = numbering.lock_register(cast.incoming_register.pk)
        taken = numbering.take_reserved_number(register=register, number=number, dated_on=dated_on)
        return enter(taken, cast.clerk.pk)


def take_suffixed(cast: Cast, after: int, dated_on: date = TODAY) -> RegisterEntry:
    with transaction.atomic():
        register = numbering.lock_register(cast.incoming_register.pk)
        return enter(numbering.take_suffixed_number(register=register, after=after, dated_on=dated_on), cast.clerk.pk)


def keep(cast: Cast, first: int, last: int, holder: str = "reserved") -> None:
    numbering.keep_numbers(
        actor=actor_of(cast.clerk), register_id=cast.incoming_register.pk, first=first, last=last, holder=holder,
        basis="Giữ số cho văn bản đang chuyển", now=NOW,
    )  # fmt: skip


def test_numbers_below_ten_are_written_with_a_zero(cast: Cast) -> None:
    assert [take(cast).shown_number for _ in range(2)] == ["01", "02"]


def test_counter_steps_over_kept_blocks(cast: Cast) -> None:
    keep(cast, 2, 3, "legacy")
    keep(cast, 4, 4)

    assert [take(cast).number for _ in range(3)] == [1, 5, 6]
    cast.incoming_register.refresh_from_db()
    assert ledger_of(cast.incoming_register).unexplained == ()


def test_blocks_never_overlap_or_lie_below_the_counter(cast: Cast) -> None:
    take(cast)
    keep(cast, 5, 8)

    for first, last in ((8, 9), (1, 1), (4, 5), (6, 7), (9, 8)):
        with pytest.raises(BlockOverlaps):
            keep(cast, first, last)
    assert cast.incoming_register.blocks.count() == 1


def test_reserved_number_is_taken_once(cast: Cast) -> None:
    take(cast)
    keep(cast, 2, 3)

    assert take_reserved(cast, 2).number == 2
    with pytest.raises(NumberNotReserved):
        take_reserved(cast, 2)
    with pytest.raises(NumberNotReserved):
        take_reserved(cast, 4)


def test_number_of_the_old_system_cannot_be_taken(cast: Cast) -> None:
    keep(cast, 1, 3, "legacy")

    with pytest.raises(NumberNotReserved):
        take_reserved(cast, 2)


def test_reserved_number_waits_for_its_turn(cast: Cast) -> None:
    keep(cast, 3, 4)
    take(cast)

    with pytest.raises(NumberNotReserved, match="còn số 2 chưa cấp"):
        take_reserved(cast, 3)


def test_date_of_a_reserved_number_lies_between_its_neighbours(cast: Cast) -> None:
    take(cast, TODAY - timedelta(days=3))
    keep(cast, 2, 2)
    take(cast, TODAY - timedelta(days=1))

    with pytest.raises(DatesRunBackwards):
        take_reserved(cast, 2, TODAY - timedelta(days=4))
    with pytest.raises(Invalid):
        take_reserved(cast, 2, TODAY)
    assert take_reserved(cast, 2, TODAY - timedelta(days=2)).number == 2


def test_counter_remembers_the_date_of_a_reserved_number(cast: Cast) -> None:
    keep(cast, 1, 1)
    take_reserved(cast, 1, TODAY)

    with pytest.raises(DatesRunBackwards):
        take(cast, TODAY - timedelta(days=1))


def test_suffixes_follow_the_alphabet_without_marked_letters(cast: Cast) -> None:
    for _ in range(2):
        take(cast)

    assert [take_suffixed(cast, 1).shown_number for _ in range(6)] == ["01a", "01b", "01c", "01d", "01e", "01g"]
    with pytest.raises(NumberNotReserved):
        take_suffixed(cast, 3)


def test_all_letters_used_is_a_clear_refusal(cast: Cast) -> None:
    take(cast)
    for _ in range(22):
        take_suffixed(cast, 1)

    with pytest.raises(NumberNotReserved, match="đủ các chữ"):
        take_suffixed(cast, 1)


def test_date_before_the_last_number_is_refused(cast: Cast) -> None:
    take(cast)

    with pytest.raises(DatesRunBackwards):
        take(cast, TODAY - timedelta(days=1))
    assert RegisterEntry.objects.count() == 1


def test_date_of_another_year_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        take(cast, date(2027, 1, 1))


def test_new_year_in_vietnam_starts_again_at_one(cast: Cast) -> None:
    take(cast)
    last_second = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)

    with transaction.atomic():
        old = numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.INCOMING, document_type="letter", now=last_second
        )
    with transaction.atomic():
        new = numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.INCOMING, document_type="letter",
            now=last_second + timedelta(seconds=1),
        )  # fmt: skip

    assert (old.year, old.next_number) == (2026, 2)
    assert (new.year, new.next_number, new.series) == (2027, 1, "chung")


def test_series_opened_early_does_not_hide_the_one_to_carry_over(cast: Cast) -> None:
    numbering.open_register(
        actor=actor_of(cast.clerk), registry=cast.group, kind=RegisterKind.INCOMING, year=2027, now=NOW,
        series="quyet_dinh", document_types=["decision"],
    )  # fmt: skip

    with transaction.atomic():
        register = numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.INCOMING, document_type="letter",
            now=datetime(2027, 1, 4, 2, tzinfo=UTC),
        )  # fmt: skip

    assert register.series == "chung"


def test_series_given_up_within_its_year_is_not_carried_over(cast: Cast) -> None:
    numbering.close_register(actor=actor_of(cast.clerk), register_id=cast.incoming_register.pk, now=NOW)

    with transaction.atomic(), pytest.raises(RegisterMissing):
        numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.INCOMING, document_type="",
            now=datetime(2027, 1, 4, 2, tzinfo=UTC),
        )  # fmt: skip


def test_own_series_of_a_type_comes_before_the_common_one(cast: Cast) -> None:
    own = numbering.open_register(
        actor=actor_of(cast.clerk), registry=cast.group, kind=RegisterKind.OUTGOING, year=2026, now=NOW,
        series="quyet_dinh", document_types=["decision"], name="Sổ quyết định",
    )  # fmt: skip

    with transaction.atomic():
        decision = numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.OUTGOING, document_type="decision", now=NOW
        )
        letter = numbering.register_for(
            registry_id=cast.group.pk, kind=RegisterKind.OUTGOING, document_type="letter", now=NOW
        )

    assert (decision, letter) == (own, cast.outgoing_register)


def test_one_type_has_one_open_series(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Thông tin chưa hợp lệ"):
        numbering.open_register(
            actor=actor_of(cast.clerk), registry=cast.group, kind=RegisterKind.OUTGOING, year=2026, now=NOW,
            series="khac",
        )  # fmt: skip


def test_closed_register_gives_no_number(cast: Cast) -> None:
    numbering.close_register(actor=actor_of(cast.clerk), register_id=cast.incoming_register.pk, now=NOW)

    with pytest.raises(RegisterClosed):
        take(cast)
    with pytest.raises(RegisterClosed):
        keep(cast, 1, 2)


def test_cut_over_opens_a_register_at_the_next_number_with_its_basis(cast: Cast) -> None:
    clerk = actor_of(cast.clerk)
    numbering.close_register(actor=clerk, register_id=cast.outgoing_register.pk, now=NOW)

    def open_at(first_number: int, opening_basis: str) -> Register:
        return numbering.open_register(
            actor=clerk, registry=cast.group, kind=RegisterKind.OUTGOING, year=2026, now=NOW, series="moi",
            first_number=first_number, opening_basis=opening_basis,
        )  # fmt: skip

    with pytest.raises(Invalid):
        open_at(5649, "")
    register = open_at(5649, "1–5648: hệ thống cũ")

    with transaction.atomic():
        taken = numbering.take_number(register=numbering.lock_register(register.pk), dated_on=TODAY)
    assert taken.number == 5649


def test_outsider_cannot_open_keep_or_close(cast: Cast) -> None:
    outsider = actor_of(cast.outsider)
    before = list(Register.objects.order_by("pk").values())

    with pytest.raises(NotPermitted):
        numbering.open_register(actor=outsider, registry=cast.company, kind=RegisterKind.INCOMING, year=2027, now=NOW)
    with pytest.raises(NotPermitted):
        numbering.keep_numbers(
            actor=outsider, register_id=cast.company_incoming_register.pk, first=1, last=2, holder="reserved",
            basis="x", now=NOW,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        numbering.close_register(actor=outsider, register_id=cast.company_incoming_register.pk, now=NOW)
    with pytest.raises(NotPermitted):
        numbering.close_register(actor=actor_of(cast.company_clerk), register_id=cast.incoming_register.pk, now=NOW)
    assert list(Register.objects.order_by("pk").values()) == before


def test_voided_number_stays_and_is_explained(cast: Cast) -> None:
    entry = take(cast)
    take(cast)

    with transaction.atomic():
        numbering.lock_register(cast.incoming_register.pk)
        numbering.void_entry(
            actor=actor_of(cast.clerk), entry=entry, state=EntryState.CANCELLED, reason="Vào sổ nhầm", now=NOW
        )

    cast.incoming_register.refresh_from_db()
    ledger = ledger_of(cast.incoming_register)
    assert (ledger.active, ledger.unexplained) == (1, ())
    assert [(gap.shown_number, gap.reason) for gap in ledger.gaps] == [("01", "Vào sổ nhầm")]


def test_lost_line_shows_in_the_ledger(cast: Cast) -> None:
    entries = [take(cast) for _ in range(3)]
    entries[1].delete()

    cast.incoming_register.refresh_from_db()
    assert ledger_of(cast.incoming_register).unexplained == (2,)


def test_unused_kept_number_is_explained_by_the_clerk(cast: Cast) -> None:
    keep(cast, 1, 2)
    take(cast)
    clerk = actor_of(cast.clerk)

    numbering.explain_gap(
        actor=clerk, register_id=cast.incoming_register.pk, number=1, reason="Văn bản không ban hành", now=NOW
    )

    with pytest.raises(Invalid):
        numbering.explain_gap(
            actor=clerk, register_id=cast.incoming_register.pk, number=3, reason="Có văn bản", now=NOW
        )
    with pytest.raises(NotPermitted):
        numbering.explain_gap(
            actor=actor_of(cast.outsider), register_id=cast.incoming_register.pk, number=2, reason="x", now=NOW
        )
    cast.incoming_register.refresh_from_db()
    assert [gap.shown_number for gap in ledger_of(cast.incoming_register).gaps] == ["01"]


class ClerkAtTheRegister(RuleBasedStateMachine):
    """A clerk who takes, keeps, squeezes in and voids numbers in any order, on days that go on."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast = make_cast()
        self.day = date(2026, 1, 1)
        self.refused = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(days=st.integers(0, 9))
    def time_goes_on(self, days: int) -> None:
        self.day = min(self.day + timedelta(days=days), date(2026, 12, 31))

    @rule(days_ago=st.integers(0, 5))
    def take_next(self, days_ago: int) -> None:
        dated_on = max(self.day - timedelta(days=days_ago), date(2026, 1, 1))
        try:
            take(self.cast, dated_on)
        except DatesRunBackwards:
            self.refused += 1

    @rule(ahead=st.integers(0, 4), size=st.integers(1, 3), holder=st.sampled_from(["legacy", "reserved"]))
    def keep_block(self, ahead: int, size: int, holder: str) -> None:
        first = Register.objects.get(pk=self.cast.incoming_register.pk).next_number + ahead
        try:
            keep(self.cast, first, first + size - 1, holder)
        except BlockOverlaps:
            self.refused += 1

    @rule(number=st.integers(1, 30), days_ago=st.integers(0, 30))
    def take_kept(self, number: int, days_ago: int) -> None:
        self._try(take_reserved, number, days_ago)

    @rule(number=st.integers(1, 30), days_ago=st.integers(0, 30))
    def squeeze_in(self, number: int, days_ago: int) -> None:
        self._try(take_suffixed, number, days_ago)

    @precondition(lambda self: RegisterEntry.objects.exists())
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(list(RegisterEntry.objects.order_by("pk"))))
        numbering.void_entry(
            actor=actor_of(self.cast.clerk), entry=entry, state=EntryState.VOID, reason="Hủy số", now=NOW
        )

    def _try(self, command: object, number: int, days_ago: int) -> None:
        dated_on = max(self.day - timedelta(days=days_ago), date(2026, 1, 1))
        assert callable(command)
        try:
            command(self.cast, number, dated_on)
        except (NumberNotReserved, DatesRunBackwards, Invalid):
            self.refused += 1

    @invariant()
    def dates_never_run_backwards(self) -> None:
        dates = [row.dated_on for row in RegisterEntry.objects.order_by("number", "suffix")]
        assert dates == sorted(dates)

    @invariant()
    def every_number_is_explained(self) -> None:
        register = Register.objects.get(pk=self.cast.incoming_register.pk)
        assert ledger_of(register).unexplained == ()


class TestClerkAtTheRegister(TestCase):
    """Runs the machine above inside one transaction for each example."""

    def test_register_stays_whole_whatever_a_clerk_does(self) -> None:
        run_state_machine_as_test(
            ClerkAtTheRegister, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
        )


class TestManySeries(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(
        blocks=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 4)), max_size=6),
        amount=st.integers(1, 30),
    )
    def test_numbers_are_consecutive_outside_the_blocks(self, blocks: list[tuple[int, int]], amount: int) -> None:
        with transaction.atomic():
            cast = make_cast()
            kept: set[int] = set()
            for first, size in blocks:
                wanted = set(range(first, first + size + 1))
                if not wanted & kept:
                    keep(cast, first, first + size, "legacy")
                    kept |= wanted

            numbers = [take(cast).number for _ in range(amount)]

            free = (number for number in range(1, 10_000) if number not in kept)
            assert numbers == [next(free) for _ in range(amount)]
            transaction.set_rollback(True)

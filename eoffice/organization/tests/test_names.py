"""Names of units: a new one from a day on; what is older keeps the old one, and the picker finds both."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.organization import queries
from eoffice.organization.models import Unit
from eoffice.organization.services import keeping_units
from eoffice.organization.services.keeping_units import UnitDetails
from eoffice.organization.tests.lists import bring_in, units_csv
from eoffice.organization.tests.test_keeping import browser_of, keeper, unit

pytestmark = pytest.mark.django_db
NEW = "Ban Công nghệ và Chuyển đổi số"


@pytest.fixture
def house():
    bring_in(units_csv())


def renamed(name: str = NEW, *, mends_spelling: bool = False, days_ahead: int = 0) -> Unit:
    board = unit("CN")
    details = UnitDetails(**{each.name: getattr(board, each.name) for each in fields(UnitDetails)})
    return keeping_units.change_unit(
        actor=keeper("TXG"), unit_id=board.pk, details=replace(details, name=name, short_name=name),
        now=clock.now() + timedelta(days=days_ahead), mends_spelling=mends_spelling,
    )  # fmt: skip


def test_a_new_name_holds_from_today_and_the_old_one_until_yesterday(house):
    today = local_date(clock.now())

    renamed()

    board = unit("CN")
    yesterday = today - timedelta(days=1)
    assert [board.name_on(day) for day in (yesterday, today, None)] == ["Ban Công nghệ", NEW, NEW]
    assert [(each.names.name, each.last_day) for each in board.earlier_names] == [("Ban Công nghệ", yesterday)]


def test_a_mended_spelling_leaves_no_old_name(house):
    renamed(mends_spelling=True)

    assert (unit("CN").former_names, unit("CN").name_on(local_date(clock.now()) - timedelta(days=9))) == ([], NEW)


def test_of_two_names_on_one_day_the_second_counts(house):
    renamed("Ban Công nghê số")
    assert Unit.objects.get(code="CN").name == "Ban Công nghê số"
    board = unit("CN")
    details = UnitDetails(**{each.name: getattr(board, each.name) for each in fields(UnitDetails)})
    keeping_units.change_unit(actor=keeper("CN"), unit_id=board.pk, details=replace(details, name=NEW), now=clock.now())

    assert [each.names.name for each in unit("CN").earlier_names] == ["Ban Công nghệ"]


def test_the_picker_finds_a_unit_by_its_old_name_and_says_so(house):
    renamed("Ban Chuyển đổi số")

    found = queries.search_recipients("ban cong nghe", on=local_date(clock.now()), kinds=("unit",))
    by_new = queries.search_recipients("chuyen doi", on=local_date(clock.now()), kinds=("unit",))

    assert [(each.id, each.name) for each in found] == [(unit("CN").pk, "Ban Chuyển đổi số")]
    assert "trước đây: Ban Công nghệ" in found[0].detail
    assert [(each.id, "trước đây" in each.detail) for each in by_new] == [(unit("CN").pk, False)]


def test_a_list_with_the_old_name_does_not_rename_back(house):
    renamed("Ban Chuyển đổi số")

    bring_in(units_csv())

    assert unit("CN").name == "Ban Chuyển đổi số"


def test_a_list_with_a_new_name_keeps_the_old_one(house):
    bring_in(units_csv("CN;Ban Chuyển đổi số;CDS;TXG;Ban;Không;"))

    board = unit("CN")
    assert (board.name, board.symbol) == ("Ban Chuyển đổi số", "CDS")
    assert [(each.names.name, each.names.symbol) for each in board.earlier_names] == [("Ban Công nghệ", "CN")]


def test_the_page_of_a_unit_shows_its_old_names(house):
    renamed()
    client = browser_of(keeper("CN"))

    for address in ("keeping:unit_change", "organization:unit"):
        page = client.get(reverse(address, args=[unit("CN").pk])).content.decode()
        assert "Tên trước đây" in page
        assert "Ban Công nghệ</td>" in page

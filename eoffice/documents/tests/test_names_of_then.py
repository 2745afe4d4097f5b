"""Old documents keep the names of their day: pages, registers, books, search, once a unit is called something else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core.clock import local_date
from eoffice.documents.models import Draft
from eoffice.documents.services import drafting
from eoffice.documents.tests import drafts, letters, outgoing
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.organization.models import Unit, UnitNames
from eoffice.organization.services.naming import NAME_FIELDS, give_names

LATER = NOW + timedelta(days=10)
OLD = "Ban Công nghệ và An toàn thông tin"
NEW = "Ban Chuyển đổi số"


def rename(unit: Unit, name: str = NEW, symbol: str = "CĐS") -> None:
    give_names(unit, UnitNames(name, name, symbol), first_day=local_date(LATER), basis="Quyết định số 9/QĐ-TXG")
    unit.save(update_fields=NAME_FIELDS)


@pytest.mark.django_db
def test_an_issued_letter_names_the_bodies_of_its_day(cast: Cast, client: Client) -> None:
    paper = outgoing.issued(cast)
    rename(cast.technology)
    rename(cast.group, "Tập đoàn Số Trường Xuân", "TXS")
    letters.enter(client, cast.clerk)

    page = client.get(reverse("documents:outgoing_detail", args=[paper.pk])).content.decode()

    assert OLD in page
    assert NEW not in page
    paper.refresh_from_db()
    assert paper.issuing_body == "Tập đoàn Hạ tầng số Trường Xuân"
    assert "TXG" in paper.shown_code


@pytest.mark.django_db
def test_a_closed_line_keeps_the_name_an_open_one_follows(cast: Cast) -> None:
    letter = letters.directed(cast)
    open_line, closed = letters.line_of(letter, cast.technology), letters.line_of(letter, cast.legal)
    closed.state, closed.closed_at = "completed", NOW
    rename(cast.technology)
    rename(cast.legal, "Ban Pháp luật", "PL")
    for line in (open_line, closed):
        assert line.unit is not None
        line.unit.refresh_from_db()

    assert open_line.unit is not None
    assert closed.unit is not None
    assert open_line.unit.name_on(open_line.called_on) == NEW
    assert closed.unit.name_on(closed.called_on) == "Ban Pháp chế và Kiểm tra nội bộ"


@pytest.mark.django_db
def test_an_abandoned_draft_keeps_the_name(cast: Cast) -> None:
    draft = drafts.make_draft(cast)
    drafting.abandon_draft(actor=actor_of(cast.officer), draft_id=draft.pk, reason="Không cần nữa.", now=NOW)
    rename(cast.technology)

    row = Draft.objects.select_related("unit").get(pk=draft.pk)
    assert row.unit.name_on(row.called_on) == OLD


@pytest.mark.django_db
def test_a_closed_register_keeps_the_name_of_its_year(cast: Cast) -> None:
    register = cast.outgoing_register
    rename(cast.group, "Tập đoàn Số Trường Xuân", "TXS")
    register.registry.refresh_from_db()
    register.closed_at = NOW

    assert register.registry.name_on(register.called_on) == "Tập đoàn Hạ tầng số Trường Xuân"
    register.closed_at = None
    assert register.registry.name_on(register.called_on) == "Tập đoàn Số Trường Xuân"

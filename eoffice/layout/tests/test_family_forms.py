"""What letters of party, union and youth units carry, set by the administrator."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pikepdf
import pypdfium2
import pytest
from django.test import Client

from eoffice.audit.models import AuditEntry
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.layout.docx import render_letter_docx
from eoffice.layout.families import FamilyRules, families_with_rules, rules_of
from eoffice.layout.keeping_families import FamilyTerms, set_family
from eoffice.layout.letters import render_letter
from eoffice.layout.tests.factories import letter
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Family, Person, Role, UnitKind

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM = ActorRef(None, source="cli")
PARTY = FamilyTerms(
    nation="ĐẢNG CỘNG SẢN VIỆT NAM", motto="", typed_symbol="{loại}/{cơ quan}", letter_symbol="CV/{cơ quan}-{nơi soạn}"
)
pytestmark = pytest.mark.django_db


def person_with(role: Role) -> Person:
    group = services.create_unit(
        actor=SYSTEM, parent=None, kind=UnitKind.GROUP, name="Tập đoàn", short_name="TXG", symbol="TXG", now=NOW
    )
    made = services.create_person(
        actor=SYSTEM, full_name="Quản Trị Viên", email="quantri@txg.test", password=None, now=NOW
    )
    since = date(2020, 1, 1)
    services.appoint(
        actor=SYSTEM, person=made, unit=group, position_name="Chuyên viên", rank=9, starts_on=since, now=NOW
    )
    services.grant_role(actor=SYSTEM, person=made, unit=group, role=role, starts_on=since, now=NOW)
    return made


def actor_of(person: Person) -> Actor:
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=NOW)


def test_family_nobody_set_writes_as_the_state_and_is_not_confirmed() -> None:
    rules = rules_of("party")

    assert rules.symbol("decision", body="ĐU") == "QĐ-ĐU"
    assert rules.symbol("letter", body="ĐU", drafter="VP") == "ĐU-VP"
    assert (rules.nation, rules.motto) == (rules_of("state").nation, rules_of("state").motto)
    assert not rules.is_confirmed


def test_symbols_follow_the_pattern_and_an_empty_place_takes_its_mark_along() -> None:
    set_family(actor=actor_of(person_with(Role.ADMINISTRATOR)), family="party", terms=PARTY, now=NOW)

    rules = rules_of("party")

    assert rules.symbol("decision", body="ĐU") == "QĐ/ĐU"
    assert rules.symbol("letter", body="ĐU", drafter="VP") == "CV/ĐU-VP"
    assert rules.symbol("letter", body="ĐU") == "CV/ĐU"
    assert rules_of("state").symbol("decision", body="TXG") == "QĐ-TXG"


def test_letter_carries_the_lines_of_its_family_alone() -> None:
    rules = FamilyRules(family=Family.PARTY, nation="ĐẢNG CỘNG SẢN VIỆT NAM", motto="")

    rendered = render_letter(letter(family=rules.letterhead))
    twin = render_letter_docx(letter(family=rules.letterhead))

    text = pypdfium2.PdfDocument(rendered.pdf)[0].get_textpage().get_text_range()
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "CỘNG HÒA XÃ HỘI" not in text
    assert "Độc lập" not in text
    assert len(pikepdf.open(io.BytesIO(rendered.pdf)).pages) == rendered.page_count
    assert twin.startswith(b"PK")


def test_a_basis_confirms_and_taking_it_away_leaves_it_open_again() -> None:
    actor = actor_of(person_with(Role.ADMINISTRATOR))
    confirmed = FamilyTerms(nation="A", motto="B", typed_symbol="{cơ quan}", letter_symbol="{cơ quan}", basis="QĐ 1")

    set_family(actor=actor, family="union", terms=confirmed, now=NOW)
    assert [each.is_confirmed for each in families_with_rules()] == [False, True, False]
    set_family(actor=actor, family="union", terms=PARTY, now=NOW)

    assert [each.is_confirmed for each in families_with_rules()] == [False, False, False]
    entry = AuditEntry.objects.filter(action="layout.family.set").latest("pk")
    assert entry.detail["before"]["basis"] == "QĐ 1"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"nation": " "}, "nation"),
        ({"typed_symbol": "{loai}-{cơ quan}"}, "typed_symbol"),
        ({"letter_symbol": "CV"}, "letter_symbol"),
        ({"letter_symbol": "{cơ quan}{"}, "letter_symbol"),
        ({"basis": "x" * 301}, "basis"),
    ],
)
def test_what_cannot_be_written_is_told_beside_its_field(changed: dict[str, str], field: str) -> None:
    actor = actor_of(person_with(Role.ADMINISTRATOR))
    terms = FamilyTerms(
        **{"nation": "A", "motto": "", "typed_symbol": "{cơ quan}", "letter_symbol": "{cơ quan}"} | changed
    )

    with pytest.raises(Invalid) as told:
        set_family(actor=actor, family="youth", terms=terms, now=NOW)

    assert list(told.value.fields) == [field]


def test_states_family_and_people_without_the_role_are_refused() -> None:
    clerk = person_with(Role.CLERK)

    with pytest.raises(NotPermitted):
        set_family(actor=actor_of(clerk), family="party", terms=PARTY, now=NOW)
    services.grant_role(
        actor=SYSTEM, person=clerk, unit=clerk.postings.get().unit, role=Role.ADMINISTRATOR, starts_on=date(2020, 1, 1),
        now=NOW,
    )  # fmt: skip
    with pytest.raises(Invalid, match="Nghị định 30"):
        set_family(actor=actor_of(clerk), family="state", terms=PARTY, now=NOW)


def test_administrator_sets_and_confirms_on_the_page(client: Client) -> None:
    person = person_with(Role.ADMINISTRATOR)
    assert person.user is not None
    client.force_login(person.user)

    assert "Chưa xác nhận" in client.get("/the-thuc/").content.decode()
    sent = {
        "nation": "ĐẢNG CỘNG SẢN VIỆT NAM", "motto": "", "typed_symbol": "{loại}/{cơ quan}",
        "letter_symbol": "CV/{cơ quan}", "basis": "Hướng dẫn thể thức của hệ",
    }  # fmt: skip
    refused = client.post("/the-thuc/party/", sent | {"letter_symbol": "{sai}"})
    saved = client.post("/the-thuc/party/", sent)

    assert refused.status_code == 422
    assert "Không có chỗ điền" in refused.content.decode()
    assert saved.status_code == 303
    page = client.get("/the-thuc/").content.decode()
    assert "Hướng dẫn thể thức của hệ" in page
    assert client.get("/the-thuc/party/sample.pdf").content.startswith(b"%PDF")
    assert client.get("/the-thuc/state/").status_code == 404

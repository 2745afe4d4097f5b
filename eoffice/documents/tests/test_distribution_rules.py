"""Distribution rules: written and put in order by their keepers, previewed within what these may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.documents.errors import RuleNotFound
from eoffice.documents.models import DistributionRule, HandlingSetting
from eoffice.documents.permissions import rules as permissions
from eoffice.documents.queries import rules as queries
from eoffice.documents.queries.home import home_of
from eoffice.documents.queries.incoming_counters import counters
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import assigning, closing, keeping_rules
from eoffice.documents.services.keeping_rules import RuleTerms
from eoffice.documents.states import IncomingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter, line_of, received, registered, to_person
from eoffice.organization.models import Person, Unit

pytestmark = pytest.mark.django_db


def terms(cast: Cast, **changed: object) -> RuleTerms:
    made = RuleTerms(name="Ứng phó bão", lead_unit_id=cast.technology.pk, subject_contains="bão", working_days=2)
    return replace(made, **changed)  # type: ignore[arg-type]  # fields of the terms by name


def rule(cast: Cast, by: Person | None = None, **changed: object) -> DistributionRule:
    return keeping_rules.create_rule(
        actor=actor_of(by or cast.chief), registry_id=cast.group.pk, terms=terms(cast, **changed), now=NOW
    )


def order_of(registry: Unit) -> list[str]:
    return list(
        DistributionRule.objects.filter(registry=registry).order_by("position", "pk").values_list("name", flat=True)
    )


def audited() -> list[str]:
    prefix = "documents.distribution_rule."
    rows = AuditEntry.objects.filter(action__startswith=prefix).order_by("pk")
    return [row.action.removeprefix(prefix) for row in rows]


# Keeping rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["chief", "clerk", "administrator"])
def test_keeper_writes_a_rule_that_distributes_the_next_letter(cast: Cast, who: str) -> None:
    made = rule(cast, by=getattr(cast, who), name="  Ứng phó   bão ")

    assert (made.name, made.position, made.is_active) == ("Ứng phó bão", 1, True)
    assert audited() == ["created"]
    letter = registered(cast, subject="Công điện về BÃO số 14")
    assert letter.state == IncomingState.IN_PROGRESS
    assert letter.assignments.get().unit_id == cast.technology.pk


@pytest.mark.parametrize("who", ["outsider", "officer", "head", "leader", "company_clerk", "auditor"])
def test_others_write_no_rule(cast: Cast, who: str) -> None:
    with pytest.raises(NotPermitted):
        rule(cast, by=getattr(cast, who))

    assert not DistributionRule.objects.exists()
    assert audited() == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subject_contains": ""}, "document_type"),
        ({"subject_contains": " - "}, "subject_contains"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"document_type": "poem"}, "document_type"),
        ({"working_days": 0}, "working_days"),
        ({"working_days": 366}, "working_days"),
        ({"lead_unit_id": 0}, "lead_unit"),
    ],
)
def test_unsound_rule_is_refused_beside_its_field(cast: Cast, changed: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        keeping_rules.create_rule(
            actor=actor_of(cast.chief), registry_id=cast.group.pk, terms=terms(cast, **changed), now=NOW
        )

    assert list(refused.value.fields) == [field]
    assert not DistributionRule.objects.exists()


def test_rule_sends_nowhere_but_within_its_registry(cast: Cast) -> None:
    with pytest.raises(Invalid):
        keeping_rules.create_rule(
            actor=actor_of(cast.company_clerk), registry_id=cast.company.pk, terms=terms(cast), now=NOW
        )

    assert not DistributionRule.objects.exists()


def test_form_sent_twice_makes_one_rule(cast: Cast) -> None:
    chief = actor_of(cast.chief)
    made = [
        keeping_rules.create_rule(
            actor=chief, registry_id=cast.group.pk, terms=terms(cast), now=NOW, request_key="one-key"
        ).pk
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert audited() == ["created"]


def test_changed_rule_says_what_changed(cast: Cast) -> None:
    made = rule(cast)

    keeping_rules.change_rule(
        actor=actor_of(cast.clerk), rule_id=made.pk, terms=terms(cast, working_days=5, name="Bão, lũ"), now=NOW
    )

    made.refresh_from_db()
    assert (made.name, made.working_days, made.subject_contains) == ("Bão, lũ", 5, "bão")
    assert AuditEntry.objects.latest("pk").detail["fields"] == ["name", "working_days"]


def test_order_decides_which_rule_takes_a_letter(cast: Cast) -> None:
    first, second = rule(cast, name="Một"), rule(cast, name="Hai", lead_unit_id=cast.legal.pk)
    chief = actor_of(cast.chief)

    keeping_rules.move_rule(actor=chief, rule_id=second.pk, up=True, now=NOW)
    assert order_of(cast.group) == ["Hai", "Một"]
    letter = registered(cast, subject="Phòng chống bão")
    assert letter.assignments.get().unit_id == cast.legal.pk

    keeping_rules.move_rule(actor=chief, rule_id=second.pk, up=True, now=NOW)  # first already
    assert order_of(cast.group) == ["Hai", "Một"]
    keeping_rules.move_rule(actor=chief, rule_id=second.pk, up=False, now=NOW)
    assert order_of(cast.group) == ["Một", "Hai"]
    assert audited() == ["created", "created", "moved", "moved"]
    assert first.pk != second.pk


def test_rule_switched_off_takes_nothing_and_stays_in_the_list(cast: Cast) -> None:
    made = rule(cast)
    clerk = actor_of(cast.clerk)

    keeping_rules.switch_rule(actor=clerk, rule_id=made.pk, is_active=False, now=NOW)
    assert registered(cast, subject="Phòng chống bão").state == IncomingState.REGISTERED
    assert [each.rule.pk for each in queries.rules_kept_by(clerk, now=NOW)[0].lines] == [made.pk]

    keeping_rules.switch_rule(actor=clerk, rule_id=made.pk, is_active=True, now=NOW)
    assert registered(cast, subject="Phòng chống bão").state == IncomingState.IN_PROGRESS
    assert audited() == ["created", "switched_off", "switched_on"]


def test_rule_of_a_closed_unit_rests_and_registration_goes_on(cast: Cast) -> None:
    rule(cast)
    cast.technology.closed_on = date(2026, 11, 1)
    cast.technology.save(update_fields=["closed_on"])

    assert registered(cast, subject="Phòng chống bão").state == IncomingState.REGISTERED
    assert queries.rules_kept_by(actor_of(cast.chief), now=NOW)[0].lines[0].rests


@pytest.mark.parametrize("who", ["outsider", "company_clerk", "leader"])
def test_others_change_move_and_switch_nothing(cast: Cast, who: str) -> None:
    made = rule(cast)
    rule(cast, name="Hai")
    other = actor_of(getattr(cast, who))

    with pytest.raises(RuleNotFound):
        keeping_rules.change_rule(actor=other, rule_id=made.pk, terms=terms(cast, name="Khác"), now=NOW)
    with pytest.raises(RuleNotFound):
        keeping_rules.move_rule(actor=other, rule_id=made.pk, up=False, now=NOW)
    with pytest.raises(RuleNotFound):
        keeping_rules.switch_rule(actor=other, rule_id=made.pk, is_active=False, now=NOW)

    made.refresh_from_db()
    assert (made.name, made.is_active, order_of(cast.group)) == ("Ứng phó bão", True, ["Ứng phó bão", "Hai"])
    assert audited() == ["created", "created"]


def test_both_faces_of_the_right_agree(cast: Cast) -> None:
    made = rule(cast)
    everyone = [value for value in vars(cast).values() if isinstance(value, Person)]

    for person in everyone:
        actor = actor_of(person)
        listed = DistributionRule.objects.filter(permissions.kept_by(actor), pk=made.pk).exists()
        assert listed == permissions.can_keep_rules(actor, cast.group.pk)


# Preview -----------------------------------------------------------------------------------------------------


def test_preview_shows_recent_letters_that_match_and_who_takes_them_first(cast: Cast) -> None:
    registered(cast, subject="Lịch tiếp dân")
    letter = registered(cast, subject="Công điện về BÃO số 14")
    rule(cast, name="Mọi công văn của Bộ", subject_contains="", issuing_body_contains="khoa hoc")
    tried = DistributionRule(registry_id=cast.group.pk, subject_contains="bão")

    found = queries.letters_matching(actor_of(cast.chief), tried, now=NOW)

    assert [(each.letter.pk, each.taken_by) for each in found.letters] == [(letter.pk, "Mọi công văn của Bộ")]
    assert (found.looked_at, found.has_more) == (2, False)


def test_preview_names_no_letter_its_reader_may_not_see(cast: Cast) -> None:
    registered(cast, subject="Công điện về bão")
    tried = DistributionRule(registry_id=cast.group.pk, subject_contains="bão")

    assert queries.letters_matching(actor_of(cast.administrator), tried, now=NOW).letters == []
    with pytest.raises(NotPermitted):
        queries.letters_matching(actor_of(cast.company_clerk), tried, now=NOW)


# Pages -------------------------------------------------------------------------------------------------------


def test_rule_is_written_on_the_page_and_shown_in_the_list(cast: Cast, client: Client) -> None:
    letter = registered(cast, subject="Công điện về bão")
    enter(client, cast.chief)
    address = f"{reverse('documents:rule_create')}?registry={cast.group.pk}"
    sent = {"name": "Bão lũ", "subject_contains": "bão", "lead_unit": cast.technology.pk, "working_days": "3"}

    looked = client.post(address, sent | {"do": "preview"})
    assert looked.status_code == 200
    assert letter.subject in looked.content.decode()
    assert not DistributionRule.objects.exists()

    saved = client.post(address, sent)
    assert (saved.status_code, saved["Location"]) == (303, reverse("documents:rule_list"))
    shown = client.get(reverse("documents:rule_list")).content.decode()
    assert "Bão lũ" in shown
    assert "3 ngày" in shown


def test_refused_rule_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    enter(client, cast.chief)

    answer = client.post(reverse("documents:rule_create"), {"name": "Mọi thứ", "lead_unit": cast.technology.pk})

    assert answer.status_code == 422
    words = answer.content.decode()
    assert 'value="Mọi thứ"' in words
    assert "Chọn ít nhất một điều kiện" in words


def test_conditions_are_previewed_while_they_are_typed(cast: Cast, client: Client) -> None:
    letter = registered(cast, subject="Công điện về bão")
    enter(client, cast.clerk)

    answer = client.get(reverse("documents:rule_preview", args=[cast.group.pk]), {"subject_contains": "BAO"})

    assert answer.status_code == 200
    assert letter.subject in answer.content.decode()


def test_rule_is_changed_moved_and_switched_by_its_pages(cast: Cast, client: Client) -> None:
    made = rule(cast)
    rule(cast, name="Hai")
    enter(client, cast.clerk)
    page = reverse("documents:rule_change", args=[made.pk])

    assert "Ứng phó bão" in client.get(page).content.decode()
    client.post(page, {"name": "Lũ", "subject_contains": "lũ", "lead_unit": cast.legal.pk})
    client.post(reverse("documents:rule_move", args=[made.pk]), {"to": "down"})
    client.post(reverse("documents:rule_switch", args=[made.pk]), {"to": "off"})

    made.refresh_from_db()
    assert (made.name, made.lead_unit_id, made.is_active) == ("Lũ", cast.legal.pk, False)
    assert order_of(cast.group) == ["Hai", "Lũ"]


def test_outsider_finds_no_page_of_rules(cast: Cast, client: Client) -> None:
    made = rule(cast)
    enter(client, cast.outsider)

    assert client.get(reverse("documents:rule_list")).status_code == 403
    assert client.get(reverse("documents:rule_create")).status_code == 403
    assert client.get(reverse("documents:rule_change", args=[made.pk])).status_code == 404
    assert client.post(reverse("documents:rule_switch", args=[made.pk]), {"to": "off"}).status_code == 404
    assert client.get(reverse("documents:rule_preview", args=[cast.group.pk])).status_code == 403
    made.refresh_from_db()
    assert made.is_active


# How a unit confirms -----------------------------------------------------------------------------------------


def test_head_lets_results_be_confirmed_by_themselves_and_takes_it_back(cast: Cast, client: Client) -> None:
    enter(client, cast.head)
    page = reverse("documents:handling")
    assert cast.technology.name in client.get(page).content.decode()

    assert client.post(page, {"unit": cast.technology.pk, "to": "on"}).status_code == 303
    assert HandlingSetting.objects.get(unit=cast.technology).confirms_itself
    client.post(page, {"unit": cast.technology.pk, "to": "off"})
    assert not HandlingSetting.objects.get(unit=cast.technology).confirms_itself
    assert AuditEntry.objects.filter(action="documents.handling.changed").count() == 2


def test_administrator_sets_it_for_the_registry(cast: Cast) -> None:
    closing.set_confirmation(actor=actor_of(cast.administrator), unit_id=cast.group.pk, confirms_itself=True, now=NOW)

    assert HandlingSetting.objects.get(unit=cast.group).confirms_itself


def test_outsider_sets_no_units_confirmation(cast: Cast, client: Client) -> None:
    enter(client, cast.outsider)
    page = reverse("documents:handling")

    assert client.get(page).status_code == 403
    assert client.post(page, {"unit": cast.technology.pk, "to": "on"}).status_code == 403
    assert not HandlingSetting.objects.exists()


# What becomes of a letter that a rule sent -------------------------------------------------------------------


def test_a_letter_refused_by_the_lead_of_a_rule_waits_on_the_chiefs_home_and_list(cast: Cast) -> None:
    rule(cast)
    letter = registered(cast, subject="Công điện về bão số 14")
    assigning.return_assignment(
        actor=actor_of(cast.head),
        assignment_id=line_of(letter, cast.technology).pk,
        reason="Việc của Ban khác",
        now=NOW,
    )

    chief = actor_of(cast.chief)
    assert [(line.id, line.action) for line in home_of(chief, NOW).waiting] == [(letter.pk, "Bút phê")]
    assert counters(chief, NOW)["to_direct"] == 1
    assert home_of(actor_of(cast.clerk), NOW).waiting == []


def test_the_history_says_that_a_rule_distributed_and_to_whom_it_was_passed_on(cast: Cast) -> None:
    rule(cast)
    letter = registered(cast, subject="Công điện về bão số 14")
    line = line_of(letter, cast.technology)
    head = actor_of(cast.head)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=NOW)
    assigning.pass_on(actor=head, assignment_id=line.pk, recipients=[to_person(cast.officer)], instruction="", now=NOW)

    titles = [moment.title for moment in incoming_detail(head, letter.pk, now=NOW).history]

    assert "Phân phối theo quy tắc của văn phòng" in titles
    assert f"{cast.technology.name} chuyển tiếp việc cho {cast.officer.full_name}" in titles


def test_registering_says_that_a_rule_sent_the_letter_on(cast: Cast, client: Client) -> None:
    rule(cast)
    letter = received(cast)
    enter(client, cast.clerk)
    typed = {"issuing_body": "Bộ Nội vụ", "subject": "Công điện về bão", "number": "7", "symbol": "BNV"}

    page = client.post(f"/documents/incoming/{letter.pk}/register/", typed, follow=True).content.decode()

    assert "chuyển đơn vị chủ trì theo quy tắc phân phối." in page


def test_units_of_one_name_say_under_which_unit_they_stand(cast: Cast) -> None:
    Unit.objects.filter(pk__in=[cast.technology.pk, cast.legal.pk]).update(name="Phòng Tổng hợp")

    choices = dict(queries.lead_choices_for(cast.group.pk))

    assert choices[cast.technology.pk] == f"Phòng Tổng hợp ({cast.group.short_name})"
    assert choices[cast.group.pk] == cast.group.name

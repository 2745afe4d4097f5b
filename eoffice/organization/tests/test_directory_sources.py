"""People read from a real OpenLDAP and from a SCIM provider, by the engine of the file import."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from eoffice.accounts.tests import real_servers
from eoffice.accounts.tests.real_servers import READER_PASSWORD, SUFFIX
from eoffice.core import clock
from eoffice.organization import jobs, queries, services
from eoffice.organization.importing.sources.ldap import DEFAULT_ATTRIBUTES
from eoffice.organization.models import DirectorySource, ImportRun, Person, Role, RunState, SourceKind, Unit
from eoffice.organization.services import directory_sources
from eoffice.organization.services.directory_sources import SourceTerms
from eoffice.organization.tests.lists import CLI, bring_in, units_csv
from eoffice.organization.tests.scim_server import TOKEN, scim_provider, user

pytestmark = pytest.mark.django_db
STAFF = 30


def entry(number: int, **more: str) -> str:
    lines = {
        "uid": f"nv{number}", "cn": f"nv{number}", "sn": "x", "displayName:": _base64(f"Đặng Thủy {number}"),
        "mail": f"Thuy.{number}@truongxuan.example", "mobile": f"0902 {number:06}", "employeeNumber": f"LD{number}",
        "departmentNumber": "CN", "title": "Engineer",
    }  # fmt: skip
    text = "".join(f"{name}: {value}\n" for name, value in (lines | more).items())
    return f"dn: uid=nv{number},{SUFFIX}\nobjectClass: inetOrgPerson\n{text}\n"


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def slapd():
    people = [entry(number) for number in range(STAFF)]
    people.append(entry(900, departmentNumber="KHONG-CO"))
    with real_servers.slapd("".join(people)) as it:
        yield it


@pytest.fixture
def admin():
    bring_in(units_csv())
    now = clock.now()
    person = services.create_person(actor=CLI, full_name="Lê Quản Trị", email="qt@x.example", password=None, now=now)
    root = Unit.objects.get(code="TXG")
    services.appoint(
        actor=CLI, person=person, unit=root, position_name="Quản trị", rank=9, starts_on=date(2026, 1, 1), now=now
    )
    services.grant_role(
        actor=CLI, person=person, unit=root, role=Role.ADMINISTRATOR, starts_on=date(2026, 1, 1), now=now
    )
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=now)


def ldap_settings(server, wanted: str) -> dict[str, object]:
    return {
        "host": "127.0.0.1", "port": server.tls_port, "security": "ldaps", "ca_pem": server.ca_pem,
        "reader_dn": f"cn=doc,{SUFFIX}", "base_dn": SUFFIX, "person_filter": wanted,
        "attributes": dict(DEFAULT_ATTRIBUTES), "default_position": "Chuyên viên",
    }  # fmt: skip


def save(actor, kind, settings, *, secret, source_id=None, **more) -> DirectorySource:
    terms = SourceTerms(name=f"Danh bạ {kind}", kind=kind, settings=settings, secret=secret, **more)
    return directory_sources.save_source(actor=actor, source_id=source_id, terms=terms, now=clock.now())


def read(source: DirectorySource, *, is_trial: bool = False) -> ImportRun | None:
    return directory_sources.read_source(actor=CLI, source_id=source.pk, is_trial=is_trial, now=clock.now())


ALL = "(employeeNumber=LD*)"


def test_people_of_a_real_ldap_come_in_and_a_second_reading_changes_nothing(admin, slapd):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD)

    first, second = read(source), read(source)

    assert first is not None
    assert second is not None
    assert (first.state, first.counts) == (RunState.APPLIED, {"new": STAFF, "faulty": 1})
    assert second.counts == {"unchanged": STAFF, "faulty": 1}
    person = Person.objects.select_related("user").get(code="LD7")
    assert (person.full_name, person.phone, person.managed_by) == ("Đặng Thủy 7", "+84902000007", source.managed_by)
    assert person.user is not None
    assert person.user.email == "thuy.7@truongxuan.example"


def test_a_try_writes_nothing(admin, slapd):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD)

    run = read(source, is_trial=True)

    assert run is not None
    assert (run.state, run.counts["new"], Person.objects.filter(code="LD7").exists()) == (RunState.READY, STAFF, False)


def test_few_who_are_gone_leave_and_many_stop_the_run(admin, slapd):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD)
    read(source)

    save(admin, SourceKind.LDAP, ldap_settings(slapd, f"(&{ALL}(!(uid=nv7)))"), secret="", source_id=source.pk)
    run = read(source)
    gone = Person.objects.select_related("user").get(code="LD7")
    assert run is not None
    assert gone.user is not None
    assert (run.state, run.ended_people, gone.user.is_active) == (RunState.APPLIED, 1, False)

    save(admin, SourceKind.LDAP, ldap_settings(slapd, "(employeeNumber=LD1*)"), secret="", source_id=source.pk)
    stopped = read(source)
    source.refresh_from_db()
    assert stopped is not None
    assert (stopped.state, stopped.ended_people) == (RunState.READY, 18)
    assert "Dừng lại" in source.last_error
    assert Person.objects.filter(managed_by=source.managed_by, left_on__isnull=False).count() == 1


@pytest.mark.parametrize("broken", [{"port": 1}, {"reader_dn": "cn=la"}, {"person_filter": "(mail="}, {"ca_pem": ""}])
def test_a_directory_that_fails_says_so_and_changes_nothing(admin, slapd, broken):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL) | broken, secret=READER_PASSWORD)

    assert read(source) is None
    source.refresh_from_db()
    assert source.last_error
    assert Person.objects.filter(managed_by=source.managed_by).count() == 0


def test_an_empty_answer_ends_nobody(admin, slapd):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD)
    read(source)
    save(admin, SourceKind.LDAP, ldap_settings(slapd, "(employeeNumber=none)"), secret="", source_id=source.pk)

    assert read(source) is None
    assert Person.objects.filter(managed_by=source.managed_by, left_on__isnull=True).count() == STAFF


def test_people_of_a_scim_provider_come_in_page_by_page(admin):
    users = [user(number) for number in range(130)] + [user(900, active=False)]
    with scim_provider(users) as provider:
        settings = {"base_url": provider.url, "person_filter": "active eq true", "default_position": "Chuyên viên"}
        source = save(admin, SourceKind.SCIM, settings, secret=TOKEN)
        run = read(source)

        assert run is not None
        assert (run.state, run.counts) == (RunState.APPLIED, {"new": 130})
        assert [query["startIndex"] for query in provider.asked] == [["1"], ["51"], ["101"]]
        person = Person.objects.get(code="SC129")
        assert (person.full_name, person.phone) == ("Nguyễn Văn Số 129", "+84901000129")

        provider.users[5]["active"] = False
        read(source)
        assert Person.objects.get(code="SC5").left_on is not None


def test_a_scim_provider_that_refuses_or_is_none_changes_nothing(admin):
    with scim_provider([user(1)]) as provider:
        for settings, secret in (
            ({"base_url": provider.url}, "wrong"),
            ({"base_url": f"{provider.url}/nothing"}, TOKEN),
            ({"base_url": provider.url, "person_filter": "userName sw x"}, TOKEN),
        ):
            source = save(admin, SourceKind.SCIM, settings, secret=secret)
            assert read(source) is None
            source.refresh_from_db()
            assert "Chưa có gì thay đổi" in source.last_error
            source.delete()
    assert not Person.objects.filter(code="SC1").exists()


def test_the_password_lies_encrypted_and_never_reaches_the_page(admin, slapd, client):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD)
    person = Person.objects.select_related("user").get(pk=admin.person_id)
    client.force_login(person.user)

    page = client.get(reverse("keeping:source_change", args=[source.pk])).content.decode()

    assert READER_PASSWORD not in source.secret
    assert READER_PASSWORD not in page
    assert client.get(reverse("keeping:source_list")).status_code == 200


def test_a_source_is_taken_once_when_its_time_has_come(admin, slapd):
    source = save(admin, SourceKind.LDAP, ldap_settings(slapd, ALL), secret=READER_PASSWORD, every_hours=6)
    later = clock.now() + timedelta(hours=6, minutes=1)

    assert directory_sources.take_due_sources(now=clock.now()) == []
    assert directory_sources.take_due_sources(now=later) == [source.pk]
    assert directory_sources.take_due_sources(now=later) == []
    jobs.read_source(source_id=source.pk)
    assert ImportRun.objects.filter(source=source).count() == 1


def test_the_form_refuses_a_password_in_the_clear_and_plain_http(admin, client):
    person = Person.objects.select_related("user").get(pk=admin.person_id)
    client.force_login(person.user)
    common = {"name": "X", "default_position": "Chuyên viên", "every_hours": "0", "most_ended_percent": "5"}
    ldap = common | {
        "host": "ldap.truongxuan.example", "port": "389", "security": "none", "reader_dn": "cn=a", "base_dn": "dc=a",
        "person_filter": "(uid=*)",
    }  # fmt: skip

    assert client.post(reverse("keeping:source_add", args=["ldap"]), ldap).status_code == 422
    scim = common | {"base_url": "http://scim.truongxuan.example/v2"}
    assert client.post(reverse("keeping:source_add", args=["scim"]), scim).status_code == 422
    assert client.post(reverse("keeping:source_add", args=["ldap"]), ldap | {"security": "ldaps"}).status_code == 303
    assert client.get(reverse("keeping:source_add", args=["other"])).status_code == 404
    assert DirectorySource.objects.get().settings["attributes"] == {}

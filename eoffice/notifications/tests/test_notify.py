from __future__ import annotations

import threading
import unicodedata
from datetime import date, timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from eoffice.core import clock, live
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import NotFound
from eoffice.notifications import queries, services
from eoffice.notifications.models import Notification
from eoffice.organization import queries as organization
from eoffice.organization import services as organization_services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Unit, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")


def make_unit() -> Unit:
    return organization_services.create_unit(
        actor=SYSTEM,
        parent=None,
        kind=UnitKind.GROUP,
        name="Tập đoàn Hạ tầng số Trường Xuân",
        short_name="Tập đoàn",
        symbol="TXG",
        has_registry=True,
        now=clock.now(),
        place="Hà Nội",
    )


def hire(unit: Unit, name: str, email: str) -> Person:
    person = organization_services.create_person(
        actor=SYSTEM, full_name=name, email=email, password=None, now=clock.now()
    )
    organization_services.appoint(
        actor=SYSTEM,
        person=person,
        unit=unit,
        position_name="Chuyên viên",
        rank=9,
        starts_on=date(2026, 1, 1),
        ends_on=None,
        now=clock.now(),
    )
    return person


def acting(person: Person) -> Actor:
    assert person.user_id is not None
    return organization.actor_of(user_id=person.user_id, now=clock.now())


@pytest.fixture
def unit(db):
    return make_unit()


@pytest.fixture
def officer(unit):
    return hire(unit, "Đỗ Hữu Nghĩa", "nghia@txg.example")


@pytest.fixture
def outsider(unit):
    return hire(unit, "Lê Thu Hà", "ha@txg.example")


def tell(*persons: Person, title: str = "Được giao xử lý văn bản số 12", url: str = "/documents/incoming/12/") -> int:
    return services.notify(
        person_ids=[person.pk for person in persons],
        kind="documents.assigned",
        title=title,
        url=url,
        now=clock.now(),
    )


def test_each_person_is_told_once_however_often_named(officer, outsider):
    told = services.notify(
        person_ids=[officer.pk, officer.pk, outsider.pk], kind="documents.assigned", title="Việc mới", now=clock.now()
    )

    assert told == 2
    assert queries.unread_count(acting(officer)) == 1
    assert queries.unread_count(acting(outsider)) == 1


def test_telling_nobody_writes_nothing(db):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert services.notify(person_ids=[], kind="x", title="x", now=clock.now()) == 0

    assert [query for query in asked.captured_queries if "INSERT" in query["sql"]] == []
    assert Notification.objects.count() == 0


def test_a_thousand_persons_are_told_in_one_insert(db):
    people = Person.objects.bulk_create(
        [Person(full_name=f"Người {n}", name_fold=f"nguoi {n}", sort_key=f"{n:05}") for n in range(1000)]
    )

    with CaptureQueriesContext(connection) as asked:
        assert tell(*people) == 1000

    inserts = [query for query in asked.captured_queries if "INSERT" in query["sql"]]
    assert len(inserts) == 1
    assert Notification.objects.count() == 1000


def test_a_subject_of_600_letters_in_nfd_is_cut_and_composed(officer):
    tell(officer, title=unicodedata.normalize("NFD", "ế" * 600))

    (row,) = queries.newest(acting(officer))
    assert row.title == "ế" * 299 + "…"


@pytest.mark.parametrize("url", ["https://x.example/", "//x.example/", "javascript:alert(1)"])
def test_a_link_out_of_the_house_is_refused_by_the_database(officer, url):
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(officer, url=url)

    assert Notification.objects.count() == 0


def test_the_first_reading_counts(officer):
    tell(officer)
    (row,) = queries.newest(acting(officer))
    first = clock.now()

    services.mark_read(actor=acting(officer), notification_id=row.pk, now=first)
    services.mark_read(actor=acting(officer), notification_id=row.pk, now=first + timedelta(hours=1))

    row.refresh_from_db()
    assert row.read_at == first
    assert queries.unread_count(acting(officer)) == 0


def test_another_persons_notification_cannot_be_read(officer, outsider):
    tell(officer)
    (row,) = queries.newest(acting(officer))

    with pytest.raises(NotFound):
        services.mark_read(actor=acting(outsider), notification_id=row.pk, now=clock.now())

    row.refresh_from_db()
    assert row.read_at is None
    assert queries.newest(acting(outsider)) == []


def test_marking_all_leaves_what_came_after_the_page_was_shown(officer, outsider):
    tell(officer, outsider, title="Một")
    tell(officer, title="Hai")
    shown = queries.newest(acting(officer))[0].pk
    tell(officer, title="Ba")

    assert services.mark_all_read(actor=acting(officer), up_to_id=shown, now=clock.now()) == 2

    unread = Notification.objects.filter(read_at__isnull=True).order_by("pk")
    assert [(row.person_id, row.title) for row in unread] == [(outsider.pk, "Một"), (officer.pk, "Ba")]


def test_pages_are_bounded_and_go_on_below_the_last_row(officer):
    for number in range(35):
        tell(officer, title=f"Tin {number}")

    first = queries.page(acting(officer))
    second = queries.page(acting(officer), after=first.next_after)

    assert [len(first.rows), len(second.rows)] == [30, 5]
    assert first.rows[0].title == "Tin 34"
    assert second.rows[-1].title == "Tin 0"
    assert second.next_after is None


def test_the_count_stops_at_a_hundred(officer):
    now = clock.now()
    Notification.objects.bulk_create(
        [Notification(person=officer, kind="x", title="x", created_at=now) for _ in range(150)]
    )

    assert queries.unread_count(acting(officer)) == 100


@pytest.mark.django_db(transaction=True)
def test_counters_wake_at_commit_and_not_after_a_rollback():
    unit = make_unit()
    officer = hire(unit, "Đỗ Hữu Nghĩa", "nghia@txg.example")
    heard: list[str] = []
    listening = threading.Event()

    def listen() -> None:
        database = connection.settings_dict
        address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
        with psycopg.connect(address, autocommit=True) as ear:
            ear.execute(f"LISTEN {live.CHANNEL}")
            listening.set()
            heard.extend(notice.payload for notice in ear.notifies(timeout=60, stop_after=1))

    ear = threading.Thread(target=listen)
    ear.start()
    assert listening.wait(60)

    with transaction.atomic():
        services.touch_counters([999])
        transaction.set_rollback(True)
    tell(officer)
    ear.join()

    assert heard == [str(officer.pk)]

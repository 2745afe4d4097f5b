"""What stories across rooms share: the known people as of this hour, in a real database of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from eoffice.core import clock
from eoffice.documents.tests.cast import SYSTEM, Cast, make_cast
from eoffice.organization import services as organization
from tests.emptying import empty_database


@pytest.fixture
def cast(empty_queue: None) -> Cast:
    """The group and its company with everybody's part; committed, so that jobs and a browser see them."""
    return make_installation()


@pytest.fixture(scope="module")
def shared_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The same for all tests of one file: for a long story that is told once and looked at from many sides.

    The tests of the file are marked `django_db`, without `transaction`.
    """
    with django_db_blocker.unblock():
        assert str(connection.settings_dict["NAME"]).startswith("test_"), "no test of this file is marked django_db"
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")
        yield make_installation()
        empty_database()


def make_installation() -> Cast:
    """A demo installation, so keys come from its own test authority, with the known people in it."""
    now = clock.now()
    organization.install(
        actor=SYSTEM,
        name="Tập đoàn Hạ tầng số Trường Xuân",
        is_demo=True,
        hotline="1800 0000",
        support_email="hotro@truongxuan.example",
        now=now,
    )
    return make_cast(now=now)

"""What every test gets: real PostgreSQL, and a data directory of its own."""

from __future__ import annotations

import dataclasses
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright
from xdist.remote import Producer

from eoffice.accounts.hashing import PasswordHasher
from eoffice.signing.engine import keeping
from tests.costs import RealCosts
from tests.emptying import empty_database
from tests.pki import LoopbackPki
from tests.sharing import HeaviestFirst

CHROMIUM = Path("/usr/bin/chromium")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> HeaviestFirst | None:
    """For `--dist loadfile`, as `make test` runs them."""
    return HeaviestFirst(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def data_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, keys and holds of a test run never mix with those of an installation."""
    directory = tmp_path_factory.mktemp("data")
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, data_dir=directory)
    return directory


@pytest.fixture(scope="session", autouse=True)
def short_connections() -> None:
    """Threads of a worker or a test server close their connection with their work: the test database can be removed."""
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session", autouse=True)
def real_costs() -> RealCosts:
    """What passwords and PINs cost in an installation. Here they cost next to nothing: thousands of them are made.

    What was kept at another cost opens all the same, in this process and in those that tests start.
    """
    real = RealCosts(password_kib=PasswordHasher.memory_cost, pin_log2=keeping.COST_LOG2)
    PasswordHasher.memory_cost = 64
    keeping.COST_LOG2 = 4
    return real


@pytest.fixture(scope="session")
def collector_paused() -> None:
    """Migrating makes thousands of model classes that die young: looking for them takes a quarter of its time."""
    gc.disable()


@pytest.fixture(scope="session")
def django_db_setup(collector_paused: None, django_db_setup: None) -> None:
    """The test database, and then what is there for good is left out of every later collection."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def emptying_what_is_filled() -> None:
    """What a test with `transaction=True` leaves is deleted where it is."""
    TransactionTestCase._fixture_teardown = lambda _: empty_database()  # type: ignore[attr-defined]  # not in the stubs


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """No job left from a test before: Django empties its own tables only, and the queue's are not among them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")


@pytest.fixture(scope="session")
def loopback_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackPki]:
    """Authorities, people, time stamps, OCSP and revocation lists on a free port (`tests/pki`)."""
    pki = LoopbackPki(tmp_path_factory.mktemp("pki"))
    yield pki
    pki.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium for one file of tests: Playwright's event loop must be gone before a file that runs its own."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    # That loop runs in this thread, and the tests talk to the database beside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield made
        made.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

"""What every test gets: real PostgreSQL, and a data directory of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection


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


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """No job left from a test before: Django empties its own tables only, and the queue's are not among them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")

"""The database for one command: the one the environment names, or the embedded one, started if need be."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from eoffice import environment as env
from eoffice.core import postgres


@contextlib.contextmanager
def connected(environment: env.Environment, *, as_owner: bool = False) -> Iterator[postgres.DatabaseUrls]:
    """Put the database's addresses into this process's environment, before Django reads its settings."""
    if environment.database_url:
        owner = environment.database_owner_url or environment.database_url
        urls = postgres.DatabaseUrls(app=environment.database_url, owner=owner, superuser=owner)
        _announce(urls, as_owner=as_owner)
        yield urls
        return
    with postgres.running(environment) as urls:
        _announce(urls, as_owner=as_owner)
        yield urls


def _announce(urls: postgres.DatabaseUrls, *, as_owner: bool) -> None:
    os.environ["DATABASE_URL"] = urls.app
    if urls.owner != urls.app:
        os.environ["DATABASE_OWNER_URL"] = urls.owner
    if as_owner:
        os.environ["EOFFICE_AS_OWNER"] = "1"

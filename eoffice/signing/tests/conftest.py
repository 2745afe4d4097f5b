"""What the tests of this room share."""

from __future__ import annotations

import pytest

from eoffice.signing.tests.factories import Cast, Pki, Trip, make_cast, whole_way


@pytest.fixture
def cast(db: None) -> Cast:
    """Clerk, leader and outsider at `factories.NOW`."""
    return make_cast()


@pytest.fixture(scope="session")
def pki() -> Pki:
    """Authorities that nothing is revoked in."""
    return Pki()


@pytest.fixture(scope="session")
def trip(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Trip:
    """One letter signed by a leader, numbered and sealed. Its files are read, never written."""
    return whole_way(tmp_path_factory.mktemp("trip"), pki)

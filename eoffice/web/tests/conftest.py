"""The cast of this room's tests."""

from __future__ import annotations

import pytest

from eoffice.web.tests.factories import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()

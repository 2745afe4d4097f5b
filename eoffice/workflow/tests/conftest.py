from __future__ import annotations

import pytest

from eoffice.workflow.tests.office import Office, make_office


@pytest.fixture
def office(db: None) -> Office:
    """The known cast of this room."""
    return make_office()

"""What the tests of this room share."""

from __future__ import annotations

import pytest

from eoffice.documents.tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The known cast, at `cast.NOW`."""
    return make_cast()

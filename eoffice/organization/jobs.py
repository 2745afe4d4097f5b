"""What this room tells the rooms below it; loaded when Django starts."""

from __future__ import annotations

from eoffice.accounts import holders
from eoffice.organization import queries

holders.tells_holder(queries.holder_of)

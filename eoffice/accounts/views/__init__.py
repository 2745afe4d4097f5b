"""Pages of the door, one module per page."""

from eoffice.accounts.views.account import (
    account,
    create_token,
    revoke_token,
)
from eoffice.accounts.views.signing_in import (
    sign_in,
    sign_out,
)

__all__ = [
    "account",
    "create_token",
    "revoke_token",
    "sign_in",
    "sign_out",
]

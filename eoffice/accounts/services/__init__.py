"""Commands of the accounts room, one module per use case."""

from eoffice.accounts.services.accounts import (
    create_user,
)
from eoffice.accounts.services.passwords import (
    change_password,
    require_good_password,
)
from eoffice.accounts.services.signing_in import (
    ADDRESS_SPAN,
    LOCK_SPAN,
    TRIES_BEFORE_LOCK,
    TRIES_OF_AN_ADDRESS,
    sign_in,
)
from eoffice.accounts.services.tokens import (
    TOKEN_SCOPES,
    create_token,
    revoke_token,
    user_of_token,
)

__all__ = [
    "ADDRESS_SPAN",
    "LOCK_SPAN",
    "TOKEN_SCOPES",
    "TRIES_BEFORE_LOCK",
    "TRIES_OF_AN_ADDRESS",
    "change_password",
    "create_token",
    "create_user",
    "require_good_password",
    "revoke_token",
    "sign_in",
    "user_of_token",
]

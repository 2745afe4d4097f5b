"""Commands of the accounts room, one module per use case."""

from eoffice.accounts.services.accounts import (
    close_account,
    create_user,
    open_account,
    set_emergency,
)
from eoffice.accounts.services.password_links import (
    request_reset,
    send_link,
    set_password,
)
from eoffice.accounts.services.passwords import (
    change_password,
    require_good_password,
)
from eoffice.accounts.services.sessions import (
    Arrival,
    Limits,
    end_own_session,
    end_session,
    end_sessions,
    end_sessions_at_provider,
    follow_key,
    open_session,
    see_session,
)
from eoffice.accounts.services.signing_in import (
    FirstFactor,
    sign_in,
)
from eoffice.accounts.services.tokens import (
    TOKEN_SCOPES,
    WARNED_BEFORE,
    create_token,
    revoke_token,
    revoke_token_of_another,
    revoke_tokens,
    user_of_token,
)

__all__ = [
    "TOKEN_SCOPES",
    "WARNED_BEFORE",
    "Arrival",
    "FirstFactor",
    "Limits",
    "change_password",
    "close_account",
    "create_token",
    "create_user",
    "end_own_session",
    "end_session",
    "end_sessions",
    "end_sessions_at_provider",
    "follow_key",
    "open_account",
    "open_session",
    "request_reset",
    "require_good_password",
    "revoke_token",
    "revoke_token_of_another",
    "revoke_tokens",
    "see_session",
    "send_link",
    "set_emergency",
    "set_password",
    "sign_in",
    "user_of_token",
]

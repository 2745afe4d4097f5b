"""Pages of the door, one module per page."""

from eoffice.accounts.views.account import (
    account,
    create_token,
    revoke_token,
)
from eoffice.accounts.views.devices import (
    devices,
    sign_out_device,
    sign_out_others,
)
from eoffice.accounts.views.doors import (
    door_create,
    door_edit,
    door_list,
    door_remove,
    door_try,
    emergency_set,
    session_end_all,
    session_list,
)
from eoffice.accounts.views.installing import (
    install_app,
)
from eoffice.accounts.views.password_links import (
    password_choose,
    password_forgotten,
)
from eoffice.accounts.views.providers import (
    begin,
    begin_again,
    oidc_answer,
    saml_answer,
    saml_entry,
    saml_metadata,
    signed_out_there,
)
from eoffice.accounts.views.signing_in import (
    sign_in,
    sign_out,
)
from eoffice.accounts.views.tokens import (
    token_end,
    token_list,
)

__all__ = [
    "account",
    "begin",
    "begin_again",
    "create_token",
    "devices",
    "door_create",
    "door_edit",
    "door_list",
    "door_remove",
    "door_try",
    "emergency_set",
    "install_app",
    "oidc_answer",
    "password_choose",
    "password_forgotten",
    "revoke_token",
    "saml_answer",
    "saml_entry",
    "saml_metadata",
    "session_end_all",
    "session_list",
    "sign_in",
    "sign_out",
    "sign_out_device",
    "sign_out_others",
    "signed_out_there",
    "token_end",
    "token_list",
]

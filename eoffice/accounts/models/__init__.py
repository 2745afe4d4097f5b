"""Tables of the accounts room, one module per use case."""

from eoffice.accounts.models.attempts import SignInAttempt
from eoffice.accounts.models.tokens import PersonalToken
from eoffice.accounts.models.users import User, UserManager

__all__ = ["PersonalToken", "SignInAttempt", "User", "UserManager"]

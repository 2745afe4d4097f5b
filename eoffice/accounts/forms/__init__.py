"""Input at the door, one module per page."""

from eoffice.accounts.forms.account import ForgottenForm, NewPasswordForm, PasswordForm, TokenForm
from eoffice.accounts.forms.signing_in import SignInForm

__all__ = ["ForgottenForm", "NewPasswordForm", "PasswordForm", "SignInForm", "TokenForm"]

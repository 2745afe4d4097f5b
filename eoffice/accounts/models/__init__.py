"""Tables of the accounts room, one module per use case."""

from eoffice.accounts.models.attempts import KnownDevice, SignInAttempt
from eoffice.accounts.models.doors import Door, DoorKind, ForeignIdentity, Handshake, SeenMessage
from eoffice.accounts.models.password_links import LinkPurpose, PasswordLink, ResetRequest
from eoffice.accounts.models.second_factor import (
    AuthenticatorApp,
    CodePurpose,
    ConfirmedPhone,
    OneTimeCode,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    Requirement,
    SecondFactorPolicy,
    SecondFactorTry,
    TrustedDevice,
)
from eoffice.accounts.models.sessions import EntryPolicy, OpenSession, SessionEnd
from eoffice.accounts.models.tokens import PersonalToken
from eoffice.accounts.models.users import User, UserManager

__all__ = [
    "AuthenticatorApp",
    "CodePurpose",
    "ConfirmedPhone",
    "Door",
    "DoorKind",
    "EntryPolicy",
    "ForeignIdentity",
    "Handshake",
    "KnownDevice",
    "LinkPurpose",
    "OneTimeCode",
    "OpenSession",
    "Passkey",
    "PasskeyChallenge",
    "PasswordLink",
    "PersonalToken",
    "RecoveryCode",
    "Requirement",
    "ResetRequest",
    "SecondFactorPolicy",
    "SecondFactorTry",
    "SeenMessage",
    "SessionEnd",
    "SignInAttempt",
    "TrustedDevice",
    "User",
    "UserManager",
]

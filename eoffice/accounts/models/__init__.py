"""Tables of the accounts room, one module per use case."""

from eoffice.accounts.models.attempts import KnownDevice, SignInAttempt
from eoffice.accounts.models.doors import Door, DoorKind, ForeignIdentity, Handshake, SeenMessage
from eoffice.accounts.models.sessions import EntryPolicy, OpenSession, SessionEnd
from eoffice.accounts.models.tokens import PersonalToken
from eoffice.accounts.models.users import User, UserManager

__all__ = [
    "Door",
    "DoorKind",
    "EntryPolicy",
    "ForeignIdentity",
    "Handshake",
    "KnownDevice",
    "OpenSession",
    "PersonalToken",
    "SeenMessage",
    "SessionEnd",
    "SignInAttempt",
    "User",
    "UserManager",
]

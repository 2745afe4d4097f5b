"""The doors that ask a password on our own page: which one is asked how."""

from __future__ import annotations

from eoffice.accounts.doors import directory, mailbox
from eoffice.accounts.doors.directory import Directory
from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.doors.mailbox import Mailbox
from eoffice.accounts.doors.settings import directory_of, mailbox_of
from eoffice.accounts.models import Door, DoorKind

__all__ = ["Directory", "Mailbox", "check", "try_out"]


def check(door: Door, *, email: str, password: str) -> Identity | None:
    """Who this is at the door; None when the password is wrong. Raises DoorDown."""
    if door.kind == DoorKind.LDAP:
        return directory.check(directory_of(door), email=email, password=password)
    return mailbox.check(mailbox_of(door), email=email, password=password)


def try_out(door: Door) -> str:
    """Reach the server as far as possible without anybody's password; what was seen. Raises DoorDown."""
    if door.kind == DoorKind.LDAP:
        return directory.try_reader(directory_of(door))
    return mailbox.try_server(mailbox_of(door))

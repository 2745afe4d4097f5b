"""IMAP log-in (RFC 3501): whoever opens the mailbox is its owner. Always under TLS, except on this machine."""

from __future__ import annotations

import imaplib
import ssl
from dataclasses import dataclass
from typing import Final

from eoffice.accounts.doors.identity import DoorDown, Identity
from eoffice.core.network_words import why_unreachable

TIMEOUT_S: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail server as the administrator described it."""

    host: str
    port: int
    security: str
    """`tls`, `starttls` or `none` (this machine only)."""
    ca_pem: str
    login_is_local_part: bool
    """The server knows people by what stands before the @."""


def check(mailbox: Mailbox, *, email: str, password: str) -> Identity | None:
    """The mailbox's owner when the password opens it, else None. Raises DoorDown.

    The address is the subject: mail servers know no other lasting name.
    """
    if not password or not email.isascii() or any(sign in email for sign in '\r\n"\\ '):
        return None
    login = email.rpartition("@")[0] if mailbox.login_is_local_part else email
    try:
        client = connected(mailbox)
    except (OSError, imaplib.IMAP4.error) as error:
        raise DoorDown(f"Không kết nối được máy chủ thư: {why_unreachable(error)}.") from error
    try:
        # AUTHENTICATE PLAIN carries any character of a password; LOGIN would not (RFC 4616).
        client.authenticate("PLAIN", lambda _: f"\0{login}\0{password}".encode())
    except imaplib.IMAP4.abort as error:
        raise DoorDown("Máy chủ thư ngắt giữa chừng.") from error
    except imaplib.IMAP4.error:
        return None
    except OSError as error:
        raise DoorDown(f"Máy chủ thư không trả lời: {why_unreachable(error)}.") from error
    finally:
        _leave(client)
    return Identity(subject=email.casefold(), email=email, email_is_verified=True)


def try_server(mailbox: Mailbox) -> str:
    """Connect and read what the server offers; what was seen, in words. Raises DoorDown."""
    try:
        client = connected(mailbox)
    except (OSError, imaplib.IMAP4.error) as error:
        raise DoorDown(f"Không kết nối được máy chủ thư: {why_unreachable(error)}.") from error
    try:
        if "AUTH=PLAIN" not in client.capabilities:
            raise DoorDown("Máy chủ thư không nhận đăng nhập kiểu PLAIN trên kênh này.")
    finally:
        _leave(client)
    return "Kết nối được, kênh mã hóa đúng, máy chủ nhận đăng nhập bằng mật khẩu."


def connected(mailbox: Mailbox) -> imaplib.IMAP4:
    """A connection with the certificate checked."""
    context = ssl.create_default_context(cadata=mailbox.ca_pem or None)
    if mailbox.security == "tls":
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT_S)
    client = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    if mailbox.security == "starttls":
        client.starttls(context)
    return client


def _leave(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):
        client.shutdown()

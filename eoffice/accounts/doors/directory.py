"""LDAP v3 and Active Directory: find the person with a reading account, then bind as that person (RFC 4513)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ldap3 import ALL_ATTRIBUTES, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError
from ldap3.utils.conv import escape_filter_chars

from eoffice.accounts.doors.identity import DoorDown, Identity
from eoffice.core.network_words import why_unreachable

TIMEOUT_S: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory as the administrator described it. `person_filter` holds `{login}`, the e-mail that was typed."""

    host: str
    port: int
    security: str
    """`ldaps`, `starttls` or `none` (this machine only)."""
    ca_pem: str
    reader_dn: str
    reader_password: str
    base_dn: str
    person_filter: str
    email_attribute: str
    subject_attribute: str
    """What never changes: `entryUUID`, in Active Directory `objectGUID`."""


def check(directory: Directory, *, email: str, password: str) -> Identity | None:
    """The person whose password this is; None when it is not, or nobody or several match.

    An empty password never reaches the server: there it would be an anonymous bind that succeeds (RFC 4513, 5.1.2).
    Raises DoorDown.
    """
    if not password:
        return None
    server = _server(directory)
    try:
        with _connection(directory, server, directory.reader_dn, directory.reader_password) as reader:
            if not reader.bound:
                raise DoorDown("Thư mục không nhận tài khoản đọc. Kiểm tra tên và mật khẩu của tài khoản đọc.")
            found = _find(directory, reader, email)
        if found is None:
            # As many round trips for a stranger as for a person: nothing is told by time.
            with _connection(directory, server, directory.base_dn, password):
                return None
        dn, identity = found
        with _connection(directory, server, dn, password) as person:
            return identity if person.bound else None
    except LDAPInvalidFilterError as error:
        raise DoorDown("Bộ lọc tìm người không đúng cú pháp.") from error
    except LDAPException as error:
        raise DoorDown(f"Không kết nối được thư mục: {why_unreachable(error)}.") from error


def try_reader(directory: Directory) -> str:
    """Connect and look with the reading account; what was seen, in words. Raises DoorDown."""
    try:
        with _connection(directory, _server(directory), directory.reader_dn, directory.reader_password) as reader:
            if not reader.bound:
                raise DoorDown("Thư mục không nhận tài khoản đọc. Kiểm tra tên và mật khẩu của tài khoản đọc.")
            words = directory.person_filter.replace("{login}", "*")
            reader.search(directory.base_dn, words, SUBTREE, attributes=[directory.email_attribute], size_limit=5)
            seen = [entry for entry in reader.response or [] if entry.get("type") == "searchResEntry"]
    except LDAPInvalidFilterError as error:
        raise DoorDown("Bộ lọc tìm người không đúng cú pháp.") from error
    except LDAPException as error:
        raise DoorDown(f"Không kết nối được thư mục: {why_unreachable(error)}.") from error
    if not seen:
        raise DoorDown("Kết nối được, nhưng không thấy người nào: kiểm tra gốc tìm kiếm và bộ lọc.")
    return f"Kết nối được, tài khoản đọc đúng, thấy {len(seen)} người đầu tiên theo bộ lọc."


def _server(directory: Directory) -> Server:
    tls = Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT, ca_certs_data=directory.ca_pem or None)
    return Server(
        directory.host,
        port=directory.port,
        use_ssl=directory.security == "ldaps",
        tls=tls,
        get_info=NONE,
        connect_timeout=TIMEOUT_S,
    )


@contextmanager
def _connection(directory: Directory, server: Server, dn: str, password: str) -> Iterator[Connection]:
    """Connected, encrypted where asked, and `bound` where the password is right."""
    connection = Connection(server, user=dn, password=password, receive_timeout=TIMEOUT_S, read_only=True)
    connection.open()
    if directory.security == "starttls" and not connection.start_tls():
        raise DoorDown("Thư mục không mở được kênh mã hóa (StartTLS).")
    try:
        connection.bind()
        yield connection
    finally:
        connection.unbind()


def _find(directory: Directory, reader: Connection, email: str) -> tuple[str, Identity] | None:
    words = directory.person_filter.replace("{login}", escape_filter_chars(email))
    names = [directory.email_attribute, directory.subject_attribute]
    reader.search(directory.base_dn, words, SUBTREE, attributes=names or ALL_ATTRIBUTES, size_limit=2)
    entries = [entry for entry in reader.response or [] if entry.get("type") == "searchResEntry"]
    if len(entries) != 1:
        return None
    values = entries[0]["raw_attributes"]
    subject = (values.get(directory.subject_attribute) or [b""])[0]
    emails = [value.decode(errors="replace") for value in values.get(directory.email_attribute) or []]
    if not subject:
        raise DoorDown(f"Mục của người dùng không có thuộc tính {directory.subject_attribute}.")
    # objectGUID of Active Directory is sixteen bytes, entryUUID of OpenLDAP is text.
    name = subject.decode() if subject.isascii() and subject.decode().isprintable() else subject.hex()
    mail = next((each for each in emails if each.casefold() == email.casefold()), emails[0] if emails else "")
    return entries[0]["dn"], Identity(subject=name, email=mail, email_is_verified=True)

"""People of an LDAP v3 directory or Active Directory, read page by page (RFC 4511; paged results: RFC 2696)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from eoffice.core.network_words import why_unreachable
from eoffice.organization.errors import SourceUnreachable
from eoffice.organization.importing.columns import SourceRow, Table

TIMEOUT_S: Final = 20
_PAGE: Final = 500
DEFAULT_ATTRIBUTES: Final = {
    "code": "employeeNumber",
    "full_name": "displayName",
    "email": "mail",
    "phone": "mobile",
    "unit": "departmentNumber",
    "position": "title",
}
"""Column of the list → attribute of the directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSource:
    """Where and how to read. `security`: `ldaps`, `starttls`, or `none` (only sensible on this machine)."""

    host: str
    port: int
    security: str
    reader_dn: str
    reader_password: str
    base_dn: str
    person_filter: str
    attributes: Mapping[str, str]
    default_position: str = "Chuyên viên"
    ca_pem: str = ""

    def rows(self) -> Iterator[SourceRow]:
        """One row for each person; `line` counts the entries. Raises SourceUnreachable."""
        try:
            with self._connection() as connection:
                if not connection.bound:
                    raise SourceUnreachable("Danh bạ không nhận tài khoản đọc. Kiểm tra tên và mật khẩu của tài khoản.")
                yield from self._read(connection)
        except LDAPException as error:
            raise SourceUnreachable(
                f"Không đọc được danh bạ: {why_unreachable(error)}. Chưa có gì thay đổi."
            ) from error

    def _connection(self) -> Connection:
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=self.ca_pem or None)
        server = Server(
            self.host, port=self.port, use_ssl=self.security == "ldaps", tls=tls, get_info=NONE,
            connect_timeout=TIMEOUT_S,
        )  # fmt: skip
        connection = Connection(
            server, user=self.reader_dn, password=self.reader_password, receive_timeout=TIMEOUT_S, read_only=True
        )
        connection.open()
        if self.security == "starttls":
            connection.start_tls()
        connection.bind()
        return connection

    def _read(self, connection: Connection) -> Iterator[SourceRow]:
        entries = connection.extend.standard.paged_search(
            self.base_dn, self.person_filter, SUBTREE, attributes=sorted(set(self.attributes.values())),
            paged_size=_PAGE, generator=True,
        )  # fmt: skip
        people = (entry for entry in entries if entry.get("type") == "searchResEntry")
        for line, entry in enumerate(people, start=1):
            held = entry["attributes"]
            cells = {column: _first(held.get(name)) for column, name in self.attributes.items()}
            cells["position"] = cells.get("position") or self.default_position
            yield SourceRow(Table.PEOPLE, line, {column: text for column, text in cells.items() if text})


def _first(value: Any) -> str:  # noqa: ANN401 - whatever the directory holds
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")

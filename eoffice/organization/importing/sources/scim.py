"""People of a SCIM 2.0 service provider: list responses, page by page (RFC 7644, 3.4.2; schema: RFC 7643)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from eoffice.accounts.doors import outgoing
from eoffice.accounts.doors.identity import DoorDown
from eoffice.organization.errors import SourceUnreachable
from eoffice.organization.importing.columns import SourceRow, Table

_PAGE: Final = 200
_MOST_PAGES: Final = 2000
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimSource:
    """A provider at `base_url` (`https://…/scim/v2`) with its bearer token; `person_filter` is a SCIM filter or empty.

    The unit is the enterprise extension's `department` (a unit code), the code its `employeeNumber`, else `externalId`.
    """

    base_url: str
    token: str
    person_filter: str = ""
    default_position: str = "Chuyên viên"

    def rows(self) -> Iterator[SourceRow]:
        """One row for each active user. Raises SourceUnreachable."""
        line, start = 0, 1
        for _ in range(_MOST_PAGES):
            page = self._page(start)
            users = page.get("Resources") or []
            for user in users:
                line += 1
                if user.get("active", True):
                    yield SourceRow(Table.PEOPLE, line, self._cells(user))
            start += len(users)
            if not users or start > int(page.get("totalResults", 0)):
                return
        raise SourceUnreachable("Danh bạ SCIM trả về quá nhiều trang. Chưa có gì thay đổi.")

    def _page(self, start: int) -> dict[str, Any]:
        query = {"startIndex": str(start), "count": str(_PAGE)}
        if self.person_filter:
            query["filter"] = self.person_filter
        address = f"{self.base_url.rstrip('/')}/Users?{urlencode(query)}"
        try:
            page = outgoing.get_json(
                address, headers={"Authorization": f"Bearer {self.token}", "Accept": "application/scim+json"}
            )
        except DoorDown as down:
            raise SourceUnreachable(f"Không đọc được danh bạ SCIM: {down} Chưa có gì thay đổi.") from down
        if _LIST not in page.get("schemas", []) or not isinstance(page.get("Resources", []), list):
            raise SourceUnreachable("Máy chủ không trả lời theo SCIM 2.0. Kiểm tra địa chỉ. Chưa có gì thay đổi.")
        return page

    def _cells(self, user: dict[str, Any]) -> dict[str, str]:
        more = user.get(_ENTERPRISE) or {}
        cells = {
            "code": str(more.get("employeeNumber") or user.get("externalId") or ""),
            "full_name": _name(user),
            "email": _chosen(user.get("emails")) or str(user.get("userName") or ""),
            "phone": _chosen([one for one in user.get("phoneNumbers") or [] if one.get("type") == "mobile"]),
            "unit": str(more.get("department") or ""),
            "position": str(user.get("title") or self.default_position),
        }
        return {column: text for column, text in cells.items() if text}


def _name(user: dict[str, Any]) -> str:
    """As displayed; else put together in the Vietnamese order: family, middle, given."""
    name = user.get("name") or {}
    parts = (name.get("familyName"), name.get("middleName"), name.get("givenName"))
    return str(user.get("displayName") or name.get("formatted") or " ".join(part for part in parts if part))


def _chosen(values: list[dict[str, Any]] | None) -> str:
    found = sorted(values or [], key=lambda one: not one.get("primary", False))
    return str(found[0].get("value") or "") if found else ""

"""The left column as data (reference/ui.md 2): which places a person has, in an order that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse

from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


@dataclass(frozen=True, slots=True)
class Count:
    """What waits for the reader in one place; `late` of them are past their deadline."""

    waiting: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """One entry. `key` names its counter, `route` the URL name, `query` the rest of the address."""

    key: str
    words: str
    icon: str
    route: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    words: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A place as the page draws it."""

    key: str
    words: str
    icon: str
    href: str
    count: Count | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class NavigationSection:
    words: str
    items: tuple[NavigationItem, ...]


HOME: Final = Section("", (Place("home", "Trang chủ", "home", "web:home"),))
_INCOMING: Final = "documents:incoming"
_DRAFTS: Final = "documents:drafts"
_OUTGOING: Final = "documents:outgoing"

CLERK_INCOMING: Final = Section(
    "Văn bản đến",
    (
        Place("to-register", "Chờ đăng ký", "inbox", _INCOMING, "queue=to-register"),
        Place("to-forward", "Chờ trình, chuyển", "arrow-forward-up", _INCOMING, "queue=to-forward"),
        Place("in-progress", "Đang xử lý", "clock", _INCOMING, "queue=in-progress"),
        Place("returned", "Bị trả lại", "arrow-back-up", _INCOMING, "queue=returned"),
    ),
)
CLERK_OUTGOING: Final = Section(
    "Văn bản đi",
    (
        Place("to-check-format", "Kiểm tra thể thức", "file-check", _DRAFTS, "queue=to-check-format"),
        Place("to-number", "Chờ cấp số, đóng dấu", "rubber-stamp", _DRAFTS, "queue=to-number"),
        Place("to-issue", "Chờ phát hành", "send", _OUTGOING, "queue=to-issue"),
        Place("recalled", "Thu hồi, đính chính", "restore", _OUTGOING, "queue=recalled"),
    ),
)
OFFICER_INCOMING: Final = Section(
    "Văn bản đến",
    (
        Place("to-do", "Chờ xử lý", "inbox", _INCOMING, "queue=to-do"),
        Place("support", "Phối hợp", "users", _INCOMING, "queue=support"),
        Place("informed", "Nhận để biết", "eye", _INCOMING, "queue=informed"),
        Place("followed", "Đang theo dõi", "clock", _INCOMING, "queue=followed"),
        Place("done", "Đã xử lý", "circle-check", _INCOMING, "queue=done"),
    ),
)
OFFICER_OUTGOING: Final = Section(
    "Văn bản đi",
    (
        Place("my-drafts", "Dự thảo của tôi", "pencil", _DRAFTS, "queue=mine"),
        Place("to-review", "Chờ tôi duyệt", "file-search", _DRAFTS, "queue=to-review"),
        Place("to-sign", "Chờ tôi ký", "signature", _DRAFTS, "queue=to-sign"),
        Place("issued", "Đã phát hành", "send", _OUTGOING, "queue=issued"),
    ),
)
LEADER_WAITING: Final = Section(
    "Chờ tôi",
    (
        Place("to-direct", "Chờ chỉ đạo", "writing-sign", _INCOMING, "queue=to-direct"),
        Place("to-sign", "Chờ ký", "signature", _DRAFTS, "queue=to-sign"),
        Place("to-review", "Chờ duyệt", "file-search", _DRAFTS, "queue=to-review"),
        Place("opinions", "Xin ý kiến", "messages", _INCOMING, "queue=opinions"),
        Place("extensions", "Xin gia hạn", "calendar-due", _INCOMING, "queue=extensions"),
    ),
)
LEADER_GIVEN: Final = Section(
    "Tôi đã giao",
    (
        Place("given-late", "Quá hạn", "clock-exclamation", _INCOMING, "queue=given-late"),
        Place("given", "Đang thực hiện", "hourglass", _INCOMING, "queue=given"),
        Place("to-confirm", "Chờ tôi xác nhận", "circle-check", _INCOMING, "queue=to-confirm"),
    ),
)
LEADER_LOOKUP: Final = Section(
    "Tra cứu",
    (
        Place("incoming-all", "Văn bản đến", "inbox", _INCOMING, "queue=all"),
        Place("issued", "Văn bản đi", "send", _OUTGOING, "queue=issued"),
        Place("reports", "Báo cáo, sổ đăng ký", "chart-bar", "reports:registers"),
        Place("verify", "Kiểm tra chữ ký", "shield-check", "signing:verify"),
    ),
)
LOOKUP: Final = Section(
    "Hồ sơ, tra cứu",
    (
        Place("incoming-all", "Mọi văn bản đến", "files", _INCOMING, "queue=all"),
        Place("registers", "Sổ đăng ký", "notebook", "reports:registers"),
        Place("verify", "Kiểm tra chữ ký", "shield-check", "signing:verify"),
    ),
)
ADMINISTRATION: Final = Section(
    "Quản trị",
    (
        Place("units", "Đơn vị, chức danh", "hierarchy-2", "organization:units"),
        Place("workflows", "Quy trình duyệt", "route", "workflow:flows"),
        Place("jobs", "Tác vụ nền", "stack-2", "web:jobs"),
        Place("audit", "Nhật ký", "history", "audit:entries"),
    ),
)


def sections_for(actor: Actor) -> tuple[Section, ...]:
    """The sections this person's roles give; a clerk who also leads has both, in the fixed order."""
    sections: list[Section] = [HOME]
    if actor.plays(Role.LEADER):
        sections += [LEADER_WAITING, LEADER_GIVEN]
    if actor.plays(Role.CLERK):
        sections += [CLERK_INCOMING, CLERK_OUTGOING]
    if not actor.plays(Role.LEADER):
        sections += [OFFICER_INCOMING, OFFICER_OUTGOING]
    sections.append(LEADER_LOOKUP if actor.plays(Role.LEADER) else LOOKUP)
    if actor.plays(Role.ADMINISTRATOR):
        sections.append(ADMINISTRATION)
    return tuple(sections)


def tab_bar_for(actor: Actor) -> tuple[Place, ...]:
    """The phone's places; the fifth, "Thêm", is the whole tree and is drawn by the page."""
    if actor.plays(Role.LEADER):
        return (
            *HOME.places,
            Place("to-direct", "Văn bản", "inbox", _INCOMING, "queue=to-direct"),
            Place("to-sign", "Ký", "signature", _DRAFTS, "queue=to-sign"),
            Place("given", "Đã giao", "checklist", _INCOMING, "queue=given"),
        )
    return (
        *HOME.places,
        Place("to-do", "Văn bản", "inbox", _INCOMING, "queue=to-do"),
        Place("my-drafts", "Dự thảo", "pencil", _DRAFTS, "queue=mine"),
        Place("followed", "Theo dõi", "checklist", _INCOMING, "queue=followed"),
    )


CLERK_CREATE: Final = Place("create", "Tiếp nhận văn bản", "plus", "documents:receive")
OFFICER_CREATE: Final = Place("create", "Soạn văn bản", "plus", "documents:draft_create")


def create_for(actor: Actor) -> Place:
    """What the button of the top bar makes for this person."""
    writes_only = actor.plays(Role.CLERK) and not actor.plays(Role.LEADER, Role.UNIT_HEAD)
    return CLERK_CREATE if writes_only else OFFICER_CREATE


def draw(
    sections: tuple[Section, ...], *, counts: Mapping[str, Count], full_path: str
) -> tuple[NavigationSection, ...]:
    """Turn places into links. A place whose room is not installed, and a section left empty, are not shown."""
    drawn = []
    for section in sections:
        items = draw_places(section.places, counts=counts, full_path=full_path)
        if items:
            drawn.append(NavigationSection(section.words, items))
    return tuple(drawn)


def draw_places(
    places: tuple[Place, ...], *, counts: Mapping[str, Count], full_path: str
) -> tuple[NavigationItem, ...]:
    """The links of one row of places; the current one is told by path and query together."""
    items = []
    for place in places:
        path = path_of(place.route)
        if path is not None:
            href = f"{path}?{place.query}" if place.query else path
            items.append(
                NavigationItem(
                    place.key, place.words, place.icon, href, counts.get(place.key), _is_current(full_path, href)
                )
            )
    return tuple(items)


def path_of(route: str) -> str | None:
    """The address of a URL name, or None when the room that answers it is not installed."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


def _is_current(full_path: str, href: str) -> bool:
    path, _, query = full_path.partition("?")
    wanted_path, _, wanted_query = href.partition("?")
    if path != wanted_path:
        return False
    return not wanted_query or wanted_query in query.split("&")

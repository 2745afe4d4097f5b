"""The left column as data (reference/ui.md 2): which places a person has, in an order that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse

from eoffice.core import counted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


@dataclass(frozen=True, slots=True)
class Count:
    """What waits for the reader in one place; `late` of them are past their deadline."""

    waiting: int
    late: int = 0

    @property
    def words(self) -> str:
        """The number as shown; counting ends at 100."""
        return "99+" if self.waiting >= counted.LIMIT else str(self.waiting)


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
_INCOMING: Final = "documents:incoming_list"
_DRAFTS: Final = "documents:draft_list"
_OUTGOING: Final = "documents:outgoing_list"

CLERK_INCOMING: Final = Section(
    "Văn bản đến",
    (
        Place("to_register", "Chờ đăng ký", "inbox", _INCOMING, "box=to_register"),
        Place("to_forward", "Chờ trình, chuyển", "arrow-forward-up", _INCOMING, "box=to_forward"),
        Place("in_progress", "Đang xử lý", "clock", _INCOMING, "box=in_progress"),
        Place("returned", "Bị trả lại", "arrow-back-up", _INCOMING, "box=returned"),
        Place("recalls", "Thu hồi chờ xác nhận", "restore", _INCOMING, "box=recalls"),
    ),
)
CLERK_OUTGOING: Final = Section(
    "Văn bản đi",
    (
        Place("format_check", "Kiểm tra thể thức", "file-check", _DRAFTS, "box=format_check"),
        Place("to_number", "Chờ cấp số, đóng dấu", "rubber-stamp", _OUTGOING, "box=to_number"),
        Place("to_issue", "Chờ phát hành", "send", _OUTGOING, "box=to_issue"),
        Place("recalled", "Thu hồi, đính chính", "restore", _OUTGOING, "box=recalled"),
        Place("copies", "Bản sao điện tử", "copy", "documents:copy_list"),
    ),
)
OFFICER_INCOMING: Final = Section(
    "Văn bản đến",
    (
        Place("to_handle", "Chờ xử lý", "inbox", _INCOMING, "box=to_handle"),
        Place("support", "Phối hợp", "users", _INCOMING, "box=support"),
        Place("informed", "Nhận để biết", "eye", _INCOMING, "box=informed"),
        Place("following", "Đang theo dõi", "clock", _INCOMING, "box=following"),
        Place("handled", "Đã xử lý", "circle-check", _INCOMING, "box=handled"),
    ),
)
OFFICER_OUTGOING: Final = Section(
    "Văn bản đi",
    (
        Place("mine", "Dự thảo của tôi", "pencil", _DRAFTS, "box=mine"),
        Place("to_review", "Chờ tôi duyệt", "file-search", _DRAFTS, "box=to_review"),
        Place("to_sign", "Chờ tôi ký", "signature", _DRAFTS, "box=to_sign"),
        Place("issued", "Đã phát hành", "send", _OUTGOING, "box=issued"),
    ),
)
LEADER_WAITING: Final = Section(
    "Chờ tôi",
    (
        Place("to_direct", "Chờ chỉ đạo", "writing-sign", _INCOMING, "box=to_direct"),
        Place("to_sign", "Chờ ký", "signature", _DRAFTS, "box=to_sign"),
        Place("to_review", "Chờ duyệt", "file-search", _DRAFTS, "box=to_review"),
        Place("opinions", "Xin ý kiến", "messages", _INCOMING, "box=opinions"),
        Place("extensions", "Xin gia hạn", "calendar-due", _INCOMING, "box=extensions"),
        Place("mine", "Dự thảo của tôi", "pencil", _DRAFTS, "box=mine"),
    ),
)
SECRETARY: Final = Section(
    "Chuẩn bị cho lãnh đạo",
    (
        Place("prepare", "Chờ cho ý kiến", "writing-sign", _INCOMING, "box=prepare"),
        Place("prepare_sign", "Chờ ký", "signature", _DRAFTS, "box=prepare_sign"),
    ),
)
LEADER_GIVEN: Final = Section(
    "Tôi đã giao",
    (
        Place("given_late", "Quá hạn", "clock-exclamation", _INCOMING, "box=given_late"),
        Place("given_open", "Đang thực hiện", "hourglass", _INCOMING, "box=given_open"),
        Place("given_to_confirm", "Chờ tôi xác nhận", "circle-check", _INCOMING, "box=given_to_confirm"),
    ),
)
_HANDLING: Final = Place("handling", "Cách xác nhận", "settings", "documents:handling")
_RISKS: Final = Place("risks", "Chữ ký có nguy cơ", "shield-exclamation", "signing:risks")
_SEALS: Final = Place("seal_keepers", "Người giữ con dấu", "rubber-stamp", "signing:seal_keepers")
_CERTIFICATE_REQUESTS: Final = Place(
    "certificate_requests", "Đề nghị chứng thư", "certificate", "signing:certificate_requests"
)
LEADER_LOOKUP: Final = Section(
    "Tra cứu",
    (
        Place("all", "Văn bản đến", "inbox", _INCOMING, "box=all"),
        Place("issued", "Văn bản đi", "send", _OUTGOING, "box=issued"),
        Place("reports", "Báo cáo, sổ đăng ký", "chart-bar", "reports:registers"),
        Place("verify", "Kiểm tra chữ ký", "shield-check", "signing:verify"),
    ),
)
LOOKUP: Final = Section(
    "Hồ sơ, tra cứu",
    (
        Place("all", "Mọi văn bản đến", "files", _INCOMING, "box=all"),
        Place("registers", "Sổ đăng ký", "notebook", "reports:registers"),
        Place("verify", "Kiểm tra chữ ký", "shield-check", "signing:verify"),
    ),
)
_RULES: Final = Place("rules", "Quy tắc phân phối", "arrow-guide", "documents:rule_list")
_MARKS: Final = Place("check_marks", "Mã kiểm tra", "shield-check", "documents:mark_places")
_REORGANISING: Final = Place("reorganisations", "Sắp xếp tổ chức", "sitemap", "documents:reorganisations")
ADMINISTRATION: Final = (
    Section(
        "Quản trị tổ chức, quyền",
        (
            Place("units", "Đơn vị, chức danh", "hierarchy-2", "organization:units"),
            Place("tree", "Cơ cấu tổ chức", "hierarchy", "keeping:tree"),
            _REORGANISING,
            Place("right_changes", "Phân quyền", "lock", "organization:roles"),
            Place("capacities", "Thẩm quyền ký", "signature", "organization:capacities"),
            Place("fields_of_work", "Lĩnh vực", "category", "organization:fields_of_work"),
            Place("delegations", "Ủy quyền xử lý", "user-share", "organization:delegations"),
            Place("secretaries", "Thư ký lãnh đạo", "users", "organization:secretaries"),
        ),
    ),
    Section(
        "Quản trị ký số",
        (
            Place("signing_providers", "Dịch vụ ký số", "device-mobile", "signing:providers"),
            Place("certificates", "Chứng thư số", "certificate", "signing:certificates"),
            Place("mark_images", "Ảnh chữ ký, con dấu", "rubber-stamp", "signing:mark_images"),
            Place("trust", "Chứng thư tin cậy", "shield-check", "signing:trust"),
            Place("time_stamps", "Dấu thời gian", "clock-hour-4", "signing:time_stamps"),
            _RISKS,
        ),
    ),
    Section(
        "Quản trị văn bản",
        (
            Place("workflows", "Quy trình duyệt", "route", "workflow:flows"),
            Place("families", "Thể thức các hệ", "file-text", "layout:families"),
            _RULES,
            _MARKS,
        ),
    ),
    Section(
        "Quản trị hệ thống",
        (
            Place("doors", "Cửa đăng nhập", "key", "accounts:door_list"),
            Place("front_door", "Trang đăng nhập", "login", "front_door:edit"),
            Place("second_factor", "Xác thực, cổng tin", "fingerprint", "accounts:second_factor_rules"),
            Place("mail_rules", "Thư, tin nhắn thông báo", "bell", "notifications:mail_rules"),
            Place("jobs", "Tác vụ nền", "stack-2", "web:jobs"),
            Place("audit", "Nhật ký", "history", "web:audit"),
        ),
    ),
)
"""What one administrator keeps, by what it is about: two dozen places in one list are not found."""


AUDIT: Final = Section(
    "Kiểm tra",
    (
        Place("audit", "Nhật ký", "history", "web:audit"),
        Place("mandates", "Phạm vi kiểm tra", "file-search", "organization:mandates"),
    ),
)


CLERK_OWN: Final = Section(
    "Việc của tôi",
    (
        Place("to_handle", "Chờ xử lý", "clipboard-list", _INCOMING, "box=to_handle"),
        Place("informed", "Nhận để biết", "eye", _INCOMING, "box=informed"),
        Place("mine", "Dự thảo của tôi", "pencil", _DRAFTS, "box=mine"),
        Place("issued", "Đã phát hành", "send-2", _OUTGOING, "box=issued"),
    ),
)
CHIEF: Final = Section(
    "Chánh văn phòng",
    (
        Place("to_forward", "Chờ trình, chuyển", "arrow-forward-up", _INCOMING, "box=to_forward"),
        Place("to_direct", "Chờ chỉ đạo", "writing-sign", _INCOMING, "box=to_direct"),
        Place("in_progress", "Đang xử lý", "clock", _INCOMING, "box=in_progress"),
        Place("format_check", "Kiểm tra thể thức", "file-check", _DRAFTS, "box=format_check"),
        _RULES,
        _MARKS,
        Place("right_changes", "Phân quyền", "lock", "organization:right_changes"),
        Place("capacities", "Thẩm quyền ký", "signature", "organization:capacities"),
        _REORGANISING,
    ),
)
HEAD_GIVEN: Final = Section(
    "Tôi đã giao",
    (
        *LEADER_GIVEN.places,
        Place("extensions", "Xin gia hạn", "calendar-due", _INCOMING, "box=extensions"),
        _HANDLING,
    ),
)


def sections_for(actor: Actor) -> tuple[Section, ...]:
    """The sections this person's roles give; a clerk who also leads has both, in the fixed order."""
    sections: list[Section] = [HOME]
    if actor.serves:
        whom = f"ông/bà {actor.serves[0].leader_name}" if len(actor.serves) == 1 else "lãnh đạo"
        sections.append(Section(f"Chuẩn bị cho {whom}", SECRETARY.places))
    if actor.plays(Role.LEADER):
        sections += [LEADER_WAITING, Section(LEADER_GIVEN.words, (*LEADER_GIVEN.places, _HANDLING))]
    if actor.plays(Role.CLERK):
        sections += [CLERK_INCOMING, CLERK_OUTGOING]
    elif actor.plays(Role.CHIEF_OF_OFFICE):
        sections.append(CHIEF)
    if actor.plays(Role.CLERK) and not actor.plays(Role.LEADER, Role.UNIT_HEAD, Role.OFFICER):
        sections.append(CLERK_OWN)
    elif not actor.plays(Role.LEADER) and not _only_looks(actor):
        sections += [OFFICER_INCOMING, OFFICER_OUTGOING]
        if actor.plays(Role.UNIT_HEAD):
            sections.append(HEAD_GIVEN)
    lookup = LEADER_LOOKUP if actor.plays(Role.LEADER) else LOOKUP
    sections.append(Section(lookup.words, (*lookup.places, *_kept_by(actor))))
    if actor.plays(Role.ADMINISTRATOR):
        sections += ADMINISTRATION
    elif actor.plays(Role.AUDITOR):
        sections.append(AUDIT)
    return tuple(sections)


def _kept_by(actor: Actor) -> tuple[Place, ...]:
    """What offices keep besides the books, by role; the administrator has it in his own section."""
    if actor.plays(Role.ADMINISTRATOR):
        return ()
    return (
        *((_RULES, _MARKS) if actor.plays(Role.CLERK) else ()),
        *((_RISKS,) if actor.plays(Role.CLERK, Role.ARCHIVIST) else ()),
        *((_CERTIFICATE_REQUESTS,) if actor.plays(Role.UNIT_HEAD, Role.CHIEF_OF_OFFICE, Role.LEADER) else ()),
        *((_SEALS,) if actor.plays(Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER) else ()),
    )


def _only_looks(actor: Actor) -> bool:
    """Kiểm tra, with no other role: reads everything of the unit and is given nothing."""
    return actor.plays(Role.AUDITOR) and {role for role, _ in actor.roles} == {Role.AUDITOR}


def desk_of(actor: Actor, *, counts: Mapping[str, Count]) -> tuple[NavigationItem, ...]:
    """What lies on the clerk's desk, for the home page; nothing for others."""
    if not actor.plays(Role.CLERK):
        return ()
    return draw_places((*CLERK_INCOMING.places[:4], *CLERK_OUTGOING.places[:3]), counts=counts, full_path="")


def tab_bar_for(actor: Actor) -> tuple[Place, ...]:
    """The phone's places; the fifth, "Thêm", is the whole tree and is drawn by the page."""
    if actor.plays(Role.LEADER):
        return (
            *HOME.places,
            Place("to_direct", "Văn bản", "inbox", _INCOMING, "box=to_direct"),
            Place("to_sign", "Ký", "signature", _DRAFTS, "box=to_sign"),
            Place("given_open", "Đã giao", "checklist", _INCOMING, "box=given_open"),
        )
    if actor.plays(Role.CLERK):
        return (
            *HOME.places,
            Place("to_register", "Đăng ký", "inbox", _INCOMING, "box=to_register"),
            Place("to_number", "Cấp số", "rubber-stamp", _OUTGOING, "box=to_number"),
            Place("to_issue", "Phát hành", "send", _OUTGOING, "box=to_issue"),
        )
    return (
        *HOME.places,
        Place("to_handle", "Văn bản", "inbox", _INCOMING, "box=to_handle"),
        Place("mine", "Dự thảo", "pencil", _DRAFTS, "box=mine"),
        Place("following", "Theo dõi", "checklist", _INCOMING, "box=following"),
    )


CLERK_CREATE: Final = Place("create", "Tiếp nhận văn bản", "plus", "documents:incoming_receive")
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
    if not wanted_query:
        return path == wanted_path
    # A document opened from a list keeps the box in its address, below the list's.
    return path.startswith(wanted_path) and wanted_query in query.split("&")

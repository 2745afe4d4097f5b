"""What the frame around every page needs: places, counters, the person, the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast

from django.contrib.messages import get_messages
from django.http import HttpRequest

from eoffice.accounts.models import User
from eoffice.core import clock, live
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Installation, Role
from eoffice.organization.queries.front_door import FrontDoor, front_door
from eoffice.web import navigation
from eoffice.web.counting import counts_for
from eoffice.web.navigation import NavigationItem, NavigationSection

THEME_COOKIE: Final = "eo_theme"


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell of the top bar: where its list is, and how many are unread."""

    href: str
    unread: int


@dataclass(frozen=True, slots=True)
class Toast:
    """Short news of what was done. `undo` is the address that takes it back by POST, or empty.

    A view says it with `messages.success(request, words, extra_tags=undo)`.
    """

    words: str
    undo: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything `web/page.html` reads besides the page's own context. `actor` is None at the front door."""

    actor: Actor | None
    installation: Installation | None
    sections: tuple[NavigationSection, ...]
    tabs: tuple[NavigationItem, ...]
    create: NavigationItem | None
    search_href: str | None
    bell: Bell | None
    events_url: str
    theme: Literal["light", "dark"]
    density: Literal["roomy", "compact"]
    list_width_px: int | None
    roles: str
    messages: tuple[Toast, ...]

    @property
    def shows_secretaries(self) -> bool:
        """Leaders and their secretaries; who keeps rights finds it among the places of administration."""
        return self.actor is not None and (bool(self.actor.serves) or self.actor.plays(Role.LEADER))

    @property
    def installation_name(self) -> str:
        return self.installation.name if self.installation else "Hệ thống quản lý văn bản và điều hành"

    @property
    def front_door(self) -> FrontDoor:
        """What the login page says; asked for by that page alone."""
        return front_door(self.installation, now=clock.now())

    @property
    def powers_minutes_left(self) -> int:
        """Whole minutes, the one that runs included, that an administrator's special powers still last."""
        until = self.actor.powers_until if self.actor is not None else None
        return 0 if until is None else int((until - clock.now()).total_seconds() // 60) + 1

    @property
    def hotline(self) -> str:
        return self.installation.hotline if self.installation else ""


def shell_of(request: HttpRequest) -> Shell:
    """The frame for one request; called once by `web/page.html` and `web/plain.html`, never by fragments."""
    actor = cast("Actor | None", getattr(request, "actor", None))
    # The row is at hand: the session's person was read for the actor.
    user = cast("User", request.user) if actor is not None else None
    now = cast("datetime | None", getattr(request, "now", None)) or clock.now()
    sections: tuple[NavigationSection, ...] = ()
    tabs: tuple[NavigationItem, ...] = ()
    create: tuple[NavigationItem, ...] = ()
    bell = None
    if actor is not None:
        counts = counts_for(request, actor, now)
        full_path = request.get_full_path()
        sections = navigation.draw(navigation.sections_for(actor), counts=counts, full_path=full_path)
        tabs = navigation.draw_places(navigation.tab_bar_for(actor), counts=counts, full_path=full_path)
        create = navigation.draw_places((navigation.create_for(actor),), counts={}, full_path=full_path)
        bell_href = navigation.path_of("notifications:list")
        bell = Bell(bell_href, counts["bell"].waiting if "bell" in counts else 0) if bell_href else None
    return Shell(
        actor=actor,
        installation=organization.installation(),
        sections=sections,
        tabs=tabs,
        create=create[0] if create else None,
        search_href=navigation.path_of("documents:search"),
        bell=bell,
        events_url=live.events_url(request),
        theme="dark" if request.COOKIES.get(THEME_COOKIE) == "dark" else "light",
        density="compact" if user is not None and user.has_dense_lists else "roomy",
        list_width_px=user.list_width_px if user is not None else None,
        roles=_role_words(actor),
        messages=tuple(Toast(str(each), each.extra_tags or "") for each in get_messages(request)),
    )


def _role_words(actor: Actor | None) -> str:
    if actor is None or actor.unit_id is None:
        return ""
    held = [str(role.label) for role in Role if actor.has_role(role, actor.unit_id)]
    return ", ".join(held)

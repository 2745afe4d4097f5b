"""Raising the demo group: units and people, registers, the first letters; the rest goes on by jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from eoffice.core.clock import local_date
from eoffice.documents.errors import DatesRunBackwards
from eoffice.documents.models import RegisterKind
from eoffice.documents.services.numbering import open_register
from eoffice.organization import queries as organization
from eoffice.organization import services
from eoffice.organization.models import Unit
from eoffice.signing import services as signing
from eoffice.web.demo import organization as group
from eoffice.web.demo import second_factor
from eoffice.web.demo.copy_stories import copy_story, extract_story
from eoffice.web.demo.incoming_stories import incoming_story
from eoffice.web.demo.office import Office, actor, office_of
from eoffice.web.demo.outgoing_stories import outgoing_story
from eoffice.web.demo.plan import FIRST, TOTAL, Story
from eoffice.web.demo.plan import stories as planned
from eoffice.web.demo.stages import Clock, morning
from eoffice.web.models import DemoStory

GROUP_NAME: Final = "Tập đoàn Hạ tầng số Trường Xuân"
_HOLIDAYS: Final = (
    (1, 1, "Tết Dương lịch"),
    (4, 30, "Ngày Giải phóng miền Nam"),
    (5, 1, "Ngày Quốc tế Lao động"),
    (9, 2, "Quốc khánh"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the demo's stories have been played."""

    played: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.played // self.total if self.total else 100

    @property
    def is_done(self) -> bool:
        return self.played >= self.total


def progress() -> Progress | None:
    """The bar of the pages; None when this is no demo or all is told."""
    total = DemoStory.objects.count()
    played = DemoStory.objects.filter(played_at__isnull=False).count()
    return None if total == 0 or played == total else Progress(played, total)


def raise_group(*, now: datetime) -> group.Group:
    """Make the installation, the group, its registers and the plan of stories."""
    services.install(
        actor=group.SYSTEM,
        name=GROUP_NAME,
        is_demo=True,
        now=now,
        hotline="1800 0000",
        support_email=f"hotro@{group.MAIL_DOMAIN}",
    )
    since = min(date(local_date(now).year, 1, 1), local_date(now) - timedelta(days=200))
    built = group.build(now=now, since=since)
    for month, day, name in _HOLIDAYS:
        for year in (local_date(now).year, local_date(now).year + 1):
            services.set_holiday(actor=group.SYSTEM, day=date(year, month, day), name=name, now=now)
    cast = {person for part in (built.heads, built.clerks, built.deputies) for person in part.values()}
    cast |= {person for officers in built.officers.values() for person in officers}
    named = sorted(
        (each for each in cast if each.user and each.user.email in built.accounts.values()), key=lambda each: each.pk
    )
    second_factor.furnish(named, now=now)
    signing.ensure_authority(now=morning(since))
    for unit in built.units.values():
        if unit.has_registry:
            _open_registers(unit, now)
    DemoStory.objects.bulk_create([DemoStory(position=position) for position in range(TOTAL)])
    return built


def _open_registers(unit: Unit, now: datetime) -> None:
    clerk = actor(office_of(unit, now=now).clerk, now)
    for kind, legacy in ((RegisterKind.INCOMING, 1239), (RegisterKind.OUTGOING, 1102), (RegisterKind.COPY, 0)):
        carried = legacy if unit.parent_id is None else 0
        open_register(
            actor=clerk,
            registry=unit,
            kind=kind,
            year=local_date(now).year,
            now=now,
            first_number=carried + 1,
            opening_basis=f"Số 1 đến {carried} đã cấp trên hệ thống cũ (iOffice)." if carried else "",
        )


def play(position: int, *, now: datetime) -> bool:
    """Play one story of the plan, unless it has been played; returns whether it did."""
    row = DemoStory.objects.get(pk=position)
    if row.played_at is not None:
        return False
    story = planned(local_date(now))[position]
    office = _office(story.registry, now)
    try:
        _play(story, office, Clock(morning(story.day, minutes=story.minutes), now))
    except DatesRunBackwards:
        # Someone worked in this register meanwhile: the story happens now.
        _play(story, office, Clock(now, now))
    row.played_at = now
    row.save(update_fields=["played_at"])
    return True


def next_position() -> int | None:
    """The next story that waits for its turn; None when all have been played."""
    row = DemoStory.objects.filter(played_at__isnull=True).order_by("position").first()
    return None if row is None else row.position


def _play(story: Story, office: Office, clock: Clock) -> None:
    number = story.position
    if story.in_stage is not None:
        incoming_id = incoming_story(office, number=number, stage=story.in_stage, clock=clock)
        if story.copied is not None:
            copy_story(office, incoming_id, story.copied, clock)
    elif story.out_stage is not None:
        draft = outgoing_story(
            office, number=number, stage=story.out_stage, clock=clock, with_annex=story.with_annex,
            recipients=_recipients(office.registry, number),
        )  # fmt: skip
        if story.copied is not None:
            extract_story(office, draft, clock)


def _office(symbol: str, now: datetime) -> Office:
    return office_of(next(unit for unit in _registries() if unit.symbol == symbol), now=now)


def _registries() -> list[Unit]:
    return [unit for unit in organization.active_units() if unit.has_registry]


def _recipients(issuer: Unit, number: int) -> list[Unit]:
    """The root writes to many, the others to the root and a neighbour."""
    others = [unit for unit in _registries() if unit.pk != issuer.pk]
    if issuer.parent_id is None:
        return others if number % 2 else others[:5]
    return [others[0], others[1 + number % (len(others) - 1)]]


__all__ = ["FIRST", "Progress", "next_position", "play", "progress", "raise_group"]

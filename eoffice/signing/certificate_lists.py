"""Reads: who holds which certificate, one's own, and requests for new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Count, Q, QuerySet

from eoffice.core.errors import NotFound, NotPermitted
from eoffice.core.paging import PAGE_SIZE, Page, newest_first, whole_number
from eoffice.core.tables import Column, Table
from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit
from eoffice.organization.queries.signing_posts import registries
from eoffice.signing import permissions
from eoffice.signing.issuers_in_use import IssuerLine, in_use_and_good, issuers_in_use, unasked
from eoffice.signing.models import CertificateList, CertificateRequest, HeldCertificate, KeeperRules, SealHandOver
from eoffice.signing.models.certificates import OPEN_REQUEST_STATES
from eoffice.signing.states import HandOverState

SOON: Final = timedelta(days=30)


class Show(StrEnum):
    """What the list is narrowed to."""

    ALL = ""
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    MISMATCH = "mismatch"
    SILENT = "silent"
    UNASKED = "unasked"

    @property
    def words(self) -> str:
        return _SHOWN[self]


_SHOWN: Final = {
    Show.ALL: "Đang dùng",
    Show.EXPIRING: "Hết hạn trong 30 ngày",
    Show.EXPIRED: "Đã hết hạn",
    Show.REVOKED: "Đã thu hồi",
    Show.MISMATCH: "Không khớp người, đơn vị",
    Show.SILENT: "Chưa hỏi được nơi cấp",
    Show.UNASKED: "Chưa được hỏi trong giờ qua",
}


class Order(StrEnum):
    END = "end"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class CertificatesPage:
    """One page of the register of certificates; `next_after` is None at the end."""

    rows: list[HeldCertificate]
    counts: dict[Show, int]
    units: list[Unit]
    next_after: str | None
    issuers: list[IssuerLine]

    @property
    def unasked(self) -> int:
        """How far the job is behind: certificates nobody was heard about within the hour."""
        return sum(line.unasked for line in self.issuers)

    @property
    def known_of_old(self) -> int:
        """Certificates asked about in time, but by an answer that was made more than an hour before."""
        return sum(line.known_of_old for line in self.issuers)


def certificates_page(
    actor: Actor, *, show: Show, order: Order, unit_id: int | None, text: str, after: str, now: datetime
) -> CertificatesPage:
    """The register, for administrators: by end or by name, of one unit and those below it, by a word of the holder.

    `after` is the key of the last row shown. Raises NotPermitted.
    """
    permissions.require_certificates_managed(actor)
    rows = _of_unit(HeldCertificate.objects.all(), unit_id)
    counts = rows.aggregate(**{kind.name: Count("pk", filter=_narrowed(kind, now)) for kind in Show})
    found = rows.filter(_narrowed(show, now)).select_related("person", "unit", "at_unit", "method__provider", "key")
    for word in fold(text).split()[:5]:
        found = found.filter(holder_fold__contains=word)
    page, next_after = _paged(found, order, after)
    listed = HeldCertificate.objects.filter(at_unit__isnull=False).values_list("at_unit_id", flat=True).distinct()
    units = sorted(organization.units_by_id(listed[:500]).values(), key=lambda unit: unit.sort_key)
    return CertificatesPage(page, {kind: counts[kind.name] for kind in Show}, units, next_after, issuers_in_use(now))


def _of_unit(rows: QuerySet[HeldCertificate], unit_id: int | None) -> QuerySet[HeldCertificate]:
    if unit_id is None:
        return rows
    unit = organization.units_by_id([unit_id]).get(unit_id)
    return rows.filter(at_unit__path__startswith=unit.path) if unit is not None else rows.none()


def _narrowed(show: Show, now: datetime) -> Q:
    used = in_use_and_good(now)
    return {
        Show.ALL: used,
        Show.EXPIRING: used & Q(expires_at__lte=now + SOON),
        Show.EXPIRED: Q(ended_at__isnull=True, revoked_at__isnull=True, expires_at__lte=now),
        Show.REVOKED: Q(revoked_at__isnull=False),
        Show.MISMATCH: used & ~Q(mismatch=""),
        Show.SILENT: used & ~Q(check_words=""),
        Show.UNASKED: used & unasked(now),
    }[show]


def _paged(rows: QuerySet[HeldCertificate], order: Order, after: str) -> tuple[list[HeldCertificate], str | None]:
    """Keyset: behind the row of key `after`, whatever that row's place in the order is now."""
    column = "expires_at" if order is Order.END else "holder_sort"
    last_id = whole_number(after)
    if last_id is not None:
        value = HeldCertificate.objects.filter(pk=last_id).values_list(column, flat=True).first()
        if value is not None:
            rows = rows.filter(Q(**{f"{column}__gt": value}) | Q(**{column: value}, pk__gt=last_id))
    found = list(rows.order_by(column, "pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return shown, str(shown[-1].pk) if len(found) > PAGE_SIZE else None


@dataclass(frozen=True, slots=True)
class OwnCertificates:
    """What a person holds and has asked for; `open_request` is the one that still runs."""

    held: list[HeldCertificate]
    former: list[HeldCertificate]
    open_request: CertificateRequest | None
    requests: list[CertificateRequest]


def own_certificates(actor: Actor, *, now: datetime, unit_id: int | None = None) -> OwnCertificates:
    """One's own certificates and requests, or those of a seal one keeps, twenty of each at most. Raises NotFound."""
    if unit_id is not None and not permissions.can_keep_seal(actor, unit_id):
        raise NotFound
    whose = Q(unit_id=unit_id) if unit_id is not None else Q(person_id=actor.own_id, unit__isnull=True)
    held = list(HeldCertificate.objects.filter(whose).select_related("method__provider").order_by("-pk")[:40])
    requests = list(
        CertificateRequest.objects.filter(whose).select_related("decided_by", "listed_in").order_by("-pk")[:20]
    )
    runs = next((each for each in requests if each.state in OPEN_REQUEST_STATES), None)
    current = [each for each in held if each.ended_at is None]
    return OwnCertificates(current, [each for each in held if each.ended_at is not None][:20], runs, requests)


def keeper_of(unit_id: int) -> SealHandOver | None:
    """The minutes by which somebody keeps a unit's seal now; None: nobody was named yet."""
    rows = SealHandOver.objects.filter(unit_id=unit_id, state=HandOverState.DONE).select_related("to_person", "unit")
    return rows.order_by("-ended_at", "-pk").first()


def keeper_notice(actor: Actor, unit_id: int) -> str:
    """What to tell who is about to seal and is not the keeper; empty for the keeper, or where nobody was named."""
    minutes = keeper_of(unit_id)
    if minutes is None or minutes.to_person_id == actor.person_id:
        return ""
    return f"Con dấu này do {minutes.to_person.full_name} giữ theo biên bản ngày {minutes.handed_on:%d/%m/%Y}."


@dataclass(frozen=True, slots=True)
class KeeperLine:
    """A unit with a seal, who keeps it, and whether minutes wait."""

    unit: Unit
    minutes: SealHandOver | None
    waits: bool


def seal_keepers(actor: Actor) -> list[KeeperLine]:
    """Who keeps the seals an actor answers for or keeps himself; of every registry for administrators."""
    units = registries()
    if not permissions.can_manage_certificates(actor):
        units = [unit for unit in units if permissions.can_see_seal(actor, unit.pk)]
        if not units:
            raise NotPermitted
    ids = [unit.pk for unit in units]
    done = SealHandOver.objects.filter(unit_id__in=ids, state=HandOverState.DONE).select_related("to_person")
    newest = {row.unit_id: row for row in done.order_by("unit_id", "-ended_at", "-pk").distinct("unit_id")}
    waiting = SealHandOver.objects.filter(unit_id__in=ids, state=HandOverState.WAITING)
    open_units = set(waiting.values_list("unit_id", flat=True))
    return [KeeperLine(unit, newest.get(unit.pk), unit.pk in open_units) for unit in units]


@dataclass(frozen=True, slots=True)
class SealKeepingPage:
    """One seal: its keeper, the minutes that wait and what the actor may do with them, and those of before."""

    unit: Unit
    minutes: SealHandOver | None
    waiting: SealHandOver | None
    may_confirm: bool
    may_end: bool
    ended: list[SealHandOver]


def seal_keeping_page(actor: Actor, unit_id: int) -> SealKeepingPage:
    """For the unit's clerks, who answers for them, and both sides of the minutes. Raises NotFound."""
    rows = SealHandOver.objects.filter(unit_id=unit_id)
    people = ("from_person", "to_person", "given_by", "proposed_by")
    waiting = rows.filter(state=HandOverState.WAITING).select_related(*people).first()
    sides = {waiting.from_person_id, waiting.to_person_id} if waiting is not None else set()
    answers = permissions.can_answer_for_seal(actor, unit_id)
    if not permissions.can_see_seal(actor, unit_id) and actor.person_id not in sides:
        raise NotFound
    ended = list(rows.exclude(state=HandOverState.WAITING).select_related(*people).order_by("-ended_at", "-pk")[:50])
    takes = waiting is not None and actor.person_id == waiting.to_person_id and waiting.taken_at is None
    gives = waiting is not None and waiting.given_at is None and actor.person_id != waiting.to_person_id
    return SealKeepingPage(
        unit=organization.get_unit(unit_id),
        minutes=next((row for row in ended if row.state == HandOverState.DONE), None),
        waiting=waiting,
        may_confirm=takes or (gives and (answers or actor.person_id in sides)),
        may_end=waiting is not None and (answers or actor.person_id in {*sides, waiting.proposed_by_id}),
        ended=ended,
    )


def seal_minutes(actor: Actor, unit_id: int, minutes_id: int) -> SealHandOver:
    """One hand-over with its people and its unit, for whom `seal_keeping_page` shows it. Raises NotFound."""
    rows = SealHandOver.objects.select_related("unit__parent", "from_person", "to_person", "given_by", "proposed_by")
    row = rows.filter(pk=minutes_id, unit_id=unit_id).first()
    sides = (row.from_person_id, row.to_person_id) if row is not None else ()
    if row is None or not (permissions.can_see_seal(actor, unit_id) or actor.person_id in sides):
        raise NotFound
    return row


def keeper_rules() -> KeeperRules:
    """The rule of keepers in force; that of a new installation where nothing was set."""
    return KeeperRules.objects.filter(pk=1).first() or KeeperRules(pk=1)


@dataclass(frozen=True, slots=True)
class Askable:
    """For which seals a person may ask beside his own signature, and which certificates may be renewed or replaced."""

    seals: list[Unit]
    held: list[HeldCertificate]


def what_can_be_asked(actor: Actor, *, now: datetime) -> Askable:
    """What the form of a request offers. Certificates over for less than a year can still be renewed."""
    kept = actor.units_with(Role.CLERK) if actor.on_behalf_of_id is None else frozenset[int]()
    seals = sorted(organization.units_by_id(kept).values(), key=lambda unit: unit.sort_key)
    whose = Q(person_id=actor.own_id) | Q(unit_id__in=kept)
    recent = HeldCertificate.objects.filter(whose, expires_at__gt=now - timedelta(days=365))
    return Askable(seals, list(recent.order_by("-pk")[:30]))


def certificate_requests_page(actor: Actor, *, show: str, after: int | None) -> Page[CertificateRequest]:
    """Requests the actor may decide on, newest first; `show` is a state, empty for the open ones."""
    rows = CertificateRequest.objects.filter(permissions.certificate_requests_visible_to(actor))
    rows = rows.filter(state=show) if show else rows.filter(state__in=OPEN_REQUEST_STATES)
    rows = rows.select_related("person", "unit", "at_unit", "decided_by", "replaces", "listed_in")
    return newest_first(rows, after=after)


def waiting_requests_count(actor: Actor) -> dict[str, int]:
    """How many open requests stand at each state, for who may decide."""
    rows = CertificateRequest.objects.filter(
        permissions.certificate_requests_visible_to(actor), state__in=OPEN_REQUEST_STATES
    )
    return dict(rows.order_by().values_list("state").annotate(count=Count("pk")))


def certificate_lists(actor: Actor) -> list[CertificateList]:
    """The newest lists for issuers, twenty at most. Raises NotPermitted."""
    permissions.require_certificates_managed(actor)
    return list(
        CertificateList.objects.select_related("made_by").annotate(count=Count("requests")).order_by("-pk")[:20]
    )


def certificate_list_table(actor: Actor, list_id: int) -> tuple[CertificateList, Table]:
    """One list as a table for the issuer. Raises NotPermitted, NotFound."""
    permissions.require_certificates_managed(actor)
    made = CertificateList.objects.filter(pk=list_id).first()
    if made is None:
        raise NotFound
    rows = made.requests.select_related("person__user", "unit", "at_unit", "replaces").order_by("pk")
    installation = organization.installation()
    table = Table(
        title="DANH SÁCH ĐỀ NGHỊ CẤP CHỨNG THƯ SỐ",
        head=(installation.name if installation else "",),
        lines=(f"Danh sách số {made.number}",),
        columns=(
            Column("STT", 0.5, "center"),
            Column("Chủ chứng thư", 2),
            Column("Chức vụ", 2),
            Column("Đơn vị", 2.5),
            Column("E-mail", 2),
            Column("Loại đề nghị", 1.5),
            Column("Số sê-ri chứng thư cũ", 1.5),
            Column("Lý do", 2.5),
        ),
        rows=[_line(number, row) for number, row in enumerate(rows, start=1)],
        numbered=False,
    )
    return made, table


def _line(number: int, row: CertificateRequest) -> tuple[str | int, ...]:
    whose = f"{row.unit.name} (con dấu)" if row.unit is not None else row.person.full_name
    email = row.person.user.email if row.person.user is not None else ""
    old = row.replaces.serial if row.replaces is not None else ""
    kind = row.get_kind_display()
    return (number, whose, row.position_name, row.at_unit.name, email, kind, old, row.reason)

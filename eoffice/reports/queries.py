"""Books on screen and on paper; every line comes through the rights of `documents.queries.books`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.core.tables import Cover, Signature, Table
from eoffice.documents.models import Register, RegisterKind
from eoffice.documents.queries import incoming_book, ledger, outgoing_book, postal_book, registers
from eoffice.documents.queries.books import BookFilter, BookPage
from eoffice.layout.wording import date_words
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit
from eoffice.reports.books import FORMS, BookForm, BookKind, BookLine, DrawnLine, drawn, span_of_numbers

REGISTER_KINDS: Final = {
    BookKind.OUTGOING: RegisterKind.OUTGOING,
    BookKind.INCOMING: RegisterKind.INCOMING,
    BookKind.FOLLOW_UP: RegisterKind.INCOMING,
    BookKind.POSTAL: RegisterKind.OUTGOING,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter offers: registries whose books the actor may read, and the books of the chosen one."""

    registries: tuple[tuple[int, str], ...]
    books: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """One page of a book on screen. `series` says whether its numbers are consecutive, in words."""

    kind: BookKind
    form: BookForm
    wanted: BookFilter
    registry: Unit
    lines: tuple[DrawnLine, ...]
    next_after: str | None
    choices: Choices
    series: tuple[tuple[str, bool], ...]


def readable_registries(actor: Actor) -> tuple[tuple[int, str], ...]:
    """Registries whose books the actor may read, the actor's own first."""
    found = {row.registry_id: row.registry.name for row in registers.registers_of(actor)}
    return tuple(sorted(found.items(), key=lambda pair: (pair[0] != actor.registry_id, pair[0])))


def book_view(actor: Actor, kind: BookKind, wanted: BookFilter, *, now: datetime, after: str = "") -> BookView:
    """One page of a book, newest first. Raises NotFound for a registry whose books the actor may not read."""
    own = _registers(actor, kind, wanted)
    page = _page(actor, kind, wanted, now, after)
    return BookView(
        kind=kind,
        form=FORMS[kind],
        wanted=wanted,
        registry=own[0].registry,
        lines=tuple(drawn(line) for line in page.lines),
        next_after=page.next_after,
        choices=Choices(readable_registries(actor), tuple((row.pk, str(row)) for row in own)),
        series=tuple(_series_words(row) for row in own if row.year == wanted.last_on.year and not after),
    )


def book_table(actor: Actor, kind: BookKind, wanted: BookFilter, *, now: datetime) -> Table:
    """A whole period of a book for paper or spreadsheet, with cover and signing block.

    Source: NĐ 30/2020/NĐ-CP, Phụ lục IV. Raises NotFound, Invalid for too long a period.
    """
    own = _registers(actor, kind, wanted)
    lines = _printed(actor, kind, wanted, now)
    form, registry = FORMS[kind], own[0].registry
    place = registry.place or "…"
    return Table(
        title=form.title.upper(),
        columns=form.columns,
        rows=[drawn(line).cells for line in lines],
        head=_head(registry, wanted),
        lines=(_period(wanted),),
        closing=(f"Tổng số: {len(lines)} dòng.",),
        signatures=(
            Signature(lines=("NGƯỜI GHI SỔ",), name=actor.name, hint="(Ký, ghi rõ họ tên)"),
            Signature(
                lines=("XÁC NHẬN CỦA CƠ QUAN",),
                hint="(Ký, ghi rõ họ tên, đóng dấu)",
                place=f"{place}, {date_words(local_date(now))}",
            ),
        ),
        cover=_cover(kind, form, registry, wanted, lines),
        numbered=True,
        size_pt=10,
    )


def _registers(actor: Actor, kind: BookKind, wanted: BookFilter) -> list[Register]:
    found = [
        row
        for row in registers.registers_of(actor)
        if row.registry_id == wanted.registry_id and row.kind == REGISTER_KINDS[kind]
    ]
    if not found:
        raise NotFound("Không tìm thấy sổ. Sổ chưa mở, hoặc không nằm trong phạm vi được xem.")
    return found


def _page(actor: Actor, kind: BookKind, wanted: BookFilter, now: datetime, after: str) -> BookPage[BookLine]:
    page: BookPage[BookLine]
    if kind == BookKind.OUTGOING:
        outgoing = outgoing_book.outgoing_book(actor, wanted, after=after)
        page = BookPage(outgoing.lines, outgoing.next_after)
    elif kind == BookKind.INCOMING:
        incoming = incoming_book.incoming_book(actor, wanted, after=after)
        page = BookPage(incoming.lines, incoming.next_after)
    elif kind == BookKind.FOLLOW_UP:
        followed = incoming_book.follow_up_book(actor, wanted, now=now, after=after)
        page = BookPage(followed.lines, followed.next_after)
    else:
        postal = postal_book.postal_book(actor, wanted, after=after)
        page = BookPage(postal.lines, postal.next_after)
    return page


def _printed(actor: Actor, kind: BookKind, wanted: BookFilter, now: datetime) -> tuple[BookLine, ...]:
    if kind == BookKind.OUTGOING:
        return outgoing_book.outgoing_book_to_print(actor, wanted)
    if kind == BookKind.INCOMING:
        return incoming_book.incoming_book_to_print(actor, wanted)
    if kind == BookKind.FOLLOW_UP:
        return incoming_book.follow_up_book_to_print(actor, wanted, now=now)
    return postal_book.postal_book_to_print(actor, wanted)


def _series_words(register: Register) -> tuple[str, bool]:
    """Whether a series is whole, for the line above the book."""
    if register.next_number == register.first_number:
        return f"{register.name}: chưa cấp số nào", True
    missing = ledger.unexplained_numbers(register)
    span = f"{register.name}: số {register.first_number}–{register.next_number - 1}"
    if missing:
        return f"{span} thiếu {len(missing)} số chưa giải trình", False
    return f"{span} liên tục, mọi số bỏ trống có lý do", True


def _head(registry: Unit, wanted: BookFilter) -> tuple[str, ...]:
    """The bodies as they were called on the last day of the book."""
    day = wanted.last_on
    parent = organization.get_unit(registry.parent_id).name_on(day).upper() if registry.parent_id else ""
    return tuple(part for part in (parent, registry.name_on(day).upper()) if part)


def _period(wanted: BookFilter) -> str:
    return f"Từ ngày {wanted.first_on:%d/%m/%Y} đến ngày {wanted.last_on:%d/%m/%Y}"


def _cover(kind: BookKind, form: BookForm, registry: Unit, wanted: BookFilter, lines: tuple[BookLine, ...]) -> Cover:
    years = sorted({wanted.first_on.year, wanted.last_on.year})
    words = [f"Năm: {'–'.join(str(year) for year in years)}", _period(wanted)]
    span = span_of_numbers(kind, lines)
    if span is not None:
        words.append(f"Từ số {span[0]} đến số {span[1]}")
    words.append("Quyển số: …")
    return Cover(head=_head(registry, wanted), title=form.title.upper(), lines=tuple(words))


def this_month(now: datetime) -> tuple[date, date]:
    """The first day of the month and today, in Vietnam: what a book shows when it is opened."""
    today = local_date(now)
    return today.replace(day=1), today

"""How dates, times, deadlines and numbers read on screen (reference/ui.md 7); all in Vietnamese time."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from eoffice.core import clock

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
WARNING_SPAN_DAYS = 3
"""Working days before a deadline from which it is shown as due soon."""


def local_day(value: date) -> date:
    """The Vietnamese calendar day of a moment, or the day itself."""
    return clock.local_date(value) if isinstance(value, datetime) else value


def date_words(value: date | None) -> str:
    """dd/mm/yyyy; an en dash where there is none."""
    return f"{local_day(value):%d/%m/%Y}" if value is not None else "–"


def short_day(value: date, today: date) -> str:
    """dd/mm within the year of `today`, dd/mm/yyyy otherwise."""
    day = local_day(value)
    return f"{day:%d/%m}" if day.year == today.year else f"{day:%d/%m/%Y}"


@pass_context
def day_words(context: Context, value: date | None) -> str:
    """`short_day` against the request's own moment."""
    return short_day(value, clock.local_date(_now(context))) if value is not None else "–"


def time_words(value: datetime | None) -> str:
    """HH:MM, 24 hours."""
    return f"{value.astimezone(clock.VIETNAM):%H:%M}" if value is not None else "–"


def moment_words(value: datetime | None) -> str:
    """dd/mm/yyyy HH:MM."""
    return f"{value.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}" if value is not None else "–"


def weekday_words(value: date) -> str:
    return WEEKDAYS[local_day(value).weekday()]


def long_date_words(value: date) -> str:
    """`Thứ Hai, 23/11/2026`."""
    return f"{weekday_words(value)}, {date_words(value)}"


def deadline_words(due_at: datetime | None, days_left: int | None, now: datetime) -> tuple[str, str]:
    """The words of a deadline and its tone: "late", "soon" or "" (reference/ui.md 6).

    `days_left` counts working days (`organization.calendar.days_left`): 0 is today, negative is late.
    """
    if due_at is None or days_left is None:
        return "Không hạn", ""
    day, today = local_day(due_at), clock.local_date(now)
    if due_at < now:
        return _late_words(due_at, days_left, is_today=day == today), "late"
    if day == today:
        return ("Hôm nay" if _is_whole_day(due_at) else f"Hôm nay, {time_words(due_at)}"), "soon"
    if days_left <= WARNING_SPAN_DAYS:
        # Over a weekend no working day may be left although the day itself lies ahead.
        return (f"Còn {days_left} ngày" if days_left > 0 else short_day(due_at, today)), "soon"
    return short_day(due_at, today), ""


def _late_words(due_at: datetime, days_left: int, *, is_today: bool) -> str:
    if is_today:
        return f"Quá {time_words(due_at)}"
    return f"Quá {-days_left} ngày" if days_left < 0 else "Quá hạn"


def _is_whole_day(moment: datetime) -> bool:
    local = moment.astimezone(clock.VIETNAM)
    return (local.hour, local.minute) == (23, 59)


@pass_context
def deadline_html(context: Context, due_at: datetime | None, days_left: int | None) -> Markup:
    """`{{ row.due_at | deadline(row.days_left) }}`: the words in their tone, the whole date as a tooltip."""
    text, tone = deadline_words(due_at, days_left, _now(context))
    if due_at is None:
        return Markup('<span class="num t3">{}</span>').format(text)
    return Markup('<time class="num b6 {}" datetime="{}" title="Hạn {}">{}</time>').format(
        tone, due_at.isoformat(), moment_words(due_at), text
    )


def number_words(value: float | Decimal | None) -> str:
    """1.284 or 4,8: the Vietnamese separators, at most one decimal. Never for document numbers."""
    if value is None:
        return "–"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")
    return text.translate(str.maketrans(",.", ".,"))


def percent_words(value: float | Decimal | None) -> str:
    """A share of 1 as `94,6%`."""
    return f"{number_words(round(float(value) * 100, 1))}%" if value is not None else "–"


def millimetre_words(size: Decimal) -> str:
    """A length as written here: "36 mm", "36,5 mm"."""
    return f"{size.normalize():f} mm".replace(".", ",")


def file_size_words(size_bytes: int) -> str:
    """`0 KB` for nothing alone, `820 KB`, `1,9 MB`."""
    if size_bytes == 0:
        return "0 KB"
    if size_bytes < 1024 * 1024:
        return f"{max(1, round(size_bytes / 1024))} KB"
    return f"{number_words(size_bytes / 1024 / 1024)} MB"


def two_digits(value: int) -> str:
    """Numbers under 10 carry a zero (NĐ 30/2020/NĐ-CP, Phụ lục I, II.3)."""
    return f"{value:02d}"


def form_value(value: object) -> str:
    """A value as a field shows it: dates dd/mm/yyyy, nothing as an empty text."""
    if value is None:
        return ""
    return date_words(value) if isinstance(value, date) else str(value)


def initials(name: str) -> str:
    """The first letters of the last two words, for an avatar."""
    return "".join(word[0] for word in name.split()[-2:]).upper()


def lines_html(text: str) -> Markup:
    """Typed text with its line breaks kept, everything else escaped."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _now(context: Context) -> datetime:
    """The moment of the request, so that one page never disagrees with itself."""
    request = context.get("request")
    moment = getattr(request, "now", None)
    return moment if isinstance(moment, datetime) else clock.now()

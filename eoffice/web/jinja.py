"""The template environment of every page: loader over the rooms, globals and filters."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django_vite.templatetags.django_vite import vite_asset
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eoffice.core import clock
from eoffice.layout.types import TYPES
from eoffice.organization.acting import acting_words
from eoffice.web import audit_words, job_words, words
from eoffice.web.icons import IconSprite
from eoffice.web.navigation import path_of
from eoffice.web.panels import panel_href
from eoffice.web.shell import shell_of

_WEB_DIR = Path(__file__).resolve().parent


class StrictNames(StrictUndefined):
    """An unknown name is an error, but an inline `if` without `else` prints nothing, as templates expect."""

    def __str__(self) -> str:  # type: ignore[override]  # jinja2 types it as never returning
        if self._undefined_hint and "inline if-expression" in self._undefined_hint:
            return ""
        return super().__str__()


def environment(**options: Any) -> Environment:  # noqa: ANN401 - whatever Django's backend passes on
    """Make the Jinja2 environment Django uses. An unknown name in a template is an error, never a blank."""
    options["loader"] = FileSystemLoader([_WEB_DIR.parent / room / "templates" for room in settings.ROOMS])
    options["undefined"] = StrictNames
    options["trim_blocks"] = True
    options["lstrip_blocks"] = True
    made = Environment(**options)  # noqa: S701 - autoescape comes with the options
    sprite = IconSprite(_WEB_DIR / "static" / "dist" / "icons.svg")
    made.globals.update(
        url=_url,
        url_if_any=path_of,
        panel_href=panel_href,
        static=static,
        vite_asset=vite_asset,
        icon=sprite.icon,
        shell_of=shell_of,
        form_key=_form_key,
        acting_words=acting_words,
        document_types={each.code: each.name for each in TYPES},
        now=clock.now,
        demo_or_debug=settings.DEBUG or settings.ENVIRONMENT.demo,
    )
    made.filters.update(
        audit_action=audit_words.action_words,
        job_task=job_words.task_words,
        job_objects=job_words.task_objects,
        audit_object=audit_words.object_words,
        audit_source=audit_words.source_words,
        date=words.date_words,
        day=words.day_words,
        time=words.time_words,
        moment=words.moment_words,
        weekday=words.weekday_words,
        long_date=words.long_date_words,
        deadline=words.deadline_html,
        number=words.number_words,
        percent=words.percent_words,
        filesize=words.file_size_words,
        millimetres=words.millimetre_words,
        two_digits=words.two_digits,
        initials=words.initials,
        lines=words.lines_html,
        form_value=words.form_value,
    )
    return made


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _form_key() -> str:
    """A fresh value for the hidden `idempotency_key` of a form."""
    return secrets.token_urlsafe(16)

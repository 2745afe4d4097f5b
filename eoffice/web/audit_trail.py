"""The audit trail on screen: who did what to which object, filtered by person, object and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from eoffice.audit import queries as audit
from eoffice.audit.models import AuditEntry
from eoffice.core.clock import VIETNAM
from eoffice.core.paging import newest_first, whole_number
from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.forms.fields import DayField, PickField, TextField
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Person
from eoffice.organization.services import powers
from eoffice.web import permissions
from eoffice.web.audit_words import object_kinds

_LONGEST_ID: Final = 64


class TrailForm(forms.Form):
    """What the reader asks for; every field may be left empty."""

    person = PickField(label="Người thực hiện", required=False)
    kind = forms.ChoiceField(label="Đối tượng", required=False)
    object = TextField(label="Mã đối tượng", required=False, max_length=_LONGEST_ID)
    since = DayField(label="Từ ngày", required=False)
    until = DayField(label="Đến hết ngày", required=False)

    def __init__(self, asked: dict[str, str]) -> None:
        super().__init__(asked)
        kinds = sorted(object_kinds(), key=lambda each: fold(each[1]))
        self.fields["kind"].choices = [("", "Mọi đối tượng"), *kinds]  # type: ignore[attr-defined]  # a ChoiceField

    def keep_person(self, person: Person) -> None:
        """Show whom the picker holds."""
        self.fields["person"].choices = [("", ""), (person.pk, person.full_name)]  # type: ignore[attr-defined]  # a PickField

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "Ngày kết thúc phải từ ngày bắt đầu trở đi.")


@require_GET
@signed_in
@with_powers
def audit_trail(request: ActorRequest) -> HttpResponse:
    """The audit trail, newest first, as far as it is asked for. An administrator needs his special powers."""
    permissions.require(permissions.can_read_audit(request.actor))
    if not permissions.audits_today(request.actor):
        powers.use_powers(actor=request.actor, for_what="web.audit", now=request.now)
    form = TrailForm(request.GET.dict())
    is_whole = form.is_valid()
    person = _person(form)
    rows = audit.entries(_wanted(form, person)) if is_whole else audit.entries(audit.TrailFilter()).none()
    after = whole_number(request.GET.get("after", ""))
    page = newest_first(rows, after=after)
    asked = {name: value for name in form.fields if (value := request.GET.get(name, ""))}
    context = {
        "form": form,
        "page": page,
        "people": organization.persons_by_id({row.person_id for row in page.rows if row.person_id}),
        "holders": _holders_by_row(page.rows),
        "person": person,
        "asked": urlencode(asked),
        "is_later": after is not None,
    }
    return render(request, "web/audit.html", context, status=200 if is_whole else 422)


def _person(form: TrailForm) -> Person | None:
    person_id = form.cleaned_data.get("person")
    person = organization.persons_by_id([person_id]).get(person_id) if person_id else None
    if person is not None:
        form.keep_person(person)
    return person


def _wanted(form: TrailForm, person: Person | None) -> audit.TrailFilter:
    said = form.cleaned_data
    return audit.TrailFilter(
        person_id=said["person"],
        account_id=person.user_id if person is not None else None,
        object_kind=said["kind"],
        object_id=said["object"],
        since=_midnight(said["since"]),
        until=_midnight(said["until"] + timedelta(days=1)) if said["until"] else None,
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), VIETNAM) if day is not None else None


def _holders_by_row(rows: Sequence[AuditEntry]) -> dict[int, Person]:
    """Whose account an entry is about, by the key of the entry; accounts themselves know no person."""
    accounts = {row.pk: number for row in rows if row.object_kind == "user" and (number := whole_number(row.object_id))}
    people = organization.persons_by_account(set(accounts.values()))
    return {pk: people[account] for pk, account in accounts.items() if account in people}

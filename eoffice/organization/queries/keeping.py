"""What the pages of keeping show: a person whole, who held which post when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from eoffice.accounts import queries as accounts
from eoffice.accounts.models import PasswordLink
from eoffice.accounts.services.password_links import may_have_password
from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.organization.models import Person, Posting, RoleGrant, SigningCapacity, Unit
from eoffice.organization.queries.validity import in_force


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person with everything held now and before, and the state of the account."""

    person: Person
    posts: list[Posting]
    past_posts: list[Posting]
    roles: list[RoleGrant]
    capacities: list[SigningCapacity]
    link: PasswordLink | None
    """The link to set a password that is still under way."""
    may_be_invited: bool

    @property
    def units(self) -> list[Unit]:
        """Units of the posts held now."""
        return [posting.unit for posting in self.posts]


def person_page(person_id: int, *, now: datetime) -> PersonPage:
    """A person as kept. At most seven statements. Raises NotFound."""
    on = local_date(now)
    person = Person.objects.select_related("user").filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    posts = list(_posts().filter(person_id=person_id).order_by("-is_main", "-starts_on", "-pk"))
    now_held = [posting for posting in posts if posting.ends_on is None or posting.ends_on >= on]
    return PersonPage(
        person=person,
        posts=now_held,
        past_posts=[posting for posting in posts if posting not in now_held],
        roles=list(RoleGrant.objects.filter(in_force(on), person_id=person_id).select_related("unit").order_by("pk")),
        capacities=list(
            SigningCapacity.objects.filter(in_force(on), person_id=person_id).select_related("registry").order_by("pk")
        ),
        link=accounts.open_link_of(person.user.pk, now=now) if person.user else None,
        may_be_invited=person.user is not None and may_have_password(person.user, accounts.entry_policy()),
    )


def holders_through_time(unit_id: int) -> QuerySet[Posting]:
    """Who held which post in a unit, from when to when; the newest first."""
    return _posts().filter(unit_id=unit_id)


def branch(parent_id: int | None, *, on: date) -> list[Unit]:
    """Open units below one (None: the roots) with `units_below` and `people_count`, for one level of the tree."""
    holding = Q(postings__starts_on__lte=on) & (Q(postings__ends_on__isnull=True) | Q(postings__ends_on__gte=on))
    rows = Unit.objects.filter(parent_id=parent_id, closed_on__isnull=True)
    return list(
        rows.annotate(
            units_below=Count("children", filter=Q(children__closed_on__isnull=True), distinct=True),
            people_count=Count("postings__person", filter=holding, distinct=True),
        ).order_by("position", "sort_key", "pk")
    )


def _posts() -> QuerySet[Posting]:
    return Posting.objects.select_related("person", "unit", "position")

"""Reads of the organization room, one module per question."""

from eoffice.organization.queries.about_installation import (
    installation,
)
from eoffice.organization.queries.actors import (
    actor_of,
)
from eoffice.organization.queries.capacities import (
    capacities_for,
    capacities_of,
    capacities_within,
    get_capacity,
)
from eoffice.organization.queries.delegations import (
    acting_under,
)
from eoffice.organization.queries.fields_of_work import (
    field_name,
    fields_of_work,
    get_field_of_work,
    may_take_field,
    named_fields,
    offered_fields,
)
from eoffice.organization.queries.holders import (
    holder_of,
)
from eoffice.organization.queries.people import (
    get_person,
    holder_ids_of,
    holders_of,
    people_in,
    people_playing,
    person_of_email,
    persons_by_account,
    persons_by_id,
    posts_by_person,
)
from eoffice.organization.queries.powers import (
    with_powers,
)
from eoffice.organization.queries.recipients import (
    RecipientChoice,
    search_recipients,
    unit_children,
)
from eoffice.organization.queries.successions import (
    heirs_of,
    unit_history,
    went_on_as,
)
from eoffice.organization.queries.units import (
    UnitPage,
    active_units,
    children_of,
    get_unit,
    registry_of,
    unit_page,
    units_by_id,
)
from eoffice.organization.queries.validity import (
    in_force,
)

__all__ = [
    "RecipientChoice",
    "UnitPage",
    "acting_under",
    "active_units",
    "actor_of",
    "capacities_for",
    "capacities_of",
    "capacities_within",
    "children_of",
    "field_name",
    "fields_of_work",
    "get_capacity",
    "get_field_of_work",
    "get_person",
    "get_unit",
    "heirs_of",
    "holder_ids_of",
    "holder_of",
    "holders_of",
    "in_force",
    "installation",
    "may_take_field",
    "named_fields",
    "offered_fields",
    "people_in",
    "people_playing",
    "person_of_email",
    "persons_by_account",
    "persons_by_id",
    "posts_by_person",
    "registry_of",
    "search_recipients",
    "unit_children",
    "unit_history",
    "unit_page",
    "units_by_id",
    "went_on_as",
    "with_powers",
]

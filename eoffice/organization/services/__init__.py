"""Commands of the organization room, one module per use case."""

from eoffice.organization.services.capacities import (
    grant_signing_capacity,
)
from eoffice.organization.services.installing import (
    install,
    set_holiday,
)
from eoffice.organization.services.mandates import (
    give_mandate,
)
from eoffice.organization.services.people import (
    appoint,
    create_person,
)
from eoffice.organization.services.rights import (
    end_role,
    grant_role,
)
from eoffice.organization.services.units import (
    create_unit,
)

__all__ = [
    "appoint",
    "create_person",
    "create_unit",
    "end_role",
    "give_mandate",
    "grant_role",
    "grant_signing_capacity",
    "install",
    "set_holiday",
]

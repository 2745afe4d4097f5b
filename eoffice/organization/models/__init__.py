"""Tables of the organization room, one module per capability."""

from eoffice.organization.models.installation import (
    Holiday,
    Installation,
)
from eoffice.organization.models.people import (
    Person,
    Position,
    Posting,
)
from eoffice.organization.models.rights import (
    Access,
    AccessReason,
    Principal,
    PrincipalKind,
    Role,
    RoleGrant,
)
from eoffice.organization.models.signing import (
    SigningCapacity,
    SigningForm,
)
from eoffice.organization.models.units import (
    Family,
    Unit,
    UnitKind,
)

__all__ = [
    "Access",
    "AccessReason",
    "Family",
    "Holiday",
    "Installation",
    "Person",
    "Position",
    "Posting",
    "Principal",
    "PrincipalKind",
    "Role",
    "RoleGrant",
    "SigningCapacity",
    "SigningForm",
    "Unit",
    "UnitKind",
]

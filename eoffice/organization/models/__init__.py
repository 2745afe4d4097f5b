"""Tables of the organization room, one module per capability."""

from eoffice.organization.models.changes import (
    RightChange,
    RightChangeKind,
    RightChangeState,
    RightsSetting,
)
from eoffice.organization.models.delegations import (
    Delegation,
)
from eoffice.organization.models.fields_of_work import FieldOfWork
from eoffice.organization.models.front_door import (
    FrontDoorContent,
    SystemNotice,
)
from eoffice.organization.models.importing import (
    DirectorySource,
    ImportProgress,
    ImportRow,
    ImportRun,
    RunState,
    SourceKind,
)
from eoffice.organization.models.installation import (
    Holiday,
    Installation,
)
from eoffice.organization.models.mandates import (
    Mandate,
    PowersSession,
)
from eoffice.organization.models.people import (
    Person,
    Position,
    Posting,
)
from eoffice.organization.models.reorganising import (
    Reorganisation,
    ReorganisationState,
    ReorganisationStep,
    StepKind,
    SuccessionKind,
    UnitSuccession,
)
from eoffice.organization.models.rights import (
    Access,
    AccessReason,
    Principal,
    PrincipalKind,
    Role,
    RoleGrant,
)
from eoffice.organization.models.secretaries import SecretaryService
from eoffice.organization.models.signing import (
    SigningCapacity,
    SigningForm,
)
from eoffice.organization.models.units import (
    Family,
    Unit,
    UnitKind,
    UnitNames,
)

__all__ = [
    "Access",
    "AccessReason",
    "Delegation",
    "DirectorySource",
    "Family",
    "FieldOfWork",
    "FrontDoorContent",
    "Holiday",
    "ImportProgress",
    "ImportRow",
    "ImportRun",
    "Installation",
    "Mandate",
    "Person",
    "Position",
    "Posting",
    "PowersSession",
    "Principal",
    "PrincipalKind",
    "Reorganisation",
    "ReorganisationState",
    "ReorganisationStep",
    "RightChange",
    "RightChangeKind",
    "RightChangeState",
    "RightsSetting",
    "Role",
    "RoleGrant",
    "RunState",
    "SecretaryService",
    "SigningCapacity",
    "SigningForm",
    "SourceKind",
    "StepKind",
    "SuccessionKind",
    "SystemNotice",
    "Unit",
    "UnitKind",
    "UnitNames",
    "UnitSuccession",
]

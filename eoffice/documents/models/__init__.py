"""Tables of the documents room, one module per capability."""

from eoffice.documents.models.assignments import (
    Assignment,
    AssignmentRole,
    Consultation,
    Directive,
    DistributionRule,
    ExtensionRequest,
    HandlingSetting,
    ProgressReport,
)
from eoffice.documents.models.drafts import Draft, DraftMode, DraftRecipient, DraftVersion, OutsideBody, Submission
from eoffice.documents.models.incoming import Channel, IncomingDocument, Urgency
from eoffice.documents.models.outgoing import Delivery, OutgoingDocument, PostalDispatch, Recall, Sealing
from eoffice.documents.models.registers import (
    EntryCorrection,
    EntryState,
    NumberBlock,
    NumberGap,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.models.shared import (
    Comment,
    DocumentLink,
    DocumentRead,
    FilePurpose,
    FileVersion,
    LinkRelation,
    RequestOnce,
    StateChange,
)

__all__ = [
    "Assignment",
    "AssignmentRole",
    "Channel",
    "Comment",
    "Consultation",
    "Delivery",
    "Directive",
    "DistributionRule",
    "DocumentLink",
    "DocumentRead",
    "Draft",
    "DraftMode",
    "DraftRecipient",
    "DraftVersion",
    "EntryCorrection",
    "EntryState",
    "ExtensionRequest",
    "FilePurpose",
    "FileVersion",
    "HandlingSetting",
    "IncomingDocument",
    "LinkRelation",
    "NumberBlock",
    "NumberGap",
    "OutgoingDocument",
    "OutsideBody",
    "PostalDispatch",
    "ProgressReport",
    "Recall",
    "Register",
    "RegisterEntry",
    "RegisterKind",
    "RequestOnce",
    "Sealing",
    "StateChange",
    "Submission",
    "Urgency",
]

"""Tables of the documents room, one module per capability."""

from eoffice.documents.models.annexes import Annex, AnnexWay
from eoffice.documents.models.assignments import (
    Assignment,
    AssignmentRole,
    Consultation,
    Directive,
    DistributionRule,
    ExtensionRequest,
    HandlingSetting,
    ProgressReport,
    Reminder,
)
from eoffice.documents.models.check_codes import CheckCode, CheckMarkRule
from eoffice.documents.models.copies import CopyForm, OriginalKind, PaperCopy
from eoffice.documents.models.drafts import Draft, DraftMode, DraftRecipient, DraftVersion, OutsideBody, Submission
from eoffice.documents.models.handing_over import HandOver, HandOverKind, Work
from eoffice.documents.models.incoming import Channel, IncomingDocument, Urgency
from eoffice.documents.models.lists import SavedFilter
from eoffice.documents.models.outgoing import (
    Delivery,
    DispatchMethod,
    OutgoingDocument,
    PostalDispatch,
    Recall,
    Sealing,
)
from eoffice.documents.models.preparing import ProposedDirective, QueuePlace, QueueRank
from eoffice.documents.models.registers import (
    BlockHolder,
    EntryCorrection,
    EntryState,
    NumberBlock,
    NumberGap,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.models.reorganising import UnitWork
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
    "Annex",
    "AnnexWay",
    "Assignment",
    "AssignmentRole",
    "BlockHolder",
    "Channel",
    "CheckCode",
    "CheckMarkRule",
    "Comment",
    "Consultation",
    "CopyForm",
    "Delivery",
    "Directive",
    "DispatchMethod",
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
    "HandOver",
    "HandOverKind",
    "HandlingSetting",
    "IncomingDocument",
    "LinkRelation",
    "NumberBlock",
    "NumberGap",
    "OriginalKind",
    "OutgoingDocument",
    "OutsideBody",
    "PaperCopy",
    "PostalDispatch",
    "ProgressReport",
    "ProposedDirective",
    "QueuePlace",
    "QueueRank",
    "Recall",
    "Register",
    "RegisterEntry",
    "RegisterKind",
    "Reminder",
    "RequestOnce",
    "SavedFilter",
    "Sealing",
    "StateChange",
    "Submission",
    "UnitWork",
    "Urgency",
    "Work",
]

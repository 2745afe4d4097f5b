"""Commands of the room, by use case."""

from eoffice.signing.services.authority import (
    add_trust_anchor,
    ensure_authority,
    trust_anchors,
    withdraw_trust_anchor,
)
from eoffice.signing.services.checking import check_file, check_shown, request_check
from eoffice.signing.services.images import (
    confirm_mark_image,
    propose_seal_image,
    refuse_mark_image,
    set_image_rules,
    set_signature_image,
)
from eoffice.signing.services.keys import (
    OpenKey,
    change_pin,
    change_seal_pin,
    reset_forgotten_pin,
    reset_forgotten_seal_pin,
    revoke_key,
    set_pin,
    set_seal_pin,
    unlock,
    unlock_seal,
)
from eoffice.signing.services.revocation import (
    WebRevocation,
    forget_old_answers,
    revocation_rules,
    set_revocation_rules,
)
from eoffice.signing.services.signing import (
    BatchResult,
    Paper,
    PreparedFile,
    fill_file,
    prepare_file,
    require_countersignable,
    seal_file,
    sign_batch,
    sign_file,
)

__all__ = [
    "BatchResult",
    "OpenKey",
    "Paper",
    "PreparedFile",
    "WebRevocation",
    "add_trust_anchor",
    "change_pin",
    "change_seal_pin",
    "check_file",
    "check_shown",
    "confirm_mark_image",
    "ensure_authority",
    "fill_file",
    "forget_old_answers",
    "prepare_file",
    "propose_seal_image",
    "refuse_mark_image",
    "request_check",
    "require_countersignable",
    "reset_forgotten_pin",
    "reset_forgotten_seal_pin",
    "revocation_rules",
    "revoke_key",
    "seal_file",
    "set_image_rules",
    "set_pin",
    "set_revocation_rules",
    "set_seal_pin",
    "set_signature_image",
    "sign_batch",
    "sign_file",
    "trust_anchors",
    "unlock",
    "unlock_seal",
    "withdraw_trust_anchor",
]

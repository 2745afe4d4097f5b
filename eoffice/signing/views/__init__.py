"""Pages of the room, by use case."""

from eoffice.signing.views.images import (
    confirm_mark_image,
    mark_image,
    mark_images,
    refuse_mark_image,
    seal_image,
    set_image_rules,
    signature_image,
)
from eoffice.signing.views.keys import (
    change_pin,
    change_seal_pin,
    key,
    reset_forgotten_pin,
    reset_forgotten_seal_pin,
    seal,
    set_pin,
    set_seal_pin,
    verify,
)
from eoffice.signing.views.trust import add_anchor, anchor_file, set_revocation_rules, trust, withdraw_anchor

__all__ = [
    "add_anchor",
    "anchor_file",
    "change_pin",
    "change_seal_pin",
    "confirm_mark_image",
    "key",
    "mark_image",
    "mark_images",
    "refuse_mark_image",
    "reset_forgotten_pin",
    "reset_forgotten_seal_pin",
    "seal",
    "seal_image",
    "set_image_rules",
    "set_pin",
    "set_revocation_rules",
    "set_seal_pin",
    "signature_image",
    "trust",
    "verify",
    "withdraw_anchor",
]

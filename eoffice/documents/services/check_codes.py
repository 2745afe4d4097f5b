"""Mã kiểm tra: made once for each paper, put on its page before the first signature, placed as the office wishes."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.errors import Invalid
from eoffice.core.geometry import LetterPlaces
from eoffice.documents.models import CheckCode, CheckMarkRule, Draft
from eoffice.documents.permissions import check_codes as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries.check_codes import place_of
from eoffice.layout.check_marks import MarkPlace, stamp_check_mark
from eoffice.organization.actor import Actor

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals without I, L, O, U, which are misread (Crockford's base 32)."""
_LENGTH: Final = 12
_TRIES: Final = 5


@transaction.atomic
def ensure_code(*, draft_id: int, now: datetime) -> CheckCode:
    """The code of a paper, made at the first call; two calls at once agree on one."""
    for _ in range(_TRIES):
        made = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
        try:
            with transaction.atomic():
                return CheckCode.objects.get_or_create(draft_id=draft_id, defaults={"code": made, "made_at": now})[0]
        except IntegrityError:
            continue  # the code of another paper, once in 10^18: draw again
    raise IntegrityError("no free check code")


def put_code_on_page(*, draft: Draft, sha256: str, places: LetterPlaces, now: datetime) -> str:
    """Put the mark with its code on a stored paper that nobody has signed yet; returns the SHA-256 of the result.

    Never called inside a transaction. A paper without number never leaves the house and gets none; one that came
    signed cannot carry one: its code stands in the system and on paper copies. Raises PageUnreadable.
    """
    place = place_of(draft.registry_id)
    if not draft.needs_number or draft.is_countersigned or place is MarkPlace.NOWHERE:
        return sha256
    code = ensure_code(draft_id=draft.pk, now=now)
    marked = stamp_check_mark(
        files.read(sha256),
        link=link_of(code),
        shown_link=shown_address(),
        code=code.shown,
        place=place,
        taken=[box for box in (places.number, places.date, *places.signatures, places.seal) if box is not None],
    )
    return str(files.store(marked, media_type="application/pdf").pk)


def link_of(code: CheckCode) -> str:
    """The address a telephone opens from the picture."""
    return settings.ENVIRONMENT.base_url + reverse("public_check:paper", args=[code.code])


def shown_address() -> str:
    """The address as printed beside the picture, without its scheme."""
    return (settings.ENVIRONMENT.base_url + reverse("public_check:enter")).split("://", 1)[-1].rstrip("/")


@transaction.atomic
def set_mark_place(*, actor: Actor, registry_id: int, place: str, now: datetime) -> CheckMarkRule:
    """Say where the papers of a registry carry their mark; papers already given to be signed keep theirs.

    Raises NotPermitted, Invalid.
    """
    require(
        permissions.can_set_mark_place(actor, registry_id),
        "Chỉ văn thư, chánh văn phòng, quản trị của đơn vị đặt được vị trí mã kiểm tra.",
    )
    if place not in set(MarkPlace):
        raise Invalid(fields={"place": "Chọn một vị trí trong danh sách."})
    rule, _ = CheckMarkRule.objects.update_or_create(
        registry_id=registry_id, defaults={"place": place, "changed_by_id": actor.person_id, "changed_at": now}
    )
    audit.record(
        actor=actor.ref, action="documents.check_mark.placed", object_kind="unit", object_id=registry_id, now=now,
        detail={"place": place},
    )  # fmt: skip
    return rule

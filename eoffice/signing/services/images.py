"""Pictures of handwritten signatures and of seals: put up, confirmed by another, kept version by version."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import permissions, queries
from eoffice.signing.engine.pictures import MarkPicture, seal_picture, signature_picture
from eoffice.signing.errors import ImageDecided, SealSizeInvalid
from eoffice.signing.models import ImageRules, MarkImage, MarkImageState, Purpose

_SMALLEST_MM, _LARGEST_MM = Decimal(10), Decimal(60)


def set_signature_image(*, actor: Actor, content: bytes, from_paper: bool = False, now: datetime) -> MarkImage:
    """Put up the actor's handwritten signature (Decree 30/2020, PL I II.7d): used at once, or once confirmed.

    `from_paper` takes away the paper of a scan and makes the ink blue. Papers signed before keep the mark they carry.
    Raises ImageInvalid, NotPermitted.
    """
    permissions.require_own_hand(actor)
    picture = signature_picture(content, from_paper=from_paper)
    with transaction.atomic():
        _take_turn("person", actor.person_id)
        image = _add(
            actor=actor, purpose=Purpose.PERSON, picture=picture, owner={"person_id": actor.person_id}, now=now
        )
        if not queries.image_rules().signatures_wait:
            _put_to_use(image)
        _record(actor, "signing.image.set", image, now)
    return image


def propose_seal_image(*, actor: Actor, unit_id: int, content: bytes, diameter_mm: Decimal, now: datetime) -> MarkImage:
    """Put up the seal of a unit in red and at real size (Decree 30/2020, PL I II.8a); it counts once another confirms.

    An earlier proposal that still waits is withdrawn. Raises ImageInvalid, SealSizeInvalid, NotFound.
    """
    if not permissions.can_keep_seal(actor, unit_id):
        raise NotFound
    rules = queries.image_rules()
    if not rules.smallest_seal_mm <= diameter_mm <= rules.largest_seal_mm:
        raise SealSizeInvalid(rules.smallest_seal_mm, rules.largest_seal_mm)
    picture = seal_picture(content)
    with transaction.atomic():
        _take_turn("unit", unit_id)
        image = _add(
            actor=actor, purpose=Purpose.SEAL, picture=picture, owner={"unit_id": unit_id}, now=now,
            diameter_mm=diameter_mm,
        )  # fmt: skip
        _record(actor, "signing.seal_image.proposed", image, now)
        _tell_deciders(image, unit_id, now)
    return image


@transaction.atomic
def confirm_mark_image(*, actor: Actor, image_id: int, now: datetime) -> MarkImage:
    """Let a picture that waits count from now on; the one before it is kept as replaced. Locks the row.

    Raises NotFound, NotPermitted (nobody confirms what he put up), ImageDecided.
    """
    image = _waiting(actor, image_id)
    image.decided_by_id, image.decided_at = actor.person_id, now
    image.save(update_fields=["decided_by", "decided_at"])
    _put_to_use(image)
    _record(actor, "signing.image.confirmed", image, now)
    _tell_uploader(image, "signing.image.confirmed", f"{_what(image)} đã được xác nhận, dùng từ bây giờ", "", now)
    return image


@transaction.atomic
def refuse_mark_image(*, actor: Actor, image_id: int, reason: str, now: datetime) -> MarkImage:
    """Refuse a picture that waits, with a reason; the one in use stays. Locks the row.

    Raises NotFound, NotPermitted, ImageDecided, Invalid.
    """
    if not reason.strip():
        raise Invalid("Nhập lý do không xác nhận.", fields={"reason": "Nhập lý do không xác nhận."})
    image = _waiting(actor, image_id)
    image.state, image.refusal = MarkImageState.REFUSED, reason.strip()[:500]
    image.decided_by_id, image.decided_at = actor.person_id, now
    image.save(update_fields=["state", "refusal", "decided_by", "decided_at"])
    _record(actor, "signing.image.refused", image, now)
    _tell_uploader(image, "signing.image.refused", f"{_what(image)} không được xác nhận", image.refusal, now)
    return image


@transaction.atomic
def set_image_rules(
    *, actor: Actor, signatures_wait: bool, smallest_seal_mm: Decimal, largest_seal_mm: Decimal, now: datetime
) -> ImageRules:
    """Say whether signature pictures wait for an administrator, and between which diameters a seal lies.

    Raises NotPermitted, Invalid.
    """
    permissions.require_images_managed(actor)
    if not _SMALLEST_MM <= smallest_seal_mm <= largest_seal_mm <= _LARGEST_MM:
        words = "Khoảng đường kính dấu nằm trong 10 đến 60 mm, số nhỏ trước."
        raise Invalid(words, fields={"smallest_seal_mm": words})
    rules, _ = ImageRules.objects.update_or_create(
        pk=1,
        defaults={
            "signatures_wait": signatures_wait,
            "smallest_seal_mm": smallest_seal_mm,
            "largest_seal_mm": largest_seal_mm,
        },
    )
    audit.record(
        actor=actor.ref, action="signing.image_rules.set", object_kind="image_rules", object_id=1, now=now,
        detail={"signatures_wait": signatures_wait, "seal_mm": [str(smallest_seal_mm), str(largest_seal_mm)]},
    )  # fmt: skip
    return rules


def _take_turn(kind: str, owner_id: int) -> None:
    """Hold, until commit, the turn of one owner: two uploads at once become two versions, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mark_image:{kind}:{owner_id}"])


def _add(
    *,
    actor: Actor,
    purpose: Purpose,
    picture: MarkPicture,
    owner: dict[str, int],
    now: datetime,
    diameter_mm: Decimal | None = None,
) -> MarkImage:
    rows = MarkImage.objects.filter(**owner)
    rows.filter(state=MarkImageState.WAITING).update(state=MarkImageState.REPLACED)
    newest = rows.aggregate(number=Max("number"))["number"] or 0
    return MarkImage.objects.create(
        purpose=purpose,
        number=newest + 1,
        png=picture.png,
        clear_percent=picture.clear_percent,
        colour_percent=picture.colour_percent,
        diameter_mm=diameter_mm,
        state=MarkImageState.WAITING,
        uploaded_by_id=actor.person_id,
        uploaded_at=now,
        **owner,
    )


def _waiting(actor: Actor, image_id: int) -> MarkImage:
    """Lock a picture that the actor may decide on."""
    known = MarkImage.objects.filter(pk=image_id).first()
    if known is None or not permissions.can_see_mark_image(actor, known):
        raise NotFound
    _take_turn("unit" if known.unit_id else "person", known.unit_id or known.person_id or 0)
    image = MarkImage.objects.select_for_update(no_key=True).get(pk=image_id)
    permissions.require_deciding(actor, image)
    if image.state != MarkImageState.WAITING:
        raise ImageDecided
    return image


def _put_to_use(image: MarkImage) -> None:
    owner = {"unit_id": image.unit_id} if image.unit_id else {"person_id": image.person_id}
    MarkImage.objects.filter(**owner, state=MarkImageState.IN_USE).update(state=MarkImageState.REPLACED)
    image.state = MarkImageState.IN_USE
    image.save(update_fields=["state"])


def _record(actor: Actor, action: str, image: MarkImage, now: datetime) -> None:
    audit.record(
        actor=actor.ref,
        action=action,
        object_kind="unit" if image.unit_id else "person",
        object_id=image.unit_id or image.person_id or 0,
        now=now,
        detail={"number": image.number, "state": image.state},
    )


def _what(image: MarkImage) -> str:
    if image.unit_id is None:
        return "Ảnh chữ ký"
    return f"Ảnh con dấu {organization.get_unit(image.unit_id).name}"


def _tell_deciders(image: MarkImage, unit_id: int, now: datetime) -> None:
    """Who may confirm it in the unit itself; administrators find it in their list."""
    roles = (Role.CHIEF_OF_OFFICE, Role.LEADER)
    holders = organization.holder_ids_of(roles, [unit_id], on=local_date(now)).get(unit_id, [])
    notifications.notify(
        person_ids=set(holders) - {image.uploaded_by_id},
        kind="signing.image.waiting",
        title=f"{_what(image)} chờ xác nhận",
        url="/signing/images/",
        now=now,
    )


def _tell_uploader(image: MarkImage, kind: str, title: str, text: str, now: datetime) -> None:
    url = f"/signing/seals/{image.unit_id}/" if image.unit_id else "/signing/key/"
    notifications.notify(person_ids=[image.uploaded_by_id], kind=kind, title=title, text=text, url=url, now=now)

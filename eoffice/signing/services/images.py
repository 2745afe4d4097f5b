"""The picture of a person's handwritten signature."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.signing.engine.marks import clean_signature_image
from eoffice.signing.models import SignatureImage


def set_signature_image(*, actor: Actor, content: bytes, now: datetime) -> SignatureImage:
    """Keep the actor's handwritten signature: PNG, cleaned to blue ink on nothing (Decree 30/2020, PL I II.7d).

    Papers signed before keep the mark they carry. Raises ImageInvalid, NotPermitted.
    """
    if actor.on_behalf_of_id is not None:
        raise NotPermitted("Xử lý theo ủy quyền không bao gồm ký số.")
    png = clean_signature_image(content)
    with transaction.atomic():
        image, _ = SignatureImage.objects.update_or_create(
            person_id=actor.person_id, defaults={"png": png, "changed_at": now}
        )
        audit.record(
            actor=actor.ref, action="signing.image.set", object_kind="person", object_id=actor.person_id, now=now
        )
    return image

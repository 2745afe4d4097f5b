"""Electronic copies of papers: the list of a registry, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.core.errors import NotFound, NotPermitted
from eoffice.core.paging import Page, newest_first
from eoffice.documents.models import PaperCopy
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.organization.actor import Actor
from eoffice.signing import queries as signing
from eoffice.signing.certificate_lists import keeper_notice
from eoffice.signing.engine.text_marks import copy_lines
from eoffice.signing.engine.verdicts import Verdict


def copies_page(actor: Actor, *, after: int | None) -> Page[PaperCopy]:
    """The copies of the actor's registries, newest first. Raises NotPermitted."""
    if not permissions.can_view_copies(actor):
        raise NotPermitted
    rows = PaperCopy.objects.filter(permissions.copies_visible_to(actor))
    return newest_first(rows.select_related("registry", "made_by", "sealed_by", "entry"), after=after)


@dataclass(frozen=True, slots=True)
class CopyPage:
    """One copy; `mark` are the words as they will be, or were, signed."""

    copy: PaperCopy
    mark: tuple[str, ...]
    may_seal: bool
    verdict: Verdict | None
    checked_at: datetime | None
    keeper_notice: str


def copy_page(actor: Actor, copy_id: int, *, now: datetime) -> CopyPage:
    """One copy with its words and the check of its seal. Raises NotFound."""
    copy = get_copy(actor, copy_id)
    may_seal = copy.sealed_at is None and permissions.can_copy(actor, copy.registry_id)
    shown = signing.newest_of(copy.result_id) if copy.result_id else ""
    return CopyPage(
        copy=copy,
        mark=copy_lines(copy.get_form_display(), copy.registry.name, copy.sealed_at or now),
        may_seal=may_seal,
        verdict=signing.verdict_of(shown) if shown else None,
        checked_at=signing.checked_at(shown) if shown else None,
        keeper_notice=keeper_notice(actor, copy.registry_id) if may_seal else "",
    )


def get_copy(actor: Actor, copy_id: int) -> PaperCopy:
    """One copy. Raises NotFound for whom it does not concern."""
    rows = PaperCopy.objects.select_related("registry", "made_by", "sealed_by", "entry")
    copy = rows.filter(permissions.copies_visible_to(actor), pk=copy_id).first()
    if copy is None:
        raise NotFound
    return copy


def copied_letter(actor: Actor, incoming_id: int) -> dict[str, object]:
    """What the form of a copy starts with for a registered letter that came on paper. Raises DocumentNotFound."""
    letter = incoming_queries.get_incoming(actor, incoming_id)
    return {
        "incoming": letter.pk,
        "code": "/".join(part for part in (letter.number, letter.symbol) if part),
        "dated": letter.issued_on,
        "issuing_body": letter.issuing_body,
        "subject": letter.subject,
        "original_kind": "main",
    }

"""Electronic copies of papers: the list of a registry, and one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound, NotPermitted
from eoffice.core.paging import Page, newest_first
from eoffice.documents.errors import PdfNotReady
from eoffice.documents.models import PaperCopy
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.documents.services.sealing_copies import SEALED_COPY
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import SigningCapacity, SigningForm
from eoffice.signing import queries as signing
from eoffice.signing.certificate_lists import keeper_notice
from eoffice.signing.engine.text_marks import copy_lines
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.models import SignatureRequestPaper
from eoffice.signing.queries import MethodChoice

_SHOWN: Final = ("registry", "made_by", "sealed_by", "voided_by", "entry__register", "decider__person")
_IN_OWN_RIGHT: Final = frozenset({SigningForm.OWN, SigningForm.TM, SigningForm.Q})


def copies_page(actor: Actor, *, after: int | None) -> Page[PaperCopy]:
    """The copies of the actor's registries, newest first. Raises NotPermitted."""
    if not permissions.can_view_copies(actor):
        raise NotPermitted
    rows = PaperCopy.objects.filter(permissions.copies_visible_to(actor))
    return newest_first(rows.select_related(*_SHOWN), after=after)


@dataclass(frozen=True, slots=True)
class CopyPage:
    """One copy; `mark` are the words as they will be, or were, signed. Who may seal may correct and void it too."""

    copy: PaperCopy
    mark: tuple[str, ...]
    may_seal: bool
    verdict: Verdict | None
    checked_at: datetime | None
    keeper_notice: str
    ways: tuple[MethodChoice, ...]
    """How the seal can sign it; empty where the actor may not."""
    asked: SignatureRequestPaper | None
    """The open request for its seal."""


def copy_page(actor: Actor, copy_id: int, *, now: datetime) -> CopyPage:
    """One copy with its words and the check of its seal. Raises NotFound."""
    copy = get_copy(actor, copy_id)
    may_seal = copy.is_open and permissions.can_copy(actor, copy.registry_id)
    shown = signing.newest_of(copy.result_id) if copy.result_id else ""
    return CopyPage(
        copy=copy,
        mark=copy_lines(copy.get_form_display(), copy.registry.name, copy.sealed_at or now),
        may_seal=may_seal,
        verdict=signing.verdict_of(shown) if shown else None,
        checked_at=signing.checked_at(shown) if shown else None,
        keeper_notice=keeper_notice(actor, copy.registry_id) if may_seal else "",
        ways=tuple(signing.choices_of_seal(copy.registry_id, now=now)) if may_seal else (),
        asked=signing.open_papers(subject_kind=SEALED_COPY, subject_ids=[copy.pk]).get(copy.pk) if may_seal else None,
    )


def get_copy(actor: Actor, copy_id: int) -> PaperCopy:
    """One copy. Raises NotFound for whom it does not concern."""
    rows = PaperCopy.objects.select_related(*_SHOWN)
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


@dataclass(frozen=True, slots=True)
class CopyFile:
    """What is handed out of a copy, and under which name."""

    sha256: str
    name: str


def copy_file(actor: Actor, copy_id: int) -> CopyFile:
    """The sealed copy; before it is sealed the scan or the page of an extract. Raises NotFound, PdfNotReady."""
    copy = get_copy(actor, copy_id)
    if copy.scan_id is None:
        raise PdfNotReady("Trang của bản trích sao chưa được tạo. Mở Sửa rồi lưu lại.")
    return CopyFile(signing.newest_of(copy.result_id) if copy.result_id else copy.scan_id, copy.file_name)


def deciders_for(actor: Actor, registry_ids: Collection[int], *, now: datetime) -> list[SigningCapacity]:
    """Whom the clerk of these registries chooses from. Raises NotPermitted for who copies for none of them."""
    if not any(permissions.can_copy(actor, each) for each in registry_ids):
        raise NotPermitted("Chỉ văn thư của đơn vị sao văn bản.")
    return deciders(registry_ids, now=now)


def deciders(
    registry_ids: Collection[int], *, now: datetime, kept: SigningCapacity | None = None
) -> list[SigningCapacity]:
    """Who may decide that a paper is copied: each holder of a capacity to sign today, once per post, heads first.

    `kept` stays among them after his capacity has ended. One query.
    """
    found = organization.capacities_within(registry_ids=registry_ids, on=local_date(now))
    found.sort(key=lambda each: (each.registry_id, each.form not in _IN_OWN_RIGHT, each.pk))
    chosen = [kept, *found] if kept is not None else found
    first: dict[tuple[int, int, str], SigningCapacity] = {}
    for each in chosen:
        first.setdefault((each.registry_id, each.person_id, each.position_title), each)
    return list(first.values())

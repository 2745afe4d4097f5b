"""Whether a file in the hold may be kept at all: one check for letters and for drafts (design part 5, secrets)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import SecrecyUnconfirmed, SecretMaterial
from eoffice.organization.actor import Actor
from eoffice.renditions import checking, hold, secrecy

if TYPE_CHECKING:
    from eoffice.documents.services.receiving import Assurance


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that passed. `not_secret_basis` is why a mark found on it was none, empty where none was found."""

    checked: checking.CheckedFile
    not_secret_basis: str


def examine_held(
    *,
    actor: Actor,
    held: hold.HeldFile,
    assurance: Assurance,
    refused_as: str,
    now: datetime,
    takes_xml: bool = False,
) -> Examined:
    """Check a held file's kind and content and look for a mark of secrecy; opens no transaction around the check.

    A marked file is destroyed at once, unless the basis says why the mark is none; what the sender declared secret is
    destroyed whatever is said. `refused_as` is the audit action of a refusal. Raises SecretMaterial,
    SecrecyUnconfirmed and the refusals of files.
    """
    with hold.opened(held.token) as path:
        checked = checking.check(path, takes_xml=takes_xml)
        marked = secrecy.examine(path, kind=checked.kind, file_name=held.name, declared=assurance.declared or None)
    basis = tidy(assurance.not_secret_basis)
    if marked.finding is not None and (not basis or marked.finding.found_in is secrecy.FoundIn.DECLARED):
        hold.destroy(held.token)
        _note_refusal(actor, refused_as, now)
        raise SecretMaterial
    if marked.needs_confirmation and not assurance.seen_no_mark:
        raise SecrecyUnconfirmed(fields={"seen_no_mark": "Xác nhận đã xem và không có dấu chỉ độ mật."})
    return Examined(checked, basis if marked.finding is not None else "")


@transaction.atomic
def _note_refusal(actor: Actor, action: str, now: datetime) -> None:
    # Time and actor, nothing of the paper: not even its name (design part 5).
    audit.record(actor=actor.ref, action=action, object_kind="upload", object_id=0, now=now)

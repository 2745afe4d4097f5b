"""Two kept versions of a draft, side by side."""

from __future__ import annotations

from eoffice.documents.comparing import Comparable, Compared, compare
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import DraftVersion
from eoffice.documents.queries.drafts import get_draft
from eoffice.layout.types import type_of
from eoffice.organization.actor import Actor


def compare_versions(actor: Actor, draft_id: int, *, old: int, new: int) -> tuple[DraftVersion, DraftVersion, Compared]:
    """Two kept versions of a draft, and what differs. Raises DocumentNotFound."""
    draft = get_draft(actor, draft_id)
    found = {row.number: row for row in draft.versions.select_related("created_by").filter(number__in=[old, new])}
    if old not in found or new not in found:
        raise DocumentNotFound("Không tìm thấy lần dự thảo này.")
    return found[old], found[new], compare(_comparable(found[old]), _comparable(found[new]))


def _comparable(version: DraftVersion) -> Comparable:
    return Comparable(
        subject=version.subject,
        type_name=type_of(version.document_type).name,
        content=version.content,
        body=version.body,
    )

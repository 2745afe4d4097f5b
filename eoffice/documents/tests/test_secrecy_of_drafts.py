"""A file of a draft is examined for marks of secrecy as a letter is."""

from __future__ import annotations

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.documents.errors import SecretMaterial
from eoffice.documents.models import FileVersion
from eoffice.documents.services.attaching_files import attach_to_draft
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import make_draft
from eoffice.documents.tests.letters import pdf, upload


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MẬT\nKế hoạch năm 2026", Assurance(seen_no_mark=True)),
        ("Kế hoạch năm 2026", Assurance(declared="Mật", not_secret_basis="Lý do")),
    ],
)
def test_secret_paper_is_destroyed_and_leaves_time_and_actor(cast: Cast, text: str, said: Assurance) -> None:
    draft = make_draft(cast)

    with pytest.raises(SecretMaterial):
        attach_to_draft(
            actor=actor_of(cast.officer), draft_id=draft.pk, upload=upload(pdf(text)), assurance=said, now=NOW
        )

    assert not FileVersion.objects.filter(draft=draft).exists()
    line = AuditEntry.objects.get(action="documents.draft.secret_refused")
    assert (line.person_id, line.object_id, line.detail) == (cast.officer.pk, "0", {})

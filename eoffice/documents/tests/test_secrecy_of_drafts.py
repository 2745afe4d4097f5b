"""A file of a draft is examined for marks of secrecy as a letter is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.documents.errors import SecretMaterial
from eoffice.documents.models import FileVersion
from eoffice.documents.services.attaching_files import attach_to_draft
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import make_draft
from eoffice.documents.tests.letters import enter, pdf, upload


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


@pytest.mark.parametrize("way", ["upload", "attach"])
def test_a_file_that_is_refused_leaves_its_reader_at_the_draft(cast: Cast, client: Client, way: str) -> None:
    draft = make_draft(cast)
    enter(client, cast.officer)

    answer = client.post(
        reverse(f"documents:draft_{way}", args=[draft.pk]), {"file": upload(pdf("MẬT\nKế hoạch"), "ke-hoach.pdf")}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Chưa nhận tệp ke-hoach.pdf." in page
    assert "Không tiếp nhận tài liệu bí mật nhà nước" in page
    assert reverse("documents:draft_submit", args=[draft.pk]) in page
    assert not FileVersion.objects.filter(draft=draft).exists()

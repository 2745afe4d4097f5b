"""The demo shows a separately signed annex and each form of copy, so that whoever tries it finds them."""

from __future__ import annotations

import pytest

from eoffice.core import clock
from eoffice.documents.models import Annex, AnnexWay, CopyForm, PaperCopy
from eoffice.web.demo import filling
from eoffice.web.demo.plan import FIRST, stories
from eoffice.web.models import DemoStory

pytestmark = pytest.mark.django_db


def test_stories_of_annexes_and_copies_are_told_once() -> None:
    now = clock.now()
    filling.raise_group(now=now)
    told = [each for each in stories(clock.local_date(now))[:FIRST] if each.with_annex or each.copied]

    for story in told:
        assert filling.play(story.position, now=now)
        assert not filling.play(story.position, now=now)

    assert {each.registry for each in told} == {"TXG"}
    sealed, waiting = Annex.objects.order_by("outgoing__number")
    assert (sealed.way, sealed.sealed_id is not None) == (AnnexWay.SEALED, True)
    assert (waiting.way, waiting.sealed_id) == (AnnexWay.SEALED, None)
    copies = {each.form: each for each in PaperCopy.objects.select_related("entry")}
    assert copies.keys() == {CopyForm.FULL, CopyForm.AGAIN, CopyForm.EXTRACT}
    assert copies[CopyForm.FULL].sealed_at
    assert copies[CopyForm.EXTRACT].sealed_at
    assert copies[CopyForm.AGAIN].is_open
    assert copies[CopyForm.EXTRACT].shown_code == "01/TrS-TXG"
    assert DemoStory.objects.filter(played_at__isnull=False).count() == len(told)

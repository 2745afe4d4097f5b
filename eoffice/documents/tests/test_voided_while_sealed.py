"""What is voided while its seal is being made gets none: the confirmation asks again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Conflict
from eoffice.documents.errors import SealingTakenOver
from eoffice.documents.models import Annex, EntryState, FilePurpose, FileVersion, RegisterEntry, Sealing
from eoffice.documents.services import sealing, sealing_copies
from eoffice.documents.services.numbering_outgoing import void_number
from eoffice.documents.services.voiding_copies import void_copy
from eoffice.documents.states import OutgoingState
from eoffice.documents.tests import test_annexes as annexes
from eoffice.documents.tests import test_paper_copies as copies
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import pdf
from eoffice.documents.tests.outgoing import SEAL_PIN
from eoffice.documents.tests.test_paper_copies import seal
from eoffice.signing.models import SignatureRecord

pytestmark = pytest.mark.django_db
__all__ = ["seal"]


@contextmanager
def when_left(name: str, work: Callable[[], object]) -> Iterator[None]:
    """Do `work`, as another process would, in the moment when a function of that name is left for the first time."""

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code.co_name == name:
            sys.setprofile(None)
            work()

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)


def test_number_voided_while_the_seal_is_made_binds_no_seal(cast: Cast) -> None:
    outgoing, clerk = annexes.numbered(cast, annexes.attached(cast, mot_pdf=pdf("Một"))), actor_of(cast.clerk)

    def void() -> None:
        void_number(actor=clerk, outgoing_id=outgoing.pk, reason="Nhầm", now=NOW)

    with when_left("make_sealed_files", void), pytest.raises(SealingTakenOver):
        sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)

    outgoing.refresh_from_db()
    assert outgoing.state == OutgoingState.VOID
    assert (outgoing.file.purpose if outgoing.file else "") == FilePurpose.NUMBERED
    assert RegisterEntry.objects.get(outgoing=outgoing).state == EntryState.VOID
    assert not Sealing.objects.filter(sealed_at__isnull=False).exists()
    assert not Annex.objects.filter(sealed__isnull=False).exists()
    assert not FileVersion.objects.filter(purpose=FilePurpose.SEALED).exists()
    assert not AuditEntry.objects.filter(action="documents.outgoing.sealed").exists()


def test_copy_voided_while_the_seal_is_made_stays_void(seal: Cast) -> None:
    copy, clerk = copies.begun(seal), actor_of(seal.clerk)
    before = SignatureRecord.objects.count()

    def void() -> None:
        void_copy(actor=clerk, copy_id=copy.pk, reason="Quét nhầm văn bản.", now=NOW)

    with when_left("seal_corner", void), pytest.raises(Conflict, match="vừa được sửa hoặc hủy"):
        sealing_copies.seal_copy(actor=clerk, copy_id=copy.pk, pin=SEAL_PIN, now=NOW)

    copy.refresh_from_db()
    assert (copy.voided_at, copy.sealed_at, copy.result_id) == (NOW, None, None)
    assert SignatureRecord.objects.count() == before + 1  # made, and counts for nothing
    assert not AuditEntry.objects.filter(action="documents.copy.sealed").exists()

"""The clerk's home page shows the letters that wait, tray by tray; nobody else has trays."""

from __future__ import annotations

import pytest

from eoffice.documents.models import IncomingDocument, OutgoingDocument
from eoffice.documents.queries.incoming_counters import counters
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import recalling
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.letters import received, registered
from eoffice.documents.tests.outgoing import issued
from eoffice.web import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Cast:
    return make_cast()


def test_letters_stand_in_the_tray_of_their_next_step(office: Cast) -> None:
    waiting = received(office, text="Văn bản chờ đăng ký")
    done = registered(office)

    trays = desk.trays_of(actor_of(office.clerk, now=NOW), now=NOW)

    assert [(tray.key, tray.waiting) for tray in trays] == [("to_register", "1"), ("to_forward", "1")]
    assert trays[0].lines[0].href == f"/documents/incoming/{waiting.pk}/register/"
    assert trays[1].lines[0].href == f"/documents/incoming/{done.pk}/"
    assert desk.words_of(trays) == "1 văn bản chờ đăng ký; 1 văn bản chờ trình, chuyển."


def test_who_is_no_clerk_has_no_trays(office: Cast) -> None:
    received(office)

    assert desk.trays_of(actor_of(office.leader, now=NOW), now=NOW) == []


def test_an_empty_desk_says_so(office: Cast) -> None:
    assert desk.words_of(desk.trays_of(actor_of(office.clerk, now=NOW), now=NOW)) == "Không có văn bản chờ văn thư."


def test_a_recalled_letter_lies_on_the_desk_until_it_is_confirmed(office: Cast) -> None:
    issued(office)
    outgoing = OutgoingDocument.objects.get()
    recalling.recall_outgoing(actor=actor_of(office.clerk), outgoing_id=outgoing.pk, reason="Sai số liệu", now=NOW)
    copy = IncomingDocument.objects.get(registry=office.company)
    clerk = actor_of(office.company_clerk, now=NOW)

    trays = desk.trays_of(clerk, now=NOW)
    counted = counters(clerk, NOW)["recalls"]
    waits = incoming_detail(clerk, copy.pk, now=NOW).waits_for
    recalling.confirm_recall(actor=clerk, incoming_id=copy.pk, now=NOW)
    after = incoming_detail(clerk, copy.pk, now=NOW)

    assert waits == "Chờ văn thư xác nhận thu hồi"
    assert after.waits_for == ""
    assert {"Nơi gửi thu hồi", "Xác nhận thu hồi"} <= {moment.title for moment in after.history}
    assert [(tray.key, tray.waiting, tray.action) for tray in trays] == [("recalls", "1", "Xác nhận thu hồi")]
    assert counted == 1
    assert desk.trays_of(clerk, now=NOW) == []
    assert counters(actor_of(office.clerk, now=NOW), NOW)["recalls"] == 0

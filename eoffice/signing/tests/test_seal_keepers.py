"""The device of a seal: a named keeper, minutes confirmed by both sides, and who seals by the rule."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Conflict, IllegalTransition, Invalid, NotFound, NotPermitted
from eoffice.notifications.models import Notification
from eoffice.organization import queries as organization
from eoffice.organization import services as keeping_people
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import services
from eoffice.signing.certificate_lists import keeper_notice, keeper_of
from eoffice.signing.models import SealHandOver
from eoffice.signing.services import keeping_seals
from eoffice.signing.services.keeping_seals import HandOverEntry
from eoffice.signing.tests.factories import NOW, SEAL_PIN, Cast
from eoffice.signing.tests.test_signing_pages import sign_in


@pytest.fixture
def second(cast: Cast) -> Actor:
    """Another clerk of the group."""
    system = ActorRef(None, source="cli")
    person = keeping_people.create_person(
        actor=system, full_name="Phan Văn Thư", email="thu@txg.test", password=None, now=NOW
    )
    since = date(2020, 1, 1)
    keeping_people.appoint(
        actor=system, person=person, unit=cast.group, position_name="Văn thư", rank=9, starts_on=since, now=NOW
    )
    keeping_people.grant_role(actor=system, person=person, unit=cast.group, role=Role.CLERK, starts_on=since, now=NOW)
    return organization.actor_of(user_id=person.user_id or 0, now=NOW)


def entry(to: Actor, **more: object) -> HandOverEntry:
    typed = {
        "to_person_id": to.person_id, "device": "USB token số 540200", "permission": "Giấy ủy nhiệm 12/GUN-TXG",
        "reason": "Đổi phân công", "witness": "Lê Văn Chứng, Phó Chánh Văn phòng",
        "handed_on": clock.local_date(clock.now()), **more,
    }  # fmt: skip
    return HandOverEntry(**typed)  # type: ignore[arg-type]  # each value fits its name


def propose(actor: Actor, cast: Cast, to: Actor, **more: object) -> SealHandOver:
    return keeping_seals.propose_hand_over(actor=actor, unit_id=cast.group.pk, entry=entry(to, **more), now=clock.now())


def confirm(actor: Actor, row: SealHandOver) -> SealHandOver:
    return keeping_seals.confirm_hand_over(actor=actor, hand_over_id=row.pk, now=clock.now())


def keeper(cast: Cast) -> int | None:
    minutes = keeper_of(cast.group.pk)
    return minutes.to_person_id if minutes else None


def test_first_keeper_is_named_and_hands_over_when_both_confirm(cast: Cast, second: Actor):
    first = propose(cast.leader, cast, cast.clerk)
    assert keeper(cast) is None
    confirm(cast.clerk, first)
    assert keeper(cast) == cast.clerk.person_id

    handed = propose(second, cast, second)
    confirm(second, handed)
    assert keeper(cast) == cast.clerk.person_id
    confirm(cast.clerk, handed)
    confirmed = SealHandOver.objects.get(pk=handed.pk)

    assert keeper(cast) == second.person_id
    assert (confirmed.given_by_id, confirmed.from_person_id) == (cast.clerk.person_id,) * 2
    with pytest.raises(IllegalTransition):
        confirm(cast.clerk, handed)
    assert Notification.objects.filter(kind="signing.seal_hand_over", person_id=second.person_id).exists()


def test_leader_confirms_for_a_keeper_who_is_gone_and_receiver_never_for_both(cast: Cast, second: Actor):
    confirm(cast.clerk, propose(cast.leader, cast, cast.clerk))
    row = propose(second, cast, second)
    confirm(second, row)
    confirm(second, row)
    assert keeper(cast) == cast.clerk.person_id

    confirm(cast.leader, row)

    assert keeper(cast) == second.person_id


def test_outsiders_and_other_clerks_confirm_nothing(cast: Cast, second: Actor):
    row = propose(cast.leader, cast, cast.clerk)

    with pytest.raises(NotFound):
        confirm(cast.outsider, row)
    with pytest.raises(NotPermitted):
        confirm(second, row)
    with pytest.raises(NotFound):
        propose(cast.outsider, cast, cast.clerk)
    row.refresh_from_db()
    assert (row.state, row.taken_at) == ("waiting", None)


def test_minutes_must_be_whole_and_one_at_a_time(cast: Cast, second: Actor):
    with pytest.raises(Invalid) as wrong:
        propose(cast.leader, cast, cast.leader, device=" ", permission="", witness="")
    assert set(wrong.value.fields) == {"to_person", "device", "permission", "witness"}
    propose(cast.leader, cast, cast.clerk)
    with pytest.raises(Conflict):
        propose(cast.leader, cast, second)
    assert SealHandOver.objects.count() == 1


def test_refused_hand_over_changes_no_keeper(cast: Cast, second: Actor):
    confirm(cast.clerk, propose(cast.leader, cast, cast.clerk))
    row = propose(cast.clerk, cast, second)

    keeping_seals.refuse_hand_over(actor=second, hand_over_id=row.pk, reason="Nghỉ phép", now=clock.now())

    row.refresh_from_db()
    assert (row.state, row.refusal, keeper(cast)) == ("refused", "Nghỉ phép", cast.clerk.person_id)


def test_another_clerk_is_warned_or_refused_by_the_rule(cast: Cast, second: Actor):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())
    confirm(cast.clerk, propose(cast.leader, cast, cast.clerk))

    def unlock(actor: Actor) -> None:
        services.unlock_seal(actor=actor, unit_id=cast.group.pk, pin=SEAL_PIN, now=clock.now())

    unlock(second)
    assert "do Nguyễn Thị Thu Hương giữ" in keeper_notice(second, cast.group.pk)
    assert keeper_notice(cast.clerk, cast.group.pk) == ""
    with pytest.raises(NotPermitted):
        keeping_seals.set_keeper_rules(actor=cast.clerk, only_keeper=True, now=clock.now())

    keeping_seals.set_keeper_rules(actor=cast.administrator, only_keeper=True, now=clock.now())

    unlock(cast.clerk)
    with pytest.raises(NotPermitted, match="lập biên bản bàn giao"):
        unlock(second)


def test_pages_show_the_minutes_and_keep_what_was_typed(cast: Cast, second: Actor, client: Client):
    where = f"/signing/seals/{cast.group.pk}/keeping/"
    sign_in(client, cast.clerk)
    wrong = client.post(f"{where}propose/", {"device": "USB token 540200", "to_person": ""})
    assert wrong.status_code == 422
    assert "USB token 540200" in wrong.content.decode()
    done = client.post(
        f"{where}propose/",
        {"to_person": cast.clerk.person_id, "handed_on": "05/01/2026", "device": "USB token", "witness": "Lê Văn Chứng",
         "permission": "Giấy 12", "reason": "Nhận nhiệm vụ"},
    )  # fmt: skip
    assert done.status_code == 303
    row = SealHandOver.objects.get()
    assert row.given_at is None

    sign_in(client, cast.leader)
    assert "Lê Văn Chứng" in client.get(where).content.decode()
    assert client.post(f"/signing/seals/hand-overs/{row.pk}/confirm/").status_code == 303
    sign_in(client, cast.clerk)
    client.post(f"/signing/seals/hand-overs/{row.pk}/confirm/")
    assert keeper(cast) == cast.clerk.person_id
    listed = client.get("/signing/seals/").content.decode()
    assert "Nguyễn Thị Thu Hương" in listed
    assert f'href="/signing/seals/{cast.group.pk}/"' in listed
    sign_in(client, cast.leader)
    assert f'href="/signing/seals/{cast.group.pk}/"' not in client.get("/signing/seals/").content.decode()
    sign_in(client, cast.outsider)
    assert client.get(where).status_code == 404


def test_minutes_can_be_printed_by_both_sides_and_by_nobody_else(cast: Cast, second: Actor, client: Client):
    first = propose(cast.leader, cast, cast.clerk)
    confirm(cast.clerk, first)
    handed = confirm(second, propose(cast.clerk, cast, second))
    address = reverse("signing:seal_minutes", args=[cast.group.pk, handed.pk])

    sign_in(client, second)
    page = client.get(address)
    with pypdfium2.PdfDocument(page.content) as printed:
        words = " ".join(printed[0].get_textpage().get_text_range().split())

    assert page["Content-Type"] == "application/pdf"
    for said in ("BIÊN BẢN", "USB token số 540200", "Giấy ủy nhiệm 12/GUN-TXG", "Phan Văn Thư", "Hai bên đã xác nhận"):
        assert said in words
    assert words.count("Đã xác nhận trên hệ thống lúc") == 2
    sign_in(client, cast.outsider)
    assert client.get(address).status_code == 404
    assert client.get(reverse("signing:seal_minutes", args=[cast.company.pk, handed.pk])).status_code == 404

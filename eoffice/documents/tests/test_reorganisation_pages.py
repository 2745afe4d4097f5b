"""The pages of reorganising: prepared, people placed, previewed, confirmed, carried out; refused to others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.services import reorganising
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.organization.models import Person, Posting, Reorganisation, Unit

pytestmark = pytest.mark.django_db
PASSWORD = "TruongXuan@2026"


def desk_of(person: Person) -> Client:
    client = Client()
    letters.enter(client, person)
    return client


def with_powers(person: Person) -> Client:
    assert person.user_id is not None
    user = User.objects.get(pk=person.user_id)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = Client()
    client.force_login(user)
    sent = {"reason": "Theo quyết định của Hội đồng", "password": PASSWORD, "next": "/"}
    assert client.post(reverse("organization:powers"), sent).status_code == 303
    return client


def decision(**changed: str) -> dict[str, str]:
    today = local_date(clock.now())
    return {
        "title": "Sắp xếp các ban tham mưu",
        "decision_number": "77/QĐ-TXG",
        "decided_on": f"{today:%d/%m/%Y}",
        "effective_on": f"{today:%d/%m/%Y}",
        "note": "",
    } | changed


def begun(client: Client) -> Reorganisation:
    answer = client.post(reverse("documents:reorganisation_create"), decision())
    assert answer.status_code == 303
    return Reorganisation.objects.latest("pk")


def test_from_the_menu_to_the_result(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)], now=clock.now(), due_on=None)
    administrator, chief = with_powers(cast.administrator), desk_of(cast.chief)
    for each in (administrator, chief):
        assert reverse("documents:reorganisations") in each.get("/").content.decode()
    row = begun(administrator)
    one = reverse("documents:reorganisation", args=[row.pk])
    added = administrator.post(
        reverse("documents:reorganisation_step_add", args=[row.pk, "split"]),
        {
            "unit_1": cast.technology.pk, "name_1": "Ban Công nghệ", "symbol_1": "BCN", "kind_1": "board",
            "name_2": "Ban An toàn thông tin", "symbol_2": "AT", "kind_2": "board", "name_3": "", "symbol_3": "",
        },
    )  # fmt: skip
    assert (added.status_code, added["Location"]) == (303, one)
    step = row.steps.get()
    post = Posting.objects.get(person=cast.officer)
    people = reverse("documents:reorganisation_people", args=[step.pk])
    assert "Hoàng Ngọc Bảo Trâm" in administrator.get(people).content.decode()
    sent: dict[str, object] = {}
    for held in Posting.objects.filter(unit=cast.technology).select_related("position"):
        sent |= {f"to_{held.pk}": "0", f"position_{held.pk}": held.position.name, f"rank_{held.pk}": 9}
        sent |= {f"roles_{held.pk}": "on"}
    assert administrator.post(people, sent | {f"to_{post.pk}": "1"}).status_code == 303

    preview = administrator.get(one).content.decode()
    for words in ("Chia Ban Công nghệ và An toàn thông tin thành", "Người và chức danh", "Việc đơn vị đang giữ"):
        assert words in preview
    assert letter.subject not in preview
    assert administrator.post(reverse("documents:reorganisation_submit", args=[row.pk])).status_code == 303
    assert "Chờ xác nhận" in chief.get(one).content.decode()
    assert chief.post(reverse("documents:reorganisation_confirm", args=[row.pk])).status_code == 303
    reorganising.carry_out(reorganisation_id=row.pk, now=clock.now())

    result = chief.get(one).content.decode()
    assert "Đã thực hiện xong, không còn việc nào" in result
    first, second = (Unit.objects.get(pk=key) for key in row.steps.get().made)
    assert letters.line_of(letter, first).unit == first
    assert Posting.objects.get(person=cast.officer, ends_on=None).unit == second
    page = chief.get(reverse("organization:unit", args=[cast.technology.pk])).content.decode()
    assert "Thôi hoạt động từ" in page
    assert "Ban Công nghệ</a> kế thừa từ" in page


def test_what_is_typed_wrong_stays_and_is_said(cast: Cast) -> None:
    client = desk_of(cast.administrator)
    yesterday = local_date(clock.now()) - timedelta(days=1)

    answer = client.post(
        reverse("documents:reorganisation_create"), decision(effective_on=f"{yesterday:%d/%m/%Y}", note="Nghị quyết 5")
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Ngày hiệu lực từ hôm nay trở đi" in page
    assert "Nghị quyết 5" in page
    assert not Reorganisation.objects.exists()


def test_a_step_without_a_receiver_is_refused_with_what_was_picked(cast: Cast) -> None:
    client = desk_of(cast.administrator)
    row = begun(client)

    answer = client.post(
        reverse("documents:reorganisation_step_add", args=[row.pk, "merge"]), {"unit_1": cast.technology.pk}
    )

    assert answer.status_code == 422
    assert cast.technology.name in answer.content.decode()
    assert not row.steps.exists()
    for kind in ("merge", "split", "rename", "move", "close"):
        assert client.get(reverse("documents:reorganisation_step_add", args=[row.pk, kind])).status_code == 200
    assert client.get(reverse("documents:reorganisation_step_add", args=[row.pk, "other"])).status_code == 404


def test_sending_needs_powers_and_a_step(cast: Cast) -> None:
    client = desk_of(cast.administrator)
    row = begun(client)

    led = client.post(reverse("documents:reorganisation_submit", args=[row.pk]))
    empty = with_powers(cast.administrator).post(reverse("documents:reorganisation_submit", args=[row.pk]))

    assert (led.status_code, "quyen-quan-tri" in led["Location"]) == (302, True)
    assert (empty.status_code, "Thêm ít nhất một bước" in empty.content.decode()) == (422, True)
    row.refresh_from_db()
    assert row.state == "draft"


def test_given_back_with_a_reason_and_withdrawn(cast: Cast) -> None:
    client, chief = with_powers(cast.administrator), desk_of(cast.chief)
    row = begun(client)
    client.post(
        reverse("documents:reorganisation_step_add", args=[row.pk, "close"]),
        {"unit_1": cast.technology.pk, "target": cast.legal.pk},
    )
    client.post(reverse("documents:reorganisation_submit", args=[row.pk]))
    back = reverse("documents:reorganisation_return", args=[row.pk])

    assert chief.post(back, {"remark": ""}).status_code == 422
    assert chief.post(back, {"remark": "Thiếu khoản 3."}).status_code == 303
    assert "Thiếu khoản 3." in client.get(reverse("documents:reorganisation", args=[row.pk])).content.decode()
    assert client.post(reverse("documents:reorganisation_withdraw", args=[row.pk])).status_code == 303
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_others_find_nothing(cast: Cast) -> None:
    row = begun(desk_of(cast.administrator))
    for person in (cast.officer, cast.clerk, cast.leader):
        client = desk_of(person)
        assert client.get(reverse("documents:reorganisations")).status_code == 403
        assert client.get(reverse("documents:reorganisation", args=[row.pk])).status_code == 404
        assert client.post(reverse("documents:reorganisation_confirm", args=[row.pk])).status_code == 404
        assert client.post(reverse("documents:reorganisation_create"), decision()).status_code == 403
    assert Reorganisation.objects.count() == 1


def test_the_preview_costs_the_same_however_much_there_is(cast: Cast, django_assert_max_num_queries) -> None:
    client = desk_of(cast.administrator)
    row = begun(client)
    client.post(
        reverse("documents:reorganisation_step_add", args=[row.pk, "close"]),
        {"unit_1": cast.technology.pk, "target": cast.legal.pk},
    )
    for _ in range(3):
        letters.directed(cast, [letters.to_unit(cast.technology)], now=clock.now(), due_on=None)
    client.get(reverse("documents:reorganisation", args=[row.pk]))

    with django_assert_max_num_queries(48):
        client.get(reverse("documents:reorganisation", args=[row.pk]))

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eoffice.core import clock
from eoffice.organization import jobs, services
from eoffice.organization.models import ImportRun, Person, RightsSetting, Role, RunState, Unit
from eoffice.organization.tests.lists import CLI, STAFF, bring_in, people_csv, units_csv

pytestmark = pytest.mark.django_db
LIST = reverse("keeping:import_list")


def signed_in(role: Role, unit_code: str = "TXG") -> Client:
    bring_in(units_csv())
    unit = Unit.objects.get(code=unit_code)
    now = clock.now()
    person = services.create_person(
        actor=CLI, full_name="Lê Quản Trị", email="qt@truongxuan.example", password=None, now=now
    )
    since = date(2026, 1, 1)
    services.appoint(
        actor=CLI, person=person, unit=unit, position_name="Quản trị", rank=9, starts_on=since, now=now
    )  # fmt: skip
    services.grant_role(actor=CLI, person=person, unit=unit, role=role, starts_on=since, now=now)
    RightsSetting.objects.create(lone_administrator=True)
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in(Role.ADMINISTRATOR)


def upload(client: Client, content: bytes, name: str = "ds.csv", **more: str) -> ImportRun:
    answer = client.post(LIST, {"file": SimpleUploadedFile(name, content), **more})
    assert answer.status_code == 303, answer.content.decode()
    run = ImportRun.objects.latest("pk")
    jobs.check_import(run_id=run.pk)
    run.refresh_from_db()
    return run


def page(client: Client, run: ImportRun, **query: str) -> str:
    answer = client.get(reverse("keeping:import_run", args=[run.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_list_is_taken_in_shown_confirmed_and_carried_out(admin):
    run = upload(admin, people_csv())
    assert "3 thêm" in page(admin, run)
    assert "Nguyễn Hoài Phương" in page(admin, run, action="new")
    assert not Person.objects.filter(code="NV1").exists()

    answer = admin.post(reverse("keeping:import_confirm", args=[run.pk]))
    assert answer.status_code == 303
    jobs.apply_import(run_id=run.pk, person_id=None)

    assert Person.objects.filter(code="NV1").exists()
    assert "Đã nhập" in page(admin, run)


def test_while_it_is_read_the_page_shows_a_bar_that_asks_again(admin):
    admin.post(LIST, {"file": SimpleUploadedFile("ds.csv", people_csv())})
    run = ImportRun.objects.latest("pk")
    bar = reverse("keeping:import_progress", args=[run.pk])

    assert f'hx-get="{bar}"' in page(admin, run)
    assert "HX-Redirect" not in admin.get(bar).headers

    jobs.check_import(run_id=run.pk)
    assert admin.get(bar).headers["HX-Redirect"] == reverse("keeping:import_run", args=[run.pk])


def test_faults_are_shown_and_can_be_taken_away_as_a_file(admin):
    run = upload(admin, people_csv("NV1;=cmd();a@x.example;;MAT;Chuyên viên;9;;"))

    assert run.state == RunState.FAULTY
    assert "Mã đơn vị" in page(admin, run)
    file = admin.get(reverse("keeping:import_faults", args=[run.pk]))
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "Người;2;NV1;Mã đơn vị;MAT;" in file.content.decode("utf-8-sig")
    assert admin.post(reverse("keeping:import_confirm", args=[run.pk])).status_code == 409


def test_a_file_that_is_no_list_is_refused_on_the_page(admin):
    run = upload(admin, b"%PDF-1.7 something")

    assert run.state == RunState.REFUSED
    assert "Không đọc được danh sách" in page(admin, run)


def test_no_file_and_too_large_a_file_keep_the_form(admin):
    assert admin.post(LIST, {}).status_code == 422
    large = SimpleUploadedFile("ds.csv", b"x" * (20 * 1024 * 1024 + 1))
    assert "20 MB" in admin.post(LIST, {"file": large}).content.decode()
    assert ImportRun.objects.filter(created_by__isnull=False).count() == 0


def test_what_changed_since_the_preview_is_shown_again_instead_of_written(admin):
    run = upload(admin, people_csv())
    admin.post(reverse("keeping:import_confirm", args=[run.pk]))
    bring_in(people_csv(STAFF[2]))

    jobs.apply_import(run_id=run.pk)

    run.refresh_from_db()
    assert (run.state, run.counts) == (RunState.READY, {"new": 2, "unchanged": 1})
    assert not Person.objects.filter(code="NV1").exists()


def test_confirming_twice_carries_out_once(admin):
    run = upload(admin, people_csv())
    confirm = reverse("keeping:import_confirm", args=[run.pk])

    assert [admin.post(confirm).status_code for _ in range(2)] == [303, 409]
    for _ in range(2):
        jobs.apply_import(run_id=run.pk)
    assert Person.objects.filter(code="NV1").count() == 1


def test_a_run_left_alone_cannot_be_carried_out(admin):
    run = upload(admin, people_csv())
    admin.post(reverse("keeping:import_abandon", args=[run.pk]))

    assert admin.post(reverse("keeping:import_confirm", args=[run.pk])).status_code == 409
    assert ImportRun.objects.get(pk=run.pk).content is None


@pytest.mark.parametrize(("role", "unit"), [(Role.OFFICER, "TXG"), (Role.CLERK, "TXG"), (Role.ADMINISTRATOR, "CN")])
def test_only_the_administrator_of_the_root_imports(role, unit):
    client = signed_in(role, unit)
    run = bring_in(people_csv(), applies=False)

    for name in ("import_run", "import_progress", "import_faults"):
        assert client.get(reverse(f"keeping:{name}", args=[run.pk])).status_code == 403
    for name in ("import_confirm", "import_abandon"):
        assert client.post(reverse(f"keeping:{name}", args=[run.pk])).status_code == 403
    assert client.get(LIST).status_code == 403
    assert client.post(LIST, {"file": SimpleUploadedFile("ds.csv", people_csv())}).status_code == 403
    assert ImportRun.objects.get(pk=run.pk).state == RunState.READY


def test_the_template_is_given(admin):
    answer = admin.get(reverse("keeping:import_template"))

    assert answer.content.startswith(b"PK")
    assert "mau-nhap-don-vi-nguoi.xlsx" in answer.headers["Content-Disposition"]


def test_the_pages_take_a_fixed_number_of_queries(admin, django_assert_max_num_queries):
    crowd = [f"X{n};Người Thứ {n};x{n}@x.example;;CN;Chuyên viên;9;01/01/2026;" for n in range(300)]
    run = upload(admin, people_csv(*crowd))

    with django_assert_max_num_queries(14):
        assert "Trang sau" in page(admin, run)


def second_administrator() -> Client:
    unit, now, since = Unit.objects.get(code="TXG"), clock.now(), date(2026, 1, 1)
    other = services.create_person(
        actor=CLI, full_name="Phạm Thứ Hai", email="qt2@truongxuan.example", password=None, now=now
    )
    services.appoint(actor=CLI, person=other, unit=unit, position_name="Quản trị", rank=9, starts_on=since, now=now)
    services.grant_role(actor=CLI, person=other, unit=unit, role=Role.ADMINISTRATOR, starts_on=since, now=now)
    client = Client()
    assert other.user is not None
    client.force_login(other.user)
    return client


def test_a_list_that_changes_roles_is_confirmed_by_another_person(admin):
    other = second_administrator()
    run = upload(admin, people_csv())
    confirm = reverse("keeping:import_confirm", args=[run.pk])
    assert "người khác phải xác nhận" in page(admin, run)

    assert admin.post(confirm).status_code == 403
    run.refresh_from_db()
    assert run.state == RunState.READY

    assert "người khác phải xác nhận" not in page(other, run)
    assert other.post(confirm).status_code == 303
    run.refresh_from_db()
    assert run.state == RunState.APPLYING


def test_a_list_without_roles_needs_nobody_else(admin):
    second_administrator()
    run = upload(admin, people_csv(*(row.rpartition(";")[0] + ";" for row in STAFF)))

    assert admin.post(reverse("keeping:import_confirm", args=[run.pk])).status_code == 303

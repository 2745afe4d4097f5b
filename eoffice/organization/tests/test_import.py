from __future__ import annotations

from datetime import date, timedelta

import pytest

from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.organization import queries, services
from eoffice.organization.errors import TooManyEndings
from eoffice.organization.models import (
    ImportRow,
    ImportRun,
    Person,
    Posting,
    Principal,
    Reorganisation,
    Role,
    RoleGrant,
    RunState,
    SuccessionKind,
    Unit,
    UnitKind,
    UnitSuccession,
)
from eoffice.organization.tests.lists import CLI, GROUP, STAFF, bring_in, faults_of, people_csv, units_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    assert bring_in(units_csv()).state == RunState.APPLIED
    assert bring_in(people_csv()).state == RunState.APPLIED


def actions(run: ImportRun) -> dict[str, int]:
    return {name: count for name, count in run.counts.items() if count}


def test_units_come_in_with_their_tree_and_principals():
    run = bring_in(units_csv())

    units = {unit.code: unit for unit in Unit.objects.all()}
    assert (run.state, actions(run)) == (RunState.APPLIED, {"new": 3})
    assert units["CN-PM"].path == f"/{units['TXG'].pk}/{units['CN'].pk}/{units['CN-PM'].pk}/"
    assert (units["CN"].kind, units["TXG"].has_registry, units["CN-PM"].place) == (UnitKind.BOARD, True, "Hà Nội")
    assert Principal.objects.filter(kind="unit").count() == 3
    assert queries.registry_of(units["CN-PM"]) == units["TXG"]


def test_children_may_stand_before_their_parents_in_the_file():
    run = bring_in(units_csv(*reversed(GROUP)))

    assert run.state == RunState.APPLIED
    assert Unit.objects.get(code="CN-PM").ancestor_ids[0] == Unit.objects.get(code="TXG").pk


def test_people_come_in_with_posts_roles_phones_and_a_shut_account(house):
    person = Person.objects.select_related("user").get(code="NV1")
    actor = queries.actor_of(user_id=person.user_id, now=clock.now())

    assert (person.phone, person.managed_by, person.user.email) == (
        "+84901234567",
        "file",
        "phuong.nh@truongxuan.example",
    )
    assert not person.user.has_usable_password()
    assert [post.position_name for post in actor.posts] == ["Trưởng ban", "Trợ lý"]
    assert actor.has_role(Role.UNIT_HEAD, Unit.objects.get(code="CN").pk)


def test_the_same_files_a_second_time_change_nothing(house):
    before = list(Posting.objects.order_by("pk").values()), list(Person.objects.order_by("pk").values())

    again = [bring_in(units_csv()), bring_in(people_csv())]

    assert [actions(run) for run in again] == [{"unchanged": 3}, {"unchanged": 3}]
    assert (list(Posting.objects.order_by("pk").values()), list(Person.objects.order_by("pk").values())) == before


def test_the_preview_says_before_and_after_and_writes_nothing(house):
    changed = STAFF[2].replace("Chuyên viên;9", "Phó trưởng phòng;1").replace("Đặng Thu Thủy", "Đặng Thị Thu Thủy")

    run = bring_in(people_csv(*STAFF[:2], changed), applies=False)

    row = run.rows.get(action="changed")
    words = {change["label"]: (change["before"], change["after"]) for change in row.changes}
    assert words["Họ và tên"] == ("Đặng Thu Thủy", "Đặng Thị Thu Thủy")
    assert words["Chức danh"] == ("", "Phó trưởng phòng, CN-PM, từ 01/01/2026")
    assert words["Thôi chức danh"][0] == "Chuyên viên, Phòng Phần mềm"
    assert (run.state, Person.objects.get(code="NV2").full_name) == (RunState.READY, "Đặng Thu Thủy")


def test_a_post_that_the_list_no_longer_has_ends_yesterday_and_stays_in_the_history(house):
    bring_in(people_csv(STAFF[0], STAFF[2]))

    ended = Posting.objects.get(person__code="NV1", position__name="Trợ lý")
    assert ended.ends_on == local_date(clock.now()) - timedelta(days=1)


def test_unlisted_people_stay_unless_the_list_is_full(house):
    bring_in(people_csv(*STAFF[:2]))
    assert Person.objects.get(code="NV2").left_on is None

    run = bring_in(people_csv(*STAFF[:2]), is_full=True)

    leaver = Person.objects.select_related("user").get(code="NV2")
    assert (run.ended_people, leaver.left_on, leaver.user.is_active) == (1, local_date(clock.now()), False)
    assert actions(bring_in(people_csv(*STAFF[:2]), is_full=True)) == {"unchanged": 2}


def test_a_full_list_never_ends_people_made_by_hand(house):
    services.create_person(actor=CLI, full_name="Lê Quản Trị", email="qt@x.example", password=None, now=clock.now())

    run = bring_in(people_csv(), is_full=True)

    assert (run.ended_people, Person.objects.get(full_name="Lê Quản Trị").left_on) == (0, None)


def test_who_left_and_is_listed_again_may_sign_in_again(house):
    bring_in(people_csv(*STAFF[:2]), is_full=True)

    bring_in(people_csv())

    person = Person.objects.select_related("user").get(code="NV2")
    assert (person.left_on, person.user.is_active) == (None, True)


def test_a_day_of_leaving_ends_posts_and_shuts_the_account_once(house):
    head = "Mã nhân viên;Họ và tên;Mã đơn vị;Chức vụ;Ngày nghỉ việc"
    content = "\n".join([head, "NV2;Đặng Thu Thủy;CN-PM;Chuyên viên;15/03/2026"]).encode()

    first, second = bring_in(content), bring_in(content)

    person = Person.objects.select_related("user").get(code="NV2")
    assert (person.left_on, person.user.is_active) == (date(2026, 3, 15), False)
    assert Posting.objects.get(person=person).ends_on == date(2026, 3, 15)
    assert (actions(first), actions(second)) == ({"changed": 1}, {"unchanged": 1})


def test_a_list_that_ends_many_is_stopped_until_somebody_says_so(house):
    crowd = [f"X{n};Người Thứ {n};x{n}@x.example;;CN;Chuyên viên;9;01/01/2026;" for n in range(40)]
    bring_in(people_csv(*crowd))

    with pytest.raises(TooManyEndings):
        bring_in(people_csv(*crowd[:30]), is_full=True)
    assert Person.objects.filter(left_on__isnull=False).count() == 0

    assert bring_in(people_csv(*crowd[:30]), is_full=True, accepts_endings=True).ended_people == 12


def test_one_broken_row_among_thousands_leaves_everything_as_it_was(house):
    crowd = [f"X{n};Người Thứ {n};x{n}@x.example;;CN;Chuyên viên;9;01/01/2026;" for n in range(4000)]

    run = bring_in(people_csv(*crowd, "X4000;Người Cuối;x4000@x.example;;CN;Chuyên viên;9;31/02/2026;"))

    assert (run.state, Person.objects.count()) == (RunState.FAULTY, 2)
    assert faults_of(run) == [(4002, "Từ ngày", "Không có ngày này trong lịch. Ghi dạng dd/mm/yyyy.")]
    assert ImportRow.objects.filter(run=run).count() == 4001


@pytest.mark.slow
def test_the_last_of_forty_thousand_and_one_rows_broken_stops_the_whole_file(house):
    crowd = [f"X{n};Người Thứ {n};x{n}@x.example;;CN;Chuyên viên;9;01/01/2026;" for n in range(40_000)]
    before = Person.objects.count(), Posting.objects.count(), User.objects.count()

    run = bring_in(people_csv(*crowd, "X40000;Người Cuối;x40000@x.example;;CN-KHONG-CO;Chuyên viên;9;01/01/2026;"))

    assert (run.state, run.applied_at, run.counts["faulty"]) == (RunState.FAULTY, None, 1)
    [(line, column, message)] = faults_of(run)
    assert (line, column) == (40_002, "Mã đơn vị")
    assert message.startswith("Không có đơn vị nào đang hoạt động mang mã này")
    assert (Person.objects.count(), Posting.objects.count(), User.objects.count()) == before


def test_a_ring_of_units_is_named(house):
    run = bring_in(units_csv(GROUP[0], GROUP[1].replace(";TXG;Ban", ";CN-PM;Ban"), GROUP[2]))

    assert run.state == RunState.FAULTY
    assert {line for line, _, message in faults_of(run) if "vòng tròn" in message} == {3, 4}


def test_what_cannot_stand_is_told_by_row_and_column(house):
    run = bring_in(
        people_csv(
            ";Không Khóa;;;CN;Chuyên viên;9;;",
            "NV8;Trần A;phuong.nh@truongxuan.example;;CN;Chuyên viên;9;;",
            "NV9;Trần B;b@x.example;12;MAT;Chuyên viên;chín;2026/1/1;Quản trị",
            "NV10;Trần C;c@x.example;;CN;Chuyên viên;9;;",
            "NV11;Trần D;C@X.example;;CN;Chuyên viên;9;;",
            "NV12;;d@@x;;CN;;9;;",
        )
    )

    found = {(line, column) for line, column, _ in faults_of(run)}
    assert found == {
        (2, "Mã nhân viên"),
        (3, "E-mail"),
        (4, "Điện thoại"), (4, "Mã đơn vị"), (4, "Cấp bậc"), (4, "Từ ngày"), (4, "Vai trò"),
        (5, "E-mail"), (6, "E-mail"),
        (7, "Họ và tên"), (7, "E-mail"), (7, "Chức vụ"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "written", ["0901234567", "0901 234 567", "+84901234567", "84901234567", "(+84) 901.234.567", "901234567"]
)
def test_a_phone_is_one_number_however_it_is_written(house, written):
    run = bring_in(people_csv(STAFF[0].replace("0901 234 567", written), STAFF[1]))

    assert actions(run) == {"unchanged": 2}


def test_names_typed_in_decomposed_form_are_the_same_names(house):
    import unicodedata

    decomposed = [unicodedata.normalize("NFD", row) for row in STAFF]

    assert actions(bring_in(people_csv(*decomposed))) == {"unchanged": 3}


def test_units_made_by_hand_are_taken_over_by_their_name():
    root = services.create_unit(
        actor=CLI, parent=None, kind=UnitKind.GROUP, name="Tập đoàn Trường Xuân", short_name="Tập đoàn", symbol="TXG",
        has_registry=True, now=clock.now(),
    )  # fmt: skip

    run = bring_in(units_csv())

    root.refresh_from_db()
    assert (run.state, root.code, Unit.objects.count()) == (RunState.APPLIED, "TXG", 3)


def test_a_second_root_is_refused(house):
    run = bring_in(units_csv(*GROUP, "KHAC;Tập đoàn khác;TDK;;Tập đoàn;Có;"))

    assert [(line, column) for line, column, _ in faults_of(run)] == [(5, "Mã đơn vị cấp trên")]


def test_moving_a_unit_takes_its_subtree_along(house):
    run = bring_in(units_csv("KT;Ban Kỹ thuật;KT;TXG;Ban;Không;", "CN;Ban Công nghệ;CN;KT;Ban;Không;"))

    technical, team = Unit.objects.get(code="KT"), Unit.objects.get(code="CN-PM")
    assert run.state == RunState.APPLIED
    assert team.path.startswith(technical.path)
    assert team.ancestor_ids == (Unit.objects.get(code="TXG").pk, technical.pk, team.parent_id, team.pk)


def test_a_unit_with_people_is_not_closed(house):
    content = "Mã đơn vị;Tên đơn vị;Ngày đóng\nCN-PM;Phòng Phần mềm;01/03/2026".encode()

    assert faults_of(bring_in(content)) == [(2, "Ngày đóng", "Chưa đóng được: đơn vị còn người giữ chức danh.")]


def test_a_cell_with_a_dash_ends_the_roles_of_that_unit(house):
    for content in (people_csv(STAFF[0].replace("Trưởng đơn vị", "-"), STAFF[1]),) * 2:
        run = bring_in(content)

    grant = RoleGrant.objects.get(person__code="NV1")
    assert (grant.role, grant.ends_on) == (Role.UNIT_HEAD, local_date(clock.now()))  # given today: to the day's end
    assert actions(run) == {"unchanged": 2}


def test_a_list_that_is_behind_a_reorganisation_undoes_nothing(house):
    """CN-PM was closed and CN went on for it: a list that still names it means CN, and opens nothing again."""
    old, heir = Unit.objects.get(code="CN-PM"), Unit.objects.get(code="CN")
    today = local_date(clock.now())
    person = Person.objects.get(code="NV2")
    decision = Reorganisation.objects.create(
        title="Sắp xếp", decision_number="1", decided_on=today, effective_on=today, unit=heir, prepared_by=person,
        prepared_at=clock.now(),
    )  # fmt: skip
    UnitSuccession.objects.create(
        old=old, heir=heir, kind=SuccessionKind.WORK, since=today, basis="QĐ 1", reorganisation=decision
    )
    Unit.objects.filter(pk=old.pk).update(closed_on=today)
    Posting.objects.filter(person=person).update(unit=heir)

    bring_in(units_csv())
    run = bring_in(people_csv())

    old.refresh_from_db()
    assert (old.closed_on, run.state) == (today, "applied")
    assert [post.unit for post in person.postings.filter(ends_on=None)] == [heir]

"""Thẩm quyền ký: the block comes from posts, the forms from NĐ 30/2020/NĐ-CP, Điều 13."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.organization.errors import PowersNeeded
from eoffice.organization.models import SigningCapacity, SigningForm
from eoffice.organization.queries.signing_posts import capacity_book, preview_block
from eoffice.organization.services.capacities import (
    CapacityTerms,
    change_capacity,
    create_capacity,
    end_capacity,
)
from eoffice.organization.signing_blocks import HeldPost, block_lines, title_with_unit
from eoffice.organization.tests.office import NOW, TODAY, actor, hire, make_office, powered

pytestmark = pytest.mark.django_db
F = SigningForm
TERMS = CapacityTerms(basis="Quyết định số 112/QĐ-TXG ngày 05/01/2026", starts_on=TODAY)
LIMITED = CapacityTerms(
    basis="Văn bản ủy quyền số 7/UQ-TXG", starts_on=TODAY, ends_on=TODAY + timedelta(days=30),
    content="Hợp đồng thuê trạm",
)  # fmt: skip


@pytest.fixture
def office():
    return make_office()


def create(office, person, form, *, terms=TERMS, by=None, given_by=None, collective=""):
    return create_capacity(
        actor=by or actor(office.chief), person_id=person.pk, registry_id=office.group.pk, form=form, terms=terms,
        given_by_id=(given_by or office.leader).pk if form in {F.KT, F.TL, F.TUQ} else None, collective=collective,
        now=NOW,
    )  # fmt: skip


def test_each_form_prints_its_own_block(office):
    vice = hire(office.board, "Phan Thị Vân", "Phó Trưởng ban", 1)
    head_of_company = hire(office.company, "Vũ Đình Phúc", "Giám đốc", 0)

    def lines(person, form, **more):
        terms = LIMITED if form == F.TUQ else TERMS
        return create(office, person, form, terms=terms, **more).block_lines

    assert lines(office.deputy, F.KT) == ["KT. TỔNG GIÁM ĐỐC", "PHÓ TỔNG GIÁM ĐỐC"]
    assert lines(office.deputy, F.Q) == ["Q. TỔNG GIÁM ĐỐC"]
    assert lines(office.leader, F.TM, collective="Hội đồng thành viên") == ["TM. HỘI ĐỒNG THÀNH VIÊN", "TỔNG GIÁM ĐỐC"]
    assert lines(office.head, F.TL) == ["TL. TỔNG GIÁM ĐỐC", "TRƯỞNG BAN CÔNG NGHỆ"]
    assert lines(vice, F.TL) == ["TL. TỔNG GIÁM ĐỐC", "KT. TRƯỞNG BAN CÔNG NGHỆ", "PHÓ TRƯỞNG BAN CÔNG NGHỆ"]
    assert lines(head_of_company, F.TUQ) == ["TUQ. TỔNG GIÁM ĐỐC", "GIÁM ĐỐC TRƯỜNG XUÂN HÀ NỘI"]


@pytest.mark.parametrize(
    ("title", "unit", "whole"),
    [
        ("Chánh Văn phòng", "Văn phòng", "Chánh Văn phòng"),
        ("Chánh Văn phòng", "Văn phòng Tập đoàn", "Chánh Văn phòng Tập đoàn"),
        ("Trưởng ban", "Ban Pháp chế", "Trưởng Ban Pháp chế"),
        ("Trưởng phòng", "Phòng Kỹ thuật", "Trưởng Phòng Kỹ thuật"),
        ("Giám đốc", "Trung tâm Dữ liệu", "Giám đốc Trung tâm Dữ liệu"),
    ],
)
def test_words_shared_by_title_and_unit_are_said_once(title, unit, whole):
    assert title_with_unit(HeldPost(title, 0, unit, is_of_registry=False)) == whole


def test_deputy_signs_for_a_collective_in_its_heads_stead():
    post = HeldPost("Phó Chủ tịch", 1, "Tập đoàn", is_of_registry=True)

    lines = block_lines(F.TM, post=post, head_title="Chủ tịch", collective="Ủy ban nhân dân")

    assert lines == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]


@pytest.mark.parametrize(
    ("who", "form"),
    [
        ("officer", F.OWN), ("deputy", F.OWN), ("officer", F.KT), ("head", F.KT), ("leader", F.KT),
        ("officer", F.TL), ("deputy", F.TL), ("officer", F.TUQ), ("deputy", F.TUQ), ("chief", F.TUQ),
    ],
)  # fmt: skip
def test_form_that_no_post_allows_is_refused(office, who, form):
    before = SigningCapacity.objects.count()
    giver = office.deputy if who == "leader" else office.leader
    with pytest.raises(Invalid):
        create(office, getattr(office, who), form, terms=LIMITED, given_by=giver)

    assert SigningCapacity.objects.count() == before


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (CapacityTerms(basis="Văn bản số 7", starts_on=TODAY, content="Hợp đồng"), "ends_on"),
        (CapacityTerms(basis="Văn bản số 7", starts_on=TODAY, ends_on=TODAY), "content"),
        (CapacityTerms(basis=" ", starts_on=TODAY, ends_on=TODAY, content="Hợp đồng"), "basis"),
    ],
)
def test_tuq_is_written_limited_in_time_and_content(office, terms, field):
    with pytest.raises(Invalid) as refused:
        create(office, office.head, F.TUQ, terms=terms)

    assert field in refused.value.fields


def test_tuq_is_not_passed_on(office):
    create(office, office.head, F.TUQ, terms=LIMITED)
    other = hire(office.company, "Vũ Đình Phúc", "Giám đốc", 0)

    with pytest.raises(Invalid) as refused:
        create(office, other, F.TUQ, terms=LIMITED, given_by=office.head)

    assert "không được ủy quyền lại" in refused.value.fields["given_by"]


def test_nobody_lets_himself_sign(office):
    with pytest.raises(Invalid):
        create(office, office.deputy, F.KT, given_by=office.deputy)


def test_keepers_alone_write_capacities_and_administrators_with_powers(office):
    for stranger in (office.officer, office.leader, office.company_chief, office.auditor):
        with pytest.raises(NotPermitted):
            create(office, office.deputy, F.KT, by=actor(stranger))
    with pytest.raises(PowersNeeded):
        create(office, office.deputy, F.KT, by=actor(office.administrator))
    assert SigningCapacity.objects.count() == 1

    assert create(office, office.deputy, F.KT, by=powered(office.administrator)).pk


def test_change_leaves_person_and_block_and_keeps_the_old_values(office):
    made = create(office, office.deputy, F.KT)
    terms = CapacityTerms(basis="Quyết định số 9/QĐ-TXG", starts_on=TODAY, content="Đầu tư", document_types=["letter"])
    changed = change_capacity(actor=actor(office.chief), capacity_id=made.pk, terms=terms, now=NOW)

    assert (changed.block_lines, changed.document_types) == (made.block_lines, ["letter"])
    entry = AuditEntry.objects.get(action="organization.capacity.changed")
    assert entry.detail["before"]["types"] == []


def test_ended_capacity_covers_nothing_from_that_day(office):
    made = create(office, office.deputy, F.KT)
    ended = end_capacity(actor=actor(office.chief), capacity_id=made.pk, first_day_without=TODAY, now=NOW)

    assert not ended.covers(document_type="letter", day=TODAY)
    with pytest.raises(Invalid):
        end_capacity(actor=actor(office.chief), capacity_id=made.pk, first_day_without=TODAY, now=NOW)


def test_capacity_is_not_ended_backwards(office):
    made = create(office, office.deputy, F.KT)

    with pytest.raises(Invalid):
        end_capacity(
            actor=actor(office.chief), capacity_id=made.pk, first_day_without=TODAY - timedelta(days=1), now=NOW
        )
    with pytest.raises(NotFound):
        end_capacity(actor=actor(office.chief), capacity_id=10**9, first_day_without=TODAY, now=NOW)


def test_book_shows_times_and_doubts(office):
    create(office, office.deputy, F.KT)
    create(office, office.deputy, F.KT)
    create(office, office.deputy, F.Q)
    create(office, office.head, F.TL, terms=CapacityTerms(basis="Quy chế", starts_on=TODAY + timedelta(days=9)))
    soon = create(office, office.head, F.TUQ, terms=LIMITED)
    end_capacity(actor=actor(office.chief), capacity_id=soon.pk, first_day_without=TODAY, now=NOW)

    book = capacity_book(office.group, on=TODAY)

    assert [len(part) for part in (book.in_force, book.coming, book.ended)] == [4, 1, 1]
    doubts = {line.capacity.form: line.warnings for line in book.in_force}
    assert any("Trùng thời gian" in each for each in doubts["KT"])
    assert any("người đứng đầu" in each for each in doubts["Q"])
    assert any("loại văn bản" in each for each in book.coming[0].warnings)


def test_preview_says_the_block_or_what_is_wrong(office):
    shown = preview_block(registry=office.group, person_id=office.deputy.pk, form="KT", on=TODAY, collective="")
    wrong = preview_block(registry=office.group, person_id=office.officer.pk, form="KT", on=TODAY, collective="")

    assert (shown.lines[0], shown.signer) == ("KT. TỔNG GIÁM ĐỐC", "Lê Minh Đức")
    assert wrong.lines == []
    assert "cấp phó" in wrong.fault

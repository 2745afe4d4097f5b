"""Lĩnh vực: who keeps the list, that nothing is deleted, what may be bound by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts.models import User
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotPermitted
from eoffice.organization import queries
from eoffice.organization.actor import Delegated
from eoffice.organization.models import Delegation, FieldOfWork, SigningCapacity, SigningForm
from eoffice.organization.queries.fields_of_work import bounds
from eoffice.organization.queries.signing_posts import overlap
from eoffice.organization.services import delegating
from eoffice.organization.services import fields_of_work as services
from eoffice.organization.services.capacities import CapacityTerms, change_capacity, create_capacity
from eoffice.organization.services.delegating import DelegationTerms
from eoffice.organization.tests.office import NOW, TODAY, actor, hire, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make_office()


def add(office, name):
    return services.add_field(actor=actor(office.administrator), name=name, now=NOW)


def enter(person):
    client = Client()
    client.force_login(User.objects.get(pk=person.user_id))
    return client


def test_a_field_is_added_renamed_closed_and_opened_again(office):
    keeper = actor(office.administrator)
    row = add(office, "  Đầu tư -  xây dựng ")
    assert row.name == "Đầu tư - xây dựng"
    services.rename_field(actor=keeper, field_id=row.pk, name="Đầu tư xây dựng", now=NOW)
    services.close_field(actor=keeper, field_id=row.pk, now=NOW)
    assert queries.offered_fields() == []
    assert [each.pk for each in queries.offered_fields(besides=row.pk)] == [row.pk]
    with pytest.raises(Conflict):
        services.close_field(actor=keeper, field_id=row.pk, now=NOW)
    services.reopen_field(actor=keeper, field_id=row.pk, now=NOW)
    assert [each.name for each in queries.offered_fields()] == ["Đầu tư xây dựng"]
    said = AuditEntry.objects.filter(object_kind="field_of_work").order_by("pk").values_list("action", flat=True)
    assert [each.rpartition(".")[2] for each in said] == ["added", "renamed", "closed", "reopened"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "đầu tư - XÂY DỰNG", "Dau tu - xay dung"])
def test_a_name_is_needed_and_stands_once(office, name):
    add(office, "Đầu tư - xây dựng")
    with pytest.raises(Invalid):
        add(office, name)
    assert FieldOfWork.objects.count() == 1


def test_only_the_administrator_of_the_root_keeps_the_list(office):
    row = add(office, "Công nghệ thông tin")
    below = hire(office.company, "Hồ Thị Na", "Chuyên viên", 9)
    for person in (office.leader, office.chief, office.officer, office.auditor, below):
        with pytest.raises(NotPermitted):
            services.add_field(actor=actor(person), name="Việc khác", now=NOW)
        with pytest.raises(NotPermitted):
            services.rename_field(actor=actor(person), field_id=row.pk, name="Việc khác", now=NOW)
        with pytest.raises(NotPermitted):
            services.close_field(actor=actor(person), field_id=row.pk, now=NOW)
    assert list(FieldOfWork.objects.values_list("name", "closed_at")) == [("Công nghệ thông tin", None)]


def test_a_capacity_and_a_delegation_take_open_fields_alone(office):
    row, closed = add(office, "Công nghệ thông tin"), add(office, "Việc cũ")
    services.close_field(actor=actor(office.administrator), field_id=closed.pk, now=NOW)
    for keys in ([closed.pk], [10**9]):
        with pytest.raises(Invalid):
            _deputy_signs(office, keys)
        with pytest.raises(Invalid):
            _delegate(office, keys)
    assert not Delegation.objects.exists()
    assert not SigningCapacity.objects.filter(person=office.deputy).exists()
    capacity = _deputy_signs(office, [row.pk])
    assert capacity.covers_field(row.pk)
    assert not capacity.covers_field(closed.pk)
    assert not capacity.covers_field(None)


def test_a_field_closed_later_stays_where_it_is_bound(office):
    row = add(office, "Công nghệ thông tin")
    capacity = _deputy_signs(office, [row.pk])
    services.close_field(actor=actor(office.administrator), field_id=row.pk, now=NOW)
    terms = CapacityTerms(basis="Quyết định số 2", starts_on=TODAY, fields_of_work=[row.pk])
    change_capacity(actor=actor(office.chief), capacity_id=capacity.pk, terms=terms, now=NOW)
    assert SigningCapacity.objects.get(pk=capacity.pk).fields_of_work == [row.pk]


def test_two_capacities_of_different_fields_do_not_overlap(office):
    one, other = add(office, "Công nghệ thông tin"), add(office, "Tài chính - kế toán")
    first, second = _deputy_signs(office, [one.pk]), _deputy_signs(office, [other.pk])
    assert not overlap(first, second)
    assert overlap(first, _deputy_signs(office, []))


def test_what_is_bound_by_each_field_is_counted(office):
    row, other = add(office, "Công nghệ thông tin"), add(office, "Tài chính - kế toán")
    _deputy_signs(office, [row.pk, other.pk])
    _delegate(office, [row.pk])
    found = bounds(on=TODAY)
    assert (found[row.pk].capacities, found[row.pk].delegations) == (1, 1)
    assert (found[other.pk].capacities, found[other.pk].delegations) == (1, 0)


def test_the_scope_of_a_delegation_in_words_and_for_one_paper(office):
    row = add(office, "Công nghệ thông tin")
    made = _delegate(office, [row.pk])
    under = queries.acting_under(actor(office.deputy), delegation_id=made.pk, now=NOW)
    scope = under.delegation
    assert isinstance(scope, Delegated)
    assert scope.is_scoped
    assert scope.field_words == "Công nghệ thông tin"
    assert scope.covers(registry_id=1, document_type="letter", field_of_work_id=row.pk)
    assert not scope.covers(registry_id=1, document_type="letter", field_of_work_id=None)


def test_the_page_adds_keeps_what_was_typed_and_hides_commands_from_others(office):
    keeper = enter(office.administrator)
    url = reverse("organization:fields_of_work")
    assert "Chưa có lĩnh vực nào" in keeper.get(url).content.decode()
    assert keeper.post(url, {"name": "Đầu tư - xây dựng"}).status_code == 303
    again = keeper.post(url, {"name": "ĐẦU TƯ - XÂY DỰNG"})
    assert again.status_code == 422
    assert "ĐẦU TƯ - XÂY DỰNG" in again.content.decode()
    assert "đã có trong danh mục" in again.content.decode()
    row = FieldOfWork.objects.get()
    assert keeper.post(reverse("organization:field_close", args=[row.pk])).status_code == 303
    assert "Mở lại" in keeper.get(url).content.decode()
    assert keeper.post(reverse("organization:field_reopen", args=[row.pk])).status_code == 303
    renamed = keeper.post(reverse("organization:field_rename", args=[row.pk]), {"name": "Đầu tư"})
    assert renamed.status_code == 303
    officer = enter(office.officer)
    assert officer.get(url).status_code == 403
    assert officer.post(reverse("organization:field_close", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert (row.name, row.closed_at) == ("Đầu tư", None)


def test_forms_offer_the_fields_and_programs_read_them(office):
    row = add(office, "Công nghệ thông tin")
    for person, url in (
        (office.leader, reverse("organization:delegation_give")),
        (office.chief, reverse("organization:capacity_create", args=[office.group.pk])),
    ):
        shown = enter(person).get(url).content.decode()
        assert f'name="fields_of_work" value="{row.pk}"' in shown
    said = enter(office.officer).get("/api/v1/organization/fields-of-work").json()
    assert said == [{"id": row.pk, "name": "Công nghệ thông tin", "is_closed": False}]


def test_a_bound_delegation_says_so_on_its_page(office):
    row = add(office, "Công nghệ thông tin")
    today = local_date(clock.now())
    made = _delegate(office, [row.pk], starts_on=today, ends_on=today + timedelta(days=3), now=clock.now())
    client = enter(office.deputy)
    shown = client.get(reverse("organization:delegation", args=[made.pk])).content.decode()
    assert "Công nghệ thông tin" in shown
    assert "Văn bản chưa ghi lĩnh vực không hiện khi dùng ủy quyền này" in shown
    client.post(reverse("organization:use_delegation", args=[made.pk]))
    assert (
        "chỉ văn bản ghi lĩnh vực Công nghệ thông tin"
        in client.get(reverse("organization:delegations")).content.decode()
    )


def _deputy_signs(office, keys):
    terms = CapacityTerms(basis="Quyết định số 112/QĐ-TXG", starts_on=TODAY, fields_of_work=list(keys))
    return create_capacity(
        actor=actor(office.chief), person_id=office.deputy.pk, registry_id=office.group.pk, form=SigningForm.KT,
        terms=terms, given_by_id=office.leader.pk, now=NOW,
    )  # fmt: skip


def _delegate(office, keys, *, starts_on=TODAY, ends_on=TODAY + timedelta(days=3), now=NOW):
    terms = DelegationTerms(
        may_direct=True, may_prepare=True, basis="Quyết định số 12", starts_on=starts_on, ends_on=ends_on,
        fields_of_work=tuple(keys),
    )  # fmt: skip
    return delegating.give_delegation(actor=actor(office.leader), receiver_id=office.deputy.pk, terms=terms, now=now)

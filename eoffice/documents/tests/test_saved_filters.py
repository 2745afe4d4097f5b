"""Bộ lọc đã lưu: named by a person, seen by her alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid
from eoffice.documents.models import SavedFilter
from eoffice.documents.queries import saved_filters as queries
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.queries.saved_filters import SavedFilterNotFound
from eoffice.documents.services import saving_filters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter

LATE = Filters(text="chữ ký số", urgent=True, late=True)


def save(cast: Cast, name: str = "Khẩn về chữ ký", filters: Filters = LATE) -> SavedFilter:
    return saving_filters.save_filter(actor=actor_of(cast.head), name=name, box=Box.TO_HANDLE, filters=filters, now=NOW)


@pytest.mark.django_db
def test_saved_filter_leads_back_to_the_same_list(cast: Cast, client: Client) -> None:
    assert cast.head.user is not None
    client.force_login(cast.head.user)

    shown = client.post(
        "/documents/saved-filters/save/?box=to_handle&urgent=1&late=1&text=ch%E1%BB%AF", {"name": "  Gấp  của Ban "}
    )
    saved = SavedFilter.objects.get()
    applied = client.get(f"/documents/saved-filters/{saved.pk}/")

    assert shown.status_code == 303
    assert (saved.name, saved.filters) == ("Gấp của Ban", {"text": "chữ", "urgent": "1", "late": "1"})
    assert applied.headers["Location"] == shown.headers["Location"]
    page = client.get(applied.headers["Location"]).content.decode()
    assert "Đổi tên Gấp của Ban" in page
    assert AuditEntry.objects.filter(action="documents.saved_filter.saved").count() == 1


@pytest.mark.django_db
def test_the_same_name_replaces_whatever_its_tone_marks(cast: Cast) -> None:
    first = save(cast)
    again = save(cast, "khan ve chu ky", Filters(unread=True))

    assert again.pk == first.pk
    assert SavedFilter.objects.get().filters == {"unread": "1"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_is_needed_and_fits(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid):
        save(cast, name)
    assert not SavedFilter.objects.exists()


@pytest.mark.django_db
def test_renaming_onto_another_name_is_told_at_the_field(cast: Cast) -> None:
    save(cast, "Thứ nhất")
    second = save(cast, "Thứ hai")

    with pytest.raises(Invalid) as refused:
        saving_filters.rename_filter(actor=actor_of(cast.head), filter_id=second.pk, name="thu nhat", now=NOW)

    assert "name" in refused.value.fields
    assert [each.name for each in queries.filters_of(actor_of(cast.head))] == ["Thứ hai", "Thứ nhất"]
    renamed = saving_filters.rename_filter(actor=actor_of(cast.head), filter_id=second.pk, name="Thứ ba", now=NOW)
    assert renamed.name == "Thứ ba"


@pytest.mark.django_db
def test_nobody_sees_changes_or_deletes_another_persons_filter(cast: Cast, client: Client) -> None:
    saved = save(cast)
    other = actor_of(cast.officer)

    assert queries.filters_of(other) == []
    with pytest.raises(SavedFilterNotFound):
        saving_filters.rename_filter(actor=other, filter_id=saved.pk, name="Khác", now=NOW)
    with pytest.raises(SavedFilterNotFound):
        saving_filters.delete_filter(actor=other, filter_id=saved.pk, now=NOW)
    assert cast.officer.user is not None
    client.force_login(cast.officer.user)
    assert client.get(f"/documents/saved-filters/{saved.pk}/").status_code == 404
    assert client.post(f"/documents/saved-filters/{saved.pk}/delete/").status_code == 404
    assert SavedFilter.objects.count() == 1


@pytest.mark.django_db
def test_deleted_filter_is_gone_and_told(cast: Cast, client: Client) -> None:
    saved = save(cast)
    assert cast.head.user is not None
    client.force_login(cast.head.user)

    response = client.post(f"/documents/saved-filters/{saved.pk}/delete/", follow=True)

    assert "Đã xóa bộ lọc Khẩn về chữ ký." in response.content.decode()
    assert not SavedFilter.objects.exists()


@pytest.mark.django_db
def test_the_list_of_saved_filters_ends_somewhere(cast: Cast) -> None:
    for number in range(saving_filters.MOST):
        save(cast, f"Bộ lọc {number}")

    with pytest.raises(saving_filters.TooManyFilters):
        save(cast, "Thêm nữa")
    assert save(cast, "Bộ lọc 3").pk
    assert SavedFilter.objects.count() == saving_filters.MOST


@pytest.mark.django_db(transaction=True)
def test_saving_twice_at_once_keeps_one(cast: Cast) -> None:
    def run(_: int) -> int:
        try:
            return save(cast).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        keys = set(pool.map(run, range(8)))

    assert len(keys) == 1
    assert SavedFilter.objects.count() == 1


def test_filter_of_one_box_does_not_empty_another(cast: Cast, client: Client) -> None:
    enter(client, cast.clerk)
    address = reverse("documents:incoming_list")
    client.get(address, {"box": "all", "filter": "1", "late": "1"})

    kept = client.get(address, {"box": "all"}).content.decode()
    other = client.get(address, {"box": "to_register"}).content.decode()

    assert "Bỏ bộ lọc để xem hết." in kept
    assert "Bỏ bộ lọc để xem hết." not in other

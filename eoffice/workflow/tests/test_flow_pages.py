"""The administrator's pages of flows."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.organization.models import Person
from eoffice.workflow.models import FlowDefinition
from eoffice.workflow.tests.office import Office


def login(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def form_of(office: Office, **more: str) -> dict[str, str]:
    return {
        "name": "Quy trình Ban Công nghệ",
        "unit": str(office.board.pk),
        "document_type": "plan",
        "step-count": "3",
        "step-0-title": "Trưởng ban", "step-0-kind": "initial", "step-0-who": "unit_head_of_drafting_unit",
        "step-0-required": "on",
        "step-1-title": "Chánh văn phòng", "step-1-kind": "opinion", "step-1-who": "chief_of_office_of_registry",
        "step-1-parallel": "on", "step-1-required": "on",
        "step-2-title": "Ký", "step-2-kind": "sign", "step-2-who": "capacity_signer", "step-2-required": "on",
        **more,
    }  # fmt: skip


def test_administrator_saves_parallel_steps(office: Office) -> None:
    response = login(office.administrator).post(reverse("workflow:flow_create"), form_of(office))

    flow = FlowDefinition.objects.get()
    assert response.status_code == 303
    assert [(step.title, step.group) for step in flow.step_list] == [
        ("Trưởng ban", 1),
        ("Chánh văn phòng", 1),
        ("Ký", 2),
    ]
    page = login(office.administrator).get(reverse("workflow:flow", args=[flow.pk])).content.decode()
    assert "Đỗ Hữu Nghĩa" in page
    assert "Phạm Đức Thuận" in page


@pytest.mark.parametrize(("do", "first"), [("down:0", "Chánh văn phòng"), ("remove:0", "Chánh văn phòng")])
def test_steps_are_moved_and_removed_without_saving(office: Office, do: str, first: str) -> None:
    response = login(office.administrator).post(reverse("workflow:flow_create"), form_of(office, do=do))

    assert response.status_code == 200
    assert f'name="step-0-title" value="{first}"' in response.content.decode()
    assert FlowDefinition.objects.count() == 0


def test_dragged_order_is_taken(office: Office) -> None:
    response = login(office.administrator).post(
        reverse("workflow:flow_create"), form_of(office, do="preview", order="1,0,2")
    )

    assert 'name="step-0-title" value="Chánh văn phòng"' in response.content.decode()


def test_a_flow_without_signature_is_refused_and_keeps_what_was_typed(office: Office) -> None:
    response = login(office.administrator).post(
        reverse("workflow:flow_create"),
        form_of(office, **{"step-2-kind": "opinion", "step-2-who": "clerk_of_registry"}),
    )

    assert response.status_code == 422
    assert "đúng một bước Ký ban hành" in response.content.decode()
    assert FlowDefinition.objects.count() == 0


def test_an_officer_sees_and_changes_no_flow(office: Office) -> None:
    client = login(office.officer)

    assert client.get(reverse("workflow:flows")).status_code == 403
    assert client.post(reverse("workflow:flow_create"), form_of(office)).status_code == 403
    assert FlowDefinition.objects.count() == 0

"""Recording commands and reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from eoffice.audit import queries, services
from eoffice.audit.errors import OutsideTransaction
from eoffice.audit.models import AuditEntry
from eoffice.core.actor_ref import ActorRef

CLERK = ActorRef(person_id=7, posting_id=70, source="web")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_recorded_command_is_in_the_history_of_its_object() -> None:
    services.record(
        actor=CLERK,
        action="documents.incoming.registered",
        object_kind="documents.incoming",
        object_id=12,
        now=NOW,
        detail={"number": 5},
    )
    services.record(actor=CLERK, action="other", object_kind="documents.incoming", object_id=13, now=NOW)

    (entry,) = queries.history_of("documents.incoming", 12)

    assert (entry.person_id, entry.posting_id, entry.on_behalf_of_id) == (7, 70, None)
    assert (entry.action, entry.detail, entry.at) == ("documents.incoming.registered", {"number": 5}, NOW)


@pytest.mark.django_db(transaction=True)
def test_command_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        services.record(actor=CLERK, action="a", object_kind="k", object_id=1, now=NOW)

    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_line_of_a_rolled_back_command_is_gone() -> None:
    with transaction.atomic():
        services.record(actor=CLERK, action="a", object_kind="k", object_id=1, now=NOW)
        transaction.set_rollback(True)

    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db
def test_read_leaves_one_small_line_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        services.record_read(actor=CLERK, object_kind="documents.outgoing", object_id=3, now=NOW)

    (entry,) = queries.entries_of_person(7)
    assert entry.action == "documents.outgoing.read"

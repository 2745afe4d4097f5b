"""`can_view` and `visible_to` say the same about every kind of document, whatever rows and mandates there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.core.clock import local_date
from eoffice.documents.models import Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import drafts as draft_rules
from eoffice.documents.permissions import incoming as incoming_rules
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.outgoing import issued
from eoffice.organization import access
from eoffice.organization.models import AccessReason, Mandate, Role

TODAY = local_date(NOW)
PEOPLE = ("clerk", "leader", "head", "officer", "legal_head", "company_clerk", "outsider", "administrator", "auditor")
FACES = (
    (IncomingDocument, incoming_rules.KIND, incoming_rules.can_view, incoming_rules.visible_to),
    (OutgoingDocument, outgoing_rules.KIND, outgoing_rules.can_view, outgoing_rules.visible_to),
    (Draft, draft_rules.KIND, draft_rules.can_see, draft_rules.visible_to),
)
_rows = st.lists(
    st.tuples(
        st.integers(0, 2),  # which kind of document
        st.integers(0, 30),  # which one of them
        st.integers(0, 8),  # to whom
        st.integers(-4, 4),  # the day of the document, from today
    ),
    max_size=8,
)
_mandates = st.lists(
    st.tuples(
        st.sampled_from(["group", "company"]),
        st.one_of(st.none(), st.integers(-4, 4)),
        st.one_of(st.none(), st.integers(0, 4)),
    ),
    max_size=3,
)


@pytest.mark.slow
@pytest.mark.django_db
def test_one_document_and_the_list_agree_on_random_rights(cast: Cast) -> None:
    letters.registered(cast)
    letters.directed(cast)
    issued(cast)
    principals = [
        access.principal_of_person(cast.outsider.pk),
        access.principal_of_person(cast.officer.pk),
        access.principal_of_unit(cast.group.pk),
        access.principal_of_unit(cast.company.pk),
        access.principal_of_unit(cast.technology.pk),
        access.principal_of_role(Role.UNIT_HEAD, cast.legal.pk),
        access.principal_of_role(Role.CLERK, cast.company.pk),
        access.principal_of_role(Role.AUDITOR, cast.group.pk),
        access.principal_of_role(Role.AUDITOR, cast.company.pk),
    ]
    ids = [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model, *_ in FACES]
    assert all(ids)
    seen = {True: 0, False: 0}

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_rows, _mandates)
    def agree(rows, mandates):
        with transaction.atomic():
            _give(rows, mandates)
            for who in PEOPLE:
                actor = actor_of(getattr(cast, who))
                for model, _kind, can_view, visible_to in FACES:
                    listed = set(model.objects.filter(visible_to(actor)).values_list("pk", flat=True))
                    single = {each.pk for each in model.objects.all() if can_view(actor, each)}
                    assert listed == single, (who, model.__name__)
                    seen[bool(listed)] += 1
            transaction.set_rollback(True)

    def _give(rows, mandates):
        for kind, which, to, day in rows:
            access.grant(
                object_kind=FACES[kind][1],
                object_id=ids[kind][which % len(ids[kind])],
                principals=[principals[to]],
                reason=AccessReason.GRANTED,
                source="random",
                dated_on=TODAY + timedelta(days=day),
            )
        Mandate.objects.all().delete()
        for unit, first, span in mandates:
            start = None if first is None else TODAY + timedelta(days=first)
            Mandate.objects.create(
                person=cast.auditor,
                unit=getattr(cast, unit),
                basis="Kế hoạch",
                starts_on=TODAY,
                documents_from=start,
                documents_to=start + timedelta(days=span) if start and span is not None else None,
            )

    agree()
    assert min(seen.values()) > 0


def test_narrowed_list_agrees_too(cast: Cast) -> None:
    letter = letters.registered(cast)

    for who in PEOPLE:
        actor = actor_of(getattr(cast, who))
        narrowed = IncomingDocument.objects.filter(incoming_rules.visible_to(actor, narrowed=True), pk=letter.pk)
        assert narrowed.exists() == incoming_rules.can_view(actor, letter)


def test_auditor_without_mandate_sees_nothing_whatever_his_role_is_given(cast: Cast) -> None:
    letters.registered(cast)
    bare = replace(actor_of(cast.auditor), mandates=())

    assert not IncomingDocument.objects.filter(incoming_rules.visible_to(bare)).exists()

"""Every address of the house against people who have no part in anything: none of them gets content or an error 500.

The addresses are read from Django's resolver and from the API's own description, so a new page is walked the day it is
added; one whose parameter no object is known for fails here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from eoffice.core.clock import local_date
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Assignment,
    Consultation,
    Delivery,
    Draft,
    ExtensionRequest,
    FileVersion,
    HandOverKind,
    IncomingDocument,
    OutgoingDocument,
    PaperCopy,
)
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.services import (
    assigning,
    attaching_files,
    beginning_drafts,
    consulting,
    consulting_on_drafts,
    copying,
    extending,
    handing_over,
    keeping_rules,
    reviewing,
    saving_filters,
    submitting,
)
from eoffice.documents.services.drafting import RecipientEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.tests import letters, outgoing, reorganisations
from eoffice.documents.tests.cast import NOW, SYSTEM, Cast, actor_of, make_cast
from eoffice.documents.tests.drafts import LEADER_PIN, letter_entry
from eoffice.documents.tests.test_paper_copies import scan
from eoffice.notifications.models import Notification
from eoffice.organization import services as organization
from eoffice.organization.models import (
    DirectorySource,
    Mandate,
    Person,
    Reorganisation,
    ReorganisationStep,
    Role,
    RoleGrant,
    StepKind,
)
from eoffice.organization.services import delegating, importing, proposing_rights, secretaries
from eoffice.organization.services.fields_of_work import found_field
from eoffice.reports.books import BookKind
from eoffice.signing import services as signing
from eoffice.signing.models import (
    AnchorPurpose,
    CertificateAuthority,
    LastingFile,
    SignatureRequest,
    SigningKey,
    SigningProvider,
    TimeStampAuthority,
    TrustAnchor,
)
from eoffice.signing.services import keeping_seals
from eoffice.signing.tests.pictures import signature_png
from eoffice.workflow import services as workflow
from eoffice.workflow.definitions import default_steps

pytestmark = pytest.mark.django_db

HIDDEN = "Phương án mua lại công ty Bình Minh"
"""In the subject of every document here; whoever may not see them must never read it."""
NOTHING_HAS = 10**12
"""A key no row has, whatever ran in this database before; where the group owns nothing of the kind."""
UNSEEN = frozenset({302, 303, 401, 403, 404, 405})
OF_EVERYONE = frozenset(
    {
        "organization/don-vi/<int:unit_id>/",
        "api/v1/organization/units/<unit_id>/children",
        "reports/books/<str:kind>/",
        "reports/books/<str:kind>/print.pdf",
        "reports/books/<str:kind>/book.xlsx",
        "signing/hooks/<str:hook>/",
    }
)
"""Who works where is no secret inside the house, a clerk reads the books of her own registry, and whatever is said at a
hook, the answer is the same."""


@dataclass(frozen=True, slots=True)
class World:
    """Letters of the group in every state, and somebody without a post."""

    cast: Cast
    jobless: Person
    values: dict[str, list[object]]
    """By the name of an address's parameter: what the group owns."""
    files: dict[str, list[tuple[int, int]]]
    """By the parameter of their document: its key and that of a file."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        assert str(connection.settings_dict["NAME"]).startswith("test_")
        yield _make_world()
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def _make_world() -> World:
    cast = make_cast()
    jobless = organization.create_person(
        actor=SYSTEM, full_name="Đinh Văn Nghỉ", email="nghi@txg.test", password=None, now=NOW
    )
    _letters_in(cast)
    _papers_out(cast)
    flow = workflow.save_definition(
        actor=actor_of(cast.administrator), unit=cast.group, document_type="", name="Quy trình chung",
        steps=default_steps(), now=NOW,
    )  # fmt: skip
    terms = keeping_rules.RuleTerms(name=HIDDEN, lead_unit_id=cast.technology.pk, subject_contains="kế hoạch")
    rule = keeping_rules.create_rule(actor=actor_of(cast.chief), registry_id=cast.group.pk, terms=terms, now=NOW)
    saved = saving_filters.save_filter(
        actor=actor_of(cast.head), name=HIDDEN, box=Box.TO_HANDLE, filters=Filters(late=True), now=NOW
    )
    changed = proposing_rights.propose_role(
        actor=actor_of(cast.chief), person_id=cast.officer.pk, unit_id=cast.office.pk, role=Role.SECRETARY,
        terms=proposing_rights.Terms(starts_on=NOW.date(), reason=HIDDEN), now=NOW,
    )  # fmt: skip
    granted = RoleGrant.objects.filter(unit=cast.group).earliest("pk")
    mandated = Mandate.objects.earliest("pk")
    delegated = delegating.give_delegation(
        actor=actor_of(cast.leader), receiver_id=cast.deputy_leader.pk, now=NOW,
        terms=delegating.DelegationTerms(
            may_direct=True, may_prepare=True, basis=HIDDEN, starts_on=local_date(NOW), ends_on=local_date(NOW)
        ),
    )  # fmt: skip
    served = secretaries.name_secretary(
        actor=actor_of(cast.leader), secretary_id=cast.legal_officer.pk, now=NOW,
        terms=secretaries.ServiceTerms(basis=HIDDEN, starts_on=local_date(NOW)),
    )  # fmt: skip
    handed = handing_over.start_hand_over(
        actor=actor_of(cast.administrator), person_id=cast.second_officer.pk, now=NOW,
        terms=handing_over.HandOverTerms(
            kind=HandOverKind.LEAVES, first_day=NOW.date(), basis=HIDDEN, successor_id=cast.officer.pk
        ),
    )  # fmt: skip
    values: dict[str, list[object]] = {
        "family": ["party"],
        "chapter": ["khong-co"],
        "name": ["khong-co"],
        "copy_id": [_paper_copy(cast).pk],
        "hand_over_id": [handed.pk],
        "minutes_id": [_seal_minutes(cast)],
        "list_id": [NOTHING_HAS],
        "incoming_id": _keys(IncomingDocument.objects.all()),
        "draft_id": _keys(Draft.objects.all()),
        "outgoing_id": _keys(OutgoingDocument.objects.all()),
        "attachment_id": _keys(FileVersion.objects.filter(annex__sealed__isnull=False)),
        "assignment_id": _keys(Assignment.objects.all()),
        "delivery_id": _keys(Delivery.objects.all()),
        "consultation_id": _keys(Consultation.objects.all()),
        "extension_id": _keys(ExtensionRequest.objects.all()),
        "field_id": [found_field(actor=SYSTEM, name="Đầu tư - xây dựng", now=NOW).pk],
        "filter_id": [saved.pk],
        "register_id": [cast.incoming_register.pk, cast.outgoing_register.pk],
        "notification_id": _keys(Notification.objects.all()),
        "unit_id": [cast.group.pk],
        "registry_id": [cast.group.pk],
        "rule_id": [rule.pk],
        "flow_id": [flow.pk],
        "person_id": [cast.officer.pk],
        "posting_id": _keys(cast.officer.postings.all()),
        "source_id": [DirectorySource.objects.create(name=HIDDEN, kind="ldap").pk],
        "run_id": [importing.new_run(file_name="ds.csv", content=b"", is_full=False, now=NOW).pk],
        "token_id": [NOTHING_HAS],
        "token": ["khong-co"],
        "image_id": [signing.set_signature_image(actor=actor_of(cast.leader), content=signature_png(), now=NOW).pk],
        "passkey_id": [NOTHING_HAS],
        "gateway_id": [NOTHING_HAS],
        "channel": ["sms"],
        "device_id": [NOTHING_HAS],
        "session_id": [NOTHING_HAS],
        "code": ["tap-doan"],
        "user_id": [_user_key(cast.officer)],
        "notice_id": [NOTHING_HAS],
        "sha256": ["0" * 64],
        "job_id": [NOTHING_HAS],
        "change_id": [changed.pk],
        "grant_id": [granted.pk],
        "mandate_id": [mandated.pk],
        "delegation_id": [delegated.pk],
        "service_id": [served.pk],
        "capacity_id": [cast.leader_capacity.pk],
        "page": [0],
        "request_id": _keys(SignatureRequest.objects.all()),
        "method_id": [NOTHING_HAS],
        "authority_id": [TimeStampAuthority.objects.create(name=HIDDEN, url="http://127.0.0.1:9/", updated_at=NOW).pk],
        "lasting_id": _keys(LastingFile.objects.all())[:1],
        "key_id": _keys(SigningKey.objects.all())[:1],
        "anchor_id": [_trusted_root().pk],
        "reorganisation_id": [_reorganisation(cast).pk],
        "step_id": _keys(ReorganisationStep.objects.all()),
        "provider_id": [_service().pk],
        "provider_kind": ["smartca"],
        "hook": ["h" * 43],
        # A pass in force is the right itself, and its token stands nowhere: only whoever asked for it has it.
        "file_pass": ["khong-co"],
        "kind": [str(kind) for kind in BookKind],
    }
    assert all(values.values()), values
    files: dict[str, list[tuple[int, int]]] = {"incoming_id": [], "draft_id": []}
    for name, rows in files.items():
        rows += FileVersion.objects.exclude(**{name: None}).order_by("pk").values_list(name, "pk")
    assert all(files.values()), files
    return World(cast, jobless, values, files)


def _keys(rows: QuerySet[Model]) -> list[object]:
    return sorted(rows.values_list("pk", flat=True))


def _user_key(person: Person) -> int:
    assert person.user is not None
    return person.user.pk


def _paper_copy(cast: Cast) -> PaperCopy:
    """A paper whose scan waits for the seal."""
    return copying.begin_copy(
        actor=actor_of(cast.clerk), registry_id=cast.group.pk, upload=SimpleUploadedFile("quet.pdf", scan()),
        entry=copying.CopyEntry(
            form="sao_y", original_kind="main", code="152/QĐ-BKHCN", dated=NOW.date(), issuing_body="Bộ",
            subject=HIDDEN, basis="Chánh Văn phòng",
        ),
        assurance=Assurance(seen_no_mark=True), now=NOW,
    )  # fmt: skip


def _reorganisation(cast: Cast) -> Reorganisation:
    """A decision on units, still being prepared."""
    renamed = reorganisations.new_unit("Ban Pháp luật", "PL")
    return reorganisations.prepared(cast, reorganisations.step(StepKind.RENAME, cast.legal, parts=[renamed]))


def _service() -> SigningProvider:
    """A remote signing service that nobody answers for; its name is told to everyone who chooses how to sign."""
    return SigningProvider.objects.create(
        kind="smartca", name="Dịch vụ ký số thử", settings={"sp_id": "x"}, hook="h" * 43, changed_at=NOW
    )


def _seal_minutes(cast: Cast) -> int:
    entry = keeping_seals.HandOverEntry(
        to_person_id=cast.clerk.pk, device="USB token", permission=HIDDEN, reason=HIDDEN, witness="Lê Văn Chứng",
        handed_on=local_date(NOW),
    )  # fmt: skip
    actor = actor_of(cast.leader)
    return keeping_seals.propose_hand_over(actor=actor, unit_id=cast.group.pk, entry=entry, now=NOW).pk


def _trusted_root() -> TrustAnchor:
    root = CertificateAuthority.objects.earliest("pk").certificate
    return TrustAnchor.objects.create(
        purpose=AnchorPurpose.TEST, certificate=bytes(root), fingerprint=hashlib.sha256(bytes(root)).hexdigest(),
        name="Gốc thử", added_at=NOW,
    )  # fmt: skip


def _letters_in(cast: Cast) -> None:
    letters.received(cast)
    letters.forwarded(cast, subject=HIDDEN)
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    consulting.ask_opinion(
        actor=actor_of(cast.head), incoming_id=letter.pk, kind="person", asked_id=cast.legal_officer.pk,
        question=HIDDEN, now=NOW,
    )  # fmt: skip
    extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 4), reason=HIDDEN, now=NOW
    )
    IncomingDocument.objects.exclude(subject="").update(subject=HIDDEN, search_fold=fold(HIDDEN))


def _papers_out(cast: Cast) -> None:
    """One draft each: being written with an attachment, awaiting its signature, signed, numbered, sealed, issued."""
    writing = _draft(cast)
    _attach(cast, writing)
    consulting_on_drafts.consult_on_draft(
        actor=actor_of(cast.officer), draft_id=writing.pk, unit_ids=[], person_ids=[cast.legal_officer.pk],
        question=HIDDEN, due_at=None, now=NOW,
    )  # fmt: skip
    submitting.submit_draft(actor=actor_of(cast.officer), draft_id=_draft(cast).pk, seen_version=1, now=NOW)
    outgoing.signed_as_written(cast, _draft(cast))
    outgoing.numbered(cast, draft=_sign(cast))
    outgoing.sealed(cast, draft=_sign(cast))
    outgoing.issued(cast, draft=_sign(cast, with_annex=True))


def _draft(cast: Cast) -> Draft:
    entry = letter_entry(cast, subject=HIDDEN, recipients=(RecipientEntry(kind="unit", id=cast.legal.pk),))
    return beginning_drafts.create_draft(actor=actor_of(cast.officer), entry=entry, unit_id=cast.technology.pk, now=NOW)


def _attach(cast: Cast, draft: Draft) -> None:
    attaching_files.attach_to_draft(
        actor=actor_of(cast.officer), draft_id=draft.pk, upload=letters.upload(),
        assurance=Assurance(seen_no_mark=True), now=NOW,
    )  # fmt: skip


def _sign(cast: Cast, *, with_annex: bool = False) -> Draft:
    draft = _draft(cast)
    if with_annex:
        _attach(cast, draft)
    draft = submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    for person in (cast.head, cast.clerk):
        draft = reviewing.pass_review(actor=actor_of(person), draft_id=draft.pk, seen_version=draft.version, now=NOW)
    paper = PaperToSign(draft.pk, draft.version)
    assert sign_drafts(actor=actor_of(cast.leader), papers=[paper], pin=LEADER_PIN, now=NOW)[0].error is None
    draft.refresh_from_db()
    return draft


def addresses() -> list[str]:
    """Every pattern of the resolver as one string, `documents/drafts/<int:draft_id>/`."""

    def walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for each in patterns:
            address = f"{prefix}{each.pattern}"
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, address)
            else:
                yield address

    return sorted(set(walk(get_resolver().url_patterns, "")))


_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def filled(address: str, world: World) -> Iterator[str]:
    """The address for every object it may name; a file only below the document it belongs to.

    Raises KeyError for a parameter nobody has told this file about.
    """
    names = _PARAMETER.findall(address)
    owner = next((name for name in names if name in world.files), None)
    rows = (
        [{owner: document, "file_id": file, "page": 0} for document, file in world.files[owner]]
        if owner and "file_id" in names
        else [{**dict.fromkeys(names, 0), name: value} for name in names[:1] for value in world.values[name]] or [{}]
    )
    for row in rows:
        chosen = {name: row[name] or world.values[name][0] for name in names}
        filled = address
        for name in names:
            filled = _PARAMETER.sub(str(chosen[name]), filled, count=1)
        yield f"/{filled}"


def client_of(person: Person | None) -> Client:
    """A browser in which this person, or nobody, is signed in; errors of ours answer 500."""
    client = Client(raise_request_exception=False)
    if person is not None:
        assert person.user is not None
        client.force_login(person.user)
    return client


def _asked(client: Client, method: str, path: str) -> tuple[int, str]:
    if path.startswith("/api/"):
        answer = client.generic(method, path, "{}", content_type="application/json")
    else:
        answer = client.generic(method, path)
    if answer.streaming:
        return answer.status_code, "".join(part.decode("latin-1") for part in answer)
    return answer.status_code, answer.content.decode(errors="replace")


@pytest.mark.slow
@pytest.mark.parametrize("who", ["outsider", "company_clerk", "jobless", "nobody"])
def test_people_without_a_part_are_refused_at_every_address(world: World, who: str) -> None:
    person = {"jobless": world.jobless, "nobody": None}.get(who) or getattr(world.cast, who, None)
    client = client_of(person)
    before = _states(world)
    wrong = []

    for address in addresses():
        for method, path in _requests(address, world):
            status, content = _asked(client, method, path)
            names_an_object = "<" in address and address not in OF_EVERYONE
            is_refused = status in UNSEEN or (method, status) == ("POST", 422) or not names_an_object
            if status >= 500 or HIDDEN in content or not is_refused:
                wrong.append((method, path, status))
            if method == "POST" and path.endswith("/dang-xuat/"):
                client = client_of(person)

    assert wrong == []
    assert _states(world) == before


def _requests(address: str, world: World) -> Iterator[tuple[str, str]]:
    """Each object is asked for; to the last of a kind an empty form is sent too.

    A form may be refused with 422 before its object is looked up: that tells nothing about the object.
    """
    paths = list(filled(address, world))
    yield from (("GET", path) for path in paths)
    yield "POST", paths[-1]


def _states(world: World) -> list[tuple[str, object, str]]:
    """The state of every document and line of the group."""
    rows: list[tuple[str, object, str]] = []
    for model, name in _PARAMETER_OF.items():
        of_group = model._default_manager.filter(pk__in=world.values[name]).order_by("pk")
        rows += [(model.__name__, pk, state) for pk, state in of_group.values_list("pk", "state")]
    return rows


_PARAMETER_OF: dict[type[Model], str] = {
    IncomingDocument: "incoming_id",
    Draft: "draft_id",
    OutgoingDocument: "outgoing_id",
    Assignment: "assignment_id",
}

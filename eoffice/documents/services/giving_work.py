"""Giving one piece of running work to somebody else: line, letter, draft, step, question, flow.

Each function locks, gives and writes what happened in the caller's transaction. It returns False when the piece is no
longer held by the one who leaves, so that giving twice is giving once; it raises ExpectedError with the reason when the
successor cannot take it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.documents.models import Assignment, Consultation, Draft, IncomingDocument, Work
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.queries import handing_over as held
from eoffice.documents.services import registry_access, reviewing
from eoffice.documents.services.changing_state import Stateful, note_hand_over
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Person, Role
from eoffice.workflow import handing_over as flows
from eoffice.workflow import services as workflow
from eoffice.workflow.states import StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """One hand-over at work: who decided, from whom, to whom, on what basis, when."""

    actor: Actor
    person: Person
    successor: Person
    basis: str
    now: datetime

    @property
    def words(self) -> str:
        return f"{self.person.full_name} bàn giao cho {self.successor.full_name} theo {self.basis}"


def _give_line(giving: Giving, key: int) -> bool:
    line = _locked_line(key)
    if line is None or not held.lines_held(giving.person.pk).filter(pk=key).exists():
        return False
    line.person_id = giving.successor.pk
    line.save(update_fields=["person"])
    line.person = giving.successor
    # Who had it goes on seeing the letter when he only changes units; the successor sees it from now on.
    registry_access.grant_assignment(line)
    _note(giving, line, "hand_over", Work.LINES)
    return True


def _give_given(giving: Giving, key: int) -> bool:
    line = _locked_line(key)
    if line is None or not held.lines_given(giving.person.pk).filter(pk=key).exists():
        return False
    line.assigned_by_id = giving.successor.pk
    line.save(update_fields=["assigned_by"])
    source = f"assignment:{line.pk}"
    _grant(giving, incoming_permissions.KIND, line.incoming_id, AccessReason.DIRECTED, source)
    _note(giving, line, "hand_over_giver", Work.GIVEN)
    return True


def _give_letter(giving: Giving, key: int) -> bool:
    letter = IncomingDocument.objects.select_for_update(no_key=True).filter(pk=key).first()
    if letter is None or not held.letters_awaiting(giving.person.pk).filter(pk=key).exists():
        return False
    leaders = organization.holders_of(Role.LEADER, letter.registry_id, on=local_date(giving.now))
    if giving.successor.pk not in {leader.pk for leader in leaders}:
        raise Conflict(f"{giving.successor.full_name} không phải lãnh đạo của nơi đăng ký văn bản.")
    letter.forwarded_to_id = giving.successor.pk
    letter.save(update_fields=["forwarded_to"])
    registry_access.grant_leader(letter, giving.successor.pk)
    _note(giving, letter, "hand_over", Work.DIRECTIONS)
    return True


def _give_draft(giving: Giving, key: int) -> bool:
    draft = _locked_draft(key)
    if draft is None or not held.drafts_of(giving.person.pk).filter(pk=key).exists():
        return False
    draft.author_id = giving.successor.pk
    draft.save(update_fields=["author"])
    _grant(giving, draft_permissions.KIND, draft.pk, AccessReason.DRAFTER, f"draft:{draft.pk}")
    if draft.in_reply_to_id is not None:
        _grant(giving, incoming_permissions.KIND, draft.in_reply_to_id, AccessReason.RELATED, f"draft:{draft.pk}")
    _note(giving, draft, "hand_over", Work.DRAFTS)
    return True


def _give_step(giving: Giving, key: int) -> bool:
    asked = flows.steps_ahead_of(giving.person.pk).filter(pk=key).first()
    draft = _locked_draft(asked.run.subject_id) if asked is not None else None
    if draft is None:
        return False
    if draft.author_id == giving.successor.pk:
        raise Conflict(f"{giving.successor.full_name} là người soạn thảo nên không duyệt thay ở bước này.")
    step = flows.give_step(
        actor=giving.actor.ref, step_id=key, person_id=giving.person.pk, successor_id=giving.successor.pk,
        now=giving.now,
    )  # fmt: skip
    if step is None:
        return False
    if step.state == StepState.OPEN:
        reviewing.ask(draft, step, giving.now)
    _note(giving, draft, "hand_over_step", Work.REVIEWS)
    return True


def _give_opinion(giving: Giving, key: int) -> bool:
    row = Consultation.objects.select_for_update(no_key=True).filter(pk=key).first()
    if row is None or row.person_id != giving.person.pk or not row.is_open:
        return False
    if row.asked_by_id == giving.successor.pk:
        raise Conflict(f"{giving.successor.full_name} là người đã xin ý kiến này.")
    row.person_id = giving.successor.pk
    row.save(update_fields=["person"])
    about = (
        (draft_permissions.KIND, row.draft_id) if row.draft_id is not None else
        (incoming_permissions.KIND, row.incoming_id or 0)
    )  # fmt: skip
    _grant(giving, *about, AccessReason.CONSULTED, f"consultation:{row.pk}")
    _record(giving, *about, Work.OPINIONS)
    return True


def _give_flow(giving: Giving, key: int) -> bool:
    definition = flows.flows_naming(giving.person.pk).filter(pk=key).first()
    if definition is None:
        return False
    workflow.save_definition(
        actor=giving.actor, unit=definition.unit, document_type=definition.document_type, name=definition.name,
        steps=flows.steps_with(definition, person_id=giving.person.pk, successor_id=giving.successor.pk),
        now=giving.now, keeps_initials=definition.keeps_initials,
    )  # fmt: skip
    return True


def _return_unsigned(giving: Giving, key: int) -> bool:
    """A page with the name of a signer who left is not signed by another: it goes back to its author."""
    draft = _locked_draft(key)
    if draft is None or not held.drafts_to_be_signed_by(giving.person.pk).filter(pk=key).exists():
        return False
    workflow.stop_run(actor=giving.actor, subject_kind=draft_permissions.KIND, subject_id=draft.pk, now=giving.now)
    reason = f"{giving.person.full_name} không còn ký được theo {giving.basis}. Chọn người ký khác rồi trình lại."
    reviewing.send_back(draft, actor=giving.actor, reason=reason, now=giving.now)
    return True


GIVERS: Final[Mapping[Work, Callable[[Giving, int], bool]]] = {
    Work.LINES: _give_line,
    Work.DIRECTIONS: _give_letter,
    Work.GIVEN: _give_given,
    Work.DRAFTS: _give_draft,
    Work.SIGNATURES: _return_unsigned,
    Work.REVIEWS: _give_step,
    Work.OPINIONS: _give_opinion,
    Work.FLOWS: _give_flow,
}
"""How each kind is given, in this order: a draft has its new author before it comes back to him unsigned."""


def name_without_content(work: Work, key: int) -> str:
    """How a piece is called for an administrator, who need not be allowed to read it: its number, no subject."""
    if work in {Work.LINES, Work.GIVEN}:
        line = Assignment.objects.select_related("incoming").get(pk=key)
        return _letter_name(line.incoming)
    if work == Work.DIRECTIONS:
        return _letter_name(IncomingDocument.objects.get(pk=key))
    if work == Work.REVIEWS:
        return f"Bước duyệt mã {key}"
    if work == Work.OPINIONS:
        return f"Phiếu xin ý kiến mã {key}"
    if work == Work.FLOWS:
        return f"Quy trình mã {key}"
    return f"Dự thảo mã {key}"


def _letter_name(letter: IncomingDocument) -> str:
    return f"Văn bản đến số {letter.shown_arrival}" if letter.shown_arrival else f"Văn bản đến mã {letter.pk}"


def _locked_line(key: int) -> Assignment | None:
    """The line with its letter, the letter locked first."""
    incoming_id = Assignment.objects.filter(pk=key).values_list("incoming_id", flat=True).first()
    if incoming_id is None:
        return None
    IncomingDocument.objects.select_for_update(no_key=True).filter(pk=incoming_id).first()
    return Assignment.objects.select_for_update(no_key=True, of=("self",)).select_related("incoming").get(pk=key)


def _locked_draft(key: int) -> Draft | None:
    rows = Draft.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "registry", "author")
    return rows.filter(pk=key).first()


def _grant(giving: Giving, kind: str, object_id: int, reason: AccessReason, source: str) -> None:
    principal = access.principal_of_person(giving.successor.pk)
    access.grant(object_kind=kind, object_id=object_id, principals=[principal], reason=reason, source=source)


def _note(giving: Giving, row: Stateful, action: str, work: Work) -> None:
    note_hand_over(
        row, action, actor=giving.actor.ref, now=giving.now, reason=giving.words,
        detail={"work": str(work), "from": giving.person.pk, "to": giving.successor.pk},
    )  # fmt: skip


def _record(giving: Giving, kind: str, object_id: int, work: Work) -> None:
    audit.record(
        actor=giving.actor.ref, action="documents.work.handed_over", object_kind=kind, object_id=object_id,
        now=giving.now, detail={"work": str(work), "from": giving.person.pk, "to": giving.successor.pk},
    )  # fmt: skip

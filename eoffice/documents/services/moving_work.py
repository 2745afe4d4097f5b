"""Moving one piece of running work from a unit that is no more to the one that goes on.

Each function locks, moves and writes what happened in the caller's transaction. It returns False when the piece is no
longer held by the old unit, so that moving twice is moving once; it raises ExpectedError with the reason when it cannot
be moved. What is signed and issued stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.documents.models import (
    Assignment,
    Consultation,
    DistributionRule,
    Draft,
    IncomingDocument,
    OutgoingDocument,
    UnitWork,
)
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions import outgoing as outgoing_permissions
from eoffice.documents.queries import unit_work as held
from eoffice.documents.services import registry_access, reviewing
from eoffice.documents.services.changing_state import Stateful, change_state, note_hand_over
from eoffice.documents.services.composing import symbol_for
from eoffice.documents.states import DraftState, IncomingAction, IncomingState
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role, Unit
from eoffice.workflow import reorganising as flows
from eoffice.workflow import services as workflow
from eoffice.workflow.states import StepState

MOVED: Final = "reorganise"
"""The action in histories: `chuyển theo Quyết định số …`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """One unit's work on its way: who decided, from where, to whom, by which decision, when.

    `registry` numbers, seals and receives for `heir`.
    """

    actor: Actor
    old: Unit
    heir: Unit
    registry: Unit
    basis: str
    now: datetime

    @property
    def words(self) -> str:
        return f"Chuyển từ {self.old.name} sang {self.heir.name} theo {self.basis}"


def _move_letter(moving: Moving, key: int) -> bool:
    letter = IncomingDocument.objects.select_for_update(no_key=True).filter(pk=key).first()
    if letter is None or not held.letters_of(moving.old.pk).filter(pk=key).exists():
        return False
    letter.registry, letter.moved_from = moving.registry, moving.old
    letter.save(update_fields=["registry", "moved_from"])
    registry_access.grant_registry(letter)
    _note(moving, letter, UnitWork.LETTERS)
    if letter.state == IncomingState.AWAITING_DIRECTION:
        _find_leader(moving, letter)
    return True


def _find_leader(moving: Moving, letter: IncomingDocument) -> None:
    """Who was to direct it may not be a leader here: the only leader gets it, else the office submits it again."""
    leaders = {each.pk for each in organization.holders_of(Role.LEADER, letter.registry_id, on=local_date(moving.now))}
    if letter.forwarded_to_id in leaders:
        return
    if len(leaders) == 1:
        letter.forwarded_to_id = next(iter(leaders))
        letter.save(update_fields=["forwarded_to"])
        registry_access.grant_leader(letter, letter.forwarded_to_id)
        return
    letter.forwarded_to_id, letter.returned_reason = None, moving.words
    change_state(
        letter, IncomingAction.RETURN, actor=moving.actor.ref, now=moving.now, reason=moving.words,
        audit_action="documents.incoming.returned", also=("forwarded_to", "returned_reason"),
    )  # fmt: skip


def _move_line(moving: Moving, key: int) -> bool:
    incoming_id = Assignment.objects.filter(pk=key).values_list("incoming_id", flat=True).first()
    if incoming_id is None:
        return False
    IncomingDocument.objects.select_for_update(no_key=True).filter(pk=incoming_id).first()
    line = Assignment.objects.select_for_update(no_key=True).get(pk=key)
    if not held.lines_of(moving.old.pk).filter(pk=key).exists():
        return False
    line.unit = moving.heir
    line.save(update_fields=["unit"])
    registry_access.grant_assignment(line)
    _note(moving, line, UnitWork.LINES)
    return True


def _move_opinion(moving: Moving, key: int) -> bool:
    row = Consultation.objects.select_for_update(no_key=True).filter(pk=key).first()
    if row is None or not held.opinions_of(moving.old.pk).filter(pk=key).exists():
        return False
    row.unit = moving.heir
    row.save(update_fields=["unit"])
    kind, object_id = (
        (draft_permissions.KIND, row.draft_id) if row.draft_id is not None else
        (incoming_permissions.KIND, row.incoming_id or 0)
    )  # fmt: skip
    access.grant_to_roles(
        object_kind=kind, places=[(object_id, moving.heir.pk, f"consultation:{row.pk}")],
        roles=(Role.UNIT_HEAD, Role.CLERK), reason=AccessReason.CONSULTED,
    )  # fmt: skip
    _record(moving, kind, object_id, UnitWork.OPINIONS)
    return True


def _move_draft(moving: Moving, key: int) -> bool:
    """A draft goes on in the successor; what was prepared for a registry that is no more is prepared anew."""
    draft = _locked_draft(key)
    if draft is None or not held.drafts_of(moving.old.pk).filter(pk=key).exists():
        return False
    numbered_elsewhere = draft.registry_id == moving.old.pk
    if draft.unit_id == moving.old.pk:
        draft.unit = moving.heir
    draft.registry = organization.registry_of(organization.get_unit(draft.unit_id))
    also = ["unit", "registry"]
    if numbered_elsewhere:
        draft.capacity = None
        also.append("capacity")
    if draft.state == DraftState.DRAFT or numbered_elsewhere:
        draft.symbol = symbol_for(document_type=draft.document_type, registry=draft.registry, unit=draft.unit)
        also.append("symbol")
    draft.save(update_fields=also)
    _note(moving, draft, UnitWork.DRAFTS)
    if numbered_elsewhere and draft.state != DraftState.DRAFT:
        workflow.stop_run(
            actor=moving.actor, subject_kind=draft_permissions.KIND, subject_id=draft.pk, now=moving.now
        )  # fmt: skip
        reason = f"{moving.words}. Chọn người ký của {draft.registry.name} rồi trình lại."
        reviewing.send_back(draft, actor=moving.actor, reason=reason, now=moving.now)
    else:
        flows.place_run(
            subject_kind=draft_permissions.KIND, subject_id=draft.pk, unit_id=draft.unit_id,
            registry_id=draft.registry_id,
        )  # fmt: skip
    return True


def _move_numbered(moving: Moving, key: int) -> bool:
    """Who goes on issues what is sealed, and voids what is not: it bears a number and name that are no more."""
    outgoing = (
        OutgoingDocument.objects.select_for_update(no_key=True, of=("self",))
        .select_related("draft")
        .filter(pk=key)
        .first()
    )
    if outgoing is None or not held.numbered_of(moving.old.pk).filter(pk=key).exists():
        return False
    outgoing.registry = moving.registry
    outgoing.save(update_fields=["registry"])
    Draft.objects.filter(pk=outgoing.draft_id).update(registry=moving.registry)
    for kind, object_id in ((outgoing_permissions.KIND, outgoing.pk), (draft_permissions.KIND, outgoing.draft_id)):
        access.grant_to_roles(
            object_kind=kind, places=[(object_id, moving.registry.pk, "registry")],
            roles=(Role.CLERK, Role.CHIEF_OF_OFFICE), reason=AccessReason.REGISTRY,
        )  # fmt: skip
    _note(moving, outgoing, UnitWork.NUMBERED)
    return True


def _move_step(moving: Moving, key: int) -> bool:
    asked = flows.steps_asking(moving.old.pk).filter(pk=key).first()
    if asked is None:
        return False
    draft = _locked_draft(asked.run.subject_id) if asked.run.subject_kind == draft_permissions.KIND else None
    step = flows.pass_step_on(
        actor=moving.actor.ref, step_id=key, old_id=moving.old.pk, heir_id=moving.heir.pk, now=moving.now
    )
    if step is not None and draft is not None and step.state == StepState.OPEN:
        reviewing.ask(draft, step, moving.now)
    return step is not None


def _move_flow(moving: Moving, key: int) -> bool:
    changed = flows.pass_flow_on(
        actor=moving.actor.ref, person_id=moving.actor.person_id, definition_id=key, old_id=moving.old.pk,
        heir_id=moving.heir.pk, now=moving.now,
    )  # fmt: skip
    return changed is not None


def _move_rule(moving: Moving, key: int) -> bool:
    """A rule gives to the successor; the rules of a registry that is no more rest."""
    row = DistributionRule.objects.select_for_update(no_key=True).filter(pk=key, is_active=True).first()
    if row is None or moving.old.pk not in {row.lead_unit_id, row.registry_id}:
        return False
    if row.registry_id == moving.old.pk:
        row.is_active = False
    if row.lead_unit_id == moving.old.pk:
        row.lead_unit = moving.heir
    row.save(update_fields=["is_active", "lead_unit"])
    _record(moving, "distribution_rule", row.pk, UnitWork.RULES)
    return True


MOVERS: Final[Mapping[UnitWork, Callable[[Moving, int], bool]]] = {
    UnitWork.LETTERS: _move_letter,
    UnitWork.LINES: _move_line,
    UnitWork.OPINIONS: _move_opinion,
    UnitWork.DRAFTS: _move_draft,
    UnitWork.NUMBERED: _move_numbered,
    UnitWork.STEPS: _move_step,
    UnitWork.FLOWS: _move_flow,
    UnitWork.RULES: _move_rule,
}
"""How each kind is moved, in this order: a draft that goes back to its author has no steps left to pass on."""


def name_without_content(work: UnitWork, key: int) -> str:
    """How a piece is called for an administrator, who need not be allowed to read it: its number, no subject."""
    if work == UnitWork.LETTERS:
        return _letter_name(IncomingDocument.objects.get(pk=key))
    if work == UnitWork.LINES:
        return _letter_name(Assignment.objects.select_related("incoming").get(pk=key).incoming)
    if work == UnitWork.NUMBERED:
        return f"Văn bản đi {OutgoingDocument.objects.get(pk=key).shown_code}"
    if work == UnitWork.RULES:
        return f"Quy tắc «{DistributionRule.objects.get(pk=key).name}»"
    return f"{_NAMES[work]} mã {key}"


_NAMES: Final = {
    UnitWork.OPINIONS: "Phiếu xin ý kiến",
    UnitWork.DRAFTS: "Dự thảo",
    UnitWork.STEPS: "Bước duyệt",
    UnitWork.FLOWS: "Quy trình",
}


def _letter_name(letter: IncomingDocument) -> str:
    return f"Văn bản đến số {letter.shown_arrival}" if letter.shown_arrival else f"Văn bản đến mã {letter.pk}"


def _locked_draft(key: int) -> Draft | None:
    rows = Draft.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "registry", "author")
    return rows.filter(pk=key).first()


def _note(moving: Moving, row: Stateful, work: UnitWork) -> None:
    note_hand_over(
        row, MOVED, actor=moving.actor.ref, now=moving.now, reason=moving.words,
        detail={"work": str(work), "from_unit": moving.old.pk, "to_unit": moving.heir.pk},
    )  # fmt: skip


def _record(moving: Moving, kind: str, object_id: int, work: UnitWork) -> None:
    audit.record(
        actor=moving.actor.ref, action="documents.work.reorganised", object_kind=kind, object_id=object_id,
        now=moving.now, detail={"work": str(work), "from_unit": moving.old.pk, "to_unit": moving.heir.pk},
    )  # fmt: skip

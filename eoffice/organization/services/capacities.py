"""Giving, changing and ending signing capacities; who signs in which form comes from posts, never from typing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, SigningCapacity, SigningForm, Unit
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries.signing_posts import FORMS_LET_BY_ANOTHER, block_for
from eoffice.organization.services.fields_of_work import require_known
from eoffice.organization.services.powers import spend_on_rights


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityTerms:
    """What may still change about a capacity: content, basis and days (of Vietnam, both included)."""

    basis: str
    starts_on: date
    ends_on: date | None = None
    content: str = ""
    document_types: list[str] = field(default_factory=list)
    fields_of_work: list[int] = field(default_factory=list)


@transaction.atomic
def create_capacity(
    *,
    actor: Actor,
    person_id: int,
    registry_id: int,
    form: SigningForm,
    terms: CapacityTerms,
    now: datetime,
    given_by_id: int | None = None,
    collective: str = "",
) -> SigningCapacity:
    """Write down that a person may sign for a registry; the block is made from his post (NĐ 30/2020/NĐ-CP, Điều 13).

    Locks the registry's unit, so that two keepers see each other's rows. Refused: KT. to anybody but a deputy of the
    head, TL. and TUQ. to anybody but heads below (TL. also their deputies), TUQ. without written basis, content and
    end, and TUQ. given on by somebody who holds it. Raises NotFound, NotPermitted, PowersNeeded, Invalid.
    """
    registry = _lock_registry(actor, registry_id, now)
    person = queries.get_person(person_id)
    _check_terms(form, terms)
    _check_giver(registry, form, given_by_id, person_id, terms)
    block = block_for(person_id=person.pk, registry=registry, form=form, on=terms.starts_on, collective=collective)
    return _create(
        actor.ref, person, registry, form, terms, now, lines=block.lines, title=block.title, given_by_id=given_by_id
    )


@transaction.atomic
def change_capacity(*, actor: Actor, capacity_id: int, terms: CapacityTerms, now: datetime) -> SigningCapacity:
    """Change content, basis and days of a capacity; person, form and block never change: end it and give another.

    Locks the capacity. Old values stay in the audit trail. Raises NotFound, NotPermitted, PowersNeeded, Invalid.
    """
    capacity = _lock_capacity(actor, capacity_id, now)
    _check_terms(SigningForm(capacity.form), terms)
    before: dict[str, object] = {
        "from": capacity.starts_on.isoformat(),
        "to": _iso(capacity.ends_on),
        "types": capacity.document_types,
        "fields_of_work": capacity.fields_of_work,
    }
    require_known(terms.fields_of_work, besides=capacity.fields_of_work)
    capacity.basis, capacity.content = tidy(terms.basis), tidy(terms.content)
    capacity.document_types, capacity.fields_of_work = terms.document_types, sorted(set(terms.fields_of_work))
    capacity.starts_on, capacity.ends_on = terms.starts_on, terms.ends_on
    capacity.save(
        update_fields=["basis", "content", "document_types", "fields_of_work", "starts_on", "ends_on"],
    )
    _record(actor.ref, "organization.capacity.changed", capacity, now, before=before)
    return capacity


@transaction.atomic
def end_capacity(*, actor: Actor, capacity_id: int, first_day_without: date, now: datetime) -> SigningCapacity:
    """Let a capacity end; from `first_day_without` on nothing is signed with it. Locks the capacity.

    Drafts that wait for this signature cannot be signed then: the page lists them. Raises as `change_capacity`.
    """
    capacity = _lock_capacity(actor, capacity_id, now)
    if first_day_without < local_date(now):
        raise Invalid(fields={"first_day_without": "Không kết thúc thẩm quyền trước hôm nay: văn bản đã ký vẫn đúng."})
    last_day = first_day_without - timedelta(days=1)
    if capacity.ends_on is not None and capacity.ends_on <= last_day:
        raise Invalid(fields={"first_day_without": f"Thẩm quyền này kết thúc sau ngày {capacity.ends_on:%d/%m/%Y}."})
    before: dict[str, object] = {"to": _iso(capacity.ends_on)}
    capacity.ends_on = last_day
    capacity.save(update_fields=["ends_on"])
    _record(actor.ref, "organization.capacity.ended", capacity, now, before=before)
    return capacity


@transaction.atomic
def grant_signing_capacity(
    *,
    actor: ActorRef,
    person: Person,
    registry: Unit,
    form: SigningForm,
    block_lines: list[str],
    position_title: str,
    basis: str,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
    document_types: list[str] | None = None,
    fields_of_work: list[int] | None = None,
    content: str = "",
) -> SigningCapacity:
    """Record that a person may sign for a registry, with a block already made: for founding, import and the demo.

    TUQ. needs an end date and is not passed on (NĐ 30/2020/NĐ-CP, Điều 13). Raises Invalid.
    """
    if form == SigningForm.TUQ and ends_on is None:
        raise Invalid(fields={"ends_on": "Thừa ủy quyền phải có thời hạn."})
    if not block_lines or not basis.strip():
        raise Invalid(fields={"basis": "Cần ghi căn cứ và các dòng thẩm quyền ký."})
    terms = CapacityTerms(
        basis=basis,
        starts_on=starts_on,
        ends_on=ends_on,
        document_types=document_types or [],
        fields_of_work=fields_of_work or [],
        content=content,
    )
    lines = [tidy(line) for line in block_lines]
    return _create(actor, person, registry, form, terms, now, lines=lines, title=tidy(position_title))


def _create(
    actor: ActorRef,
    person: Person,
    registry: Unit,
    form: SigningForm,
    terms: CapacityTerms,
    now: datetime,
    *,
    lines: list[str],
    title: str,
    given_by_id: int | None = None,
) -> SigningCapacity:
    require_known(terms.fields_of_work)
    capacity = SigningCapacity.objects.create(
        person=person,
        registry=registry,
        form=form,
        block_lines=lines,
        position_title=title,
        document_types=terms.document_types,
        fields_of_work=sorted(set(terms.fields_of_work)),
        content=tidy(terms.content),
        basis=tidy(terms.basis),
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        given_by_id=given_by_id,
    )
    _record(actor, "organization.capacity.granted", capacity, now)
    return capacity


def _lock_registry(actor: Actor, registry_id: int, now: datetime) -> Unit:
    registry = Unit.objects.select_for_update(no_key=True).filter(pk=registry_id).first()
    if registry is None or not registry.has_registry:
        raise NotFound("Không tìm thấy đơn vị có con dấu này.")
    _require_keeper(actor, registry, now)
    return registry


def _lock_capacity(actor: Actor, capacity_id: int, now: datetime) -> SigningCapacity:
    capacity = (
        SigningCapacity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("registry", "person")
        .filter(pk=capacity_id)
        .first()
    )
    if capacity is None:
        raise NotFound("Không tìm thấy thẩm quyền ký.")
    _require_keeper(actor, capacity.registry, now)
    return capacity


def _require_keeper(actor: Actor, registry: Unit, now: datetime) -> None:
    permissions.require(
        permissions.can_keep_capacities(actor, registry),
        "Chỉ quản trị, chánh văn phòng của đơn vị này hoặc cấp trên ghi thẩm quyền ký.",
    )
    spend_on_rights(actor=actor, unit=registry, for_what="organization.capacity", now=now)


def _check_terms(form: SigningForm, terms: CapacityTerms) -> None:
    faults = {}
    if not terms.basis.strip():
        faults["basis"] = "Ghi văn bản làm căn cứ: số, ngày, tên."
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        faults["ends_on"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    if form == SigningForm.TUQ and terms.ends_on is None:
        faults["ends_on"] = "Thừa ủy quyền phải có thời hạn: ghi ngày kết thúc."
    if form == SigningForm.TUQ and not (terms.fields_of_work or terms.content.strip() or terms.document_types):
        faults["content"] = "Thừa ủy quyền phải giới hạn nội dung: chọn lĩnh vực, loại văn bản hoặc ghi nội dung."
    if faults:
        raise Invalid(fields=faults)


def _check_giver(
    registry: Unit, form: SigningForm, given_by_id: int | None, person_id: int, terms: CapacityTerms
) -> None:
    """Who lets another sign must be able to sign without anybody's leave; a TUQ. is never passed on."""
    if form not in FORMS_LET_BY_ANOTHER:
        return
    if given_by_id is None:
        raise Invalid(fields={"given_by": "Chọn người giao ký: người đứng đầu hoặc người được giao quyền cấp trưởng."})
    if given_by_id == person_id:
        raise Invalid(fields={"given_by": "Người giao ký và người ký phải là hai người."})
    held = SigningCapacity.objects.filter(registry=registry, person_id=given_by_id, starts_on__lte=terms.starts_on)
    forms = {each.form for each in held.order_by("pk") if each.covers_day(terms.starts_on)}
    if forms & {SigningForm.OWN, SigningForm.TM, SigningForm.Q}:
        return
    if SigningForm.TUQ in forms:
        raise Invalid(
            fields={"given_by": "Người này chỉ ký thừa ủy quyền và không được ủy quyền lại (NĐ 30, Điều 13)."}
        )
    raise Invalid(fields={"given_by": "Người này chưa có thẩm quyền tự ký ở đơn vị này trong ngày bắt đầu."})


def _record(
    actor: ActorRef, action: str, capacity: SigningCapacity, now: datetime, *, before: dict[str, object] | None = None
) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_kind="capacity",
        object_id=capacity.pk,
        now=now,
        detail={
            "person": capacity.person_id,
            "registry": capacity.registry_id,
            "form": capacity.form,
            "from": capacity.starts_on.isoformat(),
            "to": _iso(capacity.ends_on),
            "fields_of_work": capacity.fields_of_work,
            **({"before": before} if before else {}),
        },
    )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""

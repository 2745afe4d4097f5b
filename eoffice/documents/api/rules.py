"""Distribution rules and handling settings for programs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema, Status

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.models import DistributionRule
from eoffice.documents.queries import rules as queries
from eoffice.documents.services import closing, keeping_rules
from eoffice.documents.services.keeping_rules import RuleTerms
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Quy tắc phân phối"])
handling_router = Router(auth=token_or_session("documents"), tags=["Cách xác nhận kết quả"])


class RuleIn(Schema):
    """At least one of the three conditions is given; `working_days` counts from registration."""

    name: str
    lead_unit_id: int
    document_type: str = ""
    issuing_body_contains: str = ""
    subject_contains: str = ""
    instruction: str = ""
    working_days: int | None = None

    def terms(self) -> RuleTerms:
        return RuleTerms(**self.dict(include=set(RuleIn.model_fields)))


class NewRuleIn(RuleIn):
    registry_id: int
    idempotency_key: str = ""


class RuleOut(Schema):
    id: int
    registry_id: int
    position: int
    is_active: bool
    name: str
    lead_unit_id: int
    document_type: str
    issuing_body_contains: str
    subject_contains: str
    instruction: str
    working_days: int | None


class MoveIn(Schema):
    up: bool


class SwitchIn(Schema):
    is_active: bool


class HandlingOut(Schema):
    """Whether what is reported done to the unit is confirmed by itself."""

    unit_id: int
    unit_name: str
    confirms_itself: bool


class HandlingIn(Schema):
    confirms_itself: bool


@router.get("", response=list[RuleOut], summary="Quy tắc của các đơn vị có sổ được giao, theo thứ tự hỏi")
def rule_list(request: HttpRequest) -> list[DistributionRule]:
    found = queries.rules_kept_by(api_actor(request), now=clock.now())
    return [line.rule for registry in found for line in registry.lines]


@router.post("", response={201: RuleOut}, summary="Thêm quy tắc")
def rule_create(request: HttpRequest, body: NewRuleIn) -> Status[DistributionRule]:
    made = keeping_rules.create_rule(
        actor=api_actor(request),
        registry_id=body.registry_id,
        terms=body.terms(),
        request_key=body.idempotency_key,
        now=clock.now(),
    )
    return Status(201, made)


@router.get("/{int:rule_id}", response=RuleOut, summary="Một quy tắc")
def rule_detail(request: HttpRequest, rule_id: int) -> DistributionRule:
    return queries.get_rule(api_actor(request), rule_id)


@router.put("/{int:rule_id}", response=RuleOut, summary="Sửa quy tắc")
def rule_change(request: HttpRequest, rule_id: int, body: RuleIn) -> DistributionRule:
    return keeping_rules.change_rule(actor=api_actor(request), rule_id=rule_id, terms=body.terms(), now=clock.now())


@router.post("/{int:rule_id}/move", response=RuleOut, summary="Hỏi sớm hơn hoặc muộn hơn một bậc")
def rule_move(request: HttpRequest, rule_id: int, body: MoveIn) -> DistributionRule:
    return keeping_rules.move_rule(actor=api_actor(request), rule_id=rule_id, up=body.up, now=clock.now())


@router.post("/{int:rule_id}/switch", response=RuleOut, summary="Bật hoặc tắt quy tắc")
def rule_switch(request: HttpRequest, rule_id: int, body: SwitchIn) -> DistributionRule:
    return keeping_rules.switch_rule(
        actor=api_actor(request), rule_id=rule_id, is_active=body.is_active, now=clock.now()
    )


@handling_router.get("", response=list[HandlingOut], summary="Cách xác nhận kết quả của các đơn vị được giao")
def handling(request: HttpRequest) -> list[HandlingOut]:
    return [
        HandlingOut(unit_id=line.unit.pk, unit_name=line.unit.name, confirms_itself=line.confirms_itself)
        for line in queries.handling_of(api_actor(request))
    ]


@handling_router.put("/{int:unit_id}", response={204: None}, summary="Đặt cách xác nhận kết quả")
def set_handling(request: HttpRequest, unit_id: int, body: HandlingIn) -> Status[None]:
    closing.set_confirmation(
        actor=api_actor(request), unit_id=unit_id, confirms_itself=body.confirms_itself, now=clock.now()
    )
    return Status(204, None)

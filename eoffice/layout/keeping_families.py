"""Setting the letterhead and the symbols of a family."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.core.vietnamese import tidy
from eoffice.layout.families import unknown_places
from eoffice.layout.models import FamilyForm
from eoffice.organization.actor import Actor
from eoffice.organization.models import Family, Role

KIND: Final = "family_form"
_LIMITS: Final = {"nation": 100, "motto": 100, "typed_symbol": 60, "letter_symbol": 60, "basis": 300}
_NEEDED: Final = {
    "nation": "Ghi dòng đầu bên phải của văn bản.",
    "typed_symbol": "Ghi mẫu ký hiệu của văn bản có tên loại.",
    "letter_symbol": "Ghi mẫu ký hiệu của công văn.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTerms:
    """What a family writes. `basis` names the text that says so; empty leaves it unconfirmed."""

    nation: str
    motto: str
    typed_symbol: str
    letter_symbol: str
    basis: str = ""


def can_set_families(actor: Actor) -> bool:
    """Any administrator: the rules of a family are those of its own organisation, not of one unit."""
    return actor.plays(Role.ADMINISTRATOR)


@transaction.atomic
def set_family(*, actor: Actor, family: str, terms: FamilyTerms, now: datetime) -> FamilyForm:
    """Set what letters of a family carry from now on; letters frozen for signing keep what they have.

    Locks the family's row. Raises NotPermitted, Invalid; the state's family is set by NĐ 30/2020/NĐ-CP alone.
    """
    if not can_set_families(actor):
        raise NotPermitted("Chỉ quản trị đặt được thể thức của hệ.")
    if family not in Family.values or family == Family.STATE:
        raise Invalid("Thể thức hệ hành chính theo Nghị định 30, không sửa được. Chọn hệ khác.")
    values = _checked(terms)
    before = FamilyForm.objects.select_for_update(no_key=True).filter(family=family).first()
    row, _ = FamilyForm.objects.update_or_create(
        family=family, defaults=values | {"changed_by_id": actor.person_id, "changed_at": now}
    )
    audit.record(
        actor=actor.ref, action="layout.family.set", object_kind=KIND, object_id=row.pk, now=now,
        detail={"family": family, "before": {name: getattr(before, name) for name in values} if before else {}}
        | values,
    )  # fmt: skip
    return row


def _checked(terms: FamilyTerms) -> dict[str, str]:
    values = {name: tidy(str(text)) for name, text in asdict(terms).items()}
    faults = {name: words for name, words in _NEEDED.items() if not values[name]}
    faults |= {name: f"Tối đa {length} ký tự." for name, length in _LIMITS.items() if len(values[name]) > length}
    for name in ("typed_symbol", "letter_symbol"):
        if strange := unknown_places(values[name]):
            faults[name] = f"Không có chỗ điền “{strange[0]}”. Dùng {{loại}}, {{cơ quan}}, {{nơi soạn}}."
        elif values[name] and "{cơ quan}" not in values[name]:
            faults[name] = "Mẫu ký hiệu phải có {cơ quan}."
    if faults:
        raise Invalid(fields=faults)
    return values

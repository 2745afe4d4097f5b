"""What each family of units writes at the head of its letters and into their symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from eoffice.layout.letters import STATE
from eoffice.layout.letters import Family as Letterhead
from eoffice.layout.models import FamilyForm
from eoffice.layout.types import symbol_of, type_of
from eoffice.organization.models import Family

PLACES: Final = ("loại", "cơ quan", "nơi soạn")
"""Words a pattern may hold in braces: abbreviation of the type, of the issuing body, of the drafting unit."""
TYPED_SYMBOL: Final = "{loại}-{cơ quan}"
LETTER_SYMBOL: Final = "{cơ quan}-{nơi soạn}"
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRules:
    """Letterhead and symbols of one family. `basis` is empty while nobody has confirmed them.

    Source of the defaults: NĐ 30/2020/NĐ-CP, PL I, mục II.1 and II.3, which bind the state's family alone.
    """

    family: Family
    nation: str = STATE.nation
    motto: str = STATE.motto
    typed_symbol: str = TYPED_SYMBOL
    letter_symbol: str = LETTER_SYMBOL
    basis: str = ""
    changed_by: str = ""
    changed_at: datetime | None = field(default=None)

    @property
    def is_confirmed(self) -> bool:
        """The state's rules are law; others hold from a named text on."""
        return self.family is Family.STATE or bool(self.basis)

    @property
    def letterhead(self) -> Letterhead:
        """What the drawing shows."""
        return Letterhead(code=self.family.value, nation=self.nation, motto=self.motto)

    def symbol(self, document_type: str, *, body: str, drafter: str = "") -> str:
        """Ký hiệu of a document of this family; `drafter` may be empty. Raises ContentInvalid for an unknown type."""
        if self.family is Family.STATE:
            return symbol_of(document_type, body=body, drafter=drafter)
        abbreviation = type_of(document_type).abbreviation
        pattern = self.typed_symbol if abbreviation else self.letter_symbol
        return filled(pattern, {"loại": abbreviation, "cơ quan": body, "nơi soạn": drafter})


def filled(pattern: str, words: dict[str, str]) -> str:
    """A pattern with its places filled; an empty one goes with the mark that joins it to the others."""
    text = pattern
    for place, word in words.items():
        asked = "{" + place + "}"
        text = text.replace(asked, word) if word else re.sub(rf"[-/.]?{re.escape(asked)}", "", text)
    return text.strip("-/.")


def unknown_places(pattern: str) -> list[str]:
    """Words in braces that mean nothing, and braces that stand alone."""
    strange = [place for place in _PLACE.findall(pattern) if place not in PLACES]
    return strange + re.findall(r"[{}]", _PLACE.sub("", pattern))


def rules_of(family: str) -> FamilyRules:
    """The rules of one family; no query for the state's, one for another."""
    asked = Family(family)
    if asked is Family.STATE:
        return FamilyRules(family=asked)
    row = FamilyForm.objects.select_related("changed_by").filter(family=asked).first()
    return _rules(asked, row)


def families_with_rules() -> list[FamilyRules]:
    """Every family but the state's, as it is set now; one query."""
    rows = {row.family: row for row in FamilyForm.objects.select_related("changed_by")}
    return [_rules(family, rows.get(family)) for family in Family if family is not Family.STATE]


def _rules(family: Family, row: FamilyForm | None) -> FamilyRules:
    if row is None:
        return FamilyRules(family=family)
    return FamilyRules(
        family=family, nation=row.nation, motto=row.motto, typed_symbol=row.typed_symbol,
        letter_symbol=row.letter_symbol, basis=row.basis, changed_by=row.changed_by.full_name,
        changed_at=row.changed_at,
    )  # fmt: skip

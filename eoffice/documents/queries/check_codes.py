"""What a code of check tells the public about a paper, and where offices print it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from eoffice.documents.errors import CodeUnknown
from eoffice.documents.models import (
    CheckCode,
    CheckMarkRule,
    DocumentLink,
    LinkRelation,
    OutgoingDocument,
)
from eoffice.documents.permissions import check_codes as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries.annexes import annex_lines
from eoffice.layout.check_marks import MarkPlace
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Unit
from eoffice.signing import queries as signing
from eoffice.signing.engine.verdicts import Verdict

PLACE_WORDS: Final = {
    MarkPlace.FIRST_LEFT: "Trang đầu, góc dưới bên trái",
    MarkPlace.FIRST_RIGHT: "Trang đầu, góc dưới bên phải",
    MarkPlace.LAST_LEFT: "Trang cuối, góc dưới bên trái",
    MarkPlace.LAST_RIGHT: "Trang cuối, góc dưới bên phải",
    MarkPlace.NOWHERE: "Không in trên trang",
}
_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, slots=True)
class Successor:
    """An issued paper that replaces or corrects this one."""

    code: str
    issued_on: date
    issuing_body: str


@dataclass(frozen=True, slots=True)
class PublicAnnex:
    """A separate file that went out with a paper: its place, its bytes, its signatures; never its name.

    `sha256s`: what recipients got, the signed file first, the original beside it where that is another one.
    """

    position: int
    sha256s: tuple[str, ...]
    is_signed: bool
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPaper:
    """All that the public may know of an issued paper: never its subject, text or recipients. Dates are Vietnam's."""

    code: CheckCode
    number: str
    type_name: str
    issued_on: date
    issued_at: datetime
    issuing_body: str
    signer_name: str
    signer_position: str
    cosigner_name: str
    """The secretary who signed a biên bản beside its chair; empty for other papers."""
    sha256: str
    annexes: tuple[PublicAnnex, ...]
    verdict: Verdict | None
    checked_at: datetime | None
    recalled_at: datetime | None
    replaced_by: tuple[Successor, ...]
    corrected_by: tuple[Successor, ...]


@dataclass(frozen=True, slots=True)
class RegistryMark:
    """Where one registry prints its codes; `rule` None: nobody has said, the default holds."""

    unit: Unit
    rule: CheckMarkRule | None

    @property
    def place(self) -> MarkPlace:
        return MarkPlace(self.rule.place) if self.rule else MarkPlace.FIRST_LEFT


def as_written(typed: str) -> str:
    """A code as kept, from what a person typed: small letters, dashes, blanks and misread signs are forgiven.

    Empty for what cannot be a code.
    """
    folded = re.sub(r"[\s\-.–—]", "", typed.upper()).translate(_MISREAD)
    return folded if _CODE.fullmatch(folded) else ""


def issued_by_code(code: str) -> PublicPaper:
    """What anybody may know of the issued paper of a code; a paper not issued yet is no paper. Raises CodeUnknown."""
    found = (
        CheckCode.objects.filter(code=code, draft__outgoing__issued_at__isnull=False)
        .select_related("draft__outgoing__file", "draft__outgoing__recall")
        .first()
    )
    outgoing: OutgoingDocument | None = found.draft.outgoing if found else None
    if found is None or outgoing is None or outgoing.file is None or outgoing.issued_at is None:
        raise CodeUnknown
    sha256 = str(outgoing.file.file_id)
    recall = getattr(outgoing, "recall", None)
    return PublicPaper(
        code=found,
        number=outgoing.shown_code,
        type_name=type_of(outgoing.document_type).name,
        issued_on=outgoing.issued_on,
        issued_at=outgoing.issued_at,
        issuing_body=outgoing.issuing_body,
        signer_name=outgoing.signer_name,
        signer_position=outgoing.signer_position,
        cosigner_name=_cosigner_name(outgoing),
        sha256=sha256,
        annexes=tuple(
            PublicAnnex(
                line.position,
                tuple(file.file_id for file in line.sent.files),
                line.sent.sealed is not None,
                line.verdict,
            )
            for line in annex_lines(outgoing.draft_id)
        ),
        verdict=signing.newest_verdict_of(sha256),
        checked_at=signing.checked_at(signing.newest_of(sha256)),
        recalled_at=recall.recalled_at if recall else None,
        replaced_by=_successors(outgoing, LinkRelation.REPLACES),
        corrected_by=_successors(outgoing, LinkRelation.CORRECTS),
    )


def _cosigner_name(outgoing: OutgoingDocument) -> str:
    cosigner_id = outgoing.draft.cosigner_id
    return organization.get_person(cosigner_id).full_name if cosigner_id is not None else ""


def _successors(outgoing: OutgoingDocument, relation: LinkRelation) -> tuple[Successor, ...]:
    newer = DocumentLink.objects.filter(
        to_kind="outgoing", to_id=outgoing.pk, from_kind="outgoing", relation=relation
    ).values("from_id")
    rows = OutgoingDocument.objects.filter(pk__in=newer, issued_at__isnull=False, recall__isnull=True).order_by("pk")
    return tuple(Successor(row.shown_code, row.issued_on, row.issuing_body) for row in rows[:10])


def place_of(registry_id: int) -> MarkPlace:
    """Where a registry prints its codes."""
    rule = CheckMarkRule.objects.filter(registry_id=registry_id).first()
    return MarkPlace(rule.place) if rule else MarkPlace.FIRST_LEFT


def marks_of(actor: Actor) -> list[RegistryMark]:
    """The registries whose mark the actor may place, by the tree; two queries. Raises NotPermitted."""
    units = [
        unit for unit in organization.units_by_id(actor.units_with(*permissions.KEEPERS)).values() if unit.has_registry
    ]
    require(bool(units), "Chỉ văn thư, chánh văn phòng, quản trị của đơn vị có sổ đặt được vị trí mã kiểm tra.")
    rules = CheckMarkRule.objects.filter(registry_id__in=[unit.pk for unit in units]).select_related("changed_by")
    known = {rule.registry_id: rule for rule in rules}
    return [RegistryMark(unit, known.get(unit.pk)) for unit in sorted(units, key=lambda unit: unit.path)]

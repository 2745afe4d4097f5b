"""From a draft's data to the letter that layout draws: letterhead, symbol, addressees, recipients, signature block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, cast

from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc, tidy
from eoffice.documents.models import Draft, DraftRecipient, Urgency
from eoffice.layout.families import rules_of
from eoffice.layout.letters import (
    STATE,
    Appendix,
    Extra,
    Family,
    Introduction,
    Invitation,
    LeavePermit,
    LetterContent,
    Minutes,
    SignatureBlock,
)
from eoffice.layout.schema import check_body, empty_body
from eoffice.layout.types import Template, type_of
from eoffice.organization import queries as organization
from eoffice.organization.models import SigningCapacity, Unit
from eoffice.signing import queries as signing

_URGENCY: Final[Mapping[int, Literal["none", "khan", "thuong_khan", "hoa_toc"]]] = {
    Urgency.NORMAL: "none",
    Urgency.URGENT: "khan",
    Urgency.VERY_URGENT: "thuong_khan",
    Urgency.EXPRESS: "hoa_toc",
}
_WITH_ADDRESS: Final = {Template.LETTER, Template.TELEGRAM, Template.INVITATION, Template.INTRODUCTION}
"""Templates whose foot carries the address of the body. Source: NĐ 30, PL III, mẫu 1.5–1.8."""
_LINES: Final = {"addressees": 300, "legal_bases": 500}
_TEXTS: Final = {"authority": 200, "circulation_mark": 60, "drafter_mark": 30}
EXTRA_FIELDS: Final[Mapping[Template, Mapping[str, str]]] = {
    Template.INVITATION: {
        "invited": "Kính mời", "event": "Tới dự", "chair": "Chủ trì", "time": "Thời gian", "venue": "Địa điểm",
    },
    Template.MINUTES: {
        "started": "Bắt đầu", "venue": "Địa điểm", "attendees": "Thành phần tham dự", "chair": "Chủ trì",
        "secretary": "Thư ký", "ended": "Kết thúc vào",
    },
    Template.INTRODUCTION: {
        "person": "Giới thiệu ông (bà)", "position": "Chức vụ", "sent_to": "Được cử đến", "purpose": "Về việc",
        "valid_until": "Có giá trị đến hết ngày",
    },
    Template.LEAVE_PERMIT: {
        "requested_on": "Ngày đơn", "person": "Ông (bà)", "position": "Chức vụ", "days": "Số ngày nghỉ",
        "starts_on": "Từ ngày", "ends_on": "Đến hết ngày", "venue": "Nơi nghỉ", "counted_as": "Tính vào thời gian",
    },
}  # fmt: skip
"""Fields that only some templates have, with their labels."""
DATE_FIELDS: Final = frozenset({"valid_until", "requested_on", "starts_on", "ends_on"})
_MAX_APPENDICES: Final = 20


def checked_content(raw: Mapping[str, object]) -> dict[str, object]:
    """The content of a draft as it is stored: known fields only, tidy, bounded. Raises Invalid, BodyInvalid."""
    content: dict[str, object] = {}
    for name, length in _LINES.items():
        lines = raw.get(name) or []
        content[name] = [tidy(str(line))[:length] for line in _listed(lines) if tidy(str(line))]
    for name, length in _TEXTS.items():
        content[name] = tidy(str(raw.get(name) or ""))[:length]
    extra = raw.get("extra") or {}
    if not isinstance(extra, Mapping):
        raise Invalid("Phần thông tin riêng của loại văn bản không đọc được. Tải lại trang rồi nhập lại.")
    content["extra"] = {str(key): nfc(str(value)).strip()[:2000] for key, value in extra.items() if value}
    cosigner = raw.get("cosigner_id")
    if isinstance(cosigner, int):
        content["cosigner_id"] = cosigner
    content["appendices"] = [_checked_appendix(each) for each in _listed(raw.get("appendices") or [])][:_MAX_APPENDICES]
    return content


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else list(value) if isinstance(value, tuple) else []


def _checked_appendix(raw: object) -> dict[str, object]:
    if not isinstance(raw, Mapping):
        raise Invalid("Phụ lục không đọc được. Tải lại trang rồi nhập lại.")
    return {
        "title": tidy(str(raw.get("title") or ""))[:300],
        "body": check_body(raw.get("body") or empty_body()),
        "issued_type": tidy(str(raw.get("issued_type") or ""))[:60],
        "landscape": bool(raw.get("landscape")),
    }


def checked_body(raw: Mapping[str, object] | None) -> dict[str, object]:
    """The body in the closed schema; nothing given is one empty paragraph. Raises BodyInvalid."""
    return check_body(raw) if raw else empty_body()


def symbol_for(*, document_type: str, registry: Unit, unit: Unit) -> str:
    """Ký hiệu: `QĐ-TXG` for a typed document, `TXG-CN` for a công văn drafted by CN (NĐ 30, PL I, mục II.3).

    The families of party, union and youth write theirs by the pattern the administrator set, the state's until then.
    """
    drafter = unit.symbol if unit.pk != registry.pk else ""
    return rules_of(registry.family).symbol(document_type, body=registry.symbol, drafter=drafter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the organisation gives to a letter, read once."""

    registry: Unit
    superior_name: str | None
    unit: Unit
    capacity: SigningCapacity | None
    cosigner_name: str = ""
    family: Family = STATE


def letterhead_of(draft: Draft) -> Letterhead:
    """The bodies and the signer named on a draft's letter."""
    registry = draft.registry
    above = organization.units_by_id(registry.ancestor_ids[:-1])
    superior = next((above[u] for u in reversed(registry.ancestor_ids[:-1]) if above[u].has_registry), None)
    return Letterhead(
        registry=registry,
        superior_name=superior.name if superior else None,
        unit=draft.unit,
        capacity=organization.get_capacity(draft.capacity_id) if draft.capacity_id else None,
        cosigner_name=organization.get_person(draft.cosigner_id).full_name if draft.cosigner_id else "",
        family=rules_of(registry.family).letterhead,
    )


def letter_of(draft: Draft, *, recipients: list[DraftRecipient], head: Letterhead) -> LetterContent:
    """The letter as layout draws it, without number and date. Raises ContentInvalid, Invalid."""
    kind = type_of(draft.document_type)
    content = draft.content
    registry = head.registry
    return LetterContent(
        type=kind.code,
        issuing_body=registry.name,
        superior_body=head.superior_name,
        symbol=draft.symbol if draft.needs_number else "",
        place=registry.place,
        subject=draft.subject,
        addressees=tuple(_addressees(draft, recipients)) if kind.may_be_addressed else (),
        authority=_text(content, "authority"),
        legal_bases=tuple(_strings(content.get("legal_bases"))),
        body=cast("Mapping[str, object]", draft.body or empty_body()),
        recipients=tuple(recipient_lines(draft, recipients, head)),
        signatures=_signatures(head, kind.template),
        urgency=_URGENCY[draft.urgency],
        circulation_mark=_text(content, "circulation_mark"),
        drafter_mark=_text(content, "drafter_mark"),
        footer_address=registry.address_line if kind.template in _WITH_ADDRESS else "",
        appendices=tuple(_appendix(each) for each in content.get("appendices") or []),
        extra=_extra(kind.template, content.get("extra") or {}),
        sealed=draft.needs_seal,
        family=head.family,
        seal_diameter_mm=signing.seal_diameter_mm(draft.registry_id),
    )


def _addressees(draft: Draft, recipients: list[DraftRecipient]) -> list[str]:
    """Kính gửi as typed, else the recipients that carry no note."""
    typed = _strings(draft.content.get("addressees"))
    return typed or [str(recipient) for recipient in recipients if not recipient.note]


def recipient_lines(draft: Draft, recipients: list[DraftRecipient], head: Letterhead) -> list[str]:
    """Nơi nhận: "Như trên" for those addressed, the others by name and note, the file copy last.

    Source: NĐ 30, PL I, mục II.9b.
    """
    addressed = _addressees(draft, recipients) if type_of(draft.document_type).may_be_addressed else []
    lines = ["Như trên"] if addressed else []
    for recipient in recipients:
        if str(recipient) not in addressed:
            lines.append(f"{recipient} ({recipient.note})" if recipient.note else str(recipient))
    drafter = f", {head.unit.symbol}" if head.unit.pk != head.registry.pk else ""
    return [*lines, f"Lưu: VT{drafter}"]


def _signatures(head: Letterhead, template: Template) -> tuple[SignatureBlock, ...]:
    """The signer's block; on a biên bản secretary and chair. Source: NĐ 30, PL III, mẫu 1.9."""
    if head.capacity is None:
        return ()
    name = head.capacity.person.full_name
    if template is Template.MINUTES and head.cosigner_name:
        return SignatureBlock(lines=("Thư ký",), name=head.cosigner_name), SignatureBlock(lines=("Chủ tọa",), name=name)
    return (SignatureBlock(lines=tuple(head.capacity.block_lines), name=name),)


def _appendix(raw: Mapping[str, object]) -> Appendix:
    return Appendix(
        title=str(raw.get("title", "")),
        body=cast("Mapping[str, object]", raw.get("body") or empty_body()),
        issued_type=str(raw.get("issued_type", "")),
        landscape=bool(raw.get("landscape")),
    )


def _extra(template: Template, raw: Mapping[str, str]) -> Extra | None:
    labels = EXTRA_FIELDS.get(template)
    if labels is None:
        return None
    text = {name: raw.get(name, "") for name in labels}
    if template is Template.INVITATION:
        return Invitation(**text)
    if template is Template.MINUTES:
        attendees = tuple(tidy(line) for line in text["attendees"].splitlines() if tidy(line))
        return Minutes(**{**text, "attendees": attendees})  # type: ignore[arg-type]  # attendees are the one tuple
    if template is Template.INTRODUCTION:
        until = _day(text["valid_until"], labels["valid_until"])
        return Introduction(
            person=text["person"],
            position=text["position"],
            sent_to=text["sent_to"],
            purpose=text["purpose"],
            valid_until=until,
        )
    return LeavePermit(
        requested_on=_day(text["requested_on"], labels["requested_on"]),
        person=text["person"],
        position=text["position"],
        days=text["days"],
        starts_on=_day(text["starts_on"], labels["starts_on"]),
        ends_on=_day(text["ends_on"], labels["ends_on"]),
        venue=text["venue"],
        counted_as=text["counted_as"],
    )


def _day(text: str, label: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"Chưa có ngày ở mục “{label}”.", fields={"extra": f"Chọn ngày ở mục “{label}”."}) from None


def _text(content: Mapping[str, object], name: str) -> str:
    return str(content.get(name) or "")


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []

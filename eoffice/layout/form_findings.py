"""Thể thức: what a letter's own data, or an uploaded page, lacks or says otherwise, each with its clause and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from eoffice.core.vietnamese import fold, tidy
from eoffice.layout.letters import STATE, LetterContent
from eoffice.layout.schema import plain_text
from eoffice.layout.types import TYPES, DocumentType, Template, type_of


class Severity(StrEnum):
    """Whether a finding must be put right before the letter is signed, or is left to judgement."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One deviation: the component it stands on, what is wrong, what to do, and the clause that says so."""

    severity: Severity
    part: str
    message: str
    remedy: str
    clause: str


_SUBJECT_READS_WELL: Final = 160
_SYMBOL_LENGTH: Final = 30
_GROUP: Final = re.compile(r"^[0-9A-ZÀ-ỸĐ&.]+$")
_BASE_OPENINGS: Final = ("căn cứ", "theo", "xét", "thực hiện", "trên cơ sở")
_DEGREES: Final = re.compile(r"\b(GS|PGS|TS|ThS|BS|KS|CN|NGND|NGƯT|NSND)\b[.\s]")
_CIRCULATION: Final = ("XEM XONG TRẢ LẠI", "LƯU HÀNH NỘI BỘ")
_DRAFTER_MARK: Final = re.compile(r"^[A-ZĐ]{1,5}\.?\s?\(\d+\)$")
_TYPED_ARTICLE: Final = re.compile(r"^Điều \d+\s*[.:]", re.MULTILINE)
_WITH_ARTICLES: Final = frozenset({"decision", "resolution", "regulation", "rules", "contract", "agreement"})


def findings_of_letter(content: LetterContent, *, needs_number: bool = True) -> tuple[Finding, ...]:
    """What the data of a letter lack, in the order of the page; sizes and places are the layout's own and hold always.

    Source: NĐ 30/2020/NĐ-CP, PL I and PL III.
    """
    kind = type_of(content.type)
    return tuple(
        finding
        for check in (_symbol, _place, _subject, _addressees, _bases, _body, _signature, _recipients, _marks)
        for finding in check(content, kind)
        if needs_number or finding.part != _NUMBER
    ) + tuple(_appendices(content))


_NUMBER: Final = "Số, ký hiệu"


def _error(part: str, message: str, remedy: str, clause: str) -> Finding:
    return Finding(severity=Severity.ERROR, part=part, message=message, remedy=remedy, clause=clause)


def _warning(part: str, message: str, remedy: str, clause: str) -> Finding:
    return Finding(severity=Severity.WARNING, part=part, message=message, remedy=remedy, clause=clause)


def _symbol(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    if content.family.code != STATE.code:
        return  # other families write theirs by a pattern of their own
    clause = "PL I, mục II.3"
    symbol = tidy(content.symbol)
    groups = symbol.split("-")
    if not symbol or not all(groups):
        yield _error(_NUMBER, "Ký hiệu còn thiếu.", "Báo quản trị ghi chữ viết tắt của đơn vị.", clause)
        return
    if len(symbol) > _SYMBOL_LENGTH:
        yield _error(
            _NUMBER, f"Ký hiệu dài {len(symbol)} ký tự, quá {_SYMBOL_LENGTH}.", "Rút gọn chữ viết tắt của đơn vị.",
            "PL VI",
        )  # fmt: skip
    if kind.abbreviation and groups[0] != kind.abbreviation:
        yield _error(
            _NUMBER, f"Ký hiệu “{symbol}” không mở đầu bằng “{kind.abbreviation}” của {kind.name.lower()}.",
            "Chọn lại loại văn bản.", clause,
        )  # fmt: skip
    plain = groups[1:] if kind.abbreviation else groups
    wrong = [group for group in plain if not _GROUP.match(group)]
    if wrong:
        yield _error(
            _NUMBER, f"Chữ viết tắt “{wrong[0]}” không viết hoa hoặc có khoảng trắng.",
            "Báo quản trị sửa chữ viết tắt của đơn vị.", clause,
        )  # fmt: skip
    if not kind.abbreviation and len(groups) < 2:
        yield _warning(
            _NUMBER, "Ký hiệu công văn chưa có chữ viết tắt của đơn vị soạn thảo.",
            "Soạn ở đơn vị soạn thảo, hoặc báo quản trị ghi chữ viết tắt.", clause,
        )  # fmt: skip


def _place(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    if not tidy(content.place) and kind.template is not Template.MINUTES:
        yield _error(
            "Địa danh, ngày", "Chưa có địa danh đứng trước ngày, tháng, năm.",
            "Báo quản trị ghi địa danh của đơn vị ban hành.", "PL I, mục II.4",
        )  # fmt: skip


def _subject(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    clause, part = "PL I, mục II.5", "Trích yếu"
    subject = tidy(content.subject)
    if not subject:
        yield _error(part, "Chưa có trích yếu.", "Ghi một câu ngắn gọn, phản ánh nội dung chủ yếu.", clause)
        return
    if len(subject) > _SUBJECT_READS_WELL:
        yield _warning(part, f"Trích yếu dài {len(subject)} ký tự.", "Rút thành một câu ngắn gọn.", clause)
    letters = [letter for letter in subject if letter.isalpha()]
    if len(letters) > 12 and all(letter.isupper() for letter in letters):
        yield _error(part, "Trích yếu viết toàn chữ hoa.", "Viết chữ thường.", clause)
    if subject.endswith((".", ";", ":")):
        yield _warning(part, "Trích yếu kết thúc bằng dấu câu.", "Bỏ dấu câu ở cuối.", clause)
    repeated = next((each for each in TYPES if fold(subject).startswith(f"{fold(each.name)} ")), None)
    if repeated is not None and repeated.code == kind.code and kind.template is not Template.LETTER:
        yield _warning(
            part, f"Trích yếu lặp tên loại “{kind.name}” đã in phía trên.", "Bỏ tên loại ở đầu trích yếu.", clause
        )


def _addressees(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    if kind.code == "letter" and not content.addressees:
        yield _error(
            "Kính gửi", "Công văn chưa có nơi “Kính gửi”.", "Chọn nơi nhận, hoặc ghi ở mục Kính gửi.", "PL I, mục II.9"
        )


def _bases(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    clause, part = "PL I, mục II.6", "Căn cứ ban hành"
    if kind.template in {Template.DECISION, Template.RESOLUTION}:
        if not tidy(content.authority):
            yield _error(
                "Thẩm quyền ban hành", "Chưa có dòng thẩm quyền ban hành.",
                "Ghi chức vụ hoặc tên tập thể ban hành, ví dụ TỔNG GIÁM ĐỐC.", "PL III, mẫu 1.1, 1.2",
            )  # fmt: skip
        if not content.legal_bases:
            yield _error(part, f"{kind.name} chưa có căn cứ ban hành.", "Ghi mỗi căn cứ một dòng.", clause)
    for line in content.legal_bases:
        if not tidy(line).lower().startswith(_BASE_OPENINGS):
            yield _warning(
                part, f"Dòng “{tidy(line)[:40]}” không mở đầu như một căn cứ.", "Mở đầu bằng “Căn cứ” hoặc “Theo”.",
                clause,
            )  # fmt: skip


def _body(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    clause, part = "PL I, mục II.6", "Nội dung"
    text = plain_text(content.body)
    if not text.strip() and content.extra is None:
        yield _error(part, "Nội dung còn trống.", "Soạn nội dung văn bản.", clause)
    has_articles = any(node.get("type") == "article" for node in _blocks(content.body))
    if has_articles and kind.code not in _WITH_ARTICLES:
        yield _warning(
            part,
            f"{kind.name} được chia thành Điều.",
            "Dùng mục 1, 2 và điểm a, b; hoặc chọn lại loại văn bản.",
            clause,
        )
    if kind.template is Template.DECISION and text.strip() and not has_articles:
        yield _warning(
            part, "Quyết định chưa chia thành Điều.", "Dùng nút Điều trên thanh soạn thảo.", "PL III, mẫu 1.2"
        )
    if _TYPED_ARTICLE.search(text) and not has_articles and kind.code in _WITH_ARTICLES:
        yield _warning(part, "Số của Điều được gõ bằng tay.", "Dùng nút Điều để hệ thống tự đánh số.", clause)
    first = next((tidy(line) for line in text.splitlines() if tidy(line)), "")
    if kind.abbreviation and fold(first) == fold(kind.name):
        yield _warning(
            part, f"Nội dung lặp tên loại “{kind.name}”.", "Bỏ dòng này: tên loại đã in sẵn.", "PL I, mục II.5"
        )


def _blocks(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    content = body.get("content")
    return [node for node in content if isinstance(node, Mapping)] if isinstance(content, list) else []


def _signature(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    clause, part = "PL I, mục II.7", "Người ký"
    if not content.signatures:
        yield _error(part, "Chưa có người ký.", "Chọn người ký có thẩm quyền.", clause)
    for block in content.signatures:
        if _DEGREES.search(block.name):
            yield _error(part, f"Họ tên “{block.name}” có học hàm, học vị, danh hiệu.", "Chỉ ghi họ và tên.", clause)
    if kind.template is Template.MINUTES and len(content.signatures) == 1:
        yield _error(part, "Biên bản chưa có người ghi biên bản cùng ký.", "Chọn thư ký.", "PL III, mẫu 1.9")


def _recipients(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    clause, part = "PL I, mục II.9", "Nơi nhận"
    named = [line for line in content.recipients if not fold(line).startswith("luu")]
    if not named and kind.template is not Template.MINUTES:
        yield _error(part, "Nơi nhận chỉ có dòng “Lưu”.", "Chọn ít nhất một nơi nhận.", clause)


def _marks(content: LetterContent, kind: DocumentType) -> Iterator[Finding]:
    mark = tidy(content.circulation_mark).upper()
    if mark and mark not in _CIRCULATION:
        yield _warning(
            "Phạm vi lưu hành", f"“{mark}” không phải chỉ dẫn được quy định.",
            "Dùng XEM XONG TRẢ LẠI hoặc LƯU HÀNH NỘI BỘ.", "PL I, mục III.2",
        )  # fmt: skip
    if content.drafter_mark and not _DRAFTER_MARK.match(tidy(content.drafter_mark)):
        yield _warning(
            "Ký hiệu người soạn", f"“{tidy(content.drafter_mark)}” không theo dạng chữ hoa và số bản.",
            "Ghi như PL.(300).", "PL I, mục III.3",
        )  # fmt: skip


def _appendices(content: LetterContent) -> Iterator[Finding]:
    clause, part = "PL I, mục III.1", "Phụ lục"
    mentioned = bool(re.search(r"\bphụ lục\b", plain_text(content.body), re.IGNORECASE))
    annexes = [each for each in content.appendices if not each.issued_type]
    if annexes and not mentioned:
        yield _warning(
            part, "Có phụ lục nhưng nội dung không nhắc đến.", "Ghi chỉ dẫn về phụ lục trong văn bản.", clause
        )
    if mentioned and not content.appendices:
        yield _warning(
            part, "Nội dung nhắc đến phụ lục nhưng chưa có phụ lục nào.", "Thêm phụ lục, hoặc sửa câu nhắc.", clause
        )
    for number, each in enumerate(annexes, start=1):
        if not tidy(each.title):
            yield _error(part, f"Phụ lục {number} chưa có tên.", "Ghi tên phụ lục.", clause)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """What was read from an uploaded page, "" where nothing was; `found` names the places that were found on it."""

    type_name: str = ""
    symbol: str = ""
    place: str = ""
    issuer: str = ""
    subject: str = ""
    signer: str = ""
    has_text: bool = True
    found: Sequence[str] = ()


def findings_of_page(
    page: PageWords,
    content: LetterContent,
    *,
    needs_number: bool = True,
    wanted: Sequence[str] = (),
    came_signed: bool = False,
) -> tuple[Finding, ...]:
    """Where an uploaded page lacks a place (`wanted`: number, date, signature) or disagrees with what was filled in.

    A page that `came_signed` cannot be changed without breaking its signatures: no remedy asks for that.
    Source: NĐ 30/2020/NĐ-CP, PL I.
    """
    if not page.has_text:
        return (
            _warning(
                "Trang", "Trang không có lớp chữ nên không kiểm tra được thể thức.",
                "Xem bằng mắt và đặt vị trí bằng tay.", "PL I",
            ),
        )  # fmt: skip
    found = (*_missing_places(page, wanted), *_disagreements(page, content, needs_number=needs_number))
    return tuple(replace(each, remedy=_SIGNED_REMEDIES[each.severity]) for each in found) if came_signed else found


_SIGNED_REMEDIES: Final = {
    Severity.ERROR: "Tệp đã có chữ ký nên không sửa được: sửa thông tin đã khai cho khớp.",
    Severity.WARNING: "Kéo khung đến đúng chỗ; tệp đã có chữ ký nên không sửa được.",
}
_PLACE_WORDS: Final = {
    "number": ("Số, ký hiệu", "dòng “Số: …/”", "PL I, mục II.3"),
    "date": ("Địa danh, ngày", "dòng địa danh và ngày, tháng, năm", "PL I, mục II.4"),
    "signature": ("Người ký", "khoảng trống giữa chức vụ và họ tên người ký", "PL I, mục II.7"),
}


def _missing_places(page: PageWords, wanted: Sequence[str]) -> Iterator[Finding]:
    for name in wanted:
        if name not in page.found:
            part, words, clause = _PLACE_WORDS[name]
            yield _warning(part, f"Không tìm thấy {words} trên trang.", "Kéo khung đến đúng chỗ, hoặc sửa tệp.", clause)


def _disagreements(page: PageWords, content: LetterContent, *, needs_number: bool) -> Iterator[Finding]:
    kind = type_of(content.type)
    signer = content.signatures[-1].name if content.signatures else ""
    compared = (
        ("Tên loại", page.type_name, kind.name, "PL I, mục II.5"),
        ("Số, ký hiệu", page.symbol if needs_number else "", content.symbol, "PL I, mục II.3"),
        ("Địa danh, ngày", page.place, content.place, "PL I, mục II.4"),
        ("Cơ quan ban hành", page.issuer, content.issuing_body, "PL I, mục II.2"),
        ("Trích yếu", page.subject, content.subject, "PL I, mục II.5"),
        ("Người ký", page.signer, signer, "PL I, mục II.7"),
    )
    for part, on_page, filled_in, clause in compared:
        if on_page and filled_in and not _same(on_page, filled_in):
            yield _error(
                part, f"Trên trang là “{tidy(on_page)[:80]}”, đã khai là “{tidy(filled_in)[:80]}”.",
                "Sửa tệp rồi tải lại, hoặc sửa thông tin đã khai.", clause,
            )  # fmt: skip


def _same(one: str, other: str) -> bool:
    """Whatever the case, the marks of tone and the punctuation; "V/v" is no part of a subject."""
    plain = [re.sub(r"[^0-9a-z]+", " ", fold(text)).strip() for text in (one, other)]
    bare = [re.sub(r"^(v v|ve viec) ", "", text) for text in plain]
    return bare[0] == bare[1]

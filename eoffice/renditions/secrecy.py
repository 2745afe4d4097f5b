"""Marks of state secrecy: found before a file is kept, so that it never is.

A networked installation may not hold Mật, Tối mật, Tuyệt mật (`design.md` part 5; Law 117/2025/QH15). A
mark counts only as a line of its own, in capitals, in the head of page 1 (box 10a of Decree 30/2020/ND-CP,
annex I, stands there). Words such as bảo mật, mật khẩu, Luật Bảo vệ bí mật nhà nước are no marks. Pictures
of text are not read: a scan asks the clerk to confirm.
"""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lxml import etree

from eoffice.core.vietnamese import fold, nfc, one_tone_style
from eoffice.renditions import office
from eoffice.renditions.errors import DamagedFile, RenditionFailed
from eoffice.renditions.hold import clear_directory
from eoffice.renditions.isolated import read_pdf
from eoffice.renditions.sniffing import FileKind


class SecrecyLevel(StrEnum):
    """Độ mật."""

    SECRET = "mat"  # noqa: S105 - a level, not a password
    TOP_SECRET = "toi_mat"  # noqa: S105
    MOST_SECRET = "tuyet_mat"  # noqa: S105


class FoundIn(StrEnum):
    """Where the mark was: the field the clerk filled in, the file's name, or the page."""

    DECLARED = "declared"
    FILE_NAME = "file_name"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class SecrecyFinding:
    """A mark. It carries no text of the document, so it can be logged."""

    level: SecrecyLevel
    found_in: FoundIn


@dataclass(frozen=True, slots=True)
class SecrecyCheck:
    """What is known. `needs_confirmation`: the page, or part of it, is a picture nobody has read yet."""

    finding: SecrecyFinding | None
    needs_confirmation: bool


_LEVELS: Final = {
    "MẬT": SecrecyLevel.SECRET,
    "TỐIMẬT": SecrecyLevel.TOP_SECRET,
    "TUYỆTMẬT": SecrecyLevel.MOST_SECRET,
}
_DECLARED: Final = {
    "mat": SecrecyLevel.SECRET,
    "toi mat": SecrecyLevel.TOP_SECRET,
    "tuyet mat": SecrecyLevel.MOST_SECRET,
}
HEAD_LINES: Final = 40
"""Lines of a text without a page, which stand for the head of page 1."""
_FEW_CHARACTERS: Final = 40
_SCAN_SHARE: Final = 0.4
"""A picture on two fifths of the page is a scan, whatever text lies over it."""
_NOT_LETTERS: Final = re.compile(r"[^\w]+", re.UNICODE)
# Words that with "mật" make another word; compared without tone marks, as names often have none.
_BEFORE: Final = {"bao", "bi", "co", "can", "than", "giu", "khong"}
_AFTER: Final = {"khau", "ma", "danh", "thiet", "ong", "do", "vu", "thu", "nghi", "cao", "bang", "duong", "tien"}


def find_secrecy_mark(
    *, head_lines: Iterable[str], file_name: str = "", declared: str | None = None
) -> SecrecyFinding | None:
    """Look for a mark in what the clerk declared, the file's name and the lines of the page's head, in this order."""
    if declared and (level := _DECLARED.get(fold(declared.replace("_", " ")))):
        return SecrecyFinding(level, FoundIn.DECLARED)
    if level := _level_in_name(file_name):
        return SecrecyFinding(level, FoundIn.FILE_NAME)
    for line in head_lines:
        if level := _level_of_line(line):
            return SecrecyFinding(level, FoundIn.PAGE)
    return None


def examine(path: Path, *, kind: FileKind, file_name: str, declared: str | None = None) -> SecrecyCheck:
    """Read the head of a file that is not kept yet and look for a mark.

    Takes up to two minutes for an old Word file: never inside a transaction. Raises DamagedFile,
    EncryptedFile where the file cannot be read.
    """
    lines, unread = _head_of(path, kind)
    finding = find_secrecy_mark(head_lines=lines, file_name=file_name, declared=declared)
    return SecrecyCheck(finding=finding, needs_confirmation=finding is None and unread)


def _level_of_line(line: str) -> SecrecyLevel | None:
    """The level if nothing but the mark is on the line; letters may be spaced (`T U Y Ệ T  M Ậ T`)."""
    return _LEVELS.get(_NOT_LETTERS.sub("", one_tone_style(nfc(line))))


# File names -------------------------------------------------------------------------------------------------


def _level_in_name(file_name: str) -> SecrecyLevel | None:
    """Tối mật, tuyệt mật anywhere; bare MẬT only in capitals and standing apart.

    Without tone marks MAT is also an eye (mắt) or a face (mặt), so it counts only first (`MAT_12.pdf`) or in
    brackets; with them MẬT counts first, last or in brackets.
    """
    stem = nfc(file_name).rpartition(".")[0] or nfc(file_name)
    words = [word for word in re.split(r"[\W_]+", stem) if word]
    folded = [fold(word) for word in words]
    joined = f" {' '.join(folded)} "
    if " tuyet mat " in joined or "tuyetmat" in folded:
        return SecrecyLevel.MOST_SECRET
    if _is_top_secret(words, folded):
        return SecrecyLevel.TOP_SECRET
    return SecrecyLevel.SECRET if _is_bare_mark(stem, words, folded) else None


def _is_top_secret(words: list[str], folded: list[str]) -> bool:
    """`toi mat`, but not `tôi mất` or `tối mắt`: tones that are written must be the right ones."""
    if "toimat" in folded:
        return True
    for index in range(len(words) - 1):
        if folded[index : index + 2] != ["toi", "mat"]:
            continue
        pair = [word.lower() for word in words[index : index + 2]]
        if pair in (["tối", "mật"], ["toi", "mat"]):
            return True
    return False


def _is_bare_mark(stem: str, words: list[str], folded: list[str]) -> bool:
    bracketed = {fold(found) for found in re.findall(r"[(\[{]\s*(MẬT|MAT)\s*[)\]}]", stem)}
    if bracketed:
        return True
    for index, word in enumerate(words):
        if word not in {"MẬT", "MAT"}:
            continue
        first, last = index == 0, index == len(words) - 1
        if not (first or (last and word == "MẬT")):
            continue
        before = folded[index - 1] if index else ""
        after = folded[index + 1] if not last else ""
        if before not in _BEFORE and after not in _AFTER:
            return True
    return False


# The head of page 1 -----------------------------------------------------------------------------------------


def _head_of(path: Path, kind: FileKind) -> tuple[list[str], bool]:
    """Lines of the head, and whether something on the page could not be read."""
    if kind is FileKind.PDF:
        head = read_pdf("head", path)
        scanned = head["characters"] < _FEW_CHARACTERS or head["image_share"] >= _SCAN_SHARE
        return list(head["lines"]), scanned
    if kind is FileKind.DOCX:
        return _lines_of_archive(path, ["word/document.xml"], prefix="word/header")
    if kind is FileKind.ODT:
        return _lines_of_archive(path, ["content.xml", "styles.xml"])
    if kind is FileKind.XLSX:
        return _lines_of_archive(path, ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
    if kind is FileKind.DOC:
        return _lines_of_old_word(path)
    if kind is FileKind.XML:
        return _lines_of_data(path), True
    return [], True


def _lines_of_data(path: Path) -> list[str]:
    """The first words of a data file. What it says elsewhere nobody reads: the clerk confirms."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.parse(path, parser).getroot()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DamagedFile from error
    words = (str(text).strip() for text in root.itertext())
    return list(itertools.islice((text[:200] for text in words if text), HEAD_LINES))


_PARAGRAPHS: Final = {"p", "h", "si", "is"}
_PICTURES: Final = {"drawing", "pict", "image"}
_XML_LIMIT: Final = 64 * 1024**2


def _lines_of_archive(path: Path, parts: list[str], *, prefix: str = "") -> tuple[list[str], bool]:
    """The first paragraphs of each part; a picture among them, with hardly any text, could be a scan."""
    lines: list[str] = []
    pictures = 0
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name in parts or (prefix and name.startswith(prefix))]
            for name in sorted(names):
                if archive.getinfo(name).file_size > _XML_LIMIT:
                    raise DamagedFile
                found, seen = _paragraphs(archive.read(name))
                lines += found
                pictures += seen
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError) as error:
        raise DamagedFile from error
    return lines, bool(pictures) and sum(map(len, lines)) < _FEW_CHARACTERS


def _paragraphs(content: bytes) -> tuple[list[str], int]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    lines: list[str] = []
    pictures = 0
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        pictures += name in _PICTURES
        # A text box inside a paragraph is a paragraph of its own: its words are not those of the outer line.
        if name in _PARAGRAPHS and len(lines) < HEAD_LINES:
            lines += _words_of(element).split("\n")
    return lines, pictures


def _words_of(paragraph: etree._Element) -> str:
    words: list[str] = []

    def collect(element: etree._Element) -> None:
        for child in element.iterchildren("{*}*"):
            name = etree.QName(child).localname
            if name in _PARAGRAPHS:
                continue
            if name in {"br", "cr", "line-break", "tab"}:
                words.append("\n" if name != "tab" else "\t")
            words.append(child.text or "")
            collect(child)
            words.append(child.tail or "")

    words.append(paragraph.text or "")
    collect(paragraph)
    return "".join(words)


def _lines_of_old_word(path: Path) -> tuple[list[str], bool]:
    """An old Word file is read by LibreOffice; where that fails nobody has read the page, and the clerk is asked."""
    with clear_directory(path.stat().st_size) as directory:
        entered = directory / "source.doc"
        entered.symlink_to(path.resolve())
        target = directory / "target.txt"
        try:
            office.to_text(entered, target, kind=FileKind.DOC)
        except RenditionFailed:
            return [], True
        lines = target.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    said = [line for line in lines if line.strip()]
    return said[:HEAD_LINES], sum(map(len, said)) < _FEW_CHARACTERS

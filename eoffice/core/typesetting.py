"""One warm typst compiler per process, with the fonts of the house and nothing else."""

from __future__ import annotations

import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

FONTS_DIR = Path(__file__).resolve().parent / "fonts"
_lock = threading.Lock()


@lru_cache(maxsize=32)
def _compiler(template: Path) -> Any:  # noqa: ANN401 - the wheel ships no types
    return typst.Compiler(
        str(template), root=str(template.parent), font_paths=[str(FONTS_DIR)], ignore_system_fonts=True
    )


def typeset(template: Path, data: dict[str, object], *, pdf_a: bool = True) -> bytes:
    """Set `template` with `data` (read there as `json(bytes(sys.inputs.data))`) and return the PDF (PDF/A-2b).

    Data travels as JSON, never as source text, so nothing typed by a user is ever read as typst code.
    """
    with _lock:
        return _compile(template, data, pdf_a=pdf_a)


def typeset_with_places(template: Path, data: dict[str, object]) -> tuple[bytes, list[dict[str, Any]]]:
    """Like `typeset`, with the values of all `#metadata(…)<place>` of the document, in its order."""
    with _lock:
        pdf = _compile(template, data, pdf_a=True)
        return pdf, json.loads(_compiler(template).query("<place>", field="value"))


def _compile(template: Path, data: dict[str, object], *, pdf_a: bool) -> bytes:
    pdf = _compiler(template).compile(
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["a-2b"] if pdf_a else [],
    )
    return bytes(pdf)

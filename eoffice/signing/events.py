"""What this room tells those above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAPER_FINISHED: Final = "signing.paper.finished"


@dataclass(frozen=True, slots=True)
class PaperFinished:
    """A paper of a signature request has come to its end; `state` is a `states.RequestState`."""

    paper_id: int
    subject_kind: str
    subject_id: int
    state: str


@dataclass(frozen=True, slots=True)
class FileCompleted:
    """`signing.file.completed`: what `file` was signed as lasts longer in `after`, byte for byte `before` and more."""

    file: str
    before: str
    after: str

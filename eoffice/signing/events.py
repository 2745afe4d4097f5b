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

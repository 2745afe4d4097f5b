"""Which worker runs which file, so that two cores end together and a browser has one of them nearly to itself."""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

_JOURNEYS: Final = "tests/browser/"
_WEIGHTS: Final = (("tests/browser/", 12), ("tests/architecture/", 1), ("tests/", 8), ("eoffice/signing/", 2))
"""Tests of which place take how many times as long as others, roughly; the first that fits counts."""


class HeaviestFirst(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """Files whole, the longest first; the first worker begins with the journeys in a browser, the others end with them.

    In a browser much is waited for: beside another journey it is slow and unsteady, beside plain tests it is neither.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        prefers_journeys = node is next(iter(self.assigned_work))

        def rank(scope: str) -> tuple[bool, int]:
            return scope.startswith(_JOURNEYS) is prefers_journeys, len(self.workqueue[scope]) * _weight(scope)

        self.workqueue.move_to_end(max(self.workqueue, key=rank), last=False)
        super()._assign_work_unit(node)


def _weight(scope: str) -> int:
    return next((weight for place, weight in _WEIGHTS if scope.startswith(place)), 1)

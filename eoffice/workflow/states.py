"""The life of one step of a flow, as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db import models


class StepState(models.TextChoices):
    WAITING = "waiting", "Chưa đến lượt"
    OPEN = "open", "Đang chờ"
    PASSED = "passed", "Đã thông qua"
    RETURNED = "returned", "Đã trả lại"
    SKIPPED = "skipped", "Không cần"
    VOID = "void", "Hết hiệu lực"


class StepAction(StrEnum):
    OPEN = "open"
    SKIP = "skip"
    PASS = "pass"  # noqa: S105 - a verb
    RETURN = "return"
    VOID = "void"


STEP_TRANSITIONS: Final = {
    (StepState.WAITING, StepAction.OPEN): StepState.OPEN,
    (StepState.WAITING, StepAction.SKIP): StepState.SKIPPED,
    (StepState.OPEN, StepAction.PASS): StepState.PASSED,
    (StepState.OPEN, StepAction.RETURN): StepState.RETURNED,
    # A new round, a return elsewhere or an abandoned paper ends what is left, and voids earlier initials.
    (StepState.WAITING, StepAction.VOID): StepState.VOID,
    (StepState.OPEN, StepAction.VOID): StepState.VOID,
    (StepState.PASSED, StepAction.VOID): StepState.VOID,
}

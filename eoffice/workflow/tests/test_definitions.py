"""What a flow may look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.workflow.definitions import (
    OFFICE,
    SIGNER,
    UNIT_HEAD,
    StepDefinition,
    StepKind,
    checked_steps,
    default_steps,
    steps_from_json,
)
from eoffice.workflow.errors import StepsInvalid
from eoffice.workflow.states import STEP_TRANSITIONS, StepAction, StepState


def step(kind: StepKind, group: int, who: str = UNIT_HEAD, title: str = "Bước") -> StepDefinition:
    return StepDefinition(key="x", title=title, kind=kind, group=group, who=who)


SIGN = step(StepKind.SIGN, 9, SIGNER)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "từ 1 đến"),
        ([step(StepKind.INITIAL, 1)], "đúng một bước Ký ban hành"),
        ([SIGN, step(StepKind.SIGN, 10, SIGNER)], "đúng một bước Ký ban hành"),
        ([SIGN, step(StepKind.INITIAL, 10)], "đứng cuối cùng"),
        ([step(StepKind.INITIAL, 9), SIGN], "đứng cuối cùng"),
        ([step(StepKind.SIGN, 1, UNIT_HEAD)], "người ký đã chọn"),
        ([step(StepKind.INITIAL, 1, SIGNER), SIGN], "người ký chỉ được hỏi"),
        ([step(StepKind.INITIAL, 1, "role:king@3"), SIGN], "chưa chọn người duyệt"),
        ([step(StepKind.INITIAL, 1, "person:x"), SIGN], "chưa chọn người duyệt"),
        ([step(StepKind.INITIAL, 1, title=""), SIGN], "chưa có tên"),
    ],
)
def test_steps_that_contradict_each_other_are_refused(steps: list[StepDefinition], said: str) -> None:
    with pytest.raises(StepsInvalid, match=said):
        checked_steps(steps)


def test_default_flow_is_head_office_signer() -> None:
    assert [(s.kind, s.who, s.group) for s in checked_steps(default_steps())] == [
        (StepKind.INITIAL, UNIT_HEAD, 1),
        (StepKind.FORMAT, OFFICE, 2),
        (StepKind.SIGN, SIGNER, 3),
    ]


@given(groups=st.lists(st.integers(min_value=-5, max_value=50), min_size=0, max_size=12))
def test_groups_are_counted_from_one_and_keep_their_order(groups: list[int]) -> None:
    steps = [step(StepKind.OPINION, group, title=f"Bước {group}") for group in groups]

    checked = checked_steps([*steps, step(StepKind.SIGN, 99, SIGNER)])

    assert sorted({s.group for s in checked}) == list(range(1, len(set(groups)) + 2))
    assert [s.title for s in checked[:-1]] == [f"Bước {group}" for group in sorted(groups)]
    assert len({s.key for s in checked}) == len(checked)
    assert steps_from_json([s.to_json() for s in checked]) == checked


def test_a_decided_step_can_only_become_void() -> None:
    for state in (StepState.PASSED, StepState.RETURNED, StepState.SKIPPED, StepState.VOID):
        allowed = {action for (before, action) in STEP_TRANSITIONS if before == state}
        assert allowed <= {StepAction.VOID}

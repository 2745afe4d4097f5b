"""Shapes of the organisation's API."""

from __future__ import annotations

from ninja import Schema


class Recipient(Schema):
    """A line of the picker.

    `mark` is the unit's symbol or the person's initials, `detail` the parent unit's short name or the person's post.
    """

    kind: str
    id: int
    name: str
    mark: str
    detail: str
    path: str


class Me(Schema):
    person_id: int
    name: str
    unit_name: str
    position_name: str
    roles: list[str]

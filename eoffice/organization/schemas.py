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


class Field(Schema):
    """A field of work; no new paper gets a closed one."""

    id: int
    name: str
    is_closed: bool


class Me(Schema):
    person_id: int
    name: str
    unit_name: str
    position_name: str
    roles: list[str]

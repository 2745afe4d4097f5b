"""Places on a page, shared by the rooms that draw letters and the rooms that sign them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points from the lower left corner of a page; pages count from 0."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.page == other.page
            and self.x0 < other.x1
            and other.x0 < self.x1
            and self.y0 < other.y1
            and other.y0 < self.y1
        )

    def to_json(self) -> dict[str, float | int]:
        return {"page": self.page, "x0": self.x0, "y0": self.y0, "x1": self.x1, "y1": self.y1}

    @classmethod
    def from_json(cls, value: Mapping[str, float | int]) -> Self:
        return cls(int(value["page"]), float(value["x0"]), float(value["y0"]), float(value["x1"]), float(value["y1"]))


@dataclass(frozen=True, slots=True)
class LetterPlaces:
    """Where number, date, signatures and seal stand on a letter; None where it has no such place.

    `number` and `date` are the boxes into which the clerk's number (`15`) and whole date line
    (`Hà Nội, ngày 05 tháng 01 năm 2020`) are written; `signatures` are in order of signing.
    """

    number: Box | None
    date: Box | None
    signatures: tuple[Box, ...]
    seal: Box | None

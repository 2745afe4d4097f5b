"""Đơn vị: the tree, and which rules and registry a unit has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q


class UnitKind(models.TextChoices):
    """Loại đơn vị."""

    GROUP = "group", "Tập đoàn"
    BOARD = "board", "Ban"
    OFFICE = "office", "Văn phòng"
    DEPARTMENT = "department", "Phòng"
    PARTY = "party", "Đảng"
    UNION = "union", "Công đoàn"
    YOUTH = "youth", "Đoàn Thanh niên"
    CORPORATION = "corporation", "Tổng công ty"
    COMPANY = "company", "Công ty"
    PROVINCE = "province", "Tỉnh, thành phố"
    TRAINING = "training", "Đào tạo"
    HEALTH = "health", "Y tế"
    CAPITAL_REPRESENTATIVE = "capital_representative", "Đại diện vốn"


class Family(models.TextChoices):
    """Hệ thể thức: which body of rules sets the letterhead and the numbers."""

    STATE = "state", "Hành chính (NĐ 30)"
    PARTY = "party", "Đảng"
    UNION = "union", "Công đoàn"
    YOUTH = "youth", "Đoàn Thanh niên"


@dataclass(frozen=True, slots=True)
class UnitNames:
    """What a unit is called: on a letter, in lists, in symbols."""

    name: str
    short_name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class FormerNames:
    """Names held until `last_day` (included), and by what they were given up."""

    names: UnitNames
    last_day: date
    basis: str


class Unit(models.Model):
    """Đơn vị: a node of the organisation tree.

    `path` is the chain of ids from the root, `/1/4/9/`: a subtree is a prefix. `has_registry` marks a
    unit with its own seal, clerk and registers; others use the nearest one above.
    """

    code = models.CharField(max_length=40, null=True, unique=True)
    """Mã đơn vị: the key of imports and directories; never shown on a letter. None: made by hand without one."""
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, default="", db_index=False)
    kind = models.CharField(max_length=32, choices=UnitKind)
    family = models.CharField(max_length=16, choices=Family, default=Family.STATE)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80)
    symbol = models.CharField(max_length=30)
    """Viết tắt in ký hiệu: `TXG`, `CN`."""
    organ_id = models.CharField(max_length=35, blank=True)
    has_registry = models.BooleanField(default=False)
    place = models.CharField(max_length=60, blank=True)
    """Địa danh on the letter; empty inherits from above."""
    address_line = models.CharField(max_length=300, blank=True)
    former_names = models.JSONField(default=list, db_default=[])
    """Names held before, oldest first: `name`, `short_name`, `symbol`, `last_day` (ISO, included), `basis`.

    They stand in the row of the unit, so that no page needs another statement to call it as it was called then;
    written by `services.naming` alone.
    """
    known_as = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    """Names under which a search finds it too: its own former ones, and those of units it took over."""
    name_fold = models.CharField(max_length=2000)
    sort_key = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_unit"
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organization_unit_not_own_parent"),
        ]
        indexes = [
            models.Index(fields=["path"], name="organization_unit_path", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["parent", "position", "sort_key"], name="organization_unit_siblings"),
            GinIndex(SearchVector("name_fold", config="simple"), name="organization_unit_words", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ancestor_ids(self) -> tuple[int, ...]:
        """From the root to this unit, itself included."""
        return tuple(int(part) for part in self.path.split("/") if part)

    @property
    def names(self) -> UnitNames:
        """What it is called today."""
        return UnitNames(self.name, self.short_name, self.symbol)

    def names_on(self, day: date | None) -> UnitNames:
        """What it was called on a day of Vietnam; None is today. An old document keeps the old name."""
        if day is not None:
            for former in self.former_names:
                if day.isoformat() <= former["last_day"]:
                    return UnitNames(former["name"], former["short_name"], former["symbol"])
        return self.names

    def name_on(self, day: date | None) -> str:
        """The whole name it had on a day."""
        return self.names_on(day).name

    @property
    def earlier_names(self) -> list[FormerNames]:
        """Names held before, newest first."""
        return [
            FormerNames(
                UnitNames(each["name"], each["short_name"], each["symbol"]),
                date.fromisoformat(each["last_day"]),
                each["basis"],
            )
            for each in reversed(self.former_names)
        ]

    def is_within(self, other: Unit) -> bool:
        return self.path.startswith(other.path)

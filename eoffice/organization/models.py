"""Units, posts, persons, roles, signing capacities and who may see what."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


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


class Unit(models.Model):
    """Đơn vị: a node of the organisation tree.

    `path` is the chain of ids from the root, `/1/4/9/`: a subtree is a prefix. `has_registry` marks a
    unit with its own seal, clerk and registers; others use the nearest one above.
    """

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
    name_fold = models.CharField(max_length=400)
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
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ancestor_ids(self) -> tuple[int, ...]:
        """From the root to this unit, itself included."""
        return tuple(int(part) for part in self.path.split("/") if part)

    def is_within(self, other: Unit) -> bool:
        return self.path.startswith(other.path)


class Position(models.Model):
    """Chức vụ: a post's name and rank. `rank` 0 is the head, 1 a deputy, higher numbers are officers."""

    name = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField(default=9)

    class Meta:
        db_table = "organization_position"
        constraints = [models.UniqueConstraint(fields=["name", "rank"], name="organization_position_once")]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Người: a member of staff. Names are shown and signed without học hàm, học vị (NĐ 30, PL I)."""

    user = models.OneToOneField("accounts.User", null=True, on_delete=models.PROTECT, related_name="person")
    full_name = models.CharField(max_length=100)
    name_fold = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=300)
    phone = models.CharField(max_length=20, blank=True)
    left_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_person"

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = self.full_name.split()
        return (words[0][0] + words[-1][0]).upper()


class Posting(models.Model):
    """Đảm nhiệm: a person holding a position in a unit from a date to a date (both included)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="postings")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    is_main = models.BooleanField(default=True)

    class Meta:
        db_table = "organization_posting"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="organization_posting_dates_in_order",
            ),
        ]
        indexes = [models.Index(fields=["unit", "person"], name="organization_posting_unit")]

    def __str__(self) -> str:
        return f"{self.person}, {self.position} {self.unit}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Role(models.TextChoices):
    """Vai trò: what a person may do, held in one unit."""

    CLERK = "clerk", "Văn thư"
    LEADER = "leader", "Lãnh đạo"
    CHIEF_OF_OFFICE = "chief_of_office", "Chánh văn phòng"
    UNIT_HEAD = "unit_head", "Trưởng đơn vị"
    SECRETARY = "secretary", "Thư ký"
    OFFICER = "officer", "Chuyên viên"
    ADMINISTRATOR = "administrator", "Quản trị"
    ARCHIVIST = "archivist", "Lưu trữ"
    HELPDESK = "helpdesk", "Hỗ trợ"
    AUDITOR = "auditor", "Kiểm tra"


class RoleGrant(models.Model):
    """A role a person holds in a unit from a date to a date (both included)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32, choices=Role)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_role_grant"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "unit", "role", "starts_on"], name="organization_role_grant_once"
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"], name="organization_grant_unit_role")]

    def __str__(self) -> str:
        return f"{self.person}: {self.role} {self.unit}"


class SigningForm(models.TextChoices):
    """Quyền hạn ký (NĐ 30/2020/NĐ-CP, Điều 13)."""

    OWN = "own", "Ký trực tiếp"
    TM = "TM", "Thay mặt"
    Q = "Q", "Quyền"
    KT = "KT", "Ký thay"
    TL = "TL", "Thừa lệnh"
    TUQ = "TUQ", "Thừa ủy quyền"


class SigningCapacity(models.Model):
    """Thẩm quyền ký: who may sign what for which registry, in which form, on what basis, from when to when.

    `block_lines` are the printed lines above the signature (`KT. TỔNG GIÁM ĐỐC`, `PHÓ TỔNG GIÁM ĐỐC`): made
    from data, never typed on the letter. `document_types` empty means every type.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signing_capacities")
    registry = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="signing_capacities")
    form = models.CharField(max_length=8, choices=SigningForm)
    block_lines = ArrayField(models.CharField(max_length=200))
    position_title = models.CharField(max_length=100)
    document_types = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    field_of_work = models.CharField(max_length=200, blank=True)
    basis = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        db_table = "organization_signing_capacity"
        indexes = [models.Index(fields=["registry", "person"], name="organization_capacity_registry")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(form="TUQ") | Q(ends_on__isnull=False), name="organization_capacity_tuq_limited"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {' / '.join(self.block_lines)}"

    def covers(self, *, document_type: str, day: date) -> bool:
        if self.document_types and document_type not in self.document_types:
            return False
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class PrincipalKind(models.TextChoices):
    PERSON = "person", "Người"
    UNIT = "unit", "Đơn vị và cấp dưới"
    ROLE = "role", "Vai trò trong đơn vị"


class Principal(models.Model):
    """Someone who can be given sight of a document: a person, a unit's subtree, or a role in a unit.

    One small integer for each, so that an actor is a list of numbers and a right is one indexed row.
    """

    kind = models.CharField(max_length=8, choices=PrincipalKind)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE)
    role = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "organization_principal"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "person", "unit", "role"], name="organization_principal_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id or ''}{self.unit_id or ''} {self.role}".strip()


class AccessReason(models.TextChoices):
    """Why someone sees a document; the text answers "vì sao tôi thấy văn bản này?"."""

    REGISTRY = "registry", "Văn thư, lãnh đạo nơi tiếp nhận hoặc phát hành"
    FORWARDED = "forwarded", "Được trình xin ý kiến chỉ đạo"
    DIRECTED = "directed", "Người đã cho ý kiến chỉ đạo"
    ASSIGNED = "assigned", "Được giao xử lý"
    SUPPORT = "support", "Được giao phối hợp"
    INFORMED = "informed", "Được chuyển để biết"
    CONSULTED = "consulted", "Được xin ý kiến"
    DRAFTER = "drafter", "Người soạn thảo"
    REVIEWER = "reviewer", "Tham gia duyệt"
    SIGNER = "signer", "Người ký"
    RECIPIENT = "recipient", "Nơi nhận văn bản"
    UNIT_WORK = "unit_work", "Lãnh đạo đơn vị phụ trách"
    RELATED = "related", "Văn bản liên quan"
    GRANTED = "granted", "Được cấp quyền xem"


class Access(models.Model):
    """Quyền xem: which principal may see which object, why, and from which row the right came.

    Written only by the services of the room that owns the object; every list joins it inside its query.
    """

    object_kind = models.CharField(max_length=24)
    object_id = models.BigIntegerField()
    principal = models.ForeignKey(Principal, on_delete=models.CASCADE)
    reason = models.CharField(max_length=16, choices=AccessReason)
    source = models.CharField(max_length=64, blank=True)
    """`assignment:12`, `recipient:5`: what gave the right."""
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "organization_access"
        constraints = [
            models.UniqueConstraint(
                fields=["object_kind", "object_id", "principal", "reason", "source"], name="organization_access_once"
            ),
        ]
        indexes = [
            models.Index(fields=["principal", "object_kind", "object_id"], name="organization_access_principal"),
        ]

    def __str__(self) -> str:
        return f"{self.object_kind}:{self.object_id} → {self.principal_id} ({self.reason})"


class Holiday(models.Model):
    """Ngày nghỉ, ngày làm bù: days that break the Monday–Friday rule."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=100)
    is_working = models.BooleanField(default=False)

    class Meta:
        db_table = "organization_holiday"

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class Installation(models.Model):
    """The one row about this installation: group's name, support contacts, demo or real."""

    singleton = models.BooleanField(primary_key=True, default=True)
    name = models.CharField(max_length=200)
    is_demo = models.BooleanField(default=False)
    hotline = models.CharField(max_length=40, blank=True)
    support_email = models.EmailField(blank=True)
    support_contacts = models.TextField(blank=True)
    notice = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "organization_installation"
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="organization_installation_single")]

    def __str__(self) -> str:
        return self.name

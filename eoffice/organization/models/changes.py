"""Đề nghị thay đổi quyền: what someone wants changed by hand, waiting until a second person confirms it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from eoffice.organization.models.people import Person
from eoffice.organization.models.rights import Role
from eoffice.organization.models.units import Unit


class RightChangeKind(models.TextChoices):
    """Loại thay đổi."""

    ROLE_GIVEN = "role_given", "Giao vai trò"
    ROLE_ENDED = "role_ended", "Thôi giao vai trò"
    SIGHT_GIVEN = "sight_given", "Cấp quyền xem văn bản"
    SIGHT_ENDED = "sight_ended", "Thu hồi quyền xem văn bản"
    MANDATE_GIVEN = "mandate_given", "Giao phạm vi kiểm tra"
    MANDATE_ENDED = "mandate_ended", "Kết thúc phạm vi kiểm tra"
    SECRETARY_NAMED = "secretary_named", "Phân công thư ký"


class RightChangeState(models.TextChoices):
    WAITING = "waiting", "Chờ xác nhận"
    CONFIRMED = "confirmed", "Đã xác nhận"
    REFUSED = "refused", "Không xác nhận"
    WITHDRAWN = "withdrawn", "Đã rút"


class RightChange(models.Model):
    """Đề nghị thay đổi quyền: who shall get or lose what, why, from when; nothing applies before it is confirmed.

    NĐ 30/2020/NĐ-CP, Phụ lục VI, III.3.c. `unit` is where the role is held, the root of the audited units, or
    the registry of the document. `starts_on` is the first day of what is given, or the first day without what is
    ended. `target` is the row to be ended: a `RoleGrant`, a `Mandate` or the change that gave the sight.
    """

    kind = models.CharField(max_length=16, choices=RightChangeKind)
    state = models.CharField(max_length=12, choices=RightChangeState, default=RightChangeState.WAITING)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="right_changes")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="right_changes")
    role = models.CharField(max_length=32, choices=Role, blank=True)
    leader = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """Whom the person is to serve as secretary."""
    object_kind = models.CharField(max_length=24, blank=True)
    object_id = models.BigIntegerField(null=True)
    object_code = models.CharField(max_length=200, blank=True)
    """How the document is called without telling what it says: `Văn bản đến số 12`."""
    documents_from = models.DateField(null=True)
    documents_to = models.DateField(null=True)
    target = models.BigIntegerField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    basis = models.CharField(max_length=300, blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)
    is_alone = models.BooleanField(default=False)
    """Confirmed by its proposer, because the installation has nobody else."""
    closed_at = models.DateTimeField(null=True)
    """When a given sight ended, by date or by another change."""

    class Meta:
        db_table = "organization_right_change"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="organization_right_change_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "refused"]) | Q(is_alone=True) | ~Q(decided_by=F("proposed_by")),
                name="organization_right_change_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(kind="sight_given") | Q(ends_on__isnull=False), name="organization_sight_ends"
            ),
            models.UniqueConstraint(
                fields=["kind", "person", "unit", "role", "object_kind", "object_id", "target"],
                condition=Q(state="waiting"),
                nulls_distinct=False,
                name="organization_right_change_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="organization_change_state"),
            models.Index(fields=["person", "id"], name="organization_change_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"


class RightsSetting(models.Model):
    """Cách xác nhận thay đổi quyền: one row. `lone_administrator` lets a proposer confirm while nobody else could."""

    singleton = models.BooleanField(primary_key=True, default=True)
    lone_administrator = models.BooleanField(default=False)

    class Meta:
        db_table = "organization_rights_setting"
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="organization_rights_setting_single")]

    def __str__(self) -> str:
        return "một quản trị" if self.lone_administrator else "hai người"

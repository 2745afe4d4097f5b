"""Vai trò and quyền xem: roles held in units, principals, and the access rows every list joins."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast, Now

from eoffice.organization.models.people import Person
from eoffice.organization.models.units import Unit


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


class PrincipalKind(models.TextChoices):
    PERSON = "person", "Người"
    UNIT = "unit", "Đơn vị và cấp dưới"
    ROLE = "role", "Vai trò trong đơn vị"
    SECRETARIES = "prepares", "Thư ký của lãnh đạo"


class Principal(models.Model):
    """Someone who can be given sight of a document: a person, a unit's subtree, a role in a unit, or
    whoever prepares for a leader (`person` is the leader).

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
    PREPARES = "prepares", "Thư ký chuẩn bị cho lãnh đạo"


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
    dated_on = models.DateField(db_default=Cast(Now(), models.DateField()))
    """Day of the document: an auditor's mandate holds for a period of documents."""

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

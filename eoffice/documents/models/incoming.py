"""Incoming documents (văn bản đến) with the fields and lengths of NĐ 30/2020/NĐ-CP, Phụ lục VI."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.documents.states import IncomingState


class Urgency(models.IntegerChoices):
    """Mức độ khẩn (Priority)."""

    NORMAL = 0, "Thường"
    URGENT = 1, "Khẩn"
    VERY_URGENT = 2, "Thượng khẩn"
    EXPRESS = 3, "Hỏa tốc"


class Channel(models.TextChoices):
    """How the document came (kênh nhận)."""

    UPLOAD = "upload", "Văn thư tải lên"
    INTERNAL = "internal", "Nội bộ hệ thống"
    API = "api", "Phần mềm kết nối"


class IncomingDocument(models.Model):
    """Văn bản đến of one receiving registry; the original file is never touched.

    `is_internal` marks the copy that a registry's own units get of a paper their own registry issued:
    it needs no arrival number.
    """

    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="incoming_documents")
    state = models.CharField(max_length=20, choices=IncomingState.choices, default=IncomingState.RECEIVED)
    is_internal = models.BooleanField(default=False)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.UPLOAD)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    source_outgoing = models.ForeignKey(
        "documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="arrivals"
    )

    moved_from = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """The registry that took its number, when that is no more and another goes on with the letter."""
    arrival_number = models.PositiveIntegerField(null=True)
    arrival_suffix = models.CharField(max_length=2, blank=True)
    arrival_on = models.DateField(null=True)

    document_type = models.CharField(max_length=32, blank=True)
    """Code of `layout.types`; empty for a type outside the 29 (then `type_name` tells)."""
    type_name = models.CharField(max_length=100, blank=True)
    field_of_work = models.ForeignKey(
        "organization.FieldOfWork", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Lĩnh vực; None is outside every scope and capacity bound to fields."""
    number = models.CharField(max_length=11, blank=True)
    symbol = models.CharField(max_length=30, blank=True)
    issued_on = models.DateField(null=True)
    issuing_body = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=30, default="Tiếng Việt")
    page_amount = models.PositiveIntegerField(null=True)
    description = models.CharField(max_length=500, blank=True)
    signer_position = models.CharField(max_length=100, blank=True)
    signer_name = models.CharField(max_length=50, blank=True)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.NORMAL)
    circulation = models.CharField(max_length=40, blank=True)
    file_notation = models.CharField(max_length=20, blank=True)
    due_at = models.DateTimeField(null=True)
    """Thời hạn giải quyết."""
    forwarded_to = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """The leader whose direction it waits for, in `awaiting_direction`."""
    not_secret_basis = models.CharField(max_length=300, blank=True)
    """Who said, and why, that a paper whose text looked marked is no state secret."""
    returned_reason = models.CharField(max_length=1000, blank=True)
    """Why it came back to the clerk; empty once it is sent on again."""
    suggested = models.JSONField(default=dict)
    """What was read from the page for the form: field → {"value", "confidence", "box", "page"}. Never shown as fact."""
    recalled_at = models.DateTimeField(null=True)
    recall_confirmed_at = models.DateTimeField(null=True)

    code_fold = models.CharField(max_length=80, blank=True)
    """`number/symbol` folded, for duplicates and look-up."""
    body_fold = models.CharField(max_length=200, blank=True)
    search_fold = models.TextField(blank=True)
    """Number, symbol, subject, issuer folded: what the simple search reads."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "documents_incoming"
        constraints = [
            models.UniqueConstraint(
                fields=["source_outgoing", "registry"],
                condition=Q(source_outgoing__isnull=False, moved_from__isnull=True),
                name="documents_incoming_arrives_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "refused"])
                | Q(is_internal=True)
                | Q(arrival_number__isnull=False, arrival_on__isnull=False)
                | Q(recalled_at__isnull=False),
                name="documents_incoming_registered_has_number",
            ),
        ]
        indexes = [
            models.Index(fields=["registry", "state", "id"], name="documents_incoming_registry"),
            models.Index(fields=["registry", "code_fold"], name="documents_incoming_code"),
            models.Index(fields=["forwarded_to", "state"], name="documents_incoming_leader"),
            models.Index(
                fields=["field_of_work", "id"],
                name="documents_incoming_field",
                condition=Q(field_of_work__isnull=False),
            ),
            models.Index(
                fields=["registry", "id"],
                condition=Q(recalled_at__isnull=False, recall_confirmed_at__isnull=True),
                name="documents_incoming_recalls",
            ),
            GinIndex(OpClass("search_fold", name="gin_trgm_ops"), name="documents_incoming_search"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_code} {self.subject}"

    @property
    def shown_code(self) -> str:
        """Số, ký hiệu as printed: `15/QĐ-BNV`."""
        return "/".join(part for part in (self.number, self.symbol) if part)

    def as_read(self, name: str) -> str:
        """What was read from the page for a field nobody has confirmed yet; empty where nothing was read."""
        return str(self.suggested.get(name, {}).get("value", ""))

    @property
    def shown_arrival(self) -> str:
        """Số đến as written in the register; empty before registration."""
        return "" if self.arrival_number is None else f"{self.arrival_number:02d}{self.arrival_suffix}"

"""Outgoing documents (văn bản đi), their deliveries and what happens after issue."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.documents.models.incoming import Urgency
from eoffice.documents.states import DeliveryState, OutgoingState


class OutgoingDocument(models.Model):
    """Văn bản đi: made from a draft by numbering; its file is signed, then numbered, then sealed."""

    draft = models.OneToOneField("documents.Draft", on_delete=models.PROTECT, related_name="outgoing")
    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="outgoing_documents")
    drafting_unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=OutgoingState.choices, default=OutgoingState.NUMBERED)
    document_type = models.CharField(max_length=32)
    field_of_work = models.ForeignKey(
        "organization.FieldOfWork", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Lĩnh vực, from the draft."""
    number = models.PositiveIntegerField()
    suffix = models.CharField(max_length=2, blank=True)
    symbol = models.CharField(max_length=30)
    subject = models.CharField(max_length=500)
    issued_on = models.DateField()
    """Date printed on the document."""
    issuing_body = models.CharField(max_length=200)
    signer = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=100)
    signer_position = models.CharField(max_length=100)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.NORMAL)
    reply_due_at = models.DateTimeField(null=True)
    page_amount = models.PositiveIntegerField(default=1)
    copies = models.PositiveIntegerField(default=1)
    file = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")
    """The newest file: numbered, then sealed. None while number and date are being put on the page."""
    numbered_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    code_fold = models.CharField(max_length=80, blank=True)
    search_fold = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "documents_outgoing"
        indexes = [
            models.Index(fields=["registry", "state", "id"], name="documents_outgoing_registry"),
            models.Index(fields=["code_fold"], name="documents_outgoing_code", opclasses=["varchar_pattern_ops"]),
            models.Index(
                fields=["field_of_work", "id"],
                name="documents_outgoing_field",
                condition=Q(field_of_work__isnull=False),
            ),
            GinIndex(OpClass("search_fold", name="gin_trgm_ops"), name="documents_outgoing_search"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_code} {self.subject}"

    @property
    def shown_number(self) -> str:
        return f"{self.number:02d}{self.suffix}"

    @property
    def shown_code(self) -> str:
        """Số, ký hiệu as printed: `05/TXG-VP`."""
        return f"{self.shown_number}/{self.symbol}"


class Sealing(models.Model):
    """Đóng dấu: the organisation signed this file. Needed to issue.

    The row is made when sealing starts (`sealed_at` None) and confirmed when the signed file is stored.
    """

    outgoing = models.OneToOneField(OutgoingDocument, on_delete=models.PROTECT, related_name="sealing")
    started_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    file = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "documents_sealing"

    def __str__(self) -> str:
        return f"dấu {self.outgoing_id}"


class Recall(models.Model):
    """Thu hồi: takes effect at once inside the installation; the document stays as a frozen record."""

    outgoing = models.OneToOneField(OutgoingDocument, on_delete=models.PROTECT, related_name="recall")
    reason = models.CharField(max_length=1000)
    recalled_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    recalled_at = models.DateTimeField()

    class Meta:
        db_table = "documents_recall"

    def __str__(self) -> str:
        return self.reason[:60]


class Delivery(models.Model):
    """Nơi nhận of an issued document and how far it has come there."""

    outgoing = models.ForeignKey(OutgoingDocument, on_delete=models.PROTECT, related_name="deliveries")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    outside = models.ForeignKey("documents.OutsideBody", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    note = models.CharField(max_length=100, blank=True)
    expects_reply = models.BooleanField(default=False)
    incoming = models.ForeignKey(
        "documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.SENT)
    reason = models.CharField(max_length=1000, blank=True)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by_name = models.CharField(max_length=100, blank=True)
    state_at = models.DateTimeField()

    class Meta:
        db_table = "documents_delivery"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(unit__isnull=False, person__isnull=True, outside__isnull=True)
                    | Q(unit__isnull=True, person__isnull=False, outside__isnull=True)
                    | Q(unit__isnull=True, person__isnull=True, outside__isnull=False)
                ),
                name="documents_delivery_one_recipient",
            ),
            models.UniqueConstraint(
                fields=["outgoing", "unit"], condition=Q(unit__isnull=False), name="documents_delivery_unit_once"
            ),
        ]
        indexes = [models.Index(fields=["incoming"], name="documents_delivery_incoming")]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class DispatchMethod(models.TextChoices):
    POST = "post", "Bưu điện"
    HAND = "hand", "Chuyển tay"
    MAIL = "mail", "Thư điện tử"


class PostalDispatch(models.Model):
    """Một dòng sổ gửi văn bản đi bưu điện: by post, hand or mail to a body outside."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="dispatches")
    method = models.CharField(max_length=8, choices=DispatchMethod)
    sent_on = models.DateField()
    envelopes = models.PositiveSmallIntegerField(default=1)
    reference = models.CharField(max_length=100, blank=True)
    received_by = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "documents_postal_dispatch"

    def __str__(self) -> str:
        return f"{self.sent_on:%d/%m/%Y} {self.method}"

"""Drafts (dự thảo), their versions, recipients and the submission slip."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.core.clock import local_date
from eoffice.documents.models.incoming import Urgency
from eoffice.documents.states import DraftState


class DraftMode(models.TextChoices):
    COMPOSED = "composed", "Soạn trên hệ thống"
    UPLOADED = "uploaded", "Tải tệp lên"


class Draft(models.Model):
    """Dự thảo: what becomes an outgoing document when it is numbered.

    `content` holds the letter's fields (see `layout.letters`), `body` its ProseMirror document; both belong
    to the current version. From `awaiting_signature` on, `signing_file` is the one frozen file that is
    signed, numbered and sealed; `places` are its boxes.
    """

    author = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="drafts")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="drafts")
    """Đơn vị soạn thảo."""
    prepared_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """Who prepared it in the name of `author`, under a delegation or as his secretary."""
    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="registry_drafts")
    """The unit that numbers and seals."""
    state = models.CharField(max_length=20, choices=DraftState.choices, default=DraftState.DRAFT)
    mode = models.CharField(max_length=10, choices=DraftMode, default=DraftMode.COMPOSED)
    document_type = models.CharField(max_length=32)
    field_of_work = models.ForeignKey(
        "organization.FieldOfWork", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Lĩnh vực; None is outside every scope and capacity bound to fields."""
    subject = models.CharField(max_length=500)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.NORMAL)
    needs_number = models.BooleanField(default=True)
    needs_seal = models.BooleanField(default=True)
    symbol = models.CharField(max_length=30, blank=True)
    capacity = models.ForeignKey("organization.SigningCapacity", null=True, on_delete=models.PROTECT, related_name="+")
    """Who signs, in which capacity."""
    content = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    reply_due_at = models.DateTimeField(null=True)
    """Hạn trả lời asked of the recipients."""
    in_reply_to = models.ForeignKey(
        "documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="replies"
    )
    assignment = models.ForeignKey("documents.Assignment", null=True, on_delete=models.PROTECT, related_name="drafts")
    """The line this draft answers; issuing completes it."""
    corrects = models.ForeignKey(
        "documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="correction_drafts"
    )
    replaces = models.ForeignKey(
        "documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="replacement_drafts"
    )
    returned_reason = models.CharField(max_length=1000, blank=True)
    """Why it came back; empty once it is submitted again."""
    signing_file = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")
    places = models.JSONField(default=dict)
    search_fold = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "documents_draft"
        indexes = [
            models.Index(fields=["author", "state", "id"], name="documents_draft_author"),
            models.Index(fields=["registry", "state", "id"], name="documents_draft_registry"),
            GinIndex(OpClass("search_fold", name="gin_trgm_ops"), name="documents_draft_search"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def called_on(self) -> date | None:
        """The day whose names its units are called by: that of its last change once nothing more is done with it."""
        over = {DraftState.ISSUED, DraftState.VOID, DraftState.FINISHED, DraftState.ABANDONED}
        return local_date(self.updated_at) if self.state in over else None

    @property
    def cosigner_id(self) -> int | None:
        """The person who signs beside the signer: the secretary of a biên bản. It is part of what a version keeps."""
        value = self.content.get("cosigner_id")
        return value if isinstance(value, int) else None

    @property
    def is_countersigned(self) -> bool:
        """Whether its text came signed already: only signatures are added, number and date stand beside it."""
        return self.mode == DraftMode.UPLOADED and bool(self.places.get("countersign"))


class DraftVersion(models.Model):
    """Lần dự thảo: one immutable state of a draft; two can be compared."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document_type = models.CharField(max_length=32)
    subject = models.CharField(max_length=500)
    content = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    file = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")
    """The uploaded file, or the set page once it was submitted."""
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "documents_draft_version"
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="documents_draft_version_once")]

    def __str__(self) -> str:
        return f"lần {self.number}"


class OutsideBody(models.Model):
    """Cơ quan ngoài hệ thống: a body that gets letters by post, hand or mail."""

    name = models.CharField(max_length=200)
    name_fold = models.CharField(max_length=240)
    organ_id = models.CharField(max_length=35, blank=True)
    address = models.CharField(max_length=300, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        db_table = "documents_outside_body"
        constraints = [models.UniqueConstraint(fields=["name_fold"], name="documents_outside_body_once")]

    def __str__(self) -> str:
        return self.name


class DraftRecipient(models.Model):
    """Nơi nhận of a draft, in order: a unit, a person or an outside body."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="recipients")
    position = models.PositiveIntegerField()
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    outside = models.ForeignKey(OutsideBody, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=100, blank=True)
    """`để báo cáo`, `để thực hiện`."""
    expects_reply = models.BooleanField(default=False)

    class Meta:
        db_table = "documents_draft_recipient"
        constraints = [
            models.UniqueConstraint(fields=["draft", "position"], name="documents_draft_recipient_position"),
            models.CheckConstraint(
                condition=(
                    Q(unit__isnull=False, person__isnull=True, outside__isnull=True)
                    | Q(unit__isnull=True, person__isnull=False, outside__isnull=True)
                    | Q(unit__isnull=True, person__isnull=True, outside__isnull=False)
                ),
                name="documents_draft_recipient_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.person or self.outside)


class Submission(models.Model):
    """Phiếu trình: travels with every draft; opinions are the review steps and consultations beside it."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="submission")
    proposal = models.TextField(blank=True)
    form_reason = models.CharField(max_length=500, blank=True)
    """Why it goes as it is although faults of form were found; with each submission anew."""
    form_faults = models.JSONField(default=list)
    """Those faults, each with part, message, clause."""
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents_submission"

    def __str__(self) -> str:
        return f"Phiếu trình {self.draft_id}"

"""What every kind of document has: file versions, state changes, reads, links, comments."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class FilePurpose(models.TextChoices):
    ORIGINAL = "original", "Bản gốc nhận được"
    ATTACHMENT = "attachment", "Tệp kèm theo"
    DRAFT = "draft", "Dự thảo"
    SIGNING = "signing", "Bản trình ký"
    SIGNED = "signed", "Bản đã ký"
    NUMBERED = "numbered", "Bản đã cấp số"
    SEALED = "sealed", "Bản phát hành"
    ANNEX = "annex", "Phụ lục đã ký số"


class FileVersion(models.Model):
    """Phiên bản tệp: one immutable file of one document; anything signed, sent or quoted names one."""

    incoming = models.ForeignKey(
        "documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="files"
    )
    draft = models.ForeignKey("documents.Draft", null=True, on_delete=models.PROTECT, related_name="files")
    outgoing = models.ForeignKey(
        "documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="files"
    )
    purpose = models.CharField(max_length=12, choices=FilePurpose)
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    """As the sender named it, NFC."""
    created_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "documents_file_version"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(incoming__isnull=False, draft__isnull=True, outgoing__isnull=True)
                    | Q(incoming__isnull=True, draft__isnull=False, outgoing__isnull=True)
                    | Q(incoming__isnull=True, draft__isnull=True, outgoing__isnull=False)
                ),
                name="documents_file_version_of_one",
            ),
        ]
        indexes = [models.Index(fields=["file"], name="documents_file_version_file")]

    def __str__(self) -> str:
        return self.name


class StateChange(models.Model):
    """Một bước chuyển trạng thái: from, to, who, on whose behalf, when, why. Written with the state itself."""

    object_kind = models.CharField(max_length=24)
    """incoming, draft, outgoing or assignment."""
    object_id = models.BigIntegerField()
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    action = models.CharField(max_length=32)
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "documents_state_change"
        indexes = [models.Index(fields=["object_kind", "object_id", "id"], name="documents_change_object")]

    def __str__(self) -> str:
        return f"{self.object_kind}:{self.object_id} {self.from_state} → {self.to_state}"


class DocumentRead(models.Model):
    """Đã xem: the first and the last time a person opened a document."""

    object_kind = models.CharField(max_length=24)
    object_id = models.BigIntegerField()
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    first_read_at = models.DateTimeField()
    last_read_at = models.DateTimeField()

    class Meta:
        db_table = "documents_read"
        constraints = [
            models.UniqueConstraint(fields=["person", "object_kind", "object_id"], name="documents_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.object_kind}:{self.object_id}"


class LinkRelation(models.TextChoices):
    REPLIES_TO = "replies_to", "Trả lời"
    REPLACES = "replaces", "Thay thế"
    CORRECTS = "corrects", "Đính chính"
    RELATED = "related", "Liên quan"


class DocumentLink(models.Model):
    """Liên kết giữa hai văn bản, read from `from_*` to `to_*`."""

    from_kind = models.CharField(max_length=24)
    from_id = models.BigIntegerField()
    to_kind = models.CharField(max_length=24)
    to_id = models.BigIntegerField()
    relation = models.CharField(max_length=12, choices=LinkRelation)
    created_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "documents_link"
        constraints = [
            models.UniqueConstraint(
                fields=["from_kind", "from_id", "to_kind", "to_id", "relation"], name="documents_link_once"
            )
        ]
        indexes = [models.Index(fields=["to_kind", "to_id"], name="documents_link_to")]

    def __str__(self) -> str:
        return f"{self.from_kind}:{self.from_id} {self.relation} {self.to_kind}:{self.to_id}"


class Comment(models.Model):
    """Ghi chú, trao đổi beside a document; never inside a signed file."""

    object_kind = models.CharField(max_length=24)
    object_id = models.BigIntegerField()
    author = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "documents_comment"
        indexes = [models.Index(fields=["object_kind", "object_id", "id"], name="documents_comment_object")]

    def __str__(self) -> str:
        return self.text[:60]


class RequestOnce(models.Model):
    """A form that was sent: its key and what came of it, so that a second click finds the first one's result."""

    key = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    object_kind = models.CharField(max_length=24)
    object_ids = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "documents_request_once"

    def __str__(self) -> str:
        return f"{self.object_kind}:{self.object_ids}"

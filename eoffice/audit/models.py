"""The audit trail: entries, the blocks that seal them, and which entry stands where in which block."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AuditEntry(models.Model):
    """Dòng nhật ký: who did what to which object, when and in whose name. Never changed, never deleted.

    Plain ids, no foreign keys: an entry outlives everything it speaks of.
    """

    insert_only: ClassVar[bool] = True

    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    posting_id = models.BigIntegerField(null=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=16)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["object_kind", "object_id", "id"], name="audit_entry_object"),
            models.Index(fields=["person_id", "id"], name="audit_entry_person"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.action} {self.object_kind} {self.object_id}"


class AuditBlock(models.Model):
    """Khối niêm phong: the Merkle root of a batch of entries, chained to the block before it.

    `number` counts from 1 without gaps. `root` is the hash of the whole block (see `sealing`);
    `previous_root` is the root of the block before, empty for the first.
    """

    insert_only: ClassVar[bool] = True

    number = models.BigIntegerField(primary_key=True)
    merkle_root = models.CharField(max_length=64)
    previous_root = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    newest_entry_id = models.BigIntegerField()
    """Highest entry id visible when the block was made."""
    snapshot_xmax = models.BigIntegerField()
    """Transactions numbered from here on had not begun when the block was made."""
    settled_entry_id = models.BigIntegerField()
    """Entries up to this id need not be looked for again (see `sealing`)."""

    class Meta:
        db_table = "audit_block"

    def __str__(self) -> str:
        return f"{self.number} {self.root[:12]}"


class AuditSealed(models.Model):
    """One entry's place in its block."""

    insert_only: ClassVar[bool] = True

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="sealed")
    block = models.ForeignKey(AuditBlock, on_delete=models.PROTECT, related_name="places")
    position = models.PositiveIntegerField()

    class Meta:
        db_table = "audit_sealed"
        constraints = [models.UniqueConstraint(fields=["block", "position"], name="audit_sealed_place_once")]

    def __str__(self) -> str:
        return f"{self.block_id}/{self.position}"

"""Separate annexes of an outgoing document: how each goes out, and the file that was sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AnnexWay(models.TextChoices):
    """How a separate file goes out with its paper."""

    SEALED = "sealed", "Ký số trên chính tệp"
    RENDITION = "rendition", "Ký số trên bản PDF, gửi kèm tệp gốc"
    AS_IT_CAME = "as_it_came", "Gửi nguyên tệp, không ký"


class Annex(models.Model):
    """Phụ lục tách rời: one attached file of a paper that has its number.

    Decided when the number is taken, signed with the paper by the organisation, at the upper right of page 1 and in
    words only (Decree 30/2020/ND-CP, PL I, II.8b). Papers issued before annexes were signed have no rows.
    """

    outgoing = models.ForeignKey("documents.OutgoingDocument", on_delete=models.PROTECT, related_name="annexes")
    attachment = models.OneToOneField("documents.FileVersion", on_delete=models.PROTECT, related_name="annex")
    position = models.PositiveSmallIntegerField()
    """Counted from 1: Phụ lục 1."""
    way = models.CharField(max_length=12, choices=AnnexWay)
    reason = models.CharField(max_length=300, blank=True)
    """Why it goes as it came, for a person."""
    source = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    """The PDF that is signed: the file itself, or its rendition."""
    corner = models.JSONField(default=dict)
    """Where the words stand (`signing.engine.text_marks.Corner`)."""
    prepared = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    """The same with its empty field; kept before the key is used, so that whoever continues signs the same file."""
    field = models.CharField(max_length=100, blank=True)
    sealed = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "documents_annex"
        constraints = [
            models.UniqueConstraint(fields=["outgoing", "position"], name="documents_annex_position"),
            models.CheckConstraint(
                condition=Q(way="as_it_came", source__isnull=True, sealed__isnull=True) & ~Q(reason="")
                | Q(way__in=["sealed", "rendition"], source__isnull=False, reason=""),
                name="documents_annex_way_whole",
            ),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True) | Q(prepared__isnull=False), name="documents_annex_sealed_whole"
            ),
        ]

    @property
    def is_to_be_sealed(self) -> bool:
        return self.way != AnnexWay.AS_IT_CAME

    def __str__(self) -> str:
        return f"phụ lục {self.position}"

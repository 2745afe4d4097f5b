"""Electronic copies: a scan, or an extract set anew, that the organisation signs for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from eoffice.organization.models import SigningCapacity


class CopyForm(models.TextChoices):
    """Hình thức sao to an electronic file (Decree 30/2020/ND-CP, Art. 25)."""

    FULL = "sao_y", "Sao y"
    AGAIN = "sao_luc", "Sao lục"
    EXTRACT = "trich_sao", "Trích sao"


class OriginalKind(models.TextChoices):
    """What the copied paper is."""

    ORIGINAL = "original", "Bản gốc"
    MAIN = "main", "Bản chính"
    COPY = "copy", "Bản sao y"


def decision_words(decider: SigningCapacity | None, basis: str) -> str:
    """`Phạm Đức Thuận, Chánh Văn phòng; Công văn số 12/CV-VP`; the words alone for someone outside the unit."""
    named = f"{decider.person.full_name}, {decider.position_title}" if decider else ""
    return "; ".join(part for part in (named, basis) if part)


class PaperCopy(models.Model):
    """Bản sao điện tử: the file that is copied, and the one that carries the seal and the words of the copy.

    Sao y copies an original or a main copy, sao lục a sao y; both are scans and never change. Trích sao is set by the
    layout from `extract`, under a number of the register of copies, and may be set again until it is sealed.
    `sealed_at` None: not sealed yet. One that will never be sealed is voided: its number stays taken.
    """

    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=12, choices=CopyForm)
    original_kind = models.CharField(max_length=8, choices=OriginalKind)
    code = models.CharField(max_length=80)
    """Number and symbol of the paper."""
    dated = models.DateField()
    issuing_body = models.CharField(max_length=200)
    subject = models.CharField(max_length=500)
    decider = models.ForeignKey("organization.SigningCapacity", null=True, on_delete=models.PROTECT, related_name="+")
    """In which capacity one of the unit decided that it is copied (Art. 27: the head decides, and who signs copies)."""
    basis = models.CharField(max_length=300)
    """The paper the decision rests on; where no `decider` is named, who decided, in words."""
    incoming = models.ForeignKey("documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="+")
    """The letter it came as, where the copy was asked for from there."""
    outgoing = models.ForeignKey("documents.OutgoingDocument", null=True, on_delete=models.PROTECT, related_name="+")
    """The issued document an extract is taken from."""
    extract = models.JSONField(default=dict)
    """Of an extract: further parts of the paper's form, the part that is copied, recipients (`services.extracting`)."""
    scan = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    """The file that is sealed. None only while an extract's page is being set."""
    result = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    sealed_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        db_table = "documents_paper_copy"
        constraints = [
            models.CheckConstraint(
                condition=Q(form="sao_y", original_kind__in=["original", "main"])
                | Q(form="sao_luc", original_kind="copy")
                | Q(form="trich_sao", original_kind__in=["original", "main"]),
                name="documents_paper_copy_form_fits",
            ),
            models.CheckConstraint(
                condition=Q(scan__isnull=False) | Q(form="trich_sao", sealed_at__isnull=True),
                name="documents_paper_copy_has_file",
            ),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True, result__isnull=True, sealed_by__isnull=True)
                | Q(sealed_at__isnull=False, result__isnull=False, sealed_by__isnull=False),
                name="documents_paper_copy_sealed_whole",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True)
                | (Q(voided_at__isnull=False, voided_by__isnull=False, sealed_at__isnull=True) & ~Q(void_reason="")),
                name="documents_paper_copy_voided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decider__isnull=False) | ~Q(basis=""), name="documents_paper_copy_decided"
            ),
        ]
        indexes = [models.Index(fields=["registry", "-id"], name="documents_paper_copy_registry")]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.code}"

    @property
    def is_extract(self) -> bool:
        return self.form == CopyForm.EXTRACT

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the seal: it can be corrected, sealed or voided."""
        return self.sealed_at is None and self.voided_at is None

    @property
    def decided_by(self) -> str:
        """Who let it be copied, and on what paper, as shown and printed."""
        return decision_words(self.decider, self.basis)

    @property
    def shown_code(self) -> str:
        """The number of the copy as printed, `05/TrS-TXG`; that of the paper where a copy has none."""
        entry = getattr(self, "entry", None)
        return f"{entry.shown_number}/{self.extract.get('symbol', '')}" if entry is not None else self.code

    @property
    def file_name(self) -> str:
        return f"{self.get_form_display()} {self.code.replace('/', '-')}.pdf"

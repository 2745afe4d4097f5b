"""The code by which anybody checks that a paper is genuine, and where an office prints it."""

from __future__ import annotations

from django.db import models

from eoffice.layout.check_marks import MarkPlace


class CheckCode(models.Model):
    """Mã kiểm tra of one paper, made before its page is signed so that it stands on the page.

    60 random bits: nobody guesses one and nothing counts up. It answers once the paper is issued, and for ever.
    """

    draft = models.OneToOneField("documents.Draft", on_delete=models.PROTECT, related_name="check_code")
    code = models.CharField(max_length=12, unique=True)
    """Twelve signs of `services.check_codes.ALPHABET`, without dashes."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "documents_check_code"

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """As printed: `7KQ2-M0ZT-9XWA`."""
        return "-".join(self.code[start : start + 4] for start in range(0, len(self.code), 4))


class CheckMarkRule(models.Model):
    """Vị trí mã kiểm tra on the papers of one registry; without a row: the lower left corner of the first page."""

    registry = models.OneToOneField("organization.Unit", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=12, choices=[(each.value, each.value) for each in MarkPlace])
    changed_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "documents_check_mark_rule"

    def __str__(self) -> str:
        return self.place

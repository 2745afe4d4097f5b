"""Who keeps the device of a unit's seal, and the minutes by which it went from hand to hand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from eoffice.signing.states import HandOverState


class SealHandOver(models.Model):
    """Biên bản bàn giao thiết bị con dấu: from whom to whom, on what written permission, before which witness.

    Decree 30/2020/ND-CP, Art. 32: the device goes over only with written permission and minutes. Done once both have
    confirmed; the receiver of the newest one that is done keeps the seal. Done rows are never changed.
    """

    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    from_person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """None: the first keeper that is named here."""
    to_person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    device = models.CharField(max_length=200)
    permission = models.CharField(max_length=300)
    """The writing that permits it: number, date, who signed."""
    reason = models.CharField(max_length=500)
    witness = models.CharField(max_length=200)
    handed_on = models.DateField()
    state = models.CharField(max_length=10, choices=HandOverState, default=HandOverState.WAITING)
    proposed_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    given_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """Who confirmed for the giving side: the keeper, or who answers for the unit where the keeper cannot any more."""
    given_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    """When the receiver confirmed."""
    refusal = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_seal_hand_over"
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state=HandOverState.WAITING), name="signing_seal_hand_over_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state=HandOverState.DONE) | Q(given_at__isnull=False, taken_at__isnull=False),
                name="signing_seal_hand_over_both",
            ),
            models.CheckConstraint(
                condition=Q(from_person__isnull=True) | ~Q(from_person=F("to_person")),
                name="signing_seal_hand_over_two",
            ),
            models.CheckConstraint(
                condition=Q(given_by__isnull=True) | ~Q(given_by=F("to_person")), name="signing_seal_hand_over_by_two"
            ),
        ]
        indexes = [models.Index(fields=["unit", "state", "-ended_at"], name="signing_seal_hand_over_unit")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"


class KeeperRules(models.Model):
    """Quy định về người giữ con dấu of this installation: one row."""

    only_keeper = models.BooleanField(default=False)
    """Refuse the seal to everybody but its named keeper; else another clerk is only told whose it is."""

    class Meta:
        db_table = "signing_keeper_rules"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="signing_keeper_rules_one_row")]

    def __str__(self) -> str:
        return str(self.only_keeper)

"""Signatures asked of a key that answers later, paper by paper."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from eoffice.signing.models.keys import SigningKey, Stage
from eoffice.signing.models.methods import SigningMethod
from eoffice.signing.states import OPEN_STATES, RequestState

REQUEST_MEMORY: Final = "signing_request.memory"
"""What `core.secret_text` binds this column to."""


class SignatureRequest(models.Model):
    """Yêu cầu ký: papers that one person signs in one go with one key, and how far that has come.

    Everything that is needed to go on stands here and in the papers: it survives restarts, closed browsers and dead
    providers. `method` None is the key kept in this installation (`key`).
    """

    reference = models.CharField(max_length=40, unique=True)
    """Our own name of the request, unguessable: shown to the person and given to the provider."""
    person = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    """Who signs, or who seals."""
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    """Whose seal it is; None for a person's signature."""
    posting_id = models.BigIntegerField(null=True)
    """The post the person acted in."""
    method = models.ForeignKey(SigningMethod, null=True, on_delete=models.PROTECT, related_name="requests")
    key = models.ForeignKey(SigningKey, null=True, on_delete=models.PROTECT, related_name="requests")
    description = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    words = models.CharField(max_length=500, blank=True)
    """What to tell the person beside the state."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    """Set before the provider is asked: a process killed after that does not know whether it was."""
    next_poll_at = models.DateTimeField(null=True)
    polls = models.PositiveIntegerField(default=0)
    memory = models.TextField(blank=True)
    """What the provider's client must know for the next question: a JSON object, encrypted."""
    visit = models.CharField(max_length=4000, blank=True)
    """Where the person's browser must go to confirm, for services that ask so."""
    back = models.CharField(max_length=300, blank=True)
    """The page of ours the request was made from."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signing_request"
        constraints = [
            models.CheckConstraint(
                condition=Q(method__isnull=True, key__isnull=False) | Q(method__isnull=False, key__isnull=True),
                name="signing_request_one_key",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(finished_at__isnull=False)),
                name="signing_request_finished",
            ),
        ]
        indexes = [
            models.Index(fields=["next_poll_at"], condition=Q(state=RequestState.SENT), name="signing_request_due"),
            models.Index(fields=["expires_at"], condition=Q(state__in=OPEN_STATES), name="signing_request_expiring"),
            models.Index(fields=["person", "-created_at", "-id"], name="signing_request_of_person"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class SignatureRequestPaper(models.Model):
    """Văn bản trong yêu cầu ký: one signature on one file, with the four small values of a deferred signature.

    `tail` is what the prepared file has beyond the file it was prepared from: together they are the prepared file.
    """

    request = models.ForeignKey(SignatureRequest, on_delete=models.PROTECT, related_name="papers")
    position = models.PositiveSmallIntegerField()
    doc_id = models.CharField(max_length=40, unique=True)
    """The same on our page and on the phone."""
    title = models.CharField(max_length=300)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    """What the caller signs: one version of a file of his. One open request at a time."""
    subject = models.JSONField(default=dict)
    """What the caller wants to know again when the paper is signed."""
    again = models.CharField(max_length=100, blank=True)
    """The query that has the caller's page offer this paper again."""
    source = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    stage = models.CharField(max_length=8, choices=Stage)
    mark = models.BinaryField(null=True)
    tail = models.BinaryField(null=True)
    document_digest = models.BinaryField(null=True)
    hole_start = models.BigIntegerField(null=True)
    hole_end = models.BigIntegerField(null=True)
    signed_attributes = models.BinaryField(null=True)
    value = models.BinaryField(null=True)
    """The raw value that came back, verified with the certificate's key."""
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.WAITING)
    code = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=500, blank=True)
    result = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    """When the caller made the signed file his own."""
    untaken_words = models.CharField(max_length=500, blank=True)
    """Why the caller could not take it."""

    class Meta:
        db_table = "signing_request_paper"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state__in=OPEN_STATES),
                name="signing_request_paper_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.SIGNED, result__isnull=False)
                | (~Q(state=RequestState.SIGNED) & Q(result__isnull=True)),
                name="signing_request_paper_has_result",
            ),
        ]
        indexes = [
            models.Index(fields=["request", "position"], name="signing_request_paper_order"),
            models.Index(fields=["subject_kind", "subject_id"], name="signing_request_paper_subj"),
        ]

    def __str__(self) -> str:
        return f"{self.doc_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

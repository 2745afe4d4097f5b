"""Directives, assignments and what happens along them. Inboxes are made of assignments."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from eoffice.core.clock import local_date
from eoffice.core.vietnamese import fold
from eoffice.documents.models.incoming import IncomingDocument
from eoffice.documents.states import ENDED_ASSIGNMENT_STATES, OPEN_ASSIGNMENT_STATES, AssignmentState
from eoffice.organization.acting import acting_words

_OPEN = list(OPEN_ASSIGNMENT_STATES)
_ENDED = list(ENDED_ASSIGNMENT_STATES)


class AssignmentRole(models.TextChoices):
    LEAD = "lead", "Chủ trì"
    SUPPORT = "support", "Phối hợp"
    INFORMED = "informed", "Nhận để biết"


class Directive(models.Model):
    """Bút phê: what a leader ordered, when, on which version of the file.

    `author` None is a rule of the office that distributed without a leader.
    """

    incoming = models.ForeignKey("documents.IncomingDocument", on_delete=models.PROTECT, related_name="directives")
    author = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    due_at = models.DateTimeField(null=True)
    letter_due_at = models.DateTimeField(null=True)
    """The letter's own deadline before this directive: it holds again when the directive is taken back."""
    file_version = models.ForeignKey("documents.FileVersion", null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """The secretary whose proposal it was; the directive is its author's all the same."""
    given_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents_directive"

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def given_for_id(self) -> int | None:
        """Whose directive it is: the leader in whose name it was given, else its author; None is a rule's."""
        return self.author_id if self.on_behalf_of_id is None else self.on_behalf_of_id

    @property
    def given_by_words(self) -> str:
        """Who gave it, as every page and paper says it. Author and giver must be loaded."""
        if self.author is None:
            return ""
        return acting_words(self.author, self.on_behalf_of)


class Assignment(models.Model):
    """Dòng phân công: who (a person or a unit), in which role, by when, and how far it has come.

    A directive has exactly one lead line that is not withdrawn or returned; so has every line that was
    passed on. Children hang under the line they were passed on from.
    """

    incoming = models.ForeignKey("documents.IncomingDocument", on_delete=models.PROTECT, related_name="assignments")
    directive = models.ForeignKey(Directive, null=True, on_delete=models.PROTECT, related_name="assignments")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=AssignmentRole)
    state = models.CharField(max_length=20, choices=AssignmentState.choices, default=AssignmentState.WAITING)
    instruction = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    requires_reply = models.BooleanField(default=False)
    assigned_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    given_through = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """Who gave it in the name of `assigned_by`, under a delegation."""
    assigned_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)
    no_reply_reason = models.CharField(max_length=500, blank=True)
    reply = models.ForeignKey("documents.Draft", null=True, on_delete=models.PROTECT, related_name="+")
    """The draft whose issue completes this line ("đóng bằng văn bản trả lời")."""
    return_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "documents_assignment"
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(person__isnull=True), name="documents_assignment_one_holder"
            ),
            models.UniqueConstraint(
                fields=["directive"],
                condition=Q(role="lead", parent__isnull=True) & ~Q(state__in=["withdrawn", "returned", "recalled"]),
                name="documents_directive_one_lead",
            ),
            models.UniqueConstraint(
                fields=["parent"],
                condition=Q(role="lead") & ~Q(state__in=["withdrawn", "returned", "recalled"]),
                name="documents_assignment_one_lead_below",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state", "due_at"], name="documents_assignment_person"),
            models.Index(fields=["unit", "state", "due_at"], name="documents_assignment_unit"),
            models.Index(fields=["assigned_by", "state", "due_at"], name="documents_assignment_giver"),
            # What has ended is nearly all in all years; these give the newest of each holder.
            models.Index(
                fields=["unit", "-closed_at", "-id"],
                name="documents_assignment_unit_done",
                condition=Q(state__in=_ENDED),
            ),
            models.Index(
                fields=["person", "-closed_at", "-id"],
                name="documents_assignment_own_done",
                condition=Q(state__in=_ENDED),
            ),
            # What is open is few in all years; these find it by who gave it, below a line, and where a rule gave it.
            models.Index(
                fields=["assigned_by", "role", "due_at"],
                name="documents_assignment_given",
                condition=Q(state__in=_OPEN),
            ),
            models.Index(
                fields=["parent"],
                name="documents_assignment_below",
                condition=Q(parent__isnull=False, state__in=_OPEN),
            ),
            models.Index(
                fields=["incoming"],
                name="documents_assignment_by_rule",
                condition=Q(parent__isnull=True, assigned_by__isnull=True, state__in=_OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.unit or self.person}"

    @property
    def called_on(self) -> date | None:
        """The day whose names its unit is called by: that of its end; None, today, while it is open."""
        if self.state in OPEN_ASSIGNMENT_STATES:
            return None
        return local_date(self.closed_at or self.assigned_at)

    @property
    def given_by_words(self) -> str:
        """Who gave it, as every page and paper says it; empty for a rule of the office. Both must be loaded."""
        if self.given_through is not None:
            return acting_words(self.given_through, self.assigned_by)
        return acting_words(self.assigned_by, None)


class ProgressReport(models.Model):
    """Báo cáo tiến độ on one's own line."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="progress")
    text = models.TextField()
    percent = models.PositiveSmallIntegerField(null=True)
    reported_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        db_table = "documents_progress_report"

    def __str__(self) -> str:
        return self.text[:60]


class ExtensionRequest(models.Model):
    """Xin gia hạn: granted or refused by who set the deadline."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="extensions")
    asked_due_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents_extension_request"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(granted__isnull=True), name="documents_extension_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:60]


class Consultation(models.Model):
    """Xin ý kiến: a question to a unit or person about an incoming document or a draft, and the answer."""

    incoming = models.ForeignKey(
        "documents.IncomingDocument", null=True, on_delete=models.PROTECT, related_name="consultations"
    )
    draft = models.ForeignKey("documents.Draft", null=True, on_delete=models.PROTECT, related_name="consultations")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="consultations")
    unit = models.ForeignKey("organization.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    question = models.TextField()
    due_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    """In whose name it was asked, under a delegation."""
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it ended unanswered, with the letter or draft it is about."""

    class Meta:
        db_table = "documents_consultation"
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(person__isnull=True), name="documents_consultation_one_asked"
            ),
            models.CheckConstraint(
                condition=Q(incoming__isnull=True) ^ Q(draft__isnull=True), name="documents_consultation_one_subject"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(ended_at__isnull=True),
                name="documents_consultation_answered_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.question[:60]

    @property
    def called_on(self) -> date | None:
        """The day whose names the unit asked is called by: that of its answer or end; None, today, while it waits."""
        closed_at = self.answered_at or self.ended_at
        return local_date(closed_at) if closed_at else None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.ended_at is None


class Reminder(models.Model):
    """Đôn đốc: the giver of an open line reminded its holder; once on a day in Vietnam."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reminders")
    note = models.CharField(max_length=200, blank=True)
    reminded_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("organization.Person", null=True, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField()
    reminded_on = models.DateField()

    class Meta:
        db_table = "documents_reminder"
        constraints = [
            models.UniqueConstraint(fields=["assignment", "reminded_on"], name="documents_reminder_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.reminded_on}"


class DistributionRule(models.Model):
    """Quy tắc phân phối: which registered letters go straight to a unit without a leader.

    A letter matches when every given condition holds; the first rule by `position` wins.
    """

    registry = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="distribution_rules")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    document_type = models.CharField(max_length=32, blank=True)
    issuing_body_contains = models.CharField(max_length=200, blank=True)
    subject_contains = models.CharField(max_length=200, blank=True)
    lead_unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+")
    instruction = models.CharField(max_length=500, blank=True)
    working_days = models.PositiveSmallIntegerField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "documents_distribution_rule"

    def __str__(self) -> str:
        return self.name

    def matches(self, letter: IncomingDocument) -> bool:
        """Every given condition holds for the letter; tone marks and case do not count."""
        body, subject = fold(self.issuing_body_contains), fold(self.subject_contains)
        asked = (
            (self.document_type, letter.document_type == self.document_type),
            (body, body in fold(letter.issuing_body)),
            (subject, subject in fold(letter.subject)),
        )
        # A rule without any condition would swallow every letter of the registry.
        return any(condition for condition, _ in asked) and all(holds for condition, holds in asked if condition)


class HandlingSetting(models.Model):
    """Cách xử lý của một đơn vị: whether what its people report done is confirmed by itself."""

    unit = models.OneToOneField("organization.Unit", on_delete=models.PROTECT, related_name="handling_setting")
    confirms_itself = models.BooleanField(default=False)
    changed_by = models.ForeignKey("organization.Person", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "documents_handling_setting"

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.confirms_itself}"

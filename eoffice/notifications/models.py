"""What persons are told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """Thông báo: one line for one person, with a link to what it is about.

    `kind` is the code of what happened (`documents.assigned`); `title` and `text` are Vietnamese and hold nothing
    the person may not see. `url` is a path of this installation.
    """

    person = models.ForeignKey("organization.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    text = models.CharField(max_length=600, blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications_notification"
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") | (Q(url__startswith="/") & ~Q(url__startswith="//")),
                name="notifications_url_is_own_path",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notifications_newest"),
            models.Index(fields=["person"], name="notifications_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person_id}"


class MailMode(models.TextChoices):
    """Cách gửi thư."""

    AT_ONCE = "at_once", "Gửi ngay"
    DAILY = "daily", "Gộp một thư mỗi ngày"
    OFF = "off", "Không gửi thư"


class MailRules(models.Model):
    """Quy định gửi thư thông báo of this installation: one row; without it no mail is sent.

    `defaults` gives the mode of each topic for who chose nothing.
    """

    is_on = models.BooleanField(default=False)
    tells_titles = models.BooleanField(default=True)
    """Mails carry the titles (symbol, subject); else only how many notifications wait, by topic."""
    defaults = models.JSONField(default=dict)
    digest_hour = models.PositiveSmallIntegerField(default=7)

    class Meta:
        db_table = "notifications_mail_rules"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="notifications_mail_rules_one_row"),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="notifications_mail_rules_hour"),
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class MailChoice(models.Model):
    """Lựa chọn nhận thư: how one person wants mail about one topic."""

    person = models.ForeignKey("organization.Person", on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=16)
    mode = models.CharField(max_length=8, choices=MailMode)

    class Meta:
        db_table = "notifications_mail_choice"
        constraints = [models.UniqueConstraint(fields=["person", "topic"], name="notifications_mail_choice_once")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.mode}"


class MailSchedule(models.Model):
    """Giờ nhận thư: the hour of a person's daily mail and the hours without any, by the clock of Vietnam.

    Quiet from `quiet_from` until `quiet_until`, over midnight too; both or neither. `dead_address` refused mail for
    good: nothing is sent there until the address changes or somebody tries again.
    """

    person = models.OneToOneField("organization.Person", primary_key=True, on_delete=models.CASCADE, related_name="+")
    digest_hour = models.PositiveSmallIntegerField(null=True)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_until = models.PositiveSmallIntegerField(null=True)
    dead_address = models.CharField(max_length=254, blank=True)
    dead_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications_mail_schedule"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__lte=23, quiet_until__lte=23),
                name="notifications_mail_schedule_quiet",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def quiet_hours_left(self, hour: int) -> int:
        """In how many hours of the clock mail may go out again; 0 when it may in this hour of the day."""
        if self.quiet_from is None or self.quiet_until is None:
            return 0
        span = (self.quiet_until - self.quiet_from) % 24
        past = (hour - self.quiet_from) % 24
        return span - past if past < span else 0


class SmsRules(models.Model):
    """Quy định tin nhắn thông báo of this installation: one row; without it no notice is sent by SMS.

    `monthly_most` is the most notices of one calendar month of Vietnam: each costs money.
    """

    is_on = models.BooleanField(default=False)
    monthly_most = models.PositiveIntegerField(default=1000)

    class Meta:
        db_table = "notifications_sms_rules"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="notifications_sms_rules_one_row")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class SmsChoice(models.Model):
    """Lựa chọn nhận tin nhắn: one person wants notices of one kind (`sms_kinds`) on his confirmed phone."""

    person = models.ForeignKey("organization.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)

    class Meta:
        db_table = "notifications_sms_choice"
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="notifications_sms_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person_id}"


class MailItem(models.Model):
    """Thông báo chờ gửi thư: one notification that shall also reach its person by mail.

    `closed_at` is set when it was put into a mail (`message_id`), or needs none any more (read, no address).
    """

    notification = models.OneToOneField(Notification, primary_key=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("organization.Person", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    """When it goes out: at once, with the next daily mail, or when the quiet hours are over."""
    closed_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)
    """Key of the message in `core.channels`, until its fate is known."""

    class Meta:
        db_table = "notifications_mail_item"
        indexes = [
            models.Index(fields=["due_at"], name="notifications_mail_due", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["person"], name="notifications_mail_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["message_id"], name="notifications_mail_sent", condition=Q(message_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

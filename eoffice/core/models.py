"""Tables without domain words: stored files, the outbox, messages to people and the gateways that carry them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class StoredFile(models.Model):
    """Bytes kept once, addressed by their SHA-256 (lower-case hex). Rows are never changed or deleted."""

    insert_only: ClassVar[bool] = True

    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=120)
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_file"
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_file_sha256_hex")
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that did it; delivered by jobs at least once."""

    name = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_outbox_event"
        indexes = [
            models.Index(fields=["id"], name="core_outbox_undelivered", condition=models.Q(delivered_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Channel(models.TextChoices):
    """How a short message reaches a person."""

    SMS = "sms", "Tin nhắn SMS"
    VOICE = "voice", "Cuộc gọi thoại"
    MAIL = "mail", "E-mail"


class GatewayKind(models.TextChoices):
    HTTP = "http", "Cổng HTTP"
    SMPP = "smpp", "Cổng SMPP 3.4"
    SMTP = "smtp", "Máy chủ thư SMTP"
    INBOX = "inbox", "Hộp thư thử nghiệm"


class Gateway(models.Model):
    """Cổng gửi tin: one way out of a channel; the next in `position` is tried when one fails.

    `settings` are plain; `secrets` is a JSON object encrypted by `core.secret_text`.
    """

    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=8, choices=GatewayKind)
    position = models.PositiveSmallIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    test_words = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_gateway"
        indexes = [models.Index(fields=["channel", "position", "id"], name="core_gateway_in_order")]

    def __str__(self) -> str:
        return self.name


class MessageState(models.TextChoices):
    WAITING = "waiting", "Chờ gửi"
    SENDING = "sending", "Đang gửi"
    SENT = "sent", "Đã chuyển cho nhà mạng"
    DELIVERED = "delivered", "Đã đến máy"
    UNDELIVERED = "undelivered", "Không đến máy"
    FAILED = "failed", "Không gửi được"


class OutboundMessage(models.Model):
    """Tin gửi đi: one short message to one number or address.

    `body` is encrypted and emptied once the message has left or is given up; `key` makes a second order of the same
    message the first one.
    """

    key = models.CharField(max_length=100, unique=True)
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=24)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    client_address = models.GenericIPAddressField(null=True)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    gateway = models.ForeignKey(Gateway, null=True, on_delete=models.SET_NULL, related_name="messages")
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reserved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_outbound_message"
        indexes = [
            models.Index(fields=["recipient", "created_at"], name="core_message_recipient"),
            models.Index(fields=["client_address", "created_at"], name="core_message_client"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"


class MessagePart(models.Model):
    """What the gateway calls one part of a message, so that its delivery receipt finds its way back."""

    message = models.ForeignKey(OutboundMessage, on_delete=models.CASCADE, related_name="parts")
    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE)
    provider_id = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.SENT)

    class Meta:
        db_table = "core_message_part"
        indexes = [models.Index(fields=["gateway", "provider_id"], name="core_message_part_provider")]

    def __str__(self) -> str:
        return self.provider_id


class InboxMessage(models.Model):
    """Hộp thư thử nghiệm: a message to a simulated phone or mailbox of a demo installation, readable by everyone."""

    channel = models.CharField(max_length=8, choices=Channel)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "core_inbox_message"

    def __str__(self) -> str:
        return f"{self.channel} {self.recipient}"


class JobFault(models.Model):
    """Why the newest failed try of a background job failed. The row goes with its job (a foreign key in the database).

    `words` are those of an expected error, or the name of the fault and the line of ours where it arose; never content.
    """

    job_id = models.BigIntegerField(primary_key=True)
    words = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        db_table = "core_job_fault"

    def __str__(self) -> str:
        return f"#{self.job_id}: {self.words}"

"""Open sessions, as their owner and the administrator see them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from eoffice.accounts.models.doors import Door
from eoffice.accounts.models.users import User


class SessionEnd(models.TextChoices):
    """Why a session ended."""

    SIGNED_OUT = "signed_out", "Đăng xuất"
    ELSEWHERE = "elsewhere", "Chủ tài khoản đăng xuất từ thiết bị khác"
    ADMINISTRATOR = "administrator", "Quản trị đăng xuất"
    PASSWORD = "password", "Đổi mật khẩu"
    KEPT_ANEW = "kept_anew", "Mật khẩu được lưu lại an toàn hơn"
    CLOSED = "closed", "Tài khoản đóng"
    IDLE = "idle", "Lâu không dùng"
    TOO_LONG = "too_long", "Quá thời gian một phiên"
    PROVIDER = "provider", "Đăng xuất ở nơi đăng nhập chung"


class OpenSession(models.Model):
    """A signed-in browser (phiên đăng nhập): where it came from and when it was last seen; kept when it has ended."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    door_code = models.CharField(max_length=40)
    door = models.ForeignKey(Door, null=True, on_delete=models.SET_NULL, related_name="+")
    provider_session = models.CharField(max_length=255, blank=True)
    """`sid` of OpenID Connect, SessionIndex of SAML: what a sign-out at the provider names."""
    provider_subject = models.CharField(max_length=255, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=16, choices=SessionEnd, blank=True)

    class Meta:
        db_table = "accounts_open_session"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="") | ~Q(ended_because="") & Q(ended_at__isnull=False),
                name="accounts_session_end_has_reason",
            )
        ]
        indexes = [
            models.Index(fields=["user", "-seen_at"], name="accounts_session_user"),
            models.Index(
                fields=["door", "provider_session"],
                name="accounts_session_provider",
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%d/%m/%Y %H:%M}"


class EntryPolicy(models.Model):
    """The one row on how people come in: who may use a password kept here, how long a session lasts."""

    singleton = models.BooleanField(primary_key=True, default=True)
    local_passwords = models.BooleanField(default=True)
    """False: only emergency accounts (tài khoản khẩn cấp) sign in with a password kept here."""
    idle_minutes = models.PositiveIntegerField(default=240)
    absolute_hours = models.PositiveIntegerField(default=12)
    special_idle_minutes = models.PositiveIntegerField(default=60)
    """For administrators and auditors, whose open screen harms more."""
    invitation_days = models.PositiveSmallIntegerField(default=7)
    reset_minutes = models.PositiveSmallIntegerField(default=60)
    tokens_each = models.PositiveSmallIntegerField(default=10)
    """How many tokens for programs one person may have at a time; 0 gives nobody a new one."""
    token_days = models.PositiveSmallIntegerField(default=366)
    """The longest life of a new token."""

    class Meta:
        db_table = "accounts_entry_policy"
        constraints = [
            models.CheckConstraint(condition=Q(singleton=True), name="accounts_entry_policy_single"),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=5, special_idle_minutes__gte=5, absolute_hours__gte=1),
                name="accounts_entry_policy_not_zero",
            ),
            models.CheckConstraint(
                condition=Q(invitation_days__range=(1, 60), reset_minutes__range=(5, 1440), token_days__range=(1, 366))
                & Q(tokens_each__lte=100),
                name="accounts_entry_policy_bounds",
            ),
        ]

    def __str__(self) -> str:
        return "Cách đăng nhập"

"""Setting up the doors, and how people come in."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from eoffice.accounts.doors import oidc, outgoing, passwords, saml
from eoffice.accounts.doors.identity import DoorDown
from eoffice.accounts.doors.settings import SECRET_CONTEXT, provider_of, saml_provider_of
from eoffice.accounts.errors import LastWayIn
from eoffice.accounts.models import Door, DoorKind, EntryPolicy, User
from eoffice.audit import services as audit
from eoffice.core import secret_text
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import tidy

_CODE = re.compile(r"[a-z0-9](-?[a-z0-9])*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEntry:
    """What the administrator typed. `secret` None keeps the one there is; `settings` are those of the door's kind."""

    code: str
    kind: str
    name: str
    is_on: bool
    position: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None


@transaction.atomic
def create_door(*, actor: ActorRef, entry: DoorEntry, now: datetime) -> Door:
    """Add a door. Raises Invalid for settings that cannot be, or a code that is taken."""
    _require_good(entry)
    if entry.code == "local" or Door.objects.filter(code=entry.code).exists():
        raise Invalid(fields={"code": "Mã này đã dùng cho một cửa khác."})
    door = Door.objects.create(
        code=entry.code,
        kind=entry.kind,
        name=tidy(entry.name),
        is_on=entry.is_on,
        position=entry.position,
        settings=entry.settings,
        secret=_closed(entry.secret or ""),
    )
    _record(actor, "accounts.door.created", door, now)
    return door


@transaction.atomic
def change_door(*, actor: ActorRef, code: str, entry: DoorEntry, now: datetime) -> Door:
    """Change a door; its code and kind stay, as the provider knows our addresses by them. Raises Invalid, NotFound."""
    door = _locked(code)
    _require_good(entry)
    door.name, door.is_on, door.position = tidy(entry.name), entry.is_on, entry.position
    door.settings = entry.settings
    if entry.secret is not None:
        door.secret = _closed(entry.secret)
    door.save(update_fields=["name", "is_on", "position", "settings", "secret"])
    _record(actor, "accounts.door.changed", door, now)
    oidc.forget_discovered()
    return door


@transaction.atomic
def remove_door(*, actor: ActorRef, code: str, now: datetime) -> None:
    """Remove a door with what it knows of people; accounts and sessions stay. Raises NotFound."""
    door = _locked(code)
    _record(actor, "accounts.door.removed", door, now)
    door.delete()


@dataclass(frozen=True, slots=True)
class TriedOut:
    """What trying a door has shown, in words for the administrator."""

    is_good: bool
    words: str


def try_door(*, door: Door, now: datetime) -> TriedOut:
    """Reach a door's server as far as possible without a person's password; changes nothing here."""
    oidc.forget_discovered()
    try:
        return TriedOut(True, _tried(door, now))
    except DoorDown as error:
        return TriedOut(False, str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRules:
    """How people come in, as the administrator typed it; units are in the names."""

    local_passwords: bool
    idle_minutes: int
    special_idle_minutes: int
    absolute_hours: int
    invitation_days: int = 7
    reset_minutes: int = 60
    tokens_each: int = 10
    token_days: int = 366


_BOUNDS: dict[str, tuple[int, int]] = {
    "idle_minutes": (5, 1440),
    "special_idle_minutes": (5, 1440),
    "absolute_hours": (1, 24),
    "invitation_days": (1, 60),
    "reset_minutes": (5, 1440),
    "tokens_each": (0, 100),
    "token_days": (1, 366),
}


@transaction.atomic
def change_entry_policy(*, actor: ActorRef, rules: EntryRules, now: datetime) -> EntryPolicy:
    """Say who may use a password kept here, how long sessions, links and tokens last; what runs keeps its limits.

    Raises LastWayIn when no emergency account would be left, Invalid for limits out of bounds.
    """
    faults = {
        name: f"Nhập số từ {least} đến {most}."
        for name, (least, most) in _BOUNDS.items()
        if not least <= getattr(rules, name) <= most
    }
    if faults:
        raise Invalid("Có số ngoài giới hạn. Quy định chưa thay đổi.", fields=faults)
    emergency = User.objects.select_for_update(no_key=True).filter(is_emergency=True, is_active=True).order_by("pk")
    if not rules.local_passwords and not any(user.has_usable_password() for user in emergency):
        raise LastWayIn
    policy, _ = EntryPolicy.objects.update_or_create(singleton=True, defaults=asdict(rules))
    audit.record(
        actor=actor, action="accounts.entry_policy.changed", object_kind="entry_policy", object_id=1, now=now,
        detail=asdict(rules),
    )  # fmt: skip
    return policy


def _tried(door: Door, now: datetime) -> str:
    if door.asks_password:
        return passwords.try_out(door)
    if door.kind == DoorKind.SAML:
        address, _ = saml.begin(saml_provider_of(door, entity_id="urn:thu", acs_url="https://eoffice.example/acs/"))
        return f"Khai báo đọc được; sẽ chuyển người dùng đến {address.partition('?')[0]}."
    described = oidc.discover(provider_of(door, redirect_uri="").issuer, now=now)
    keys = outgoing.get_json(str(described["jwks_uri"])).get("keys")
    if not keys:
        raise DoorDown("Máy chủ chưa công bố khóa ký nào.")
    logout = "có" if described.get("backchannel_logout_supported") else "chưa thấy khai"
    return f"Đọc được mô tả và {len(keys)} khóa ký của {described['issuer']}. Báo đăng xuất (back-channel): {logout}."


def _require_good(entry: DoorEntry) -> None:
    faults: dict[str, str] = {}
    if not _CODE.fullmatch(entry.code) or len(entry.code) > 40:
        faults["code"] = "Mã gồm chữ thường không dấu, chữ số và gạch nối."
    if not tidy(entry.name):
        faults["name"] = "Nhập tên hiện trên trang đăng nhập."
    for name, words in _NEEDED[DoorKind(entry.kind)].items():
        if not entry.settings.get(name):
            faults[name] = words
    for name in ("issuer", "sso_url"):
        address = str(entry.settings.get(name) or "")
        if address and not outgoing.is_acceptable(address):
            faults[name] = "Địa chỉ phải bắt đầu bằng https://."
    host, security = str(entry.settings.get("host") or ""), entry.settings.get("security")
    if host and security == "none" and host not in {"127.0.0.1", "localhost", "::1"}:
        faults["security"] = "Mật khẩu chỉ được đi không mã hóa trong chính máy này. Chọn kênh mã hóa."
    if entry.kind == DoorKind.LDAP and "{login}" not in str(entry.settings.get("person_filter") or "{login}"):
        faults["person_filter"] = "Bộ lọc phải có {login}, là e-mail người dùng nhập."
    if faults:
        raise Invalid(fields=faults)


_NEEDED: dict[DoorKind, dict[str, str]] = {
    DoorKind.OIDC: {"issuer": "Nhập địa chỉ của nơi đăng nhập (issuer).", "client_id": "Nhập mã ứng dụng (client ID)."},
    DoorKind.SAML: {
        "idp_entity_id": "Nhập tên (entity ID) của nơi đăng nhập, hoặc dán tệp mô tả.",
        "sso_url": "Nhập địa chỉ đăng nhập, hoặc dán tệp mô tả.",
        "certificates": "Nhập chứng thư ký, hoặc dán tệp mô tả.",
    },
    DoorKind.LDAP: {"host": "Nhập tên máy chủ thư mục.", "base_dn": "Nhập gốc tìm kiếm (base DN)."},
    DoorKind.IMAP: {"host": "Nhập tên máy chủ thư.", "domains": "Nhập ít nhất một tên miền e-mail."},
}


def _closed(secret: str) -> str:
    return secret_text.encrypt(secret, context=SECRET_CONTEXT) if secret else ""


def _locked(code: str) -> Door:
    door = Door.objects.select_for_update().filter(code=code).first()
    if door is None:
        raise NotFound("Không có cửa đăng nhập này.")
    return door


def _record(actor: ActorRef, action: str, door: Door, now: datetime) -> None:
    audit.record(
        actor=actor, action=action, object_kind="door", object_id=door.pk, now=now,
        detail={"code": door.code, "kind": door.kind, "on": door.is_on},
    )  # fmt: skip

"""Remote signing services of the installation: set up, changed, tried out, by the administrator."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.models import MethodRules, SigningProvider
from eoffice.signing.models.methods import PROVIDER_SECRETS
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.providers.signer import SignerDown, SignerRefuses
from eoffice.signing.services.signers import closed, opened, signer_at

_FIELDS: Final = ("name", "base_url", "settings", "secrets", "is_on", "timeout_s", "confirm_s", "changed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """What the administrator typed; an empty secret keeps the one there is."""

    name: str
    base_url: str
    is_on: bool
    timeout_s: int
    confirm_s: int
    settings: Mapping[str, str]
    secrets: Mapping[str, str]


def add_provider(*, actor: Actor, kind: str, entry: ProviderEntry, now: datetime) -> SigningProvider:
    """Connect a remote service. Raises NotPermitted, Invalid."""
    _require(actor)
    if kind not in KINDS:
        raise NotFound("Không có loại dịch vụ này.")
    provider = SigningProvider(kind=kind, hook=random.token_urlsafe(32), changed_at=now)
    _fill(provider, entry, now)
    with transaction.atomic():
        provider.save(force_insert=True)
        _record(actor, "signing.provider.added", provider, now)
    return provider


def change_provider(*, actor: Actor, provider_id: int, entry: ProviderEntry, now: datetime) -> SigningProvider:
    """Change a service; its kind stays. Raises NotPermitted, NotFound, Invalid."""
    _require(actor)
    with transaction.atomic():
        provider = SigningProvider.objects.select_for_update(no_key=True).filter(pk=provider_id).first()
        if provider is None:
            raise NotFound
        _fill(provider, entry, now)
        provider.save(update_fields=list(_FIELDS))
        _record(actor, "signing.provider.changed", provider, now)
    return provider


def test_provider(*, actor: Actor, provider_id: int, account: str, now: datetime) -> SigningProvider:
    """Reach a service and keep what was seen; asks outside any transaction. Raises NotPermitted, NotFound."""
    _require(actor)
    provider = SigningProvider.objects.filter(pk=provider_id).first()
    if provider is None:
        raise NotFound
    try:
        passed, words = True, signer_at(provider).check(account.strip())
    except (SignerDown, SignerRefuses) as error:
        passed, words = False, error.words
    provider.tested_at, provider.test_passed, provider.test_words = now, passed, words[:300]
    with transaction.atomic():
        provider.save(update_fields=["tested_at", "test_passed", "test_words"])
        _record(actor, "signing.provider.tested", provider, now)
    return provider


def set_method_rules(
    *, actor: Actor, matches_name: bool, matches_email: bool, matches_account: bool, now: datetime
) -> MethodRules:
    """Say what of a certificate must match the person before it is used. Raises NotPermitted."""
    _require(actor)
    with transaction.atomic():
        rules, _ = MethodRules.objects.update_or_create(
            pk=1,
            defaults={
                "matches_name": matches_name,
                "matches_email": matches_email,
                "matches_account": matches_account,
            },
        )
        audit.record(
            actor=actor.ref,
            action="signing.method_rules.set",
            object_kind="signing_method_rules",
            object_id=1,
            now=now,
            detail={"name": matches_name, "email": matches_email, "account": matches_account},
        )
    return rules


def _require(actor: Actor) -> None:
    if not permissions.can_manage_providers(actor):
        raise NotPermitted


def _fill(provider: SigningProvider, entry: ProviderEntry, now: datetime) -> None:
    faults: dict[str, str] = {}
    if not tidy(entry.name):
        faults["name"] = "Nhập tên để người dùng nhận ra dịch vụ."
    kind = KINDS[provider.kind]
    if not kind.is_address(entry.base_url):
        faults["base_url"] = kind.address_words
    if not 2 <= entry.timeout_s <= 120:
        faults["timeout_s"] = "Từ 2 đến 120 giây."
    if not 30 <= entry.confirm_s <= 86400:
        faults["confirm_s"] = "Từ 30 giây đến 86400 giây (một ngày)."
    kept = {**opened(provider.secrets, PROVIDER_SECRETS), **{n: v for n, v in entry.secrets.items() if v}}
    for line in kind.fields:
        value = kept.get(line.name) if line.is_secret else entry.settings.get(line.name)
        if line.is_needed and not value:
            faults[line.name] = f"Nhập {line.label[0].lower()}{line.label[1:]}."
        if line.choices and value not in {choice for choice, _ in line.choices}:
            faults[line.name] = "Chọn trong danh sách."
    if faults:
        raise Invalid("Chưa lưu được dịch vụ ký số.", fields=faults)
    provider.name, provider.base_url = tidy(entry.name), entry.base_url.strip().rstrip("/")
    provider.is_on, provider.timeout_s, provider.confirm_s = entry.is_on, entry.timeout_s, entry.confirm_s
    provider.settings = dict(entry.settings)
    provider.secrets = closed(kept, PROVIDER_SECRETS)
    provider.changed_at = now


def _record(actor: Actor, action: str, provider: SigningProvider, now: datetime) -> None:
    audit.record(
        actor=actor.ref,
        action=action,
        object_kind="signing_provider",
        object_id=provider.pk,
        now=now,
        detail={"kind": provider.kind, "is_on": provider.is_on},
    )

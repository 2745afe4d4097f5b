"""Directories read on a schedule: kept, read, carried out by themselves or stopped for a person to look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.secret_text import decrypt, encrypt
from eoffice.organization.actor import Actor
from eoffice.organization.errors import SourceUnreachable
from eoffice.organization.importing import stored
from eoffice.organization.importing.columns import SourceRow
from eoffice.organization.importing.sources.ldap import LdapSource
from eoffice.organization.importing.sources.scim import ScimSource
from eoffice.organization.models import DirectorySource, ImportRun, RunState, SourceKind
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.services.importing import apply_import, check_import, is_many, new_run

_SECRET: Final = "organization_directory_source.secret"  # noqa: S105 - names the column, is no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTerms:
    """What the administrator sets. `secret` empty keeps the one there is; `every_hours` 0 reads only by hand."""

    name: str
    kind: SourceKind
    settings: dict[str, str | int | dict[str, str]] = field(default_factory=dict)
    secret: str = ""
    ends_missing: bool = True
    most_ended_percent: int = 5
    every_hours: int = 0


@transaction.atomic
def save_source(*, actor: Actor, source_id: int | None, terms: SourceTerms, now: datetime) -> DirectorySource:
    """Add a source, or change one. Raises NotPermitted, NotFound, Invalid for a taken name."""
    permissions.require(permissions.can_import(actor))
    source = DirectorySource() if source_id is None else _lock(source_id)
    if DirectorySource.objects.filter(name=terms.name).exclude(pk=source.pk).exists():
        raise Invalid(fields={"name": "Đã có nguồn mang tên này."})
    source.name, source.kind, source.settings = terms.name, terms.kind, terms.settings
    source.ends_missing, source.most_ended_percent = terms.ends_missing, terms.most_ended_percent
    source.every_hours = terms.every_hours
    source.next_run_at = now + timedelta(hours=terms.every_hours) if terms.every_hours else None
    if terms.secret:
        source.secret = encrypt(terms.secret, context=_SECRET)
    if source_id is None:
        source.save(force_insert=True)
    else:
        source.save(
            update_fields=[
                "name", "kind", "settings", "ends_missing", "most_ended_percent", "every_hours", "next_run_at",
                "secret",
            ]
        )  # fmt: skip
    action = "organization.source.created" if source_id is None else "organization.source.changed"
    audit.record(actor=actor.ref, action=action, object_kind="directory_source", object_id=source.pk, now=now)
    return source


def read_source(*, actor: ActorRef, source_id: int, is_trial: bool, now: datetime) -> ImportRun | None:
    """Read a directory, keep the preview and, unless it is a try, carry it out when nothing speaks against it.

    The directory is asked outside of any transaction. A run that would end more people than the source allows waits
    for a person. Returns None when the directory could not be read: the words stand at the source.
    """
    source = DirectorySource.objects.filter(pk=source_id).first()
    if source is None:
        raise NotFound("Không tìm thấy nguồn danh bạ này.")
    try:
        content = stored.pack(_some(_adapter(source).rows()))
    except SourceUnreachable as unreachable:
        _note(source, actor, unreachable.message, now)
        return None
    run = _checked_run(source, content, actor, is_trial, now)
    if is_trial or run.state != RunState.READY:
        return run
    if is_many(run.ended_people, run.kept_people, source.most_ended_percent):
        words = f"Dừng lại: sẽ cho {run.ended_people} trên {run.kept_people} người nghỉ. Xem lần nhập rồi xác nhận."
        _note(source, actor, words, now)
        return run
    return _carried_out(run, actor, now)


@transaction.atomic
def take_due_sources(*, now: datetime) -> list[int]:
    """Sources whose time has come; their next time is set, so that nobody else takes them. Locks them."""
    due = DirectorySource.objects.select_for_update(skip_locked=True).filter(is_active=True, next_run_at__lte=now)
    taken = list(due.order_by("pk"))
    for source in taken:
        source.next_run_at = now + timedelta(hours=source.every_hours) if source.every_hours else None
        source.save(update_fields=["next_run_at"])
    return [source.pk for source in taken]


def _adapter(source: DirectorySource) -> LdapSource | ScimSource:
    secret = decrypt(source.secret, context=_SECRET) if source.secret else ""
    if source.kind == SourceKind.LDAP:
        return LdapSource(reader_password=secret, **source.settings)
    return ScimSource(token=secret, **source.settings)


def _some(rows: Iterable[SourceRow]) -> list[SourceRow]:
    """An empty answer is a fault of the filter or of the directory, never a house without people."""
    found = list(rows)
    if not found:
        raise SourceUnreachable("Kết nối được nhưng không thấy người nào: kiểm tra gốc tìm kiếm và bộ lọc.")
    return found


@transaction.atomic
def _checked_run(source: DirectorySource, content: bytes, actor: ActorRef, is_trial: bool, now: datetime) -> ImportRun:
    run = new_run(
        file_name=source.name, content=content, is_full=source.ends_missing, is_read=True, source_id=source.pk,
        is_trial=is_trial, applies_itself=not is_trial, created_by_id=actor.person_id, now=now,
    )  # fmt: skip
    DirectorySource.objects.filter(pk=source.pk).update(last_error="")
    audit.record(
        actor=actor, action="organization.source.read", object_kind="directory_source", object_id=source.pk, now=now
    )
    return check_import(actor=actor, run_id=run.pk, now=now)


@transaction.atomic
def _carried_out(run: ImportRun, actor: ActorRef, now: datetime) -> ImportRun:
    run.state = RunState.APPLYING
    run.save(update_fields=["state"])
    return apply_import(actor=actor, run_id=run.pk, now=now)


@transaction.atomic
def _note(source: DirectorySource, actor: ActorRef, words: str, now: datetime) -> None:
    DirectorySource.objects.filter(pk=source.pk).update(last_error=words)
    audit.record(
        actor=actor, action="organization.source.failed", object_kind="directory_source", object_id=source.pk, now=now
    )


def _lock(source_id: int) -> DirectorySource:
    source = DirectorySource.objects.select_for_update(no_key=True).filter(pk=source_id).first()
    if source is None:
        raise NotFound("Không tìm thấy nguồn danh bạ này.")
    return source

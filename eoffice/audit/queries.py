"""Reading the audit trail."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from eoffice.audit.models import AuditBlock, AuditEntry


def history_of(object_kind: str, object_id: int | str) -> QuerySet[AuditEntry]:
    """Everything recorded about one object, oldest first. The caller checks that the reader may see the object."""
    return AuditEntry.objects.filter(object_kind=object_kind, object_id=str(object_id)).order_by("pk")


def entries_of_person(person_id: int, *, account_id: int | None = None) -> QuerySet[AuditEntry]:
    """Everything one person did or had done in his name's stead, newest first; with the account's sign-ins if named."""
    about = Q(person_id=person_id)
    if account_id is not None:
        about |= Q(object_kind="user", object_id=str(account_id))
    return AuditEntry.objects.filter(about).order_by("-pk")


def newest_entries() -> QuerySet[AuditEntry]:
    """The whole trail, newest first, for the auditor; take it in keyset pages."""
    return AuditEntry.objects.order_by("-pk")


def newest_root() -> str:
    """Root of the newest block, empty when nothing is sealed yet: what to note elsewhere for later proof."""
    return AuditBlock.objects.order_by("-number").values_list("root", flat=True).first() or ""

"""One incoming document, its files and lines, as far as the actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.core.clock import local_date
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Assignment,
    Consultation,
    ExtensionRequest,
    FilePurpose,
    FileVersion,
    IncomingDocument,
)
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.states import (
    IncomingState,
)
from eoffice.layout.types import TYPES
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role
from eoffice.renditions import queries as renditions
from eoffice.renditions.models import RenditionState

_TYPE_NAMES = {each.code: each.name for each in TYPES}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file of a letter. `shown_as` is the state of its PDF; `can_show` when there is one to look at."""

    id: int
    name: str
    size_bytes: int
    media_type: str
    sha256: str
    is_original: bool
    can_show: bool
    shown_as: str
    page_count: int
    """0 while nobody has counted them."""


def get_incoming(actor: Actor, incoming_id: int) -> IncomingDocument:
    """One letter the actor may see. Raises DocumentNotFound."""
    row = (
        IncomingDocument.objects.filter(permissions.visible_to(actor), pk=incoming_id)
        .select_related("registry", "forwarded_to", "received_by", "source_outgoing", "field_of_work")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def get_file(actor: Actor, incoming_id: int, file_id: int) -> FileVersion:
    """One file of a letter the actor may see. Raises DocumentNotFound."""
    incoming = get_incoming(actor, incoming_id)
    version = incoming.files.select_related("file").filter(pk=file_id).first()
    if version is None:
        raise DocumentNotFound
    return version


def get_line(actor: Actor, assignment_id: int) -> Assignment:
    """One line of a letter the actor may see. Raises DocumentNotFound."""
    line = (
        Assignment.objects.select_related("incoming", "unit", "person", "parent")
        .filter(permissions.visible_to(actor, outer="incoming_id"), pk=assignment_id)
        .first()
    )
    if line is None:
        raise DocumentNotFound
    return line


def lines_of(actor: Actor, incoming_id: int) -> list[Assignment]:
    """Every line of a letter the actor may see, parents before children. Raises DocumentNotFound."""
    return list(Assignment.objects.filter(incoming=get_incoming(actor, incoming_id)).order_by("pk"))


def get_consultation(actor: Actor, consultation_id: int) -> Consultation:
    """One consultation about a letter the actor may see. Raises DocumentNotFound."""
    row = (
        Consultation.objects.filter(permissions.visible_to(actor, outer="incoming_id"), pk=consultation_id)
        .select_related("incoming")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def get_extension(actor: Actor, extension_id: int) -> ExtensionRequest:
    """An asked extension of a line the reader may see, with its line, letter and asker. Raises DocumentNotFound."""
    found = ExtensionRequest.objects.select_related("asked_by").filter(pk=extension_id).first()
    if found is None:
        raise DocumentNotFound
    found.assignment = get_line(actor, found.assignment_id)
    return found


def open_extension_of(line: Assignment) -> ExtensionRequest | None:
    """The request for time that waits for a decision; a line has one at a time."""
    return ExtensionRequest.objects.filter(assignment=line, granted__isnull=True).first()


def queue_to_register(actor: Actor) -> list[int]:
    """Ids of the letters that wait to be registered by this clerk, oldest first, at most 200."""
    return list(
        IncomingDocument.objects.filter(
            permissions.visible_to(actor),
            registry_id__in=actor.units_with(Role.CLERK),
            state=IncomingState.RECEIVED,
            recalled_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", flat=True)[:200]
    )


def leaders_of(registry_id: int, *, now: datetime) -> list[Person]:
    """Leaders a letter of this registry can be submitted to."""
    return organization.holders_of(Role.LEADER, registry_id, on=local_date(now))


def newest_arrival(registry_id: int) -> str:
    """The last arrival number given in this registry, as shown beside the form."""
    row = (
        IncomingDocument.objects.filter(registry_id=registry_id, arrival_number__isnull=False)
        .order_by("-arrival_on", "-arrival_number")
        .first()
    )
    return row.shown_arrival if row else ""


def type_label(code: str) -> str:
    """The Vietnamese name of a type code; empty for none."""
    return _TYPE_NAMES.get(code, "")


def files_of(incoming: IncomingDocument) -> list[FileLine]:
    """The files of a letter the caller was given, with the state of each one's PDF; two queries."""
    versions = list(incoming.files.select_related("file").order_by("pk"))
    shown = renditions.states_and_pages_of([version.file_id for version in versions])
    return [
        FileLine(
            id=version.pk,
            name=version.name,
            size_bytes=version.file.size_bytes,
            media_type=version.file.media_type,
            sha256=version.file_id,
            is_original=version.purpose != FilePurpose.ATTACHMENT,
            can_show=shown[version.file_id][0] == RenditionState.DONE if version.file_id in shown else False,
            shown_as=str(shown[version.file_id][0].value) if version.file_id in shown else "",
            page_count=shown[version.file_id][1] if version.file_id in shown else 0,
        )
        for version in versions
    ]


def holder_name(line: Assignment) -> str:
    """Who holds a line, by the whole name."""
    return line.unit.name_on(line.called_on) if line.unit else line.person.full_name if line.person else ""

"""What the API says and reads about letters and their lines, shared by its modules."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.services import distributing as orders
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.organization import calendar


class Letter(Schema):
    """An incoming document; times are UTC, dates those of Vietnam."""

    id: int
    state: str
    arrival_number: str
    arrival_on: date | None
    number: str
    symbol: str
    issued_on: date | None
    issuing_body: str
    subject: str
    document_type: str
    field_of_work_id: int | None
    urgency: int
    due_at: datetime | None
    received_at: datetime


class Line(Schema):
    """One assignment."""

    id: int
    incoming_id: int
    unit_id: int | None
    person_id: int | None
    role: str
    state: str
    due_at: datetime | None


class EntryIn(Schema):
    """Fields of Phụ lục VI; lengths are checked by the service, with a message for each field."""

    issuing_body: str
    subject: str
    number: str = ""
    symbol: str = ""
    issued_on: date | None = None
    document_type: str = ""
    type_name: str = ""
    field_of_work_id: int | None = None
    language: str = "Tiếng Việt"
    page_amount: int | None = None
    description: str = ""
    signer_position: str = ""
    signer_name: str = ""
    urgency: int = 0
    circulation: str = ""
    file_notation: str = ""
    due_on: date | None = None

    def entry(self) -> IncomingEntry:
        """The entry as the services read it; a day ends at its last moment in Vietnam."""
        values = self.dict(include=set(EntryIn.model_fields) - {"due_on"})
        return IncomingEntry(**values, due_at=calendar.end_of_day(self.due_on) if self.due_on else None)


class RegisterIn(EntryIn):
    """`reserved_number` takes one of the numbers the clerk keeps; `forward_to` also submits to that leader."""

    forward_to: int | None = None
    not_duplicate: bool = False
    reserved_number: int | None = None


class CorrectIn(EntryIn):
    reason: str


class RecipientIn(Schema):
    kind: str
    id: int
    role: AssignmentRole = AssignmentRole.LEAD
    due_on: date | None = None


class OrderIn(Schema):
    """A directive, or an instruction passed on."""

    text: str = ""
    recipients: list[RecipientIn] = Field(default_factory=list)
    due_on: date | None = None
    requires_reply: bool = False


class ReasonIn(Schema):
    reason: str = ""


class ForwardIn(Schema):
    leader_id: int
    note: str = ""


def recipients_of(order: OrderIn) -> list[orders.Recipient]:
    return [orders.Recipient(each.kind, each.id, each.role, each.due_on) for each in order.recipients]


def letter_out(row: IncomingDocument) -> Letter:
    return Letter(
        id=row.pk,
        state=row.state,
        arrival_number=row.shown_arrival,
        arrival_on=row.arrival_on,
        number=row.number,
        symbol=row.symbol,
        issued_on=row.issued_on,
        issuing_body=row.issuing_body,
        subject=row.subject,
        document_type=row.document_type,
        field_of_work_id=row.field_of_work_id,
        urgency=row.urgency,
        due_at=row.due_at,
        received_at=row.received_at,
    )


def line_out(row: Assignment) -> Line:
    return Line(
        id=row.pk,
        incoming_id=row.incoming_id,
        unit_id=row.unit_id,
        person_id=row.person_id,
        role=row.role,
        state=row.state,
        due_at=row.due_at,
    )

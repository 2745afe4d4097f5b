"""Letters for the tests of incoming documents: real PDFs received, registered and directed through the services."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.services import assigning, directing, forwarding, receiving, registering
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.organization import calendar
from eoffice.organization.models import Person, Unit


@lru_cache(maxsize=64)
def pdf(text: str = "Công văn thử") -> bytes:
    """A one-page born-digital PDF with `text` on it, drawn by the house's own compiler."""
    import tempfile
    from pathlib import Path

    from eoffice.core.typesetting import typeset

    source = (
        '#let data = json(bytes(sys.inputs.data))\n#set text(font: "Tinos")\n#set page("a4")\n'
        "#for line in data.lines [#line #parbreak()]\n"
    )
    path = Path(tempfile.gettempdir()) / "eo-incoming-tests" / "page.typ"
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return typeset(path, {"lines": text.split("\n")})


def upload(content: bytes | None = None, name: str = "cong-van.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content, content_type="application/octet-stream")


def entry(**changed: object) -> IncomingEntry:
    values: dict[str, object] = {
        "issuing_body": "Bộ Khoa học và Công nghệ",
        "number": "2418",
        "symbol": "BKHCN-CĐSQG",
        "issued_on": date(2026, 11, 20),
        "document_type": "letter",
        "subject": "Báo cáo kết quả triển khai hệ thống quản lý văn bản và điều hành",
    }
    return IncomingEntry(**(values | changed))  # type: ignore[arg-type]  # fields of the entry by name


def received(
    cast: Cast, *, text: str = "Công văn thử", now: datetime = NOW, by: Person | None = None
) -> IncomingDocument:
    person = by or cast.clerk
    actor = actor_of(person, now=now)
    registry_id = actor.registry_id
    assert registry_id is not None
    receipt = receiving.receive_incoming(
        actor=actor,
        registry_id=registry_id,
        uploads=[upload(pdf(text))],
        now=now,
        assurance=Assurance(seen_no_mark=True),
    )[0]
    assert receipt.error is None, receipt.error
    assert receipt.incoming_id is not None
    return IncomingDocument.objects.get(pk=receipt.incoming_id)


_counter = iter(range(1000, 100000))


def registered(cast: Cast, *, now: datetime = NOW, **changed: object) -> IncomingDocument:
    """A registered letter; each has a number of its own unless one is given."""
    number = str(changed.pop("number", next(_counter)))
    letter = received(cast, text=f"Công văn {number}", now=now)
    return registering.register_incoming(
        actor=actor_of(cast.clerk, now=now), incoming_id=letter.pk, entry=entry(number=number, **changed), now=now
    )


def forwarded(cast: Cast, *, now: datetime = NOW, **changed: object) -> IncomingDocument:
    letter = registered(cast, now=now, **changed)
    return forwarding.forward_incoming(
        actor=actor_of(cast.clerk, now=now), incoming_id=letter.pk, leader_id=cast.leader.pk, now=now
    )


def working_day_ahead(days: int) -> date:
    """A working day after today: pages compare deadlines with the day they are read on, which is not `NOW`."""
    day = local_date(clock.now()) + timedelta(days=days)
    return calendar.load(day, span_days=60).next_working(day)


def to_unit(unit: Unit, role: AssignmentRole = AssignmentRole.LEAD, due_on: date | None = None) -> Recipient:
    return Recipient("unit", unit.pk, role, due_on)


def to_person(person: Person, role: AssignmentRole = AssignmentRole.LEAD) -> Recipient:
    return Recipient("person", person.pk, role)


def directed(
    cast: Cast,
    recipients: Sequence[Recipient] | None = None,
    *,
    now: datetime = NOW,
    due_on: date | None = date(2026, 11, 30),
    requires_reply: bool = False,
) -> IncomingDocument:
    """Directed by the leader: Ban Công nghệ leads, Ban Pháp chế supports, unless told otherwise."""
    letter = forwarded(cast, now=now)
    chosen = recipients or [to_unit(cast.technology), to_unit(cast.legal, AssignmentRole.SUPPORT)]
    directing.direct_incoming(
        actor=actor_of(cast.leader, now=now), incoming_id=letter.pk, text="Giao chủ trì tham mưu, báo cáo.",
        recipients=chosen, due_on=due_on, requires_reply=requires_reply, now=now,
    )  # fmt: skip
    letter.refresh_from_db()
    return letter


def line_of(letter: IncomingDocument, holder: Unit | Person) -> Assignment:
    """The newest line of a holder on a letter."""
    by = {"unit": holder} if isinstance(holder, Unit) else {"person": holder}
    return Assignment.objects.filter(incoming=letter, **by).latest("pk")


def passed_on(cast: Cast, **how: object) -> IncomingDocument:
    """Accepted by the head of Ban Công nghệ and passed on to the officer."""
    letter = directed(cast, **how)  # type: ignore[arg-type]  # keyword arguments of `directed`
    head = actor_of(cast.head)
    line = line_of(letter, cast.technology)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=NOW)
    assigning.pass_on(
        actor=head, assignment_id=line.pk, recipients=[to_person(cast.officer)], instruction="Dự thảo trả lời.", now=NOW
    )
    letter.refresh_from_db()
    return letter


def stream(content: bytes, name: str) -> io.BytesIO:
    made = io.BytesIO(content)
    made.name = name
    return made


def enter(client: Client, person: Person) -> None:
    """Sign a person of the cast in."""
    assert person.user is not None
    client.force_login(person.user)

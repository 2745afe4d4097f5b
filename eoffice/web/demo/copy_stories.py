"""Copies of the demo: an extract of a decision, a sao y of a letter that came on paper, a sao lục not signed yet."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Final

import pypdfium2 as pdfium

from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.documents.models import CopyForm, Draft, FilePurpose, OriginalKind
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.documents.queries.extracts import from_outgoing
from eoffice.documents.services import copying, extracting, sealing_copies
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.extracting import ExtractEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.organization import queries as organization
from eoffice.web.demo.office import Office, actor
from eoffice.web.demo.outgoing_stories import take_seal
from eoffice.web.demo.stages import PIN, Clock

_DPI: Final = 200
"""What the decree asks of a scan."""
_PART: Final = 2
"""The article of the decision that is copied, counted from nought."""


def extract_story(office: Office, draft: Draft, clock: Clock) -> None:
    """The clerk copies one article of an issued decision for the units that carry it out, and signs the copy."""
    moment = clock.at(30)
    clerk = actor(office.clerk, moment)
    known = from_outgoing(clerk, draft.outgoing.pk)
    body = json.loads(str(known["body"]))
    copy = extracting.begin_extract(
        actor=clerk,
        registry_id=office.registry.pk,
        entry=ExtractEntry(
            original_kind=str(known["original_kind"]),
            document_type=str(known["document_type"]),
            issuing_body=str(known["issuing_body"]),
            superior_body=str(known["superior_body"]),
            code=str(known["code"]),
            dated=draft.outgoing.issued_on,
            place=str(known["place"]),
            subject=str(known["subject"]),
            signer_lines=tuple(str(known["signer_lines"]).splitlines()),
            signer_name=str(known["signer_name"]),
            body={"type": "doc", "content": [body["content"][_PART]]},
            decider_id=_decider(office, clock),
            recipients=(office.desk("TCNS", 0).unit.name, "Lưu: VT"),
            outgoing_id=draft.outgoing.pk,
        ),
        now=moment,
    )
    take_seal(office, moment)
    sealing_copies.seal_copy(actor=clerk, copy_id=copy.pk, pin=PIN, now=clock.at(30.2))


def copy_story(office: Office, incoming_id: int, form: CopyForm, clock: Clock) -> None:
    """The clerk scans a letter that came on paper. Sao y is signed at once; sao lục waits for the clerk."""
    moment = clock.at(4)
    clerk = actor(office.clerk, moment)
    letter = incoming_queries.get_incoming(clerk, incoming_id)
    copy = copying.begin_copy(
        actor=clerk,
        registry_id=office.registry.pk,
        entry=CopyEntry(
            form=form,
            original_kind=OriginalKind.MAIN if form == CopyForm.FULL else OriginalKind.COPY,
            code=f"{letter.number}/{letter.symbol}",
            dated=letter.issued_on or local_date(moment),
            issuing_body=letter.issuing_body,
            subject=letter.subject,
            decider_id=_decider(office, clock),
            incoming_id=incoming_id,
        ),
        upload=_scan(letter.files.get(purpose=FilePurpose.ORIGINAL).file_id),
        assurance=Assurance(seen_no_mark=True),
        now=moment,
    )
    if form == CopyForm.FULL:
        take_seal(office, moment)
        sealing_copies.seal_copy(actor=clerk, copy_id=copy.pk, pin=PIN, now=clock.at(4.2))


def _decider(office: Office, clock: Clock) -> int:
    """The chief of office signs copies by order, as the last of those who may sign letters."""
    day = local_date(clock.start)
    return organization.capacities_for(registry_id=office.registry.pk, document_type="letter", on=day)[-1].pk


def _scan(sha256: str) -> BytesIO:
    """The pages as a scanner in colour gives them."""
    with pdfium.PdfDocument(files.path_of(sha256)) as pdf:
        pages = [page.render(scale=_DPI / 72).to_pil().convert("RGB") for page in pdf]
    upload = BytesIO()
    pages[0].save(upload, format="PDF", resolution=_DPI, save_all=True, append_images=pages[1:])
    upload.seek(0)
    upload.name = "ban_quet.pdf"
    return upload

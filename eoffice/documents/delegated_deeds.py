"""The commands of this room that may be done in a leader's name; every other one is refused (`core.deeds`).

Signing, sealing, numbering, sending into review and giving opinions are not among them, and are never to be.
"""

from __future__ import annotations

from eoffice.core.deeds import Deed, covers


def name_deeds() -> None:
    """Name them; called once when Django starts."""
    covers(
        Deed.DIRECT,
        "documents.incoming.directed",
        "documents.incoming.directive_taken_back",
        "documents.incoming.distributed",
        "documents.incoming.forwarded",
        "documents.incoming.returned",
        "documents.incoming.reopened",
        "documents.incoming.completed",
        "documents.incoming.reminded",
        "documents.incoming.commented",
        "documents.incoming.asked_opinion",
        "documents.incoming.added_recipients",
        "documents.assignment.accepted",
        "documents.assignment.passed_on",
        "documents.assignment.confirmed",
        "documents.assignment.completed",
        "documents.assignment.sent_back",
        "documents.assignment.reopened",
        "documents.assignment.withdrawn",
        "documents.assignment.closed_with_lead",
        "documents.assignment.close_with_lead",
        "documents.assignment.reminded",
        "documents.assignment.reported_done",
    )
    covers(
        Deed.PREPARE,
        "documents.draft.created",
        "documents.draft.edited",
        "documents.draft.version_saved",
        "documents.draft.file_added",
        "documents.draft.detached",
        "documents.draft.secret_refused",
    )

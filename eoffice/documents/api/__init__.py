"""The documents room for machines: the same services and queries as the pages."""

from ninja import Router

from eoffice.documents.api import (
    assignments,
    copies,
    draft_files,
    drafts,
    incoming,
    incoming_directing,
    outgoing,
    registers,
    reorganisations,
    rules,
    search,
)

router = Router()
router.add_router("/search", search.router)
router.add_router("/incoming/assignments", assignments.router)
router.add_router("/incoming", incoming.router)
router.add_router("/incoming", incoming_directing.router)
router.add_router("/drafts", drafts.router)
router.add_router("/drafts", draft_files.router)
router.add_router("/outgoing", outgoing.router)
router.add_router("/copies", copies.router)
router.add_router("/registers", registers.router)
router.add_router("/reorganisations", reorganisations.router)
router.add_router("/distribution-rules", rules.router)
router.add_router("/handling", rules.handling_router)

"""The documents room for machines: the same services and queries as the pages."""

from ninja import Router

from eoffice.documents.api import drafts, incoming, outgoing

router = Router()
router.add_router("/incoming", incoming.router)
router.add_router("/drafts", drafts.router)
router.add_router("/outgoing", outgoing.router)

"""The REST face under `/api/v1/`: the routers of the rooms, one OpenAPI description."""

from __future__ import annotations

from ninja import NinjaAPI

from eoffice.documents.api import router as documents
from eoffice.notifications.api import router as notifications
from eoffice.organization.api import router as organization
from eoffice.organization.rights_api import router as right_changes
from eoffice.signing.api import router as signing

api = NinjaAPI(
    title="eOffice",
    version="1",
    description="Văn bản và điều hành: cùng quy tắc với giao diện web.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/organization", organization, tags=["organization"])
api.add_router("/organization/right-changes", right_changes)
api.add_router("/notifications", notifications, tags=["notifications"])
api.add_router("/documents", documents, tags=["documents"])
api.add_router("/signing", signing)

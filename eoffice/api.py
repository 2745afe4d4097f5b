"""The REST face under `/api/v1/`: the routers of the rooms, one OpenAPI description."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI

api = NinjaAPI(
    title="eOffice",
    version="1",
    description="Văn bản và điều hành: cùng quy tắc với giao diện web.",
    docs_url=None,
    urls_namespace="api",
)

# A room's `api.py` offers `router`; this list is the whole of it.
_ROOMS = {
    "accounts": "eoffice.accounts.api",
    "organization": "eoffice.organization.api",
    "notifications": "eoffice.notifications.api",
    "documents": "eoffice.documents.api",
    "signing": "eoffice.signing.api",
    "workflow": "eoffice.workflow.api",
    "reports": "eoffice.reports.api",
}
for prefix, module in _ROOMS.items():
    if find_spec(module):
        api.add_router(f"/{prefix}", import_module(module).router, tags=[prefix])

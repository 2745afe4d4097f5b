"""Addresses of the documents room, one module per noun."""

from eoffice.documents.urls import (
    drafts,
    handing_over,
    incoming,
    outgoing,
    registers,
    reorganising,
    rules,
    saved_filters,
    search,
    shared,
)

app_name = "documents"
urlpatterns = [
    *shared.urlpatterns,
    *incoming.urlpatterns,
    *drafts.urlpatterns,
    *outgoing.urlpatterns,
    *registers.urlpatterns,
    *rules.urlpatterns,
    *saved_filters.urlpatterns,
    *search.urlpatterns,
    *handing_over.urlpatterns,
    *reorganising.urlpatterns,
]

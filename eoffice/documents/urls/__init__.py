"""Addresses of the documents room, one module per noun."""

from eoffice.documents.urls import (
    copies,
    drafts,
    fields_of_work,
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
    *fields_of_work.urlpatterns,
    *incoming.urlpatterns,
    *drafts.urlpatterns,
    *outgoing.urlpatterns,
    *registers.urlpatterns,
    *rules.urlpatterns,
    *saved_filters.urlpatterns,
    *search.urlpatterns,
    *handing_over.urlpatterns,
    *reorganising.urlpatterns,
    *copies.urlpatterns,
]

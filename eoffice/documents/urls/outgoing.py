from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import (
    outgoing,
    outgoing_annexes,
    outgoing_dispatching,
    outgoing_sealing,
    public_check,
    sight,
)

urlpatterns: list[URLPattern] = [
    path("outgoing/", outgoing.outgoing_list, name="outgoing_list"),
    path("check-marks/", public_check.mark_places, name="mark_places"),
    path("outgoing/sealing/<int:unit_id>/", outgoing_sealing.seal_many, name="outgoing_seal_many"),
    path("outgoing/<int:outgoing_id>/", outgoing.outgoing_detail, name="outgoing_detail"),
    path("outgoing/<int:outgoing_id>/access/", sight.outgoing_access, name="outgoing_access"),
    path("outgoing/<int:outgoing_id>/access/grant/", sight.outgoing_sight, name="outgoing_sight"),
    path("capacities/<int:capacity_id>/drafts/", sight.capacity_drafts, name="capacity_drafts"),
    path("outgoing/<int:outgoing_id>/file/", outgoing.outgoing_file, name="outgoing_file"),
    path("outgoing/<int:outgoing_id>/paper-copy/", outgoing.paper_copy, name="outgoing_paper_copy"),
    path("outgoing/<int:outgoing_id>/pages/<int:page>.png", outgoing.outgoing_page_picture, name="outgoing_picture"),
    path(
        "outgoing/<int:outgoing_id>/annexes/<int:attachment_id>/",
        outgoing_annexes.outgoing_annex,
        name="outgoing_annex",
    ),
    path(
        "outgoing/<int:outgoing_id>/annexes/<int:attachment_id>/file/",
        outgoing_annexes.outgoing_annex_file,
        name="outgoing_annex_file",
    ),
    path(
        "outgoing/<int:outgoing_id>/annexes/<int:attachment_id>/paper-copy/",
        outgoing_annexes.outgoing_annex_on_paper,
        name="outgoing_annex_paper",
    ),
    path(
        "outgoing/<int:outgoing_id>/annexes/<int:attachment_id>/pages/<int:page>.png",
        outgoing_annexes.outgoing_annex_picture,
        name="outgoing_annex_picture",
    ),
    path("outgoing/<int:outgoing_id>/put-number/", outgoing.put_number_on_page, name="outgoing_put_number"),
    path("outgoing/<int:outgoing_id>/void/", outgoing.void_number, name="outgoing_void"),
    path("outgoing/<int:outgoing_id>/seal/", outgoing.seal_outgoing, name="outgoing_seal"),
    path("outgoing/<int:outgoing_id>/issue/", outgoing.issue_outgoing, name="outgoing_issue"),
    path("outgoing/<int:outgoing_id>/recall/", outgoing.recall_outgoing, name="outgoing_recall"),
    path("drafts/<int:draft_id>/number/", outgoing.number_draft, name="draft_number"),
    path("drafts/<int:draft_id>/signed/<int:page>.png", outgoing.signed_page_picture, name="draft_signed_picture"),
    path("drafts/<int:draft_id>/return-for-form/", outgoing.return_for_form, name="draft_return_for_form"),
    path("incoming/<int:incoming_id>/confirm-recall/", outgoing.confirm_recall, name="incoming_confirm_recall"),
    path("deliveries/<int:delivery_id>/send-again/", outgoing.send_again, name="delivery_send_again"),
    path("outgoing/<int:outgoing_id>/dispatch/", outgoing_dispatching.dispatch_round, name="outgoing_dispatch"),
    path("deliveries/<int:delivery_id>/dispatch/", outgoing_dispatching.record_dispatch, name="delivery_dispatch"),
]

"""Incoming documents and the lines of their assignments."""

from __future__ import annotations

from django.urls import path

from eoffice.documents.views import (
    assignments,
    incoming,
    incoming_consulting,
    incoming_directing,
    incoming_files,
    incoming_following,
    incoming_forwarding,
    incoming_preparing,
    incoming_receiving,
    incoming_registering,
    incoming_signatures,
    sight,
)

_ONE = "incoming/<int:incoming_id>/"
_FILE = "incoming/<int:incoming_id>/files/<int:file_id>/"
_LINE = "assignments/<int:assignment_id>/"

urlpatterns = [
    path("incoming/", incoming.incoming_list, name="incoming_list"),
    path("incoming/receive/", incoming_receiving.incoming_receive, name="incoming_receive"),
    path("incoming/forward/", incoming_forwarding.incoming_forward_many, name="incoming_forward_many"),
    path(_ONE, incoming.incoming_detail, name="incoming_detail"),
    path(f"{_ONE}read/", incoming.incoming_read, name="incoming_read"),
    path(f"{_ONE}access/", sight.incoming_access, name="incoming_access"),
    path(f"{_ONE}access/grant/", sight.incoming_sight, name="incoming_sight"),
    path(f"{_ONE}stamped/", incoming_files.incoming_stamped, name="incoming_stamped"),
    path(f"{_ONE}slip/", incoming_files.incoming_slip, name="incoming_slip"),
    path(f"{_ONE}attach/", incoming_receiving.incoming_attach, name="incoming_attach"),
    path(f"{_ONE}register/", incoming_registering.incoming_register, name="incoming_register"),
    path(f"{_ONE}duplicates/", incoming_registering.incoming_duplicates, name="incoming_duplicates"),
    path(f"{_ONE}correct/", incoming_registering.incoming_correct, name="incoming_correct"),
    path(f"{_ONE}refuse/", incoming_registering.incoming_refuse, name="incoming_refuse"),
    path(f"{_ONE}cancel/", incoming_registering.incoming_cancel, name="incoming_cancel"),
    path(f"{_ONE}prepare/", incoming_preparing.incoming_prepare, name="incoming_prepare"),
    path(f"{_ONE}prepare/drop/", incoming_preparing.incoming_prepare_drop, name="incoming_prepare_drop"),
    path(f"{_ONE}prepare/rank/", incoming_preparing.incoming_prepare_rank, name="incoming_prepare_rank"),
    path(f"{_ONE}prepare/send/", incoming_preparing.incoming_send_proposal, name="incoming_send_proposal"),
    path(f"{_ONE}forward/", incoming_forwarding.incoming_forward, name="incoming_forward"),
    path(f"{_ONE}keep/", incoming_forwarding.incoming_keep, name="incoming_keep"),
    path(f"{_ONE}direct/", incoming_directing.incoming_direct, name="incoming_direct"),
    path(f"{_ONE}distribute/", incoming_directing.incoming_distribute, name="incoming_distribute"),
    path(f"{_ONE}add-recipients/", incoming_following.incoming_add_recipients, name="incoming_add_recipients"),
    path(f"{_ONE}remind/", incoming_following.incoming_remind, name="incoming_remind"),
    path(f"{_ONE}link/", incoming_following.incoming_link, name="incoming_link"),
    path(f"{_ONE}return/", incoming_directing.incoming_return, name="incoming_return"),
    path(f"{_ONE}take-back/", incoming_directing.incoming_take_back, name="incoming_take_back"),
    path(f"{_ONE}reopen/", incoming_directing.incoming_reopen, name="incoming_reopen"),
    path(f"{_ONE}comment/", incoming_consulting.incoming_comment, name="incoming_comment"),
    path(f"{_ONE}consult/", incoming_consulting.incoming_consult, name="incoming_consult"),
    path(_FILE, incoming_files.incoming_file, name="incoming_file"),
    path(f"{_FILE}pdf/", incoming_files.incoming_file_pdf, name="incoming_file_pdf"),
    path(f"{_FILE}pages/<int:page>.png", incoming_files.incoming_file_page, name="incoming_file_page"),
    path(f"{_FILE}signatures/", incoming_signatures.incoming_signatures, name="incoming_signatures"),
    path(f"{_FILE}signatures/report.pdf", incoming_signatures.incoming_signatures_pdf, name="incoming_signatures_pdf"),
    path(
        f"{_FILE}signatures/report.json", incoming_signatures.incoming_signatures_json, name="incoming_signatures_json"
    ),
    path(f"{_FILE}signatures/check/", incoming_signatures.incoming_signatures_check, name="incoming_signatures_check"),
    path(f"{_LINE}accept/", assignments.assignment_accept, name="assignment_accept"),
    path(f"{_LINE}take-on/", assignments.assignment_take_on, name="assignment_take_on"),
    path(f"{_LINE}pass-on/", assignments.assignment_pass_on, name="assignment_pass_on"),
    path(f"{_LINE}return/", assignments.assignment_return, name="assignment_return"),
    path(f"{_LINE}withdraw/", assignments.assignment_withdraw, name="assignment_withdraw"),
    path(f"{_LINE}progress/", assignments.assignment_progress, name="assignment_progress"),
    path(f"{_LINE}extend/", assignments.assignment_extend, name="assignment_extend"),
    path(f"{_LINE}report/", assignments.assignment_report, name="assignment_report"),
    path(f"{_LINE}confirm/", assignments.assignment_confirm, name="assignment_confirm"),
    path(f"{_LINE}send-back/", assignments.assignment_send_back, name="assignment_send_back"),
    path("extensions/<int:extension_id>/decide/", assignments.extension_decide, name="extension_decide"),
    path("consultations/<int:consultation_id>/answer/", assignments.consultation_answer, name="consultation_answer"),
]

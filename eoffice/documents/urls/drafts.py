from __future__ import annotations

from django.urls import URLPattern, path

from eoffice.documents.views import draft_reviewing, draft_signing, draft_writing, drafts, sight

_ONE = "drafts/<int:draft_id>/"

urlpatterns: list[URLPattern] = [
    path("drafts/", drafts.draft_list, name="draft_list"),
    path("drafts/create/", drafts.draft_create, name="draft_create"),
    path("drafts/sign/", draft_signing.draft_sign, name="draft_sign"),
    path(_ONE, drafts.draft_detail, name="draft_detail"),
    path(f"{_ONE}preview/", drafts.draft_preview, name="draft_preview"),
    path(f"{_ONE}docx/", drafts.draft_docx, name="draft_docx"),
    path(f"{_ONE}slip/", drafts.draft_slip, name="draft_slip"),
    path(f"{_ONE}compare/", drafts.draft_compare, name="draft_compare"),
    path(f"{_ONE}access/", sight.draft_access, name="draft_access"),
    path(f"{_ONE}access/grant/", sight.draft_sight, name="draft_sight"),
    path(f"{_ONE}files/<int:file_id>/", drafts.draft_file, name="draft_file"),
    path(f"{_ONE}files/<int:file_id>/pages/<int:page>/", drafts.draft_page_picture, name="draft_page_picture"),
    path(f"{_ONE}edit/", draft_writing.draft_edit, name="draft_edit"),
    path(f"{_ONE}submit/", draft_writing.draft_submit, name="draft_submit"),
    path(f"{_ONE}version/", draft_writing.draft_version, name="draft_version"),
    path(f"{_ONE}upload/", draft_writing.draft_upload, name="draft_upload"),
    path(f"{_ONE}places/", draft_writing.draft_places, name="draft_places"),
    path(f"{_ONE}attach/", draft_writing.draft_attach, name="draft_attach"),
    path(f"{_ONE}detach/<int:file_id>/", draft_writing.draft_detach, name="draft_detach"),
    path(f"{_ONE}abandon/", draft_writing.draft_abandon, name="draft_abandon"),
    path(f"{_ONE}revise/", draft_writing.draft_revise, name="draft_revise"),
    path(f"{_ONE}pass/", draft_reviewing.draft_pass, name="draft_pass"),
    path(f"{_ONE}return/", draft_reviewing.draft_return, name="draft_return"),
    path(f"{_ONE}withdraw/", draft_reviewing.draft_withdraw, name="draft_withdraw"),
    path(f"{_ONE}consult/", draft_reviewing.draft_consult, name="draft_consult"),
    path(f"{_ONE}answer/<int:consultation_id>/", draft_reviewing.draft_answer, name="draft_answer"),
    path(f"{_ONE}move-signature/", draft_signing.draft_move_signature, name="draft_move_signature"),
]

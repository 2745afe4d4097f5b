from __future__ import annotations

from django.urls import path

from eoffice.accounts import second_factor_urls, views

app_name = "accounts"
urlpatterns = [
    *second_factor_urls.urlpatterns,
    path("dang-nhap/", views.sign_in, name="login"),
    path("dang-xuat/", views.sign_out, name="logout"),
    path("quen-mat-khau/", views.password_forgotten, name="password_forgotten"),
    path("dat-mat-khau/<str:token>/", views.password_choose, name="password_choose"),
    path("cai-ung-dung/", views.install_app, name="install_app"),
    path("cua/<slug:code>/", views.begin, name="provider_begin"),
    path("cua/<slug:code>/xac-thuc-lai/", views.begin_again, name="provider_again"),
    path("cua/<slug:code>/ve/", views.oidc_answer, name="oidc_answer"),
    path("cua/<slug:code>/acs/", views.saml_answer, name="saml_answer"),
    path("cua/<slug:code>/vao/", views.saml_entry, name="saml_entry"),
    path("cua/<slug:code>/metadata/", views.saml_metadata, name="saml_metadata"),
    path("cua/<slug:code>/da-dang-xuat/", views.signed_out_there, name="signed_out_there"),
    path("quan-tri/cua/", views.door_list, name="door_list"),
    path("quan-tri/cua/them/<str:kind>/", views.door_create, name="door_create"),
    path("quan-tri/cua/<slug:code>/", views.door_edit, name="door_edit"),
    path("quan-tri/cua/<slug:code>/thu/", views.door_try, name="door_try"),
    path("quan-tri/cua/<slug:code>/xoa/", views.door_remove, name="door_remove"),
    path("quan-tri/khan-cap/", views.emergency_set, name="emergency_set"),
    path("quan-tri/phien/", views.session_list, name="session_list"),
    path("quan-tri/phien/<int:user_id>/ket-thuc/", views.session_end_all, name="session_end_all"),
    path("quan-tri/khoa/", views.token_list, name="token_list"),
    path("quan-tri/khoa/<int:token_id>/thu-hoi/", views.token_end, name="token_end"),
    path("thiet-bi/", views.devices, name="devices"),
    path("thiet-bi/khac/dang-xuat/", views.sign_out_others, name="sign_out_others"),
    path("thiet-bi/<int:session_id>/dang-xuat/", views.sign_out_device, name="sign_out_device"),
    path("", views.account, name="account"),
    path("khoa/", views.create_token, name="token_create"),
    path("khoa/<int:token_id>/thu-hoi/", views.revoke_token, name="token_revoke"),
]

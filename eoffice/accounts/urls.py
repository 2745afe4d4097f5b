from __future__ import annotations

from django.urls import path

from eoffice.accounts import views

app_name = "accounts"
urlpatterns = [
    path("dang-nhap/", views.sign_in, name="login"),
    path("dang-xuat/", views.sign_out, name="logout"),
    path("cua/<slug:code>/", views.begin, name="provider_begin"),
    path("cua/<slug:code>/ve/", views.oidc_answer, name="oidc_answer"),
    path("cua/<slug:code>/acs/", views.saml_answer, name="saml_answer"),
    path("cua/<slug:code>/vao/", views.saml_entry, name="saml_entry"),
    path("cua/<slug:code>/metadata/", views.saml_metadata, name="saml_metadata"),
    path("cua/<slug:code>/da-dang-xuat/", views.signed_out_there, name="signed_out_there"),
    path("thiet-bi/", views.devices, name="devices"),
    path("thiet-bi/khac/dang-xuat/", views.sign_out_others, name="sign_out_others"),
    path("thiet-bi/<int:session_id>/dang-xuat/", views.sign_out_device, name="sign_out_device"),
    path("", views.account, name="account"),
    path("khoa/", views.create_token, name="token_create"),
    path("khoa/<int:token_id>/thu-hoi/", views.revoke_token, name="token_revoke"),
]

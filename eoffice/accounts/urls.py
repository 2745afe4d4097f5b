from __future__ import annotations

from django.urls import path

from eoffice.accounts import views

app_name = "accounts"
urlpatterns = [
    path("dang-nhap/", views.sign_in, name="login"),
    path("dang-xuat/", views.sign_out, name="logout"),
    path("", views.account, name="account"),
    path("khoa/", views.create_token, name="token_create"),
    path("khoa/<int:token_id>/thu-hoi/", views.revoke_token, name="token_revoke"),
]

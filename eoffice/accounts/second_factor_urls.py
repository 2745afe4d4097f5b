"""Addresses of the second proof, below those of the account."""

from __future__ import annotations

from django.urls import path

from eoffice.accounts.views import demo_inbox, second_factor
from eoffice.accounts.views import second_factor_own as own
from eoffice.accounts.views import second_factor_rules as rules

urlpatterns = [
    path("xac-thuc/", second_factor.second_factor, name="second_factor"),
    path("xac-thuc/khoa/", second_factor.second_factor_passkey, name="second_factor_passkey"),
    path("xac-thuc-lai/", own.second_factor_again, name="second_factor_again"),
    path("xac-thuc-lai/khoa/", own.again_passkey, name="again_passkey"),
    path("bao-mat/", own.second_factor_own, name="second_factor_own"),
    path("bao-mat/ung-dung/bat-dau/", own.app_begin, name="app_begin"),
    path("bao-mat/ung-dung/xac-nhan/", own.app_confirm, name="app_confirm"),
    path("bao-mat/ung-dung/xoa/", own.app_remove, name="app_remove"),
    path("bao-mat/khoa/bat-dau/", own.passkey_begin, name="passkey_begin"),
    path("bao-mat/khoa/them/", own.passkey_add, name="passkey_add"),
    path("bao-mat/khoa/<int:passkey_id>/xoa/", own.passkey_remove, name="passkey_remove"),
    path("bao-mat/ma-khoi-phuc/", own.recovery_make, name="recovery_make"),
    path("bao-mat/so-dien-thoai/doi/", own.phone_change, name="phone_change"),
    path("bao-mat/so-dien-thoai/xac-nhan/", own.phone_confirm, name="phone_confirm"),
    path("bao-mat/thiet-bi/<int:device_id>/bo/", own.trusted_revoke, name="trusted_revoke"),
    path("quan-tri/xac-thuc/", rules.second_factor_rules, name="second_factor_rules"),
    path("quan-tri/xac-thuc/nguoi/", rules.person_find, name="person_find"),
    path("quan-tri/xac-thuc/nguoi/<int:user_id>/", rules.person_factors, name="person_factors"),
    path("quan-tri/cong/<str:channel>/<str:kind>/them/", rules.gateway_add, name="gateway_add"),
    path("quan-tri/cong/<int:gateway_id>/", rules.gateway_edit, name="gateway_edit"),
    path("quan-tri/cong/<int:gateway_id>/len/", rules.gateway_move, name="gateway_move"),
    path("quan-tri/cong/<int:gateway_id>/thu/", rules.gateway_try, name="gateway_try"),
    path("hop-thu-thu-nghiem/", demo_inbox.demo_inbox, name="demo_inbox"),
]

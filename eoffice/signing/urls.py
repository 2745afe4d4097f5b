from __future__ import annotations

from django.urls import path

from eoffice.signing import views

app_name = "signing"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("trust/", views.trust, name="trust"),
    path("trust/add/", views.add_anchor, name="add_anchor"),
    path("trust/rules/", views.set_revocation_rules, name="set_revocation_rules"),
    path("trust/<int:anchor_id>/certificate/", views.anchor_file, name="anchor_file"),
    path("trust/<int:anchor_id>/withdraw/", views.withdraw_anchor, name="withdraw_anchor"),
    path("key/", views.key, name="key"),
    path("key/set-pin/", views.set_pin, name="set_pin"),
    path("key/change-pin/", views.change_pin, name="change_pin"),
    path("key/forgot-pin/", views.reset_forgotten_pin, name="reset_forgotten_pin"),
    path("key/image/", views.signature_image, name="signature_image"),
    path("methods/", views.method_list, name="methods"),
    path("methods/certificates/", views.method_certificates, name="method_certificates"),
    path("methods/add/", views.method_add, name="method_add"),
    path("methods/choose/", views.method_choose, name="method_choose"),
    path("methods/login/<int:provider_id>/", views.method_login, name="method_login"),
    path("methods/<int:method_id>/test/", views.method_test, name="method_test"),
    path("methods/<int:method_id>/remove/", views.method_remove, name="method_remove"),
    path("return/", views.came_back, name="came_back"),
    path("requests/", views.request_list, name="requests"),
    path("requests/<int:request_id>/", views.request_page, name="request"),
    path("requests/<int:request_id>/cancel/", views.request_cancel, name="request_cancel"),
    path("hooks/<str:hook>/", views.hook, name="hook"),
    path("providers/", views.provider_list, name="providers"),
    path("providers/add/<str:provider_kind>/", views.provider_create, name="provider_create"),
    path("providers/<int:provider_id>/", views.provider_edit, name="provider"),
    path("providers/<int:provider_id>/test/", views.provider_test, name="provider_test"),
    path("images/", views.mark_images, name="mark_images"),
    path("images/rules/", views.set_image_rules, name="set_image_rules"),
    path("images/<int:image_id>/", views.mark_image, name="mark_image"),
    path("images/<int:image_id>/confirm/", views.confirm_mark_image, name="confirm_mark_image"),
    path("images/<int:image_id>/refuse/", views.refuse_mark_image, name="refuse_mark_image"),
    path("seals/<int:unit_id>/image/", views.seal_image, name="seal_image"),
    path("seals/<int:unit_id>/", views.seal, name="seal"),
    path("seals/<int:unit_id>/set-pin/", views.set_seal_pin, name="set_seal_pin"),
    path("seals/<int:unit_id>/change-pin/", views.change_seal_pin, name="change_seal_pin"),
    path("seals/<int:unit_id>/forgot-pin/", views.reset_forgotten_seal_pin, name="reset_forgotten_seal_pin"),
]

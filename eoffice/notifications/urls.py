from __future__ import annotations

from django.urls import path

from eoffice.notifications import mail_views, sms_views, views

app_name = "notifications"
urlpatterns = [
    path("", views.notification_list, name="list"),
    path("bell/", views.bell, name="bell"),
    path("<int:notification_id>/read/", views.mark_read, name="mark_read"),
    path("choices/", mail_views.mail_choices, name="mail_choices"),
    path("choices/try-again/", mail_views.try_address_again, name="try_address_again"),
    path("sms/", sms_views.sms_choices, name="sms_choices"),
    path("sms-rules/", sms_views.sms_rules, name="sms_rules"),
    path("mail-rules/", mail_views.mail_rules, name="mail_rules"),
    path("read-all/", views.mark_all_read, name="mark_all_read"),
]

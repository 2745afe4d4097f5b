"""Commands of the room, by use case."""

from eoffice.notifications.services.choosing import MailWish, set_mail_choices, set_mail_rules, try_address_again
from eoffice.notifications.services.mailing import close_sent_mail, send_due_mail
from eoffice.notifications.services.telling import mark_all_read, mark_read, notify, touch_counters
from eoffice.notifications.services.texting import send_sms, set_sms_choices, set_sms_rules, want_sms

__all__ = [
    "MailWish",
    "close_sent_mail",
    "mark_all_read",
    "mark_read",
    "notify",
    "send_due_mail",
    "send_sms",
    "set_mail_choices",
    "set_mail_rules",
    "set_sms_choices",
    "set_sms_rules",
    "touch_counters",
    "try_address_again",
    "want_sms",
]

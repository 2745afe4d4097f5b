"""Input of the pages of mail."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from eoffice.notifications.models import MailMode
from eoffice.notifications.services import MailWish
from eoffice.notifications.sms_kinds import KIND_WORDS
from eoffice.notifications.topics import TOPICS

_HOURS: Final = [(str(hour), f"{hour:02d} giờ") for hour in range(24)]


class _ModesForm(forms.Form):
    """A mode for each topic, in the order of `TOPICS`."""

    def __init__(self, *args: Any, modes: dict[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **kwargs)
        for topic in TOPICS:
            self.fields[topic.code] = forms.ChoiceField(
                label=topic.words, choices=MailMode.choices, initial=modes[topic.code],
                error_messages={"required": "Chọn cách gửi thư.", "invalid_choice": "Chọn cách gửi thư."},
            )  # fmt: skip

    def modes(self) -> dict[str, str]:
        return {topic.code: self.cleaned_data[topic.code] for topic in TOPICS}


def _hour(label: str, empty: str) -> forms.TypedChoiceField:
    choices = [("", empty), *_HOURS]
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, required=False)


class MailChoicesForm(_ModesForm):
    """How one person wants mail."""

    digest_hour = _hour("Giờ gửi thư gộp", "Theo giờ chung")
    quiet_from = _hour("Không gửi thư từ", "Không đặt")
    quiet_until = _hour("đến", "Không đặt")

    def wish(self) -> MailWish:
        hours = {name: self.cleaned_data[name] for name in ("digest_hour", "quiet_from", "quiet_until")}
        return MailWish(modes=self.modes(), **hours)


class MailRulesForm(_ModesForm):
    """What holds for the installation."""

    is_on = forms.BooleanField(label="Gửi thông báo qua thư điện tử", required=False)
    tells_titles = forms.BooleanField(
        label="Thư ghi rõ tiêu đề thông báo (số ký hiệu, trích yếu); tắt thì thư chỉ báo có bao nhiêu việc",
        required=False,
    )
    digest_hour = forms.TypedChoiceField(label="Giờ gửi thư gộp chung", choices=_HOURS, coerce=int, initial="7")

    def wish(self) -> MailWish:
        return MailWish(modes=self.modes(), digest_hour=self.cleaned_data["digest_hour"])


class SmsChoicesForm(forms.Form):
    """Which notices one person wants by SMS."""

    kinds = forms.MultipleChoiceField(
        label="Nhắn tin cho tôi khi",
        choices=[(str(kind), words) for kind, words in KIND_WORDS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Chọn loại tin nhắn trong danh sách."},
    )


class SmsRulesForm(forms.Form):
    """Whether the installation sends notices by SMS, and how many in a month."""

    is_on = forms.BooleanField(label="Cho phép nhận thông báo qua tin nhắn SMS", required=False)
    monthly_most = forms.IntegerField(
        label="Tối đa số tin mỗi tháng",
        error_messages={"required": "Ghi số tin tối đa mỗi tháng.", "invalid": "Ghi số tin bằng chữ số."},
    )

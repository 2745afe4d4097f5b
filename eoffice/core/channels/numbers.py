"""Phone numbers: every common way of writing one becomes E.164, shown as people here write them."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from eoffice.core.channels.errors import NotAPhoneNumber
from eoffice.core.vietnamese import nfc

_REGION: Final = "VN"
_REACHABLE: Final = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_COUNTRY_CODE: Final = 84
_LONGEST: Final = 40


def normalised(text: str) -> str:
    """The number in E.164 (`+84901234567`); a number without a country is Vietnamese.

    Blanks, dots, brackets and dashes are ignored. Raises NotAPhoneNumber, also for numbers that receive no messages.
    """
    return phonenumbers.format_number(_parsed(text), phonenumbers.PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """The number as read aloud: `0901 234 567`, foreign ones `+65 8123 4567`."""
    parsed = _parsed(number)
    if parsed.country_code == _COUNTRY_CODE:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(number: str) -> str:
    """Enough to recognise one's own number, too little to call it: `090****567`."""
    digits = national(number)
    return f"{digits[:3]}****{digits[-3:]}"


def national(number: str) -> str:
    """Digits as dialled inside the country: `0901234567`; foreign numbers keep their plus."""
    parsed = _parsed(number)
    if parsed.country_code == _COUNTRY_CODE:
        return "0" + phonenumbers.national_significant_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str) -> phonenumbers.PhoneNumber:
    # The parser would look for a number inside any long text; a field holds a number and nothing else.
    if len(text) > _LONGEST:
        raise NotAPhoneNumber
    try:
        parsed = phonenumbers.parse(nfc(text).strip(), _REGION)
    except phonenumbers.NumberParseException as error:
        raise NotAPhoneNumber from error
    if parsed.extension is not None or any(letter.isalpha() for letter in text):
        raise NotAPhoneNumber
    if parsed.country_code == _COUNTRY_CODE:
        _require_mobile_here(phonenumbers.national_significant_number(parsed))
    elif not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) not in _REACHABLE:
        raise NotAPhoneNumber
    return parsed


def _require_mobile_here(digits: str) -> None:
    """Nine digits after the zero, the first of them 3, 5, 7, 8 or 9: the library learns new prefixes late."""
    if re.fullmatch(r"[35789]\d{8}", digits):
        return
    if re.fullmatch(r"2\d{9}", digits):
        raise NotAPhoneNumber("Đây là số cố định, không nhận được tin nhắn. Nhập số di động.")
    raise NotAPhoneNumber

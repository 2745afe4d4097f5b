"""The words of Python's own argument parser in Vietnamese: `--help` and refusals speak one language."""

from __future__ import annotations

import argparse
from typing import Final

_WORDS: Final = {
    "usage: ": "cách dùng: ",
    "positional arguments": "tham số",
    "options": "tùy chọn",
    "show this help message and exit": "hiện hướng dẫn này rồi thoát",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "the following arguments are required: %s": "còn thiếu: %s",
    "one of the arguments %s is required": "cần một trong các tham số %s",
    "not allowed with argument %s": "không dùng cùng %s",
    "unrecognized arguments: %s": "không có tham số: %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r không đúng (chọn trong: %(choices)s)",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "không có lệnh %(parser_name)r (chọn trong: %(choices)s)",
    "invalid %(type)s value: %(value)r": "giá trị không đúng: %(value)r",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s chưa rõ nghĩa: %(matches)s",
    "ignored explicit argument %r": "không nhận giá trị %r",
    "expected one argument": "cần một giá trị",
    "expected at most one argument": "nhận nhiều nhất một giá trị",
    "expected at least one argument": "cần ít nhất một giá trị",
    "expected %s argument": "cần %s giá trị",
    "expected %s arguments": "cần %s giá trị",
    "can't open '%(filename)s': %(error)s": "không mở được %(filename)s: %(error)s",
}


def speak_vietnamese() -> None:
    """Have `argparse` take its words from here: it asks gettext, for which no Vietnamese catalogue exists."""
    setattr(argparse, "_", _said)  # noqa: B010 - the module's own name for gettext, in no type stub
    setattr(argparse, "ngettext", _counted)  # noqa: B010


def _said(text: str) -> str:
    return _WORDS.get(text, text)


def _counted(one: str, many: str, amount: int) -> str:
    return _said(one if amount == 1 else many)

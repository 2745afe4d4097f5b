"""What lies encrypted in the database opens with the same key and for the same use only."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from eoffice.core import secret_text


@given(st.text(max_size=200))
def test_text_comes_back_as_it_was(text: str) -> None:
    hidden = secret_text.encrypt(text, context="core_gateway.secrets")

    assert secret_text.decrypt(hidden, context="core_gateway.secrets") == text
    assert len(text) < 12 or text not in hidden


def test_text_opens_for_no_other_use() -> None:
    hidden = secret_text.encrypt("mật khẩu cổng", context="core_gateway.secrets")

    with pytest.raises(secret_text.Unreadable):
        secret_text.decrypt(hidden, context="accounts_door.secrets")


def test_text_opens_in_no_other_installation(tmp_path: Path, settings: Settings) -> None:
    hidden = secret_text.encrypt("mật khẩu cổng", context="core_gateway.secrets")

    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, data_dir=tmp_path)

    with pytest.raises(secret_text.Unreadable):
        secret_text.decrypt(hidden, context="core_gateway.secrets")

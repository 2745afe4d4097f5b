from __future__ import annotations

import hashlib
import io
import os
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from eoffice.core import clock
from eoffice.renditions import hold
from eoffice.renditions.errors import EmptyFile, FileTooLarge, HeldFileGone

CONTENT = b"Noi dung chua kiem tra. " * 50_000  # more than one piece


def held_files() -> list[Path]:
    directory = Path(django_settings.ENVIRONMENT.hold_dir)
    return sorted(directory.iterdir()) if directory.is_dir() else []


@pytest.fixture(autouse=True)
def _empty_hold():
    hold.purge(now=clock.now() + timedelta(hours=2))
    yield
    hold.purge(now=clock.now() + timedelta(hours=2))


def test_what_is_held_comes_out_unchanged_and_only_once():
    held = hold.hold(io.BytesIO(CONTENT), "Công văn.pdf")

    assert (held.size_bytes, held.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert hold.held(held.token) == held
    assert hold.release(held.token) == CONTENT
    with pytest.raises(HeldFileGone):
        hold.release(held.token)
    assert held_files() == []


def test_neither_content_nor_name_can_be_read_on_the_disk():
    hold.hold(io.BytesIO(CONTENT), "tuyet-mat-so-12.pdf")

    (path,) = held_files()
    assert b"chua kiem tra" not in path.read_bytes()
    assert b"tuyet-mat" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_destroyed_file_cannot_be_read_even_from_a_second_link_to_its_bytes(tmp_path):
    held = hold.hold(io.BytesIO(CONTENT), "a.pdf")
    (path,) = held_files()
    kept = tmp_path / held.token
    os.link(path, kept)

    hold.destroy(held.token)
    hold.destroy(held.token)

    assert held_files() == []
    os.link(kept, path)
    with pytest.raises(HeldFileGone):
        hold.release(held.token)


def test_the_limit_is_enforced_while_the_bytes_stream_in(settings):
    settings.UPLOAD_LIMIT_BYTES = 1024**2

    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(FileTooLarge) as refusal:
        hold.hold(stream, "a.pdf")

    assert refusal.value.status == 413
    assert stream.given < 2 * 1024**2
    assert held_files() == []


def test_an_upload_that_breaks_off_leaves_nothing_behind():
    class Broken:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked += 1
            if self.asked == 3:
                raise ConnectionResetError
            return b"x" * size

    with pytest.raises(ConnectionResetError):
        hold.hold(Broken(), "a.pdf")

    assert held_files() == []


def test_an_upload_of_no_bytes_is_refused():
    with pytest.raises(EmptyFile):
        hold.hold(io.BytesIO(b""), "a.pdf")

    assert held_files() == []


def test_a_clear_copy_is_gone_after_its_block():
    held = hold.hold(io.BytesIO(CONTENT), "a.pdf")

    with hold.opened(held.token) as path:
        assert path.read_bytes() == CONTENT
        assert path.stat().st_mode & 0o777 == 0o600

    assert not path.exists()
    assert not path.parent.exists()


def test_nothing_waits_longer_than_an_hour():
    old = hold.hold(io.BytesIO(b"old"), "a.pdf")
    new = hold.hold(io.BytesIO(b"new"), "b.pdf")
    now = clock.now()
    at_59_minutes = (now - timedelta(minutes=59)).timestamp()
    at_60_minutes = (now - timedelta(minutes=60)).timestamp()
    directory = Path(django_settings.ENVIRONMENT.hold_dir)
    os.utime(directory / old.token, (at_60_minutes, at_60_minutes))
    os.utime(directory / new.token, (at_59_minutes, at_59_minutes))

    assert hold.purge(now=now) == 1
    assert hold.release(new.token) == b"new"
    with pytest.raises(HeldFileGone):
        hold.release(old.token)


def test_a_clear_copy_left_by_a_killed_process_is_purged():
    left = hold.clear_directory(100)
    directory = left.__enter__()
    (directory / "held").write_bytes(b"clear")
    long_ago = (clock.now() - timedelta(hours=2)).timestamp()
    os.utime(directory, (long_ago, long_ago))

    hold.purge(now=clock.now())

    assert not directory.exists()


@pytest.mark.parametrize("token", ["", "../keys/hold", "a" * 43 + "/..", "x" * 43])
def test_a_token_that_was_never_given_finds_nothing(token):
    with pytest.raises(HeldFileGone):
        hold.release(token)


@pytest.mark.parametrize("change", ["cut", "swap", "flip"])
def test_a_changed_hold_is_refused(change):
    held = hold.hold(io.BytesIO(CONTENT), "a.pdf")
    (path,) = held_files()
    content = bytearray(path.read_bytes())
    head = 4 + int.from_bytes(content[:4], "big")
    piece = 4 + int.from_bytes(content[head : head + 4], "big")
    if change == "cut":
        content = content[: head + piece]
    elif change == "swap":
        following = content[head + piece : head + 2 * piece]
        content = content[:head] + following + content[head : head + piece] + content[head + 2 * piece :]
    else:
        content[head + piece // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(HeldFileGone):
        hold.release(held.token)


def test_names_are_kept_in_one_form_without_folders():
    name = "C:\\Hồ sơ\\" + unicodedata.normalize("NFD", "Công văn số 12.pdf")

    assert hold.hold(io.BytesIO(b"x"), name).name == "Công văn số 12.pdf"
    assert hold.clean_name("../../etc/passwd") == "passwd"
    assert hold.clean_name("d" * 600 + ".pdf") == "d" * 251 + ".pdf"
    assert hold.clean_name("///") == "van-ban"

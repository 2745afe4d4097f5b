from __future__ import annotations

import gc
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from eoffice.core import clock
from eoffice.renditions import hold
from eoffice.renditions.errors import FileTooLarge


@pytest.fixture(autouse=True)
def _handler(settings):
    settings.FILE_UPLOAD_HANDLERS = ["eoffice.renditions.uploading.PrivateUploadHandler"]


def posted(**files):
    return RequestFactory().post(
        "/", {name: SimpleUploadedFile(f"{name}.pdf", content) for name, content in files.items()}
    )


def test_files_arrive_whole_and_go_with_the_request():
    request = posted(a=b"%PDF-1 " * 500_000, b=b"nho")

    first, second = request.FILES["a"], request.FILES["b"]
    path = Path(first.file.name)
    assert path.name.startswith(hold.WORK_PREFIX)
    assert path.stat().st_mode & 0o777 == 0o600
    assert (first.size, first.name, first.read()) == (3_500_000, "a.pdf", b"%PDF-1 " * 500_000)
    assert second.read() == b"nho"

    request.close()

    assert not path.exists()


def test_no_more_than_the_limit_is_kept_and_the_hold_refuses_it(settings):
    settings.UPLOAD_LIMIT_BYTES = 100_000
    request = posted(a=b"x" * 3_000_000)

    upload = request.FILES["a"]

    assert upload.size == 100_001
    with pytest.raises(FileTooLarge):
        hold.hold(upload, "a.pdf")
    request.close()


def test_an_upload_that_breaks_off_leaves_nothing():
    before = set(hold.work_place(0).glob(f"{hold.WORK_PREFIX}*"))

    break_off(b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.pdf"\r\n\r\n' + b"x" * 200_000)
    gc.collect()

    assert set(hold.work_place(0).glob(f"{hold.WORK_PREFIX}*")) == before


def break_off(body: bytes) -> None:
    """Send a form whose connection ends in the middle of a file, and forget the request as a server does."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            if not piece:
                raise OSError("connection reset")
            return piece

    request = RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=x")
    request.META["CONTENT_LENGTH"] = "999999"
    request._stream = Broken(body)
    with pytest.raises(OSError, match="connection reset"):
        _ = request.FILES
    request.close()


def test_what_a_killed_process_left_is_purged():
    left = hold.work_place(0) / f"{hold.WORK_PREFIX}left"
    left.write_bytes(b"clear")
    long_ago = (clock.now() - timedelta(hours=2)).timestamp()
    os.utime(left, (long_ago, long_ago))

    hold.purge(now=clock.now())

    assert not left.exists()

"""Receives the files of a form without leaving them readable on a disk (setting `FILE_UPLOAD_HANDLERS`).

Django's own handler writes larger uploads in the clear under `/tmp`. This one keeps them in memory where the
machine has room (`hold.work_place`), deletes them with the request, and stores no more than one byte beyond
the limit, whatever is sent: `hold.hold` then refuses the file with its own message.
"""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from eoffice.renditions import hold


class PrivateUploadHandler(FileUploadHandler):
    """One file of a request at a time; the file it gives is gone when the request closes it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own signature
        super().new_file(*args, **kwargs)
        place = hold.work_place(min(self.content_length or 0, settings.UPLOAD_LIMIT_BYTES))
        # Deleted when closed or forgotten: also when the browser goes away and the request is dropped half read.
        self.file = tempfile.NamedTemporaryFile(prefix=hold.WORK_PREFIX, dir=place)  # noqa: SIM115 - closed by Django
        self._kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = settings.UPLOAD_LIMIT_BYTES + 1 - self._kept
        self.file.write(raw_data[: max(room, 0)])
        self._kept += min(len(raw_data), max(room, 0))

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self.file.seek(0)
        return UploadedFile(
            file=self.file,
            name=self.file_name,
            content_type=self.content_type,
            size=self._kept,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """Another handler stopped the upload: nothing of it stays."""
        if hasattr(self, "file"):
            self.file.close()

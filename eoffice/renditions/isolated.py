"""Runs `pdf_worker.py` on an untrusted PDF in a limited process and reads its answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

from eoffice.core.errors import ExpectedError
from eoffice.renditions import pdf_worker
from eoffice.renditions.errors import DamagedFile, EncryptedFile, PageNotFound

WORKER: Final = Path(pdf_worker.__file__).resolve()
_REFUSALS: Final[dict[str, type[ExpectedError]]] = {
    "encrypted": EncryptedFile,
    "damaged": DamagedFile,
    "no_page": PageNotFound,
}


def read_pdf(command: str, path: Path, *arguments: str, seconds: int = 30) -> Any:  # noqa: ANN401 - JSON
    """Run one command of `pdf_worker` on `path` for at most `seconds` of clock and of processor time.

    Raises EncryptedFile, DamagedFile (also for a file that crashes or exhausts its reader), PageNotFound.
    """
    call = [sys.executable, "-I", str(WORKER), command, str(seconds), str(path), *arguments]
    try:
        done = subprocess.run(call, capture_output=True, timeout=seconds, check=False, env={}, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise DamagedFile(reader="timeout") from error
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode == pdf_worker.EXPECTED_EXIT:
        _refuse(str(json.loads(done.stdout)["error"]))
    raise DamagedFile(reader=f"exit {done.returncode}")


def _refuse(code: str) -> NoReturn:
    raise _REFUSALS[code]

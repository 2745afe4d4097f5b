"""Processes killed at a place, as by a loss of power. Nothing of the house's code is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.db import connection


def die_at(place: str) -> None:
    """End this process by SIGKILL at a place; the interpreter itself tells where it is.

    A place is `function:moment` or `function:moment:which`, as "verify_files:return:2": when that function is entered
    (`call`) or left (`return`) for the n-th time.
    """
    name, moment, *rest = place.split(":")
    left = int(rest[0]) if rest else 1

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        if event == moment and frame.f_code.co_name == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def is_killed(module: str, *arguments: object) -> bool:
    """Run `python -m module arguments…` on this test's database and files; whether it was killed and did not end."""
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    ended = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=Path(settings.PACKAGE_DIR).parent,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "eoffice.settings",
            "DATABASE_URL": address,
            "EOFFICE_DATA": str(settings.ENVIRONMENT.data_dir),
        },
        check=False,
        timeout=120,
    )
    return ended.returncode == -signal.SIGKILL

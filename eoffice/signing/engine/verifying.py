"""Check signatures in a child process with limits on time and memory: a hostile file costs at most one child."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, unreadable

_START_S: Final = 20
_EACH_S: Final = 30
_PACKAGE_PARENT: Final = Path(__file__).resolve().parents[3]


def verify_pdf(path: Path, trust: TrustAnchors, now: datetime, *, open_fields: frozenset[str] = frozenset()) -> Verdict:
    """Judge every signature of one PDF at `now`. See `verify_files`."""
    return verify_files([path], trust, now, open_fields=open_fields)[0]


def verify_files(
    paths: Sequence[Path], trust: TrustAnchors, now: datetime, *, open_fields: frozenset[str] = frozenset()
) -> list[Verdict]:
    """Judge several files, in order; one that ends or outlasts the child is indeterminate.

    `open_fields` are text fields that our own flow has filled and not sealed yet; everywhere else a filling
    counts only under a later valid signature that locks everything. Source: digital-signature A.6, G.4.
    """
    verdicts: list[Verdict] = []
    while len(verdicts) < len(paths):
        waiting = paths[len(verdicts) :]
        verdicts.extend(_run(waiting, trust, now, open_fields)[: len(waiting)])
        if len(verdicts) < len(paths):
            verdicts.append(unreadable("Việc kiểm tra dừng giữa chừng: tệp quá nặng hoặc hỏng. Tệp chưa thay đổi."))
    return verdicts


def _run(paths: Sequence[Path], trust: TrustAnchors, now: datetime, open_fields: frozenset[str]) -> list[Verdict]:
    request = {
        "files": [str(path.resolve()) for path in paths],
        "trust": trust.to_json(),
        "now": now.isoformat(),
        "open_fields": sorted(open_fields),
    }
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "eoffice.signing.engine.checking"],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=_PACKAGE_PARENT,
            timeout=_START_S + _EACH_S * len(paths),
            check=False,
        )
        output = finished.stdout
    except subprocess.TimeoutExpired as expired:
        output = expired.stdout or b""
    complete = output[: output.rfind(b"\n") + 1]
    return [Verdict.from_record(json.loads(line)) for line in complete.splitlines()]

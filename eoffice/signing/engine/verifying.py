"""Check signatures in a child process with limits on time and memory: a hostile file costs at most one child."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from eoffice.signing.engine.added_signature import Added, AddedFault
from eoffice.signing.engine.revocation import Link, RevocationSource
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, unreadable

ENGINE: Final = ", ".join(
    ["eOffice 3", *(f"{name} {version(name.lower())}" for name in ("pyHanko", "pyhanko-certvalidator", "signxml"))]
)
"""What judges: kept with each verdict. The first number grows when our own rules change."""
_START_S: Final = 20
_EACH_S: Final = 30
_PACKAGE_PARENT: Final = Path(__file__).resolve().parents[3]


def verify_file(
    path: Path,
    trust: TrustAnchors,
    now: datetime,
    *,
    open_fields: frozenset[str] = frozenset(),
    revocation: RevocationSource | None = None,
    fresh: bool = False,
) -> Verdict:
    """Judge every signature of one file (PDF, XML) at `now`. See `verify_files`."""
    return verify_files([path], trust, now, open_fields=open_fields, revocation=revocation, fresh=fresh)[0]


def verify_files(
    paths: Sequence[Path],
    trust: TrustAnchors,
    now: datetime,
    *,
    open_fields: frozenset[str] = frozenset(),
    revocation: RevocationSource | None = None,
    fresh: bool = False,
) -> list[Verdict]:
    """Judge several files (PDF, XML), in order; one that ends or outlasts the child is indeterminate.

    `open_fields` are text fields that our own flow has filled and not sealed yet; everywhere else a filling
    counts only under a later valid signature that locks everything. With a `revocation` source a first child names
    the certificates, the source is asked here, and the second child judges with what it gave: no child has a network.
    `fresh` passes by what the source keeps. Source: digital-signature A.6, G.4.
    """
    if revocation is not None:
        links = links_of_files(paths, trust, now)
        trust = trust.with_revocation(revocation.material(links, now=now, fresh=fresh)) if links else trust
    verdicts: list[Verdict] = []
    while len(verdicts) < len(paths):
        waiting = paths[len(verdicts) :]
        verdicts.extend(_run(waiting, trust, now, open_fields)[: len(waiting)])
        if len(verdicts) < len(paths):
            verdicts.append(unreadable("Việc kiểm tra dừng giữa chừng: tệp quá nặng hoặc hỏng. Tệp chưa thay đổi."))
    return verdicts


def links_of_files(paths: Sequence[Path], trust: TrustAnchors, now: datetime) -> list[Link]:
    """Certificates of all files whose revocation matters, each with its issuer, up to anchors of `trust`."""
    answers = _ask(paths, trust, now, frozenset(), names_links=True)
    return list(dict.fromkeys(Link.from_json(line) for answer in answers for line in answer))


def examine_returned(source: Path, returned: Path, *, field: str, certificate: bytes, now: datetime) -> Added:
    """`added_signature.examine_added` in a child: what a program brought back may be anything."""
    asked = {"field": field, "certificate": certificate.hex()}
    answers = _ask([source, returned], TrustAnchors(), now, frozenset(), names_links=False, added=asked)
    if not answers:
        return Added(AddedFault.UNREADABLE)
    fault = answers[0]["fault"]
    return Added(AddedFault(fault) if fault else None, bytes.fromhex(answers[0]["value"]))


def _run(paths: Sequence[Path], trust: TrustAnchors, now: datetime, open_fields: frozenset[str]) -> list[Verdict]:
    return [Verdict.from_record(record) for record in _ask(paths, trust, now, open_fields, names_links=False)]


def _ask(
    paths: Sequence[Path],
    trust: TrustAnchors,
    now: datetime,
    open_fields: frozenset[str],
    *,
    names_links: bool,
    added: Mapping[str, str] | None = None,
) -> list[Any]:
    seconds = _START_S + _EACH_S * len(paths)
    request: dict[str, object] = {
        "names_links": names_links,
        "added": added,
        "files": [str(path.resolve()) for path in paths],
        "trust": trust.to_json(),
        "now": now.isoformat(),
        "open_fields": sorted(open_fields),
        "seconds": seconds,
    }
    return _nursery.ask(request, seconds=seconds + _START_S)


class _Nursery:
    """The process that forks a checker for each request; one for each of our processes, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, request: dict[str, object], *, seconds: float) -> list[Any]:
        """Answers to the files that were judged; none when the nursery fell or hung: the next call has a new one."""
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            process = self._living()
            try:
                _write(process, line)
                answer = _read_line(process, seconds)
            except BrokenPipeError:
                answer = b""
            if not answer:
                self._end(process)
                return []
        answers: list[Any] = json.loads(answer)
        return answers

    def _living(self) -> subprocess.Popen[bytes]:
        # After a fork of ours the pipes belong to the parent: the child starts a nursery of its own.
        if self._process is None or self._process.poll() is not None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "eoffice.signing.engine.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=_PACKAGE_PARENT,
            )
        return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self._process = None


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin is None:
        raise BrokenPipeError
    view = memoryview(line)
    while view:
        written = process.stdin.write(view)
        view = view[written or 0 :]


def _read_line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """One line of the answer, or nothing when none came in time or the process ended."""
    if process.stdout is None:
        return b""
    until = time.monotonic() + seconds
    line = b""
    while not line.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            return b""
        chunk = process.stdout.read(65536)
        if not chunk:
            return b""
        line += chunk
    return line


_nursery = _Nursery()

"""LibreOffice, kept warm: one per process that converts, on a private pipe, with a profile of its own.

Starting it costs about a second, a warm conversion a sixth of one (`stack.md`). It is restarted after
every failure and after `RECYCLE_AFTER` files, because it leaks.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from eoffice.renditions import office_bridge
from eoffice.renditions.errors import ConversionTimedOut, ConverterMissing, RenditionFailed
from eoffice.renditions.sniffing import FileKind

MEMORY_BYTES: Final = 4 * 1024**3
OUTPUT_BYTES: Final = 512 * 1024**2
TIMEOUT_S: Final = 120
RECYCLE_AFTER: Final = 100
_STOP_S: Final = 5
# Limits first, then the program beside a watch that ends the whole group when the worker is gone, however it
# went: nothing started by `make run` outlives it.
_KEEPER: Final = """
owner=$1; shift
ulimit -c 0; ulimit -v $1; shift; ulimit -f $1; shift
"$@" & child=$!
while kill -0 "$owner" 2>/dev/null && kill -0 "$child" 2>/dev/null; do sleep 1; done
kill -9 0
"""
_SOCKETS: Final = Path("/tmp")  # noqa: S108 - where LibreOffice puts them, whatever TMPDIR says
_BRIDGE: Final = Path(office_bridge.__file__).resolve()
_BINARIES: Final = (
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)
_IMPORT_FILTERS: Final = {
    FileKind.DOCX: "MS Word 2007 XML",
    FileKind.DOC: "MS Word 97",
    FileKind.ODT: "writer8",
    FileKind.XLSX: "Calc MS Excel 2007 XML",
    FileKind.XLS: "MS Excel 97",
}
_TEXT_FILTER: Final = "Text (encoded)"
# No macro ever runs, no link or picture is fetched: the proxy is a closed port of this machine.
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType"
 oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName"
 oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort"
 oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName"
 oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort"
 oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """What of LibreOffice is on this machine: its program, and a Python that can speak to it."""

    binary: Path
    python: Path


def installation() -> Installation | None:
    """Where LibreOffice is, or None where the feature is off."""
    binary = next((Path(one) for one in _BINARIES if Path(one).is_file()), None)
    if binary is None:
        return None
    python = next((one for one in (binary.with_name("python"), Path("/usr/bin/python3")) if one.is_file()), None)
    return Installation(binary, python) if python is not None else None


class Office:
    """One LibreOffice process. Conversions take turns; a failed one takes the process with it."""

    def __init__(self, found: Installation) -> None:
        self._found = found
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner_pid = 0
        self._home: Path | None = None
        self._pipe = ""
        self._converted = 0

    def convert(
        self, source: Path, target: Path, *, import_filter: str, export_filter: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Write `source` to `target` through two filters of LibreOffice.

        Raises ConversionTimedOut, and RenditionFailed where the document cannot be read or LibreOffice died.
        """
        arguments = [str(source), import_filter, str(target), export_filter]
        with self._turn:
            status = self._ask(arguments, timeout_s)
            if status not in {office_bridge.DONE, office_bridge.DOCUMENT_REFUSED}:
                # LibreOffice or the bridge to it died, which says nothing of the document: once more, with a new one.
                status = self._ask(arguments, timeout_s)
            if status != office_bridge.DONE or not target.is_file():
                self._stop()
                raise RenditionFailed
            if self._converted >= RECYCLE_AFTER:
                self._stop()

    def _ask(self, arguments: list[str], timeout_s: float) -> int:
        """The bridge's exit status for one conversion. Anything but DONE ends this LibreOffice."""
        self._ensure_running()
        try:
            done = subprocess.run(
                [str(self._found.python), str(_BRIDGE), self._pipe, *arguments],
                capture_output=True,
                timeout=timeout_s,
                check=False,
                env={"PATH": "/usr/bin:/bin"},
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            self._stop()
            raise ConversionTimedOut from error
        self._converted += 1
        if done.returncode != office_bridge.DONE:
            logger.warning("office.refused code=%s %s", done.returncode, done.stderr[-300:].decode(errors="replace"))
            self._stop()
        return done.returncode

    def stop(self) -> None:
        """End the process and remove its profile."""
        with self._turn:
            self._stop()

    def _ensure_running(self) -> None:
        if self._owner_pid != os.getpid():  # after a fork the process belongs to the parent
            self._process, self._home = None, None
        _end_orphans()
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        self._start()

    def _start(self) -> None:
        directory = _homes()
        directory.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=directory))
        (home / "user").mkdir()
        (home / "user" / "registrymodifications.xcu").write_text(_PROFILE)
        self._pipe = f"eoffice{secrets.token_hex(8)}"
        process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                _KEEPER,
                "keeper",
                str(os.getpid()),
                str(MEMORY_BYTES // 1024),
                str(OUTPUT_BYTES // 512),
                str(self._found.binary),
                "--headless",
                "--invisible",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nofirststartwizard",
                "--nolockcheck",
                f"-env:UserInstallation={home.as_uri()}",
                f"--accept=pipe,name={self._pipe};urp;",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(home),
                "TMPDIR": str(home),
                "LANG": "C.UTF-8",
                "SAL_USE_VCLPLUGIN": "svp",
            },
        )
        (home / "pid").write_text(str(process.pid))
        (home / "pipe").write_text(self._pipe)
        self._process, self._home, self._owner_pid, self._converted = process, home, os.getpid(), 0

    def _stop(self) -> None:
        if self._process is not None:
            _kill_group(self._process.pid)
            self._process.wait(_STOP_S)
        if self._home is not None:
            _remove_home(self._home)
        self._process, self._home = None, None


def _homes() -> Path:
    return Path(settings.ENVIRONMENT.run_dir) / "office"


def _remove_home(home: Path) -> None:
    """Remove what a LibreOffice that has been ended leaves: its profile, and its sockets where it puts them."""
    for name in _socket_names(home):
        (_SOCKETS / f"OSL_PIPE_{os.getuid()}_{name}").unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)


def _socket_names(home: Path) -> list[str]:
    """The pipe we asked for, and the one it opens for each profile: the MD5 of its address, without leading zeros."""
    digest = hashlib.md5(home.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    pipe = (home / "pipe").read_text() if (home / "pipe").is_file() else ""
    return [f"SingleOfficeIPC_{''.join(format(byte, 'x') for byte in digest)}", *([pipe] if pipe else [])]


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _end_orphans() -> None:
    """End LibreOffices whose worker was killed before it could; their homes name owner and process."""
    if not _homes().is_dir():
        return
    for home in _homes().iterdir():
        owner = home.name.partition("-")[0]
        if not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        pid = (home / "pid").read_text() if (home / "pid").is_file() else ""
        command = Path(f"/proc/{pid}/cmdline")
        # The number may have been given to another process since: only one that names this home is ended.
        if pid.isdigit() and command.is_file() and home.as_uri().encode() in command.read_bytes():
            _kill_group(int(pid))
        _remove_home(home)


_office: Office | None = None
_made = threading.Lock()


def _shared() -> Office:
    global _office
    with _made:
        if _office is None:
            found = installation()
            if found is None:
                raise ConverterMissing
            _office = Office(found)
            atexit.register(_office.stop)
        return _office


def to_pdf(source: Path, target: Path, *, kind: FileKind, timeout_s: float = TIMEOUT_S) -> None:
    """Set an office file as PDF (PDF/A-2b) with the warm LibreOffice of this process.

    Raises ConverterMissing, ConversionTimedOut, RenditionFailed.
    """
    export = "calc_pdf_Export" if kind in {FileKind.XLSX, FileKind.XLS} else "writer_pdf_Export"
    _shared().convert(source, target, import_filter=_IMPORT_FILTERS[kind], export_filter=export, timeout_s=timeout_s)


def to_text(source: Path, target: Path, *, kind: FileKind, timeout_s: float = TIMEOUT_S) -> None:
    """Write the text of a Word or ODT file as UTF-8. Raises as `to_pdf`."""
    _shared().convert(
        source, target, import_filter=_IMPORT_FILTERS[kind], export_filter=_TEXT_FILTER, timeout_s=timeout_s
    )

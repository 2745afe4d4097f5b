"""Starting child processes that never outlive us, under an unprivileged account where we are root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


def account_named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def surroundings(**changed: str) -> dict[str, str]:
    """The environment of this process with some of it `changed`, for a child that is another eOffice."""
    return {**os.environ, **changed}


def spawn(
    command: Sequence[str],
    *,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    directory: Path | None = None,
    parting_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own process group, so that Ctrl-C reaches us alone and we stop it in order.

    If we die without stopping it (kill -9), the kernel sends it `parting_signal`.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        env=dict(environment) if environment is not None else None,
        cwd=directory,
        process_group=0,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_die_with_parent(os.getpid(), parting_signal),
    )


def _die_with_parent(parent: int, parting_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(parting_signal))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def run_as(account: Account | None, command: Sequence[str], *, directory: Path | None = None) -> tuple[int, str]:
    """Run `command` to its end and return its exit code and whatever it printed."""
    done = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=directory,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    return done.returncode, done.stdout


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop(process: subprocess.Popen[bytes], *, first: signal.Signals, patience_s: float) -> None:
    """Ask with `first`; when patience ends, or when the leader left children behind, kill the whole group."""
    if process.poll() is None:
        process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    sweep(process)


def sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group of a `spawn`ed process: a killed leader leaves its children at work."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""Keeps the checker loaded and gives each request a limited child of its own, by fork.

Starting Python and its PDF libraries costs about a second of processor time, a fork some milliseconds. As a program:
one JSON request a line on standard input, one JSON list of answers a line on standard output; ends with its input.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from eoffice.signing.engine import checking

_CHUNK = 65536


def main() -> None:
    """Serve requests until the asking process is gone."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not mix into the answers
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_ask_child(json.loads(line))).encode() + b"\n")


def _ask_child(request: Mapping[str, Any]) -> list[Any]:
    """Answers to the files judged before the child ended or its time was over; fewer than files when it fell."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            checking.answer(request, writing)
        finally:
            os._exit(0)  # nothing of the nursery's own may be finished by a child
    os.close(writing)
    output = _read(reading, until=time.monotonic() + request["seconds"])
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    complete = output[: output.rfind(b"\n") + 1]
    return [json.loads(line) for line in complete.splitlines()]


def _read(descriptor: int, *, until: float) -> bytes:
    output = b""
    while (left := until - time.monotonic()) > 0 and select.select([descriptor], [], [], left)[0]:
        chunk = os.read(descriptor, _CHUNK)
        if not chunk:
            break
        output += chunk
    os.close(descriptor)
    return output


if __name__ == "__main__":
    main()

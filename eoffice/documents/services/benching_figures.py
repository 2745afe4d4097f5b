"""What the benchmarks of letters measure of each piece of work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing, milliseconds a piece.

    `sql_ms` is the median time spent in statements, `cpu_ms` the median processor time of this process outside them.
    """

    what: str
    pieces: int
    median_ms: float
    p95_ms: float
    statements: int
    sql_ms: float
    cpu_ms: float

    @property
    def sql_share(self) -> float:
        return self.sql_ms / self.median_ms if self.median_ms else 0.0


def measure(what: str, work: list[Callable[[], object]]) -> Figure:
    """Run each piece once, in order, with its statements counted and timed."""
    times, in_sql, outside, statements = [], [], [], 0
    for piece in work:
        with _sql_time() as clock:
            started, started_cpu = time.perf_counter(), time.thread_time()
            piece()
            spent, spent_cpu = time.perf_counter() - started, time.thread_time() - started_cpu
        times.append(spent * 1000)
        in_sql.append(clock.seconds * 1000)
        outside.append((spent_cpu - clock.cpu_seconds) * 1000)
        statements = clock.statements
    ordered = sorted(times)
    return Figure(
        what=what,
        pieces=len(work),
        median_ms=statistics.median(times),
        p95_ms=ordered[max(0, round(len(ordered) * 0.95) - 1)],
        statements=statements,
        sql_ms=statistics.median(in_sql),
        cpu_ms=statistics.median(outside),
    )


class _SqlClock:
    seconds = 0.0
    cpu_seconds = 0.0
    statements = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> object:
        started, started_cpu = time.perf_counter(), time.thread_time()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - started
            self.cpu_seconds += time.thread_time() - started_cpu
            self.statements += 1


@contextmanager
def _sql_time() -> Iterator[_SqlClock]:
    clock = _SqlClock()
    with connection.execute_wrapper(clock):
        yield clock

"""What a monitor counts, in Prometheus's terms: requests, kept pages, jobs, database connections.

Where a folder was named, every process of this machine writes its figures there and each of them can tell all;
otherwise a process tells its own. Labels are names from the code, never from a visitor: there are only so many.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
JOB_SECONDS = (0.01, 0.1, 0.5, 1, 5, 30, 120, 600)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that is looked up when a monitor asks. `values`: ((label values), number)."""

    name: str
    says: str
    labels: tuple[str, ...]
    values: Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True)
class _Meters:
    requests: Any
    request_seconds: Any
    pages: Any
    jobs: Any
    job_seconds: Any
    tasks: Any
    clock: Any
    connections: Any
    registry: Any


def configure(folder: Path | None) -> None:
    """Set once at start, before anything is counted: what is counted first decides where."""
    global _folder
    _folder = folder
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)


@cache
def _meters() -> _Meters:
    # Imported here: where the figures go is decided by the library when it is imported.
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    registry = CollectorRegistry()

    def counter(name: str, says: str, *labels: str) -> Any:
        return Counter(f"vitrine_{name}", says, labels, registry=registry)

    def seconds(name: str, says: str, label: str, buckets: tuple[float, ...]) -> Any:
        return Histogram(f"vitrine_{name}", says, (label,), buckets=buckets, registry=registry)

    return _Meters(
        requests=counter("http_requests_total", "Answered requests.", "route", "method", "status"),
        request_seconds=seconds("http_request_seconds", "Until the answer begins.", "route", SECONDS),
        pages=counter("page_cache_total", "Public pages: kept ones (hit), and made ones (miss).", "result"),
        jobs=counter("jobs_total", "Deliveries of messages: done or failed.", "topic", "outcome"),
        job_seconds=seconds("job_seconds", "Length of a delivery.", "topic", JOB_SECONDS),
        tasks=counter("tasks_total", "What the clock did: done or failed.", "task", "outcome"),
        clock=Gauge("vitrine_worker_seen_timestamp_seconds", "When the worker's clock last ticked.",
                    registry=registry, multiprocess_mode="max"),
        connections=Gauge("vitrine_db_connections", "Connections to the database: open, and of these in use.",
                          ("state",), registry=registry, multiprocess_mode="livesum"),
        registry=registry,
    )  # fmt: skip


# --- counting -----------------------------------------------------------------------------------------------------


def request(route: str, method: str, status: str, seconds: float) -> None:
    _one("requests", route, method if method in METHODS else "OTHER", status).inc()
    _one("request_seconds", route).observe(seconds)


@cache  # a kept page is answered in less time than the library takes to find these
def _one(name: str, *labels: str) -> Any:
    return getattr(_meters(), name).labels(*labels)


def page(*, kept: bool) -> None:
    _one("pages", "hit" if kept else "miss").inc()


def connection(state: str, by: int) -> None:
    _one("connections", state).inc(by)


def job(topic: str, *, done: bool, seconds: float) -> None:
    _meters().jobs.labels(topic, "done" if done else "failed").inc()
    _meters().job_seconds.labels(topic).observe(seconds)


def task(name: str, *, done: bool) -> None:
    _meters().tasks.labels(name, "done" if done else "failed").inc()


def tick() -> None:
    _meters().clock.set(time.time())


# --- telling ------------------------------------------------------------------------------------------------------


def told(figures: Iterable[Figure]) -> bytes:
    """Everything, for a monitor."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    counted = _meters().registry
    if _folder is not None:
        forget_ended("gauge_live*.db")
        counted = CollectorRegistry()
        MultiProcessCollector(counted, path=str(_folder))
    asked = CollectorRegistry()
    asked.register(_Asked(figures))
    return generate_latest(counted) + generate_latest(asked)


class _Asked:
    """Of this moment and of no process, so it is written nowhere."""

    def __init__(self, figures: Iterable[Figure]):
        self.figures = list(figures)

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for figure in self.figures:
            family = GaugeMetricFamily(f"vitrine_{figure.name}", figure.says, labels=figure.labels)
            for labels, number in figure.values:
                family.add_metric(labels, number)
            yield family


def forget_ended(pattern: str = "*.db") -> None:
    """Take away the files of processes that have ended. Of counters only at a start: they must not run backwards."""
    for file in _folder.glob(pattern) if _folder is not None else ():
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            file.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

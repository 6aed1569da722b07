"""Starts what is measured, on a free port of this machine, and ends it by its pid."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import fetch

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def command(kind: str, target: str, port: int) -> list[str]:
    """The same shape for every target: 2 workers of 4 threads."""
    if kind == "granian":
        return [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS),
                "--blocking-threads", str(THREADS), "--host", "127.0.0.1", "--port", str(port), "--no-ws",
                "--log-level", "error", target]  # fmt: skip
    return [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", str(WORKERS), "--threads", str(THREADS),
            "-b", f"127.0.0.1:{port}", "--keep-alive", "30", "--no-control-socket", "--log-level", "error",
            "-c", "python:bench.plain", target]  # fmt: skip


class Running:
    def __init__(self, process: subprocess.Popen, port: int, seconds: float):
        self.process, self.port, self.start_seconds = process, port, seconds

    def memory_mb(self) -> float:
        """Resident memory of one worker: the mean over the children."""
        sizes = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            except OSError:
                continue
            if int(fields.get("PPid", "0")) == self.process.pid and "VmRSS" in fields:
                sizes.append(int(fields["VmRSS"].split()[0]) / 1024)
        return sum(sizes) / len(sizes) if sizes else 0.0


@contextmanager
def serving(target: str, kind: str = "gunicorn", env: dict[str, str] | None = None, path: str = "/",
            host: str = "localhost") -> Iterator[Running]:  # fmt: skip
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(command(kind, target, port), cwd=ROOT, env={**os.environ, **(env or {})},
                               stdout=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    try:
        _wait(process, port, path, host)
        yield Running(process, port, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen, port: int, path: str, host: str) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server ended at once with code {process.returncode}")
        try:
            if fetch(port, path, {"Host": host})[0] < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not answer within 30 s")

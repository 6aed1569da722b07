"""Load from this machine to this machine: wrk where it is installed, else a small client of our own."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable

CONNECTIONS = 16


def fetch(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def per_second(port: int, path: str, headers: dict[str, str], seconds: float) -> float:
    """Answers per second over 16 kept connections. Any answer that is not 2xx or 304 spoils the figure loudly."""
    if wrk := shutil.which("wrk"):
        given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = [wrk, "-t2", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *given]
        command.append(f"http://127.0.0.1:{port}{path}")
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        if "Non-2xx" in done.stdout:
            raise SystemExit(f"{path}: {done.stdout}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])
    return clients(lambda: _getter(port, path, headers), CONNECTIONS, seconds)


def _getter(port: int, path: str, headers: dict[str, str]) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def once() -> None:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if not (200 <= answer.status < 300 or answer.status == 304):
            raise SystemExit(f"{path} answered {answer.status}")

    return once


def clients(make: Callable[[], Callable[[], object]], number: int, seconds: float) -> float:
    """`number` clients, each repeating its own step, for `seconds`. Steps per second, all together."""
    counts, failures = [0] * number, []
    ready = threading.Barrier(number + 1)
    stop = threading.Event()

    def run(n: int) -> None:
        try:
            step = make()
            ready.wait(60)
            while not stop.is_set():
                step()
                counts[n] += 1
        except BaseException as error:
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(number)]
    for thread in threads:
        thread.start()
    try:
        ready.wait(60)
        began = time.monotonic()
        time.sleep(seconds)
    except threading.BrokenBarrierError:
        raise SystemExit(f"a client failed: {failures[0]!r}") from None
    stop.set()
    elapsed = time.monotonic() - began
    for thread in threads:
        thread.join(30)
    if failures:
        raise SystemExit(f"a client failed: {failures[0]!r}")
    return sum(counts) / elapsed

"""`make run` as a newcomer types it: it serves the demo, starts again in a moment, and leaves nothing behind."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.process import free_port

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """One `make run` with an installation of its own."""

    def __init__(self, instance: Path, **more: str):
        self.port = free_port()
        self.sandbox_port = free_port()
        self.lines: list[str] = []
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env |= {
            "APP_ENV": "development",
            "INSTANCE_DIR": str(instance),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "WEB_WORKERS": "2",
            **more,
        }
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines += iter(output)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def until_ready(self, seconds: float) -> float:
        end = time.monotonic() + seconds
        while "Ready in" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        return time.monotonic() - self.began

    def get(self, host: str, path: str = "/") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def stop(self, number: signal.Signals) -> set[int]:
        """Ends it by SIGTERM to make, or by SIGINT to all that a Ctrl-C in the terminal reaches; those of its processes
        that are still there afterwards."""
        pids = descendants(self.process.pid)
        assert len(pids) >= 5, pids  # cli.run, gunicorn and two workers, the worker, the sandbox
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.wait(20)
        self.reader.join(5)
        return {pid for pid in pids if is_alive(pid)}


def descendants(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, waiting = set(), [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@pytest.fixture
def start(tmp_path: Path) -> Iterator:
    runs: list[Run] = []

    def begin(**more: str) -> Run:
        runs.append(Run(tmp_path / "instance", **more))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
            run.process.wait(20)
        run.reader.join(5)


def test_a_fresh_start_serves_the_demo_and_the_next_one_is_quick(start):
    first = start()
    first.until_ready(240)  # under ten seconds of work, on a machine that may be busy
    assert "http://demo.localhost" in first.said and "admin" in first.said and "Demo-Pass-1" in first.said
    status, page = first.get("demo.localhost")
    assert status == 200 and "Vitrine Demo" in page
    status, page = first.get("atelier.localhost")
    assert status == 200 and "Atelier Barro" in page
    status, page = first.get("localhost")
    assert status == 200 and "demo.localhost" in page and "atelier.localhost" in page
    assert first.get("demo.localhost", "/products")[0] == 200
    until(lambda: "worker started" in first.said)
    assert first.stop(signal.SIGTERM) == set()

    bare = seconds_to_import()
    second = start()
    took = second.until_ready(120)
    assert "filling" not in second.said
    # Three seconds on a machine of its own; on a busy one not much more than its imports take there.
    assert took < 3 or took < 2.5 * bare, (took, bare)
    assert second.get("demo.localhost")[0] == 200
    until(lambda: "worker started" in second.said)
    assert second.stop(signal.SIGINT) == set()


def test_a_signal_while_it_is_still_preparing_leaves_nothing_either(start):
    run = start()
    until(lambda: len(descendants(run.process.pid)) >= 2)
    time.sleep(1)
    pids = descendants(run.process.pid)
    run.process.send_signal(signal.SIGTERM)
    run.process.wait(20)
    assert {pid for pid in pids if is_alive(pid)} == set()


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = os.environ | {"PORT": str(port), "INSTANCE_DIR": str(tmp_path), "APP_ENV": "development"}
        done = subprocess.run(
            [sys.executable, "-m", "cli.run"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr and "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_when_one_program_ends_all_end(start):
    run = start(DEMO="0")
    run.until_ready(120)
    until(lambda: "worker started" in run.said)
    pids = descendants(run.process.pid)
    (worker,) = [pid for pid in pids if "jobs.worker" in command(pid)]
    os.kill(worker, signal.SIGKILL)
    assert run.process.wait(20) != 0
    run.reader.join(5)
    assert "worker has ended" in run.said
    assert {pid for pid in pids if is_alive(pid)} == set()


def seconds_to_import() -> float:
    """How long this machine takes now to import the app, and nothing else."""
    began = time.monotonic()
    env = os.environ | {"APP_ENV": "testing"}
    subprocess.run([sys.executable, "-c", "import app"], cwd=ROOT, env=env, check=True, capture_output=True)
    return time.monotonic() - began


if shutil.which("setpriv"):  # on every Linux

    def test_even_a_killed_start_takes_its_programs_with_it(start):
        run = start(DEMO="0")
        run.until_ready(120)
        until(lambda: "worker started" in run.said)
        pids = descendants(run.process.pid)
        (ours,) = [pid for pid in pids if "cli.run" in command(pid)]
        os.kill(ours, signal.SIGKILL)
        run.process.wait(20)
        until(lambda: not any(is_alive(pid) for pid in pids), seconds=30)


def command(pid: int) -> str:
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout


def until(true, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)

"""One server for all workers of a test run: the first to ask starts it, and it ends with the run.

A keeper process (`python -m tests.servers`) owns the server and watches the run's process, so that it also
ends when the run was killed and could not clean up.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.postgresql import start_postgresql
from tests.servers.process import Server
from tests.servers.redis import start_redis

START = {"postgresql": start_postgresql, "redis": start_redis}
ROOT = Path(__file__).resolve().parents[2]
_keepers: list[subprocess.Popen] = []  # still running when we end, on purpose; forgotten ones would warn


def shared_postgresql() -> Server:
    return _shared("postgresql", "TEST_DATABASE_URL")


def shared_redis() -> Server:
    return _shared("redis", "TEST_REDIS_URL")


def _run_pid() -> int:
    """The process that is there for the whole run: pytest itself, or with xdist the parent of the workers."""
    return os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()


def _shared(kind: str, given: str) -> Server:
    if url := os.environ.get(given):
        return Server(url.rstrip("/"))
    note = Path(tempfile.gettempdir()) / f"vitrine-{os.getuid()}-{_run_pid()}-{kind}"
    # Appending never cuts what another worker has written; the lock goes with the file handle.
    with note.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        url = file.read()
        if not url:
            url = _start_keeper(kind, note)
            file.write(url)
        return Server(url)


def _start_keeper(kind: str, note: Path) -> str:
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", kind, "--until", str(_run_pid()), "--note", str(note)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is for the tests; they end first
    )
    _keepers.append(keeper)
    assert keeper.stdout is not None
    with keeper.stdout as answer:
        url = answer.readline().strip()
    if not url:
        raise RuntimeError(f"the {kind} server for the tests did not start; its message is above")
    return url

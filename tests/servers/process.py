"""A server process of ours: known by its pid, in a folder of its own, and gone after `stop()`."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Server:
    url: str
    _stop: Callable[[], None] = field(default=lambda: None, repr=False)

    def stop(self) -> None:
        """A second call does nothing."""
        stop, self._stop = self._stop, lambda: None
        stop()


def folder(prefix: str, user: pwd.struct_passwd | None = None) -> Path:
    """A fresh folder under $TMPDIR, owned by `user`; under /tmp when that is too long or closed."""
    parent = Path(tempfile.gettempdir())
    if len(str(parent)) > 60 or (user and not _may_enter(parent)):
        parent = Path("/tmp")  # mkdtemp makes the folder itself, closed to others
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    if user:
        os.chown(made, user.pw_uid, user.pw_gid)
    return made


def _may_enter(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in [path, *path.resolve().parents])


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom a server runs as that refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as"
    )


def as_user(user: pwd.struct_passwd | None) -> dict:
    """The arguments of `subprocess` that drop root's rights."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def reachable_by(user: pwd.struct_passwd | None, package: Path, into: Path) -> Path:
    """`package` itself, or a copy in `into` when the way to it is closed to `user`."""
    if user is None or _may_enter(package):
        return package
    for part in (package, package.with_name(package.name + ".libs")):
        if part.is_dir():
            shutil.copytree(part, into / part.name, symlinks=True)
    return into / package.name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ready: Callable[[], bool], process: subprocess.Popen, log: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def end(process: subprocess.Popen, remove: Path, with_signal: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(with_signal)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(remove, ignore_errors=True)

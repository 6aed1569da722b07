"""Several programs that run as one: each writes to our terminal under its name, and when one ends all end."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

GRACE = 10.0  # seconds a program has to end by itself
_COLOURS = {"web": 36, "worker": 33, "queue": 35, "stripe": 34}
# Where there is setpriv (Linux), a program is told to end even if we are killed and can say nothing any more.
_TIED = [path, "--pdeathsig", "TERM"] if (path := shutil.which("setpriv")) else []


class Processes:
    """Use as a context manager: on the way out nothing that was started is left, whatever happened."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.running: dict[str, subprocess.Popen] = {}
        self.stopped_by = 0  # the signal that ended us
        self._printing = threading.Lock()
        self._readers: list[threading.Thread] = []

    def __enter__(self) -> "Processes":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # A note and no more: setting a threading.Event here would wait for ever for a lock that we hold ourselves,
        # where the signal comes while we are waiting for that event.
        self.stopped_by = self.stopped_by or number

    def _pause(self, seconds: float) -> bool:
        """Sleep, unless we are to end; whether we may go on."""
        if not self.stopped_by:
            time.sleep(seconds)
        return not self.stopped_by

    def start(self, name: str, *command: str) -> None:
        # In a session of its own: a Ctrl-C in the terminal comes to us alone, and we end the others in good order.
        process = subprocess.Popen(
            [*_TIED, sys.executable, *command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.running[name] = process
        reader = threading.Thread(target=self._copy, args=(name, process), daemon=True)
        reader.start()
        self._readers.append(reader)

    def _copy(self, name: str, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        label = f"{name:<7}|"
        if sys.stdout.isatty():
            label = f"\033[{_COLOURS.get(name, 37)}m{label}\033[0m"
        for line in process.stdout:
            self.say(f"{label} {line.decode(errors='replace').rstrip()}")

    def say(self, text: str) -> None:
        with self._printing, contextlib.suppress(BrokenPipeError):
            print(text, flush=True)

    def finish(self, name: str, *command: str) -> int:
        """Run a program to its end; its exit code. A signal to us ends it early."""
        self.start(name, *command)
        process = self.running[name]
        while process.poll() is None and self._pause(0.02):
            pass
        if process.poll() is None:
            self.stop()
        self._readers.pop().join(1)
        return self.running.pop(name, process).returncode

    def until(self, ready: Callable[[], bool]) -> bool:
        """Wait for `ready`. False where a signal came or a program ended first."""
        while not self.stopped_by and not self.ended():
            if ready():
                return True
            self._pause(0.05)
        return False

    def watch(self) -> str:
        """Wait for a signal or the end of any program; the name of the one that ended by itself."""
        while self._pause(0.1):
            if ended := self.ended():
                return ended[0]
        return ""

    def ended(self) -> Sequence[str]:
        return [name for name, process in self.running.items() if process.poll() is not None]

    def stop(self) -> None:
        """Ask all to end, wait, and insist. Programs end children of theirs by themselves; what is left is killed."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader in self._readers:
            reader.join(1)

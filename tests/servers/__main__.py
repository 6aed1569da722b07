"""Keeps one server running: until Ctrl-C or SIGTERM, or until the process `--until` has ended."""

import argparse
import os
import select
import signal
import sys
import time
from pathlib import Path

from tests.servers.shared import START


def _stop(*_: object) -> None:
    sys.exit(0)


def wait_for_end_of(pid: int) -> None:
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return
        select.select([handle], [], [])
        return
    while True:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("kind", choices=START)
    parser.add_argument("--until", type=int, metavar="PID")
    parser.add_argument("--note", type=Path, help="a file to remove at the end")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    server = START[options.kind]()
    try:
        print(server.url, flush=True)
        if options.until:
            wait_for_end_of(options.until)
        else:
            signal.pause()
    finally:
        server.stop()
        if options.note:
            options.note.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

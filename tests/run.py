"""Runs all tests, part by part, and adds up what came out.

`make test` is this. By hand: `.venv/bin/python -m tests.run --part browser`.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
WORKERS = "2"


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    folders: tuple[str, ...]
    marks: str
    options: tuple[str, ...]


PARTS = (
    Part(
        "sqlite",
        "everything but the browser, on SQLite",
        ("tests",),
        "not browser and not postgres_only",
        ("--ignore=tests/browser", "--db=sqlite"),
    ),
    Part(
        "postgresql",
        "the rules and the walls between stores again, on PostgreSQL",
        (
            "tests/models",
            "tests/services",
            "tests/jobs",
            "tests/concurrency",
            "tests/isolation",
            "tests/web/test_watching.py",
        ),
        "not browser",
        ("--db=postgresql",),
    ),
    Part("browser", "a person in a browser", ("tests/browser",), "", ()),
)


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.errors + other.errors,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        words = [f"{self.passed} passed", f"{self.failed} failed"]
        words += [f"{self.errors} errors"] if self.errors else []
        words += [f"{self.skipped} skipped"] if self.skipped else []
        return ", ".join(words)


def read_report(report: Path) -> Count:
    """What pytest counted; one error when it did not get as far as counting."""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (FileNotFoundError, ElementTree.ParseError):
        return Count(errors=1)
    total = Count()
    for suite in suites:
        tests, failed, errors, skipped = (
            int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")
        )
        total += Count(tests - failed - errors - skipped, failed, errors, skipped)
    return total


class Runner:
    """One pytest at a time. A signal to us ends it in good order: it gets to clean up before we go."""

    def __init__(self, deep: bool, more: list[str]):
        self.deep = deep
        self.more = more
        self.child: subprocess.Popen | None = None
        self.stopped_by = 0
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.stopped_by = number
        # A Ctrl-C has reached pytest already: the terminal sends it to everybody.
        if self.child and number != signal.SIGINT:
            self.child.send_signal(signal.SIGINT)

    def run(self, part: Part, report: Path) -> tuple[int, Count]:
        marks = [f"({part.marks})"] if part.marks else []
        marks += [] if self.deep else ["not deep"]
        command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, f"--junitxml={report}",
                   "--durations=12", "--durations-min=3"]  # fmt: skip
        command += ["-m", " and ".join(marks)] if marks else []
        command += [
            *part.options,
            *(folder for folder in part.folders if (ROOT / folder).exists()),
            *self.more,
        ]
        # Says which part it is, and which examples hypothesis tries.
        settings = os.environ | {"HYPOTHESIS_PROFILE": "deep" if self.deep else "default"}
        self.child = subprocess.Popen(command, cwd=ROOT, env=settings)
        code = self.child.wait()
        self.child = None
        count = read_report(report)
        if code and not (count.failed or count.errors):
            count.errors = 1  # nothing collected, bad options, interrupted: never a silent success
        return code, count


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.run",
        description="Runs all tests part by part. Without options: all parts, without the long tests.",
        epilog="Parts: " + "; ".join(f"{part.name} ({part.title})" for part in PARTS),
    )
    parser.add_argument(
        "--part",
        action="append",
        choices=[part.name for part in PARTS],
        help="only this part; may be repeated",
    )
    parser.add_argument("--deep", action="store_true", help="also the tests marked `deep`, and more examples")
    parser.add_argument("pytest", nargs="*", help="more options for pytest, after --")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    runner = Runner(options.deep, options.pytest)
    began = time.monotonic()
    lines: list[str] = []
    total, worst = Count(), 0
    with tempfile.TemporaryDirectory(prefix="vt-reports-") as folder:
        for part in PARTS:
            if options.part and part.name not in options.part:
                continue
            print(f"\n== {part.name}: {part.title}", flush=True)
            started = time.monotonic()
            code, count = runner.run(part, Path(folder) / f"{part.name}.xml")
            lines.append(f"{part.name:<12} {count} in {time.monotonic() - started:.1f}s")
            print(f"== {lines[-1]}", flush=True)
            total, worst = total + count, max(worst, abs(code))
            if runner.stopped_by:
                print("stopped", flush=True)
                return 128 + runner.stopped_by
    print("\n" + "\n".join(lines))
    print(f"{f' {total} in {time.monotonic() - began:.1f}s ':=^80}", flush=True)
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())

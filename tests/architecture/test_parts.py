"""What `make test` runs (tests/run.py) leaves no test out."""

from tests import run
from tests.architecture.tree import ROOT

MARK = "postgres" + "_only"


def test_what_needs_postgresql_is_run_there():
    """The other parts leave these out by their mark, so that one outside of these folders would never run."""
    folders = next(part.folders for part in run.PARTS if part.name == "postgresql")
    rooms = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")
             if MARK in path.read_text()]  # fmt: skip
    assert len(rooms) > 3
    outside = {room for room in rooms if not room.startswith(folders)}
    assert outside == {"tests/conftest.py", "tests/run.py"}  # these two only name the mark

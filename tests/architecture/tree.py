"""The house as the tests see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    {"wsgi"},
    {"app"},
    {"shop", "admin", "console", "api", "jobs", "cli"},
    {"web"},
    {"forms"},
    {"services"},
    {"models", "gateways"},
    {"kit"},
]
LEVEL = {room: depth for depth, rooms in enumerate(FLOORS) for room in rooms}
ROOMS = [room for rooms in FLOORS for room in sorted(rooms)]  # workers must collect in one order


def modules() -> list[Path]:
    found = [ROOT / "wsgi.py", ROOT / "app.py", ROOT / "config.py"]
    for room in ROOMS:
        found += sorted((ROOT / room).rglob("*.py"))
    return [path for path in found if path.exists()]


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """The dotted names a module imports, with the line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))

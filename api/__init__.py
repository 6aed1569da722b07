"""The JSON API: a label, a draft, one call. Rooms register by being imported here."""

from importlib import import_module
from pathlib import Path

from flask import Flask

from api.contract import bp


def _rooms() -> list[str]:
    """Every module of this package that describes endpoints."""
    here = Path(__file__).parent
    found = [path.relative_to(here.parent).with_suffix("") for path in here.rglob("*.py")]
    return sorted(
        ".".join(path.parts) for path in found if path.parts[1] not in {"schemas"} and path.stem[0] != "_"
    )


def load_rooms() -> None:
    """Import every room, so that its endpoints are declared."""
    for room in _rooms():
        import_module(room)


def init_app(app: Flask) -> None:
    load_rooms()
    app.register_blueprint(bp)

"""The storefront."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask, g, request

from web.access import guard
from web.auth import actor
from web.tenant import current_store, require_open_store

bp = Blueprint("shop", __name__)
guard(bp)

OPEN_WHEN_SUSPENDED = {"shop.show_order", "shop.sign_in", "shop.sign_out"}


@bp.before_request
def _in_an_open_store() -> None:
    current_store()
    if request.endpoint not in OPEN_WHEN_SUSPENDED and not g.store.is_open:
        require_open_store(staff=actor().is_staff, reading=request.method in {"GET", "HEAD"})


def init_app(app: Flask) -> None:
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"shop.{path.stem}")
    app.register_blueprint(bp)

"""The storefront."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask, g, request

from web.access import guard
from web.auth import actor
from web.tenant import current_store, require_open_store

bp = Blueprint("shop", __name__)
guard(bp)

# Orders that were placed can be followed in a closed shop, too; its colours belong to those pages.
OPEN_WHEN_SUSPENDED = {"shop.order_status", "shop.sign_in", "shop.check_sign_in", "shop.sign_out", "shop.branding_css",
                       "shop.robots"}  # fmt: skip


@bp.before_request
def _in_an_open_store() -> None:
    current_store()
    if request.endpoint not in OPEN_WHEN_SUSPENDED and not g.store.serves_shoppers:
        require_open_store(staff=actor().is_staff, reading=request.method in {"GET", "HEAD"})


def init_app(app: Flask) -> None:
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        room = import_module(f"shop.{path.stem}")
        if hasattr(room, "init_app"):
            room.init_app(app)
    app.register_blueprint(bp)

"""The storefront."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, g, redirect, request

from web.access import guard
from web.apart import is_trying, stand_apart
from web.auth import actor
from web.htmx import wants_fragment
from web.maintenance import has_key
from web.tenant import current_store, host_of_request, require_open_store

bp = Blueprint("shop", __name__)
guard(bp)

# Orders that were placed can be followed in a closed shop, too; its colours belong to those pages.
OPEN_WHEN_SUSPENDED = {"shop.order_status", "shop.sign_in", "shop.check_sign_in", "shop.sign_out", "shop.branding_css",
                       "shop.robots", "shop.open_door"}  # fmt: skip


@bp.before_request
def _at_its_address() -> Response | None:
    """A store has one address: its other hosts lead to it. For an hour, as far as browsers are told, since the primary
    domain may change. Who tries a look on stays where the back office is."""
    store = current_store()
    if (
        request.method not in {"GET", "HEAD"}
        or host_of_request() == store.host
        or wants_fragment()
        or is_trying()
    ):
        return None
    path = request.full_path.rstrip("?")
    response = redirect(current_app.config["VITRINE"].url_of(store.host) + path, 301)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response  # type: ignore[return-value]


@bp.before_request
def _in_an_open_store() -> None:
    if request.endpoint in OPEN_WHEN_SUSPENDED or g.store.serves_shoppers:
        return
    stand_apart()  # what is seen of a closed shop is nothing to keep
    if not has_key():
        require_open_store(staff=actor().is_staff, reading=request.method in {"GET", "HEAD"})


def init_app(app: Flask) -> None:
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        room = import_module(f"shop.{path.stem}")
        if hasattr(room, "init_app"):
            room.init_app(app)
    app.register_blueprint(bp)

"""The platform host's own pages: a plain landing page with the stores, and the console of the platform's people."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask, Response, request

from kit.errors import NotFound
from kit.i18n import _
from services import tenants
from web.access import PUBLIC, allow, guard
from web.htmx import render
from web.tenant import is_platform_host

bp = Blueprint("platform", __name__)


@bp.before_request
def only_here() -> None:
    """The platform's doors are not shown on a store's host."""
    if not is_platform_host():
        raise NotFound(_("There is nothing here."))


guard(bp)


def init_app(app: Flask) -> None:
    @app.before_request
    def landing() -> Response | None:
        """`/` is the storefront's address on every other host."""
        return home() if request.path == "/" and is_platform_host() else None

    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        import_module(f"console.{path.stem}")
    app.register_blueprint(bp)


@bp.get("/platform")
@allow(PUBLIC)
def home() -> Response:
    return render("platform/home.html", stores=tenants.list_open())

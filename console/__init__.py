"""The platform host's own pages: a plain landing page with the stores."""

from importlib import import_module

from flask import Blueprint, Flask, Response, request

from services import tenants
from web.access import PUBLIC, allow, guard
from web.htmx import render
from web.tenant import is_platform_host

bp = Blueprint("platform", __name__)
guard(bp)


def init_app(app: Flask) -> None:
    @app.before_request
    def landing() -> Response | None:
        """`/` is the storefront's address on every other host."""
        return home() if request.path == "/" and is_platform_host() else None

    import_module("console.mails")
    app.register_blueprint(bp)


@bp.get("/platform")
@allow(PUBLIC)
def home() -> Response:
    return render("platform/home.html", stores=tenants.list_open())

"""The back office, on the store's own host under /admin."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint, Flask, request

from web.access import guard
from web.auth import actor
from web.tenant import current_store, require_open_store

bp = Blueprint("admin", __name__, url_prefix="/admin")
guard(bp)

# Open to nobody in particular: colleagues of a suspended store come in to read.
DOORS = {"admin.sign_in", "admin.sign_in_code", "admin.sign_out", "admin.arrive", "admin.finish_arriving",
         "admin.ask_to_impersonate", "admin.begin_impersonation", "admin.end_impersonation"}  # fmt: skip


@bp.before_request
def _in_a_store() -> None:
    current_store()
    if request.endpoint not in DOORS:
        require_open_store(staff=actor().is_staff, reading=request.method in {"GET", "HEAD"})


def init_app(app: Flask) -> None:
    here = Path(__file__).parent
    for path in sorted(here.rglob("[a-z]*.py")):
        import_module(".".join(path.relative_to(here.parent).with_suffix("").parts))
    app.register_blueprint(bp)

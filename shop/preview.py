"""The look that is tried on, shown to staff in the whole shop until they end it."""

from typing import Any

from flask import Flask, g

from kit.i18n import _
from services import looks, themes
from shop import bp
from web.apart import is_framed, is_trying, stand_apart
from web.auth import actor


@bp.before_request
def _dress() -> None:
    if not is_trying() or not actor().is_staff:
        return
    stand_apart()
    g.is_tried = True
    g.store = looks.dressed(g.store, looks.draft())


def tried() -> dict[str, Any] | None:
    """For the banner above the page; none in a frame of the back office, which says it itself."""
    if not g.get("is_tried") or is_framed():
        return None
    known = themes.THEMES.get(g.store.theme)
    return {"theme": _(known.name) if known else g.store.theme}


def init_app(app: Flask) -> None:
    app.jinja_env.globals["tried"] = tried

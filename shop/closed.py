"""The door of a shop that is worked on: the password lets one in."""

from flask import Flask, Response, g, make_response, render_template, request, url_for

from kit.i18n import _
from services import holidays, opening
from shop import bp
from web.access import PUBLIC, allow
from web.htmx import go_to, safe_next
from web.limits import limit
from web.maintenance import give_key, is_worked_on


@bp.post("/closed")
@allow(PUBLIC)
@limit("5 per minute; 30 per hour")
def open_door() -> Response:
    back = safe_next(request.form.get("next"), url_for("shop.home"))
    if not is_worked_on():
        return go_to(url_for("shop.home"))
    if opening.is_password(request.form.get("password", "")):
        return give_key(go_to(back))
    page = render_template("shop/closed.html", is_back_soon=True, asks_password=opening.has_password(), next=back,
                           error=_("This is not the password."))  # fmt: skip
    response = make_response(page, 403)
    response.headers["Cache-Control"] = "no-store"
    return response


def holiday_notice() -> str:
    """What stands above the pages today."""
    return holidays.notice_of(g.store) if g.get("store") else ""


def init_app(app: Flask) -> None:
    app.jinja_env.globals["holiday_notice"] = holiday_notice

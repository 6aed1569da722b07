"""All parts of the design on one page, for those who build with them. Not in production."""

from flask import Response, current_app, request

from kit.errors import NotFound
from kit.i18n import _
from shop import bp
from web.access import PUBLIC, allow
from web.htmx import render

SHEETS = ("admin.css", "shop-market.css", "shop-atelier.css")


@bp.get("/_components")
@allow(PUBLIC)
def components() -> Response:
    if current_app.config["VITRINE"].is_production:
        raise NotFound(_("There is no page at this address."))
    sheet = request.args.get("sheet", SHEETS[0])
    return render("shared/components.html", sheet=sheet if sheet in SHEETS else SHEETS[0])

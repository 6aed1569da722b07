"""Files that were bought."""

from typing import Any

from flask import Response, request, url_for

from kit.i18n import _, _n
from models.orders import Order
from services import downloads
from shop import bp
from web.access import PUBLIC, allow
from web.filters import day, size_text


@bp.get("/downloads/<token>")
@allow(PUBLIC)
def download(token: str) -> Response:
    """Always as a file to keep, never as a page of this host. A HEAD (of a scanner, a download manager) uses up
    nothing."""
    found = downloads.fetch(token, is_counted=request.method != "HEAD")
    response = Response(found.body, mimetype=found.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def shown(order: Order) -> list[dict[str, Any]]:
    """For the order's page: each file with what is left of its right."""
    return [
        {
            "name": row.name,
            "size": size_text(row.size),
            "url": url_for("shop.download", token=downloads.token_of(row)),
            "left": _n("%(num)d download left", "%(num)d downloads left", row.limit - row.used)
            if row.limit is not None
            else "",
            "until": _("until %(date)s", date=day(row.expires_at)) if row.expires_at else "",
        }
        for row in downloads.of_order(order)
    ]

"""Papers to print, as PDF: of one order, or of those that are ticked in the list."""

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from admin import bp
from kit.actor import Role
from services.orders import papers, reading
from services.orders.papers import PaperKind
from web.access import allow
from web.auth import actor


@bp.get("/orders/<uuid:order_id>/<any('slip.pdf', 'proforma.pdf'):name>")
@allow(Role.STAFF)
def order_paper(order_id: UUID, name: str) -> Response:
    order = reading.get_order(order_id)
    return as_file([order_id], PaperKind(name.removesuffix(".pdf")), f"{order.order_number}-{name}")


def as_file(ids: Sequence[UUID], kind: PaperKind, name: str) -> Response:
    """Shown in the browser, which prints it or keeps it under this name."""
    body = papers.print_orders(ids, kind, actor=actor())
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    headers = {"Content-Disposition": f'inline; filename="{safe}"', "Cache-Control": "private, no-store"}
    return Response(body, 200, headers, content_type="application/pdf")

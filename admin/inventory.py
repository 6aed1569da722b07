"""What is on the shelves: looked through, counted, corrected, and its ledger."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.products.shown import label_of
from admin.wording import STOCK, badge, options
from kit.actor import Role
from kit.drafts import read
from kit.errors import Conflict, Invalid, TooLarge
from kit.i18n import _, mark
from models.catalog import StockStatus
from models.stock import StockMovement
from services import stock
from services.catalog import images
from services.stock import count_import, overview
from services.stock.adjusting import AdjustDraft, adjust
from services.stock.overview import Counted, StockFilter
from web.access import allow
from web.auth import actor
from web.filters import moment, number
from web.htmx import go, go_to, safe_next, wants_fragment
from web.lists import Filter, chips, choice_arg, here, listing, page_arg, page_url, size_arg, tabs, text_arg

REASONS = (mark("Counted"), mark("Delivery came in"), mark("Return put back"), mark("Damaged"), mark("Lost or stolen"),
           mark("Taken for ourselves"), mark("Correction"))  # fmt: skip
MOVES = {"initial": mark("First count"), "count": mark("Count"), "shipped": mark("Sent"),
         "unshipped": mark("Sending cancelled"), "returned": mark("Came back"),
         "written_off": mark("Written off")}  # fmt: skip


@bp.get("/inventory")
@allow(Role.STAFF)
def inventory() -> Response:
    view, q = choice_arg("view", ("low",)), text_arg("q")
    filters = [Filter("stock", _("Stock"), options(STOCK))]
    status = filters[0].value
    wanted = StockFilter(search=q, low=view == "low", status=StockStatus(status) if status else None)
    found = overview.list_stock(wanted, page=page_arg(), page_size=size_arg())
    applied = chips(filters, q)
    return page(
        "admin/inventory/index.html", things=listing(found, _row), q=q, view=view, chips=applied,
        views=tabs((("", _("All"), None), ("low", _("Running out"), overview.count_low())), view),
        filter_fields=[one.shown() for one in filters], action=url_for("admin.inventory"), page_url=page_url,
        clear_url=url_for("admin.inventory", **({"view": view} if view else {})), filtered=bool(applied or view),
        reasons=[_(reason) for reason in REASONS], back=here(page=request.args.get("page")),
    )  # fmt: skip


def _row(one: Counted, *, sent: dict[str, str] | None = None, error: str = "") -> dict[str, Any]:
    level, product = one.level, one.product
    held = _("%(count)s until %(time)s", count=number(level.held), time=moment(level.held_until, "short")) \
        if level.held else number(0)  # fmt: skip
    return {
        "id": one.item.id, "name": product.name, "note": _note(one), "sku": one.sku,
        "url": url_for("admin.show_product", product_id=product.id),
        "ledger_url": url_for("admin.stock_ledger", item_id=one.item.id),
        "image": images.view(product.images[0] if product.images else None),
        "on_hand": level.on_hand, "allocated": number(level.allocated), "held": held,
        "sellable": number(level.sellable), "is_tracked": product.track_stock,
        "status": badge(STOCK, one.status) if product.track_stock else (_("Not counted"), "neutral", "open"),
        "is_low": product.track_stock and one.status in overview.LOW, "sent": sent or {}, "error": error,
    }  # fmt: skip


def _note(one: Counted) -> str:
    parts = [label_of(one.variant) if one.variant else "", one.sku]
    return " · ".join(part for part in parts if part)


@bp.post("/inventory/<uuid:item_id>")
@allow(Role.MANAGER)
def adjust_stock(item_id: UUID) -> Response:
    """For htmx the row again; else back to the list. A refusal keeps what was typed."""
    one = overview.get_counted(item_id)
    sent = {
        name: request.form[name] for name in ("mode", "quantity", "reason", "seen") if name in request.form
    }
    if other := request.form.get("other", "").strip():
        sent["reason"] = other
    error, status = "", 200
    try:
        adjust(item_id, read(AdjustDraft, sent, form=True), actor=actor())
    except Invalid as problem:
        error, status = problem.said, 422
    except Conflict as problem:
        error, status = problem.message, 409
    if wants_fragment() or error:
        row = _row(overview.get_counted(item_id), sent=sent if error else None, error=error)
        template = "admin/inventory/_row.html" if wants_fragment() else "admin/inventory/adjust.html"
        return page(template, status=status, t=row, reasons=[_(reason) for reason in REASONS],
                    back=safe_next(request.form.get("back"), url_for("admin.inventory")))  # fmt: skip
    flash(_("The stock of “%(name)s” is corrected.", name=one.product.name), "success")
    return go_to(safe_next(request.form.get("back"), url_for("admin.inventory")))


@bp.get("/inventory/<uuid:item_id>")
@allow(Role.STAFF)
def stock_ledger(item_id: UUID) -> Response:
    """What came and went, newest first."""
    one = overview.get_counted(item_id)
    found = stock.list_movements(
        one.product.id, one.variant.id if one.variant else None, page=page_arg(), page_size=size_arg()
    )
    return page("admin/inventory/ledger.html", thing=_row(one), moves=listing(found, _move), page_url=page_url,
                reasons=[_(reason) for reason in REASONS], back=here(),
                trail=[(_("Inventory"), url_for("admin.inventory")), (one.product.name, None)])  # fmt: skip


def _move(move: StockMovement) -> dict[str, Any]:
    kind = _(MOVES[move.kind]) if move.kind in MOVES else move.kind
    return {"when": moment(move.created_at, "medium"), "iso": move.created_at.isoformat(), "kind": kind,
            "reason": move.reason, "reference": move.reference, "who": move.actor_name or "–",
            "quantity": f"{move.quantity:+d}".replace("-", "\N{MINUS SIGN}"), "after": number(move.after)}  # fmt: skip


@bp.get("/inventory/count")
@allow(Role.MANAGER)
def import_count() -> Response:
    return page("admin/inventory/count.html", error="", size=count_import.BYTES_MAX // 1024 // 1024)


@bp.post("/inventory/count")
@allow(Role.MANAGER)
def upload_count() -> Response:
    file = request.files.get("file")
    error = "" if file is not None and file.filename else _("Choose a file first.")
    if file is not None and not error:
        try:
            content = file.read(count_import.BYTES_MAX + 1)
            batch = count_import.upload(content, (file.filename or "").rpartition("/")[2], actor=actor())
            return go("admin.show_import", batch_id=batch.id)
        except (Invalid, TooLarge) as problem:
            error = problem.said
    return page(
        "admin/inventory/count.html", status=422, error=error, size=count_import.BYTES_MAX // 1024 // 1024
    )

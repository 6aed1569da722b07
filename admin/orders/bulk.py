"""One command for many orders: chosen in the list, said in a form where it asks more, looked at before it starts."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.batches import STATUS as BATCH_STATUS
from admin.frame import page
from admin.lists import choice_arg, listing, page_arg, page_url
from admin.orders import filters, papers
from admin.wording import Badge, badge
from kit.actor import Role
from kit.errors import Invalid, NotFound
from kit.i18n import _, _n, mark
from kit.ids import parse_id
from models.batches import Batch, BatchStatus, Verdict
from services import batches
from services.orders import bulk, tagging
from services.orders.papers import AT_ONCE, PaperKind
from web.access import allow
from web.auth import actor
from web.filters import number
from web.htmx import go, go_to, wants_fragment

WHILE_WAITING = 50  # so many rows are looked through while the browser waits
TICKED_MAX = 1000
_ACTIONS = (
    ("fulfil", mark("Mark as sent")),
    ("tag", mark("Tag…")),
    ("cancel", mark("Cancel…")),
    ("archive", mark("Archive")),
)
ASKING = ("tag", "cancel")
VERDICT: dict[str, Badge] = {
    Verdict.CHANGED: (mark("Will change"), "info", "dot"),
    Verdict.UNCHANGED: (mark("Is so already"), "neutral", "done"),
    Verdict.BAD: (mark("Will be refused"), "bad", "stop"),
}


def actions() -> list[tuple[str, str]]:
    return [(name, _(label)) for name, label in _ACTIONS]


def _chosen() -> tuple[list[tuple[UUID, str]], list[tuple[str, str]], str]:
    """The orders, what a form carries to choose the same again, and the list that they were chosen in."""
    text = request.form.get("state", "")
    state = filters.state_in(text)
    if request.form.get("all") == "1":
        wanted = filters.read_filter(state)
        return bulk.choose((), wanted), [("all", "1"), ("state", text)], filters.place(state)
    ids = [ident for one in request.form.getlist("ids")[:TICKED_MAX] if (ident := parse_id(one))]
    things = bulk.choose(ids, None)
    return (
        things,
        [*(("ids", str(ident)) for ident, _number in things), ("state", text)],
        filters.place(state),
    )


@bp.post("/orders/bulk")
@allow(Role.MANAGER)
def choose_order_bulk() -> Response:
    orders, fields, back = _chosen()
    action = request.form.get("action", "")
    if not orders:
        flash(_("Tick some orders first."), "error")
        return go_to(back)
    if action not in bulk.COMMANDS:
        flash(_("Choose what to do with them."), "error")
        return go_to(back)
    if action in ASKING:
        return _ask(action, len(orders), fields, back)
    return _look(bulk.prepare(action, {"notify": "1"} if action == "fulfil" else {}, orders, actor=actor()))


@bp.post("/orders/print")
@allow(Role.STAFF)
def print_orders() -> Response:
    """The packing slips of those that are ticked, in one file."""
    orders, _fields, back = _chosen()
    if not orders or len(orders) > AT_ONCE:
        flash(_("Tick between one and %(n)s orders to print.", n=AT_ONCE), "error")
        return go_to(back)
    return papers.as_file([ident for ident, _number in orders], PaperKind.SLIP, "packing-slips.pdf")


@bp.post("/orders/bulk/<any(tag, cancel):name>")
@allow(Role.MANAGER)
def prepare_order_bulk(name: str) -> Response:
    orders, fields, back = _chosen()
    form = request.form
    params: dict[str, Any] = (
        {
            "add": tagging.split_words(form.get("add", "")),
            "remove": tagging.split_words(form.get("remove", "")),
        }
        if name == "tag"
        else {"reason": form.get("reason", ""), "restock": "" if form.get("keep_stock") == "1" else "1"}
    )
    try:
        if name == "tag" and not (params["add"] or params["remove"]):
            raise Invalid(_("Write at least one tag."))
        return _look(bulk.prepare(name, params, orders, actor=actor()))
    except Invalid as error:
        message = error.errors[0].message if error.errors else error.message
        return _ask(name, len(orders), fields, back, message, 422)


def _ask(
    name: str, count: int, fields: list[tuple[str, str]], back: str, error: str = "", code: int = 200
) -> Response:
    kind, _draft = bulk.COMMANDS[name]
    return page(
        "admin/orders/bulk.html", status=code, name=name, heading=kind.says, fields=fields, back=back, error=error,
        note=_n("For %(num)d order.", "For %(num)d orders.", count), sent=request.form,
        tags=[word for _key, word, _count in tagging.list_tags(50)],
        trail=[(_("Orders"), back), (kind.says, None)],
    )  # fmt: skip


def _look(batch: Batch) -> Response:
    """On to the preview. A short one is made here and now."""
    if batch.total <= WHILE_WAITING:
        batches.run(str(batch.id))
    return go("admin.preview_order_bulk", batch_id=batch.id)


@bp.get("/orders/bulk/<uuid:batch_id>")
@allow(Role.MANAGER)
def preview_order_bulk(batch_id: UUID) -> Response:
    """What would happen to which order. Asked again while the dry run is on its way."""
    batch = _of_orders(batch_id)
    if batch.status is BatchStatus.CHECKING:
        if wants_fragment():
            return page("admin/products/_bulk_waiting.html", batch=_waiting(batch))
        return page("admin/orders/bulk_preview.html", batch=_waiting(batch), counts={}, **_heading(batch))
    if batch.status is not BatchStatus.CHECKED:
        return go("admin.show_batch", batch_id=batch.id)
    if wants_fragment():
        return go_to(url_for("admin.preview_order_bulk", batch_id=batch.id))
    counted = batches.counts_of_rows(batch)
    counts = {key: counted.get(key, 0) for key in VERDICT}
    verdict = choice_arg("verdict", VERDICT)
    found = batches.list_rows(batch, verdict=Verdict(verdict) if verdict else None, page=page_arg())
    kinds = [(str(key), badge(VERDICT, key)[0], count) for key, count in counts.items() if count]
    return page(
        "admin/orders/bulk_preview.html", batch=_waiting(batch), counts=counts, page_url=page_url,
        rows=listing(found, _row) | {"changes": batches.find_kind(batch.kind).show(found.items)},
        views=[{"label": label, "count": count, "current": key == verdict,
                "url": url_for("admin.preview_order_bulk", batch_id=batch.id, verdict=key or None)}
               for key, label, count in [("", _("All"), batch.total), *kinds]],
        **_heading(batch),
    )  # fmt: skip


@bp.post("/orders/bulk/<uuid:batch_id>/start")
@allow(Role.MANAGER)
def start_order_bulk(batch_id: UUID) -> Response:
    _of_orders(batch_id)
    batches.start_prepared(batch_id, actor=actor())
    return go("admin.show_batch", batch_id=batch_id)


def _of_orders(batch_id: UUID) -> Batch:
    batch = batches.get_batch(batch_id)
    if batch.kind not in {kind.name for kind, _draft in bulk.COMMANDS.values()}:
        raise NotFound(_("There is no such job."))
    return batch


def _heading(batch: Batch) -> dict[str, Any]:
    kind = batches.find_kind(batch.kind)
    return {"heading": kind.says, "note": kind.describe(batch),
            "trail": [(_("Orders"), url_for("admin.orders", view="all")), (kind.says, None)]}  # fmt: skip


def _waiting(batch: Batch) -> dict[str, Any]:
    return {"id": batch.id, "url": url_for("admin.preview_order_bulk", batch_id=batch.id), "total": batch.total,
            "status": badge(BATCH_STATUS, batch.status), "is_moving": batch.is_moving, "done": batch.checked,
            "progress": _("%(done)s of %(total)s rows", done=number(batch.checked), total=number(batch.total)),
            }  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    return {"name": row.reference, "url": url_for("admin.show_order", order_id=row.target_id),
            "verdict": badge(VERDICT, row.verdict), "message": row.message}  # fmt: skip

"""One command for many orders: chosen in the list, said in a form where it asks more, looked at before it starts."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.orders import filters, papers
from admin.preview import Previewed
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _, _n, mark
from kit.ids import parse_id
from services.orders import bulk, tagging
from services.orders.papers import AT_ONCE, PaperKind
from web.access import allow
from web.auth import actor
from web.htmx import go_to

TICKED_MAX = 1000
_ACTIONS = (
    ("fulfil", mark("Mark as sent")),
    ("fulfil-quietly", mark("Mark as sent, without a mail")),
    ("tag", mark("Tag…")),
    ("note", mark("Write a note…")),
    ("hold", mark("Put on hold…")),
    ("release", mark("End the hold")),
    ("cancel", mark("Cancel…")),
    ("archive", mark("Archive")),
)
ASKING = ("tag", "note", "hold", "cancel")
# Actions that are a command with something said along.
MEANT: dict[str, tuple[str, dict[str, Any]]] = {
    "fulfil": ("fulfil", {"notify": "1"}),
    "fulfil-quietly": ("fulfil", {"notify": ""}),
}
PREVIEW = Previewed(
    kinds=frozenset(kind.name for kind, _draft in bulk.COMMANDS.values()),
    url="admin.preview_order_bulk",
    start="admin.start_order_bulk",
    label=mark("Orders"),
    head=mark("Order"),
    back=lambda: url_for("admin.orders", view="all"),
    do=lambda n: _n("Do it with %(num)d order", "Do it with %(num)d orders", n),
    refused=lambda n: _n("%(num)d order will be refused and stays as it is; the reason stands beside it.",
                         "%(num)d orders will be refused and stay as they are; the reason stands beside each.", n),
    at_once=50,
)  # fmt: skip


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
    name, params = MEANT.get(action, (action, {}))
    if name not in bulk.COMMANDS:
        flash(_("Choose what to do with them."), "error")
        return go_to(back)
    if name in ASKING:
        return _ask(name, len(orders), fields, back)
    return PREVIEW.look(bulk.prepare(name, params, orders, actor=actor()))


@bp.post("/orders/print")
@allow(Role.STAFF)
def print_orders() -> Response:
    """The packing slips of those that are ticked, in one file."""
    orders, _fields, back = _chosen()
    if not orders or len(orders) > AT_ONCE:
        flash(_("Tick between one and %(n)s orders to print.", n=AT_ONCE), "error")
        return go_to(back)
    return papers.as_file([ident for ident, _number in orders], PaperKind.SLIP, "packing-slips.pdf")


@bp.post("/orders/bulk/<any(tag, note, hold, cancel):name>")
@allow(Role.MANAGER)
def prepare_order_bulk(name: str) -> Response:
    orders, fields, back = _chosen()
    params = _asked(name)
    try:
        if name == "tag" and not (params["add"] or params["remove"]):
            raise Invalid(_("Write at least one tag."))
        return PREVIEW.look(bulk.prepare(name, params, orders, actor=actor()))
    except Invalid as error:
        message = error.said
        return _ask(name, len(orders), fields, back, message, 422)


def _asked(name: str) -> dict[str, Any]:
    form = request.form
    if name == "tag":
        words = {"add": form.get("add", ""), "remove": form.get("remove", "")}
        return {key: tagging.split_words(text) for key, text in words.items()}
    if name == "cancel":
        return {"reason": form.get("reason", ""), "restock": "" if form.get("keep_stock") == "1" else "1"}
    wanted = "text" if name == "note" else "reason"
    return {wanted: form.get(wanted, "")}


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


@bp.get("/orders/bulk/<uuid:batch_id>")
@allow(Role.MANAGER)
def preview_order_bulk(batch_id: UUID) -> Response:
    return PREVIEW.show(batch_id)


@bp.post("/orders/bulk/<uuid:batch_id>/start")
@allow(Role.MANAGER)
def start_order_bulk(batch_id: UUID) -> Response:
    return PREVIEW.go_on(batch_id)

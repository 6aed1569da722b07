"""One command for many products: chosen in the list, said in a form, looked at before it starts."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.preview import Previewed
from admin.products.chosen import Chosen, read_chosen
from forms.bulk import FORMS
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _, _n, mark
from services.catalog import bulk, categories, staff_list
from web.access import allow
from web.auth import actor
from web.htmx import go_to

# Commands that ask nothing more: from the choice of the list to what the batch keeps.
DIRECT: dict[str, tuple[str, dict[str, Any]]] = {
    "activate": ("status", {"status": "active"}),
    "draft": ("status", {"status": "draft"}),
    "feature": ("featured", {"featured": True}),
    "unfeature": ("featured", {"featured": False}),
    "delete": ("delete", {}),
    "restore": ("restore", {}),
}
_ACTIONS = (
    (mark("Status"), (("activate", mark("Show in the shop")), ("draft", mark("Make drafts of them")),
                      ("delete", mark("Delete")), ("restore", mark("Bring back the deleted")))),
    (mark("Prices"), (("price", mark("Change prices…")), ("sale", mark("Sale prices…")))),
    (mark("Stock"), (("stock", mark("Change stock…")),)),
    (mark("Order"), (("categories", mark("Categories…")), ("tags", mark("Tags…")), ("brand", mark("Brand…")),
                     ("feature", mark("Feature them")), ("unfeature", mark("No longer feature them")))),
)  # fmt: skip
PREVIEW = Previewed(
    kinds=frozenset(kind.name for kind, _draft in bulk.COMMANDS.values()),
    url="admin.preview_bulk",
    start="admin.start_bulk",
    label=mark("Products"),
    head=mark("Product"),
    back=lambda: url_for("admin.products"),
    do=lambda n: _n("Change %(num)d product", "Change %(num)d products", n),
    refused=lambda n: _n("%(num)d product will be refused and stays as it is; the reason stands beside it.",
                         "%(num)d products will be refused and stay as they are; the reason stands beside each.", n),
    at_once=250,
)  # fmt: skip


def actions() -> list[tuple[str, list[tuple[str, str]]]]:
    return [(_(group), [(value, _(label)) for value, label in choices]) for group, choices in _ACTIONS]


@bp.post("/products/bulk")
@allow(Role.MANAGER)
def choose_bulk() -> Response:
    chosen, action = read_chosen(), request.form.get("action", "")
    if not chosen.things:
        flash(_("Tick some products first."), "error")
        return go_to(chosen.back)
    if action in DIRECT:
        name, params = DIRECT[action]
        return PREVIEW.look(bulk.prepare(name, params, chosen.things, actor=actor()))
    if action not in FORMS:
        flash(_("Choose what to do with them."), "error")
        return go_to(chosen.back)
    return _ask(action, _offered(FORMS[action]()), chosen)


@bp.post("/products/bulk/<any(price, sale, categories, tags, brand, stock):name>")
@allow(Role.MANAGER)
def prepare_bulk(name: str) -> Response:
    chosen, form = read_chosen(), _offered(FORMS[name](request.form))
    try:
        form.checked()
        batch = bulk.prepare(name, form.sent(), chosen.things, actor=actor())
    except Invalid as error:
        return _ask(name, form.absorb(error), chosen, 422)
    return PREVIEW.look(batch)


def _offered(form: Any) -> Any:
    form.offer(categories.flat(categories.tree(include_inactive=True)), staff_list.tag_names())
    return form


def _ask(name: str, form: Any, chosen: Chosen, status: int = 200) -> Response:
    kind, _draft = bulk.COMMANDS[name]
    return page(
        "admin/products/bulk.html", status=status, heading=kind.says, form=form, name=name, chosen=chosen,
        note=_n("For %(num)d product.", "For %(num)d products.", len(chosen.things)),
        trail=[(_("Products"), chosen.back), (kind.says, None)], general_errors=form.form_errors,
    )  # fmt: skip


@bp.get("/products/bulk/<uuid:batch_id>")
@allow(Role.MANAGER)
def preview_bulk(batch_id: UUID) -> Response:
    return PREVIEW.show(batch_id)


@bp.post("/products/bulk/<uuid:batch_id>/start")
@allow(Role.MANAGER)
def start_bulk(batch_id: UUID) -> Response:
    return PREVIEW.go_on(batch_id)

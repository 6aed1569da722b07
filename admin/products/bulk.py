"""One command for many products: chosen in the list, said in a form, looked at before it starts."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.batches import STATUS
from admin.frame import page
from admin.lists import choice_arg, listing, page_arg, page_url
from admin.products.chosen import Chosen, read_chosen
from admin.wording import Badge, badge
from forms.bulk import FORMS
from kit.actor import Role
from kit.errors import Invalid, NotFound
from kit.i18n import _, _n, mark
from models.batches import Batch, BatchStatus, Verdict
from services import batches
from services.catalog import bulk, categories, staff_list
from web.access import allow
from web.auth import actor
from web.filters import number
from web.htmx import go, go_to, wants_fragment

AT_ONCE = 250  # so many rows are looked through while the browser waits
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
    (mark("Order"), (("categories", mark("Categories…")), ("tags", mark("Tags…")), ("brand", mark("Brand…")),
                     ("feature", mark("Feature them")), ("unfeature", mark("No longer feature them")))),
)  # fmt: skip
VERDICT: dict[str, Badge] = {
    Verdict.CHANGED: (mark("Will change"), "info", "dot"),
    Verdict.UNCHANGED: (mark("Is so already"), "neutral", "done"),
    Verdict.BAD: (mark("Will be refused"), "bad", "stop"),
}


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
        return _look(bulk.prepare(name, params, chosen.things, actor=actor()))
    if action not in FORMS:
        flash(_("Choose what to do with them."), "error")
        return go_to(chosen.back)
    return _ask(action, _offered(FORMS[action]()), chosen)


@bp.post("/products/bulk/<any(price, sale, categories, tags, brand):name>")
@allow(Role.MANAGER)
def prepare_bulk(name: str) -> Response:
    chosen, form = read_chosen(), _offered(FORMS[name](request.form))
    try:
        form.checked()
        batch = bulk.prepare(name, form.sent(), chosen.things, actor=actor())
    except Invalid as error:
        return _ask(name, form.absorb(error), chosen, 422)
    return _look(batch)


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


def _look(batch: Batch) -> Response:
    """On to the preview. A short one is made here and now."""
    if batch.total <= AT_ONCE:
        batches.run(str(batch.id))
    return go("admin.preview_bulk", batch_id=batch.id)


@bp.get("/products/bulk/<uuid:batch_id>")
@allow(Role.MANAGER)
def preview_bulk(batch_id: UUID) -> Response:
    """What would happen to which product. Asked again while the dry run is on its way."""
    batch = _of_products(batch_id)
    if batch.status is BatchStatus.CHECKING:
        if wants_fragment():
            return page("admin/products/_bulk_waiting.html", batch=_waiting(batch))
        return page("admin/products/bulk_preview.html", batch=_waiting(batch), counts={}, **_heading(batch))
    here = url_for("admin.preview_bulk", batch_id=batch.id)
    if batch.status is not BatchStatus.CHECKED:
        return go("admin.show_batch", batch_id=batch.id)
    if wants_fragment():
        return go_to(here)
    counts = {key: batches.counts_of_rows(batch).get(key, 0) for key in VERDICT}
    verdict = choice_arg("verdict", VERDICT)
    found = batches.list_rows(batch, verdict=Verdict(verdict) if verdict else None, page=page_arg())
    changes = batches.find_kind(batch.kind).show(found.items)
    kinds = [(str(key), badge(VERDICT, key)[0], count) for key, count in counts.items() if count]
    return page(
        "admin/products/bulk_preview.html", batch=_waiting(batch), counts=counts,
        rows=listing(found, _row) | {"changes": changes}, page_url=page_url,
        views=[{"label": label, "count": count, "current": key == verdict,
                "url": url_for("admin.preview_bulk", batch_id=batch.id, verdict=key or None)}
               for key, label, count in [("", _("All"), batch.total), *kinds]],
        **_heading(batch),
    )  # fmt: skip


@bp.post("/products/bulk/<uuid:batch_id>/start")
@allow(Role.MANAGER)
def start_bulk(batch_id: UUID) -> Response:
    _of_products(batch_id)
    bulk.start(batch_id, actor=actor())
    return go("admin.show_batch", batch_id=batch_id)


def _of_products(batch_id: UUID) -> Batch:
    batch = batches.get_batch(batch_id)
    if batch.kind not in {kind.name for kind, _draft in bulk.COMMANDS.values()}:
        raise NotFound(_("There is no such job."))
    return batch


def _heading(batch: Batch) -> dict[str, Any]:
    kind = batches.find_kind(batch.kind)
    return {"heading": kind.says, "note": kind.describe(batch),
            "trail": [(_("Products"), url_for("admin.products")), (kind.says, None)]}  # fmt: skip


def _waiting(batch: Batch) -> dict[str, Any]:
    return {"id": batch.id, "url": url_for("admin.preview_bulk", batch_id=batch.id), "total": batch.total,
            "status": badge(STATUS, batch.status), "is_moving": batch.is_moving, "done": batch.checked,
            "progress": _("%(done)s of %(total)s rows", done=number(batch.checked), total=number(batch.total)),
            }  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    return {"name": row.reference or "–", "url": url_for("admin.show_product", product_id=row.target_id),
            "verdict": badge(VERDICT, row.verdict), "message": row.message}  # fmt: skip

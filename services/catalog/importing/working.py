"""The rows of an import: looked at in the dry run, done, and undone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.errors import ShopError
from models.batches import Batch, BatchRow, Verdict
from models.catalog import Product
from services.batches.running import reason_of
from services.catalog import addresses, products, snapshots, variants
from services.catalog.importing import fields
from services.catalog.importing.lookup import Lookup, Names
from services.catalog.importing.planning import Plan, plan
from services.catalog.product_draft import ProductDraft
from services.catalog.snapshots import Snapshot
from services.catalog.variant_draft import VariantDraft
from services.catalog.wording import MADE, VARIANT

Done = tuple[BatchRow, UUID | None, list[list[str]]]  # the row, its variant, and what it had to make besides


def check(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """The dry run: what each row would do, or why it can't be."""
    lookup, names = Lookup(batch, rows), Names()
    for row in rows:
        try:
            found = plan(row, lookup, names, clear=batch.params["clear"])
        except ShopError as error:
            row.verdict, row.message = Verdict.BAD, reason_of(error, fields.say)
            continue
        row.verdict, row.before, row.after = found.verdict, found.before, found.after
        row.target_id = found.product.id if found.product else None


def apply(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """Each row in a savepoint. What the products were before is read once for the slice, and so is what they are."""
    addresses.lock_names()
    names = Names()
    done: list[Done] = []
    before = _snapshots(Lookup(batch, rows).by_id)
    for row in rows:
        names.made = []
        try:
            with db.session.begin_nested():
                result = _do(batch, row, names, actor)
                if result is not None:
                    made = [[kind, str(ident), name] for kind, ident, name in names.made]
                    done.append((row, result[1], made))
        except ShopError as error:
            row.fail(reason_of(error, fields.say))
            if names.made:
                names.forget()
    db.session.flush()
    _write_down(done, before)


def _do(batch: Batch, row: BatchRow, names: Names, actor: Actor) -> tuple[UUID, UUID | None] | None:
    """(product, variant) that were changed; None where nothing had to be."""
    found = plan(row, Lookup(batch, [row]), names, clear=batch.params["clear"])
    if found.verdict is Verdict.UNCHANGED:
        row.target_id = found.product.id if found.product else None
        row.same()
        return None
    product_id, variant_id = (_do_variant if row.input["variant"] else _do_product)(found, names, actor)
    row.target_id = product_id
    return product_id, variant_id


def _do_product(found: Plan, names: Names, actor: Actor) -> tuple[UUID, None]:
    sent = dict(found.sent)
    if found.categories is not None and "categories" in found.after:
        sent["category_ids"] = names.category_ids(found.categories, actor)
    if found.tags is not None and "tags" in found.after:
        sent["tag_ids"] = names.tag_ids(found.tags, actor)
    if found.product is None:
        return products.create_product(read(ProductDraft, sent, form=True), actor=actor).id, None
    draft = read(ProductDraft, {**ProductDraft.of(found.product), **sent}, form=True)
    return products.update_product(found.product.id, draft, actor=actor).id, None


def _do_variant(found: Plan, names: Names, actor: Actor) -> tuple[UUID, UUID]:
    assert found.product is not None  # its row came before
    sent = dict(found.sent)
    if found.options:
        sent["attribute_value_ids"] = names.value_ids(found.options, actor)
    if found.variant is None:
        draft = read(VariantDraft, sent, form=True)
        return found.product.id, variants.create_variant(found.product.id, draft, actor=actor).id
    draft = read(VariantDraft, {**VariantDraft.of(found.variant), **sent}, form=True)
    return found.product.id, variants.update_variant(
        found.product.id, found.variant.id, draft, actor=actor
    ).id


def _snapshots(by_id: dict[UUID, Product]) -> dict[UUID, Snapshot]:
    shelf = snapshots.load(by_id)
    return {ident: shelf.take(ident) or {} for ident in by_id}


def _write_down(done: Sequence[Done], before: dict[UUID, Snapshot]) -> None:
    """A row of a product owns what is not its variants', a row of a variant owns that variant alone."""
    targets = {row.target_id for row, _variant, _made in done if row.target_id}
    shelf = snapshots.load(targets)
    after = {ident: shelf.take(ident) or {} for ident in targets}
    for row, variant_id, made in done:
        was, now = before.get(row.target_id), after[row.target_id]  # type: ignore[arg-type, index]
        old, new = snapshots.difference(_part(was or {}, variant_id), _part(now, variant_id))
        if was is None and variant_id is None:
            old = {}
        row.done(old, new | ({MADE: made} if made else {}))


def _part(snapshot: Snapshot, variant_id: UUID | None) -> dict[str, Any]:
    if variant_id is not None:
        key = f"{VARIANT}{variant_id}"
        return {key: snapshot.get(key)}
    return {name: value for name, value in snapshot.items() if not name.startswith(VARIANT)}

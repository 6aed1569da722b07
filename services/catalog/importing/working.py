"""The rows of an import: looked at in the dry run, done, and undone."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.errors import ShopError
from models.batches import Batch, BatchRow, Verdict
from models.catalog import Product
from services import outbox
from services.batches.running import reason_of
from services.catalog import addresses, snapshots, variants
from services.catalog.importing import fields
from services.catalog.importing.lookup import Lookup, Names
from services.catalog.importing.planning import Plan, plan
from services.catalog.importing.writing import Writer
from services.catalog.snapshots import Snapshot
from services.catalog.variant_draft import VariantDraft
from services.catalog.wording import MADE, PICTURES, VARIANT

_AT_ONCE = 10  # pictures of one message


class Done(NamedTuple):
    """`made`: what it had to make besides. `pictures`: (addresses that it has, those that it wants)."""

    row: BatchRow
    variant_id: UUID | None
    made: list[list[str]]
    pictures: tuple[list[str], list[str]] | None = None


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
    """What the products were before is read once for the slice, and so is what they are then. The rows of variants
    come after those of products (see read_rows)."""
    addresses.lock_names()
    lookup, names = Lookup(batch, rows), Names()
    before = _snapshots(lookup.by_id)
    done = _do_products(batch, [row for row in rows if not row.input["variant"]], lookup, names, actor)
    done += _do_variants(batch, [row for row in rows if row.input["variant"]], names, actor)
    _write_down(batch, done, before)


def _do_products(
    batch: Batch, rows: Sequence[BatchRow], lookup: Lookup, names: Names, actor: Actor
) -> list[Done]:
    done: list[Done] = []
    if not rows:
        return done
    writer = Writer(lookup, names, [row.input["cells"] for row in rows], actor)

    def act(row: BatchRow) -> None:
        found = plan(row, lookup, names, clear=batch.params["clear"])
        if found.verdict is Verdict.UNCHANGED:
            row.target_id = found.product.id if found.product else None
            return row.same()
        row.target_id = writer.put(found).id
        wanted = (found.before.get(PICTURES, []), found.pictures) if found.pictures else None
        done.append(Done(row, None, _made(names), wanted))
        return None

    for row in rows:
        _try(row, act, names)
    writer.finish()
    return done


def _do_variants(batch: Batch, rows: Sequence[BatchRow], names: Names, actor: Actor) -> list[Done]:
    """Each in a savepoint, seeing what the one before it made."""
    done: list[Done] = []

    def act(row: BatchRow) -> None:
        with db.session.begin_nested():
            found = plan(row, Lookup(batch, [row]), names, clear=batch.params["clear"])
            row.target_id = found.product.id if found.product else None
            if found.verdict is Verdict.UNCHANGED:
                return row.same()
            done.append(Done(row, _do_variant(found, names, actor), _made(names)))
            return None

    for row in rows:
        _try(row, act, names)
    return done


def _try(row: BatchRow, act: Callable[[BatchRow], None], names: Names) -> None:
    """A refusal becomes the row's message."""
    names.made = []
    try:
        act(row)
    except ShopError as error:
        row.fail(reason_of(error, fields.say))
        if names.made:
            names.forget()


def _made(names: Names) -> list[list[str]]:
    return [[kind, str(ident), name] for kind, ident, name in names.made]


def _do_variant(found: Plan, names: Names, actor: Actor) -> UUID:
    assert found.product is not None  # its row came before
    sent = dict(found.sent)
    if found.options:
        sent["attribute_value_ids"] = names.value_ids(found.options, actor)
    if found.variant is None:
        draft = read(VariantDraft, sent, form=True)
        return variants.create_variant(found.product.id, draft, actor=actor).id
    draft = read(VariantDraft, {**VariantDraft.of(found.variant), **sent}, form=True)
    return variants.update_variant(found.product.id, found.variant.id, draft, actor=actor).id


def _snapshots(by_id: dict[UUID, Product]) -> dict[UUID, Snapshot]:
    shelf = snapshots.load(by_id)
    return {ident: shelf.take(ident) or {} for ident in by_id}


def _write_down(batch: Batch, done: Sequence[Done], before: dict[UUID, Snapshot]) -> None:
    """A row of a product owns what is not its variants', a row of a variant owns that variant alone."""
    targets = {one.row.target_id for one in done if one.row.target_id}
    shelf = snapshots.load(targets)
    after = {ident: shelf.take(ident) or {} for ident in targets}
    for row, variant_id, made, pictures in done:
        was, now = before.get(row.target_id), after[row.target_id]  # type: ignore[arg-type, index]
        old, new = snapshots.difference(_part(was or {}, variant_id), _part(now, variant_id))
        if was is None and variant_id is None:
            old = {}
        if pictures is not None:
            new[PICTURES] = pictures[1]
            if was is not None:
                old[PICTURES] = pictures[0]
            for start in range(0, len(pictures[1]), _AT_ONCE):
                urls = pictures[1][start : start + _AT_ONCE]
                outbox.post("import.pictures_wanted", batch_id=batch.id, row_id=row.id, urls=urls)
        row.done(old, new | ({MADE: made} if made else {}))


def _part(snapshot: Snapshot, variant_id: UUID | None) -> dict[str, Any]:
    if variant_id is not None:
        key = f"{VARIANT}{variant_id}"
        return {key: snapshot.get(key)}
    return {name: value for name, value in snapshot.items() if not name.startswith(VARIANT)}

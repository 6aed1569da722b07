"""The rows of an import: looked at in the dry run, done, and undone."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.errors import ShopError
from models.batches import Batch, BatchRow, Verdict
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
    """What the products were before is read once for the slice, and so is what they are then; where a second row is
    about the same product, what the first one did is finished and written down before. The rows of variants come after
    those of products (see read_rows)."""
    addresses.lock_names()
    left: Sequence[BatchRow] = [row for row in rows if not row.input["variant"]]
    while left:
        left = _do_products(batch, left, actor)
    if of_variants := [row for row in rows if row.input["variant"]]:
        _do_variants(batch, of_variants, actor)


def _do_products(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> Sequence[BatchRow]:
    """Answers the rows that are left: from the first on that is about a product which was touched here."""
    lookup, names = Lookup(batch, rows), Names()
    before = _snapshots(lookup.by_id)
    writer = Writer(lookup, names, [row.input["cells"] for row in rows], actor)
    done: list[Done] = []
    touched: set[UUID] = set()
    left: Sequence[BatchRow] = []

    def act(row: BatchRow) -> bool:
        found = plan(row, lookup, names, clear=batch.params["clear"])
        if found.product is not None and found.product.id in touched:
            return False
        if found.verdict is Verdict.UNCHANGED:
            row.target_id = found.product.id if found.product else None
            row.same()
            return True
        row.target_id = writer.put(found).id
        touched.add(row.target_id)
        wanted = (found.before.get(PICTURES, []), found.pictures) if found.pictures else None
        done.append(Done(row, None, _made(names), wanted))
        return True

    for number, row in enumerate(rows):
        if not _try(row, act, names):
            left = rows[number:]
            break
    writer.finish()
    _write_down(batch, done, before)
    return left


def _do_variants(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    """Each in a savepoint, seeing what the one before it made."""
    names, done = Names(), list[Done]()
    before = _snapshots(Lookup(batch, rows).by_id)
    touched: set[UUID] = set()

    def act(row: BatchRow) -> bool:
        found = plan(row, Lookup(batch, [row]), names, clear=batch.params["clear"])
        row.target_id = found.product.id if found.product else None
        if found.verdict is Verdict.UNCHANGED:
            row.same()
            return True
        if found.variant is not None and found.variant.id in touched:
            return False
        with db.session.begin_nested():
            variant_id = _do_variant(found, names, actor)
        touched.add(variant_id)
        done.append(Done(row, variant_id, _made(names)))
        return True

    for row in rows:
        if not _try(row, act, names):
            _write_down(batch, done, before)
            before = _snapshots({one.row.target_id for one in done if one.row.target_id} | set(before))
            done.clear()
            touched.clear()
            _try(row, act, names)
    _write_down(batch, done, before)


def _try(row: BatchRow, act: Callable[[BatchRow], bool], names: Names) -> bool:
    """A refusal becomes the row's message. False where `act` says that the row has to wait."""
    names.made = []
    try:
        return act(row)
    except ShopError as error:
        row.fail(reason_of(error, fields.say))
        if names.made:
            names.forget()
        return True


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


def _snapshots(ids: Iterable[UUID]) -> dict[UUID, Snapshot]:
    shelf = snapshots.load(ids)
    return {ident: shelf.take(ident) or {} for ident in shelf.products}


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

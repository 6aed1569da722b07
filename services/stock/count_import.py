"""A count of the shelves comes in as a file: SKU and how many there are. Looked at first, done in the background, and
undone as a whole like every batch."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from kit import tables
from kit.actor import Actor
from kit.db import db, transaction
from kit.errors import Invalid, TooLarge
from kit.i18n import _, mark
from kit.numbers import canonical_number
from kit.slugs import fold
from kit.tables import Table, read_table
from models.batches import Batch, BatchRow, RowState, Verdict
from models.catalog import Product, Variant
from models.stock import StockItem
from services import batches
from services.batches import Change, Kind, RowInput
from services.stock.counts import ON_HAND_MAX, move_to
from services.stock.items import Key, lock_for, lock_items
from services.stock.status import refresh

BYTES_MAX = 10 * 1024 * 1024
SKU_HEADINGS = ("sku", "ref", "artikelnummer", "referencia", "ugs", "codice", "code", "article")
COUNT_HEADINGS = ("counted", "count", "stock", "stock_quantity", "quantity", "qty", "on hand", "on_hand", "contado",
                  "contagem", "stueckzahl", "stuckzahl", "anzahl", "bestand", "quantite", "quantita", "cantidad",
                  "quantidade")  # fmt: skip


def upload(content: bytes, name: str, *, actor: Actor) -> Batch:
    """Begin the look at it. Invalid where the two columns are not found."""
    if len(content) > BYTES_MAX:
        raise TooLarge(_("The file is larger than %(size)s MB.", size=BYTES_MAX // 1024 // 1024))
    try:
        table = read_table(content)
    except tables.NoTable as error:
        message = _("This is no CSV file with a heading and rows below it.")
        raise Invalid.field("file", "unreadable", message) from error
    rows = list(_rows(table))
    with transaction():
        batch = batches.prepare(KIND, {"file": name[:200]}, rows, actor=actor)
        return batches.check(batch.id, batch.params, actor=actor)


def _rows(table: Table) -> Iterator[RowInput]:
    headings = [fold(heading) for heading in table.header]
    sku, count = _column(headings, SKU_HEADINGS, "sku"), _column(headings, COUNT_HEADINGS, "counted")
    seen: dict[str, int] = {}
    for line in table.lines:
        key, text = line.cells[sku].strip(), line.cells[count].strip()
        said = {"sku": key, "counted": text, "twice": seen.get(key.lower())}
        seen.setdefault(key.lower(), line.number)
        yield RowInput(key, input=said, line=line.number)


def _column(headings: list[str], known: Sequence[str], name: str) -> int:
    found = next((column for column, heading in enumerate(headings) if heading in known), None)
    if found is None:
        said = _("The file needs the columns “sku” and “counted”; “%(name)s” is missing.", name=name)
        raise Invalid.field("file", "missing_column", said)
    return found


# --- one slice of rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    key: Key
    on_hand: int
    counted: int


class _Shelves:
    """The things that the SKUs of a slice stand for: three queries for any number of rows."""

    def __init__(self, rows: Sequence[BatchRow]):
        skus = {row.input["sku"].lower() for row in rows if row.input["sku"]}
        living = Product.archived_at.is_(None)
        variants = db.session.execute(
            select(func.lower(Variant.sku), Variant.product_id, Variant.id)
            .join(Product, Product.id == Variant.product_id)
            .where(func.lower(Variant.sku).in_(skus), living)
        ).all()
        products = db.session.execute(
            select(func.lower(Product.sku), Product.id, Product.variants.any())
            .where(func.lower(Product.sku).in_(skus), living)
        ).all()  # fmt: skip
        self.keys: dict[str, Key] = {
            sku: (product_id, variant_id) for sku, product_id, variant_id in variants
        }
        self.keys |= {
            sku: (product_id, None) for sku, product_id, has_variants in products if not has_variants
        }
        self.by_variant = {sku for sku, _id, has_variants in products if has_variants}
        ids = [product_id for product_id, _variant in self.keys.values()]
        items = db.session.scalars(select(StockItem).where(StockItem.product_id.in_(ids)))
        self.on_hand = {(item.product_id, item.variant_id): item.on_hand for item in items}

    def find(self, row: BatchRow) -> _Found:
        sku = row.input["sku"].lower()
        if row.input["twice"]:
            raise Invalid(_("Line %(line)s counts the same SKU.", line=row.input["twice"]))
        if not sku:
            raise Invalid(_("Says no SKU."))
        if sku in self.by_variant:
            raise Invalid(_("Stock is counted by variant here."))
        if sku not in self.keys:
            raise Invalid(_("There is no product with this SKU."))
        text = canonical_number(row.input["counted"])
        if not re.fullmatch(r"[0-9]{1,9}(\.0+)?", text) or int(text.partition(".")[0]) > ON_HAND_MAX:
            said = _("“%(text)s” is no whole number from 0 on.", text=row.input["counted"][:40])
            raise Invalid.field("counted", "not_a_number", said)
        key = self.keys[sku]
        return _Found(key, self.on_hand.get(key, 0), int(text.partition(".")[0]))


def _check(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    shelves = _Shelves(rows)
    for row in rows:
        try:
            found = shelves.find(row)
        except Invalid as error:
            row.verdict, row.message = Verdict.BAD, error.message
            continue
        is_same = found.on_hand == found.counted
        row.verdict = Verdict.UNCHANGED if is_same else Verdict.CHANGED
        row.target_id = found.key[0]
        row.before, row.after = {"on_hand": found.on_hand}, {"on_hand": found.counted}


def _apply(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    shelves = _Shelves(rows)
    _products, items = lock_for(shelves.keys.values())
    reason, touched = _("Count “%(file)s”", file=batch.params["file"]), set()
    for row in rows:
        try:
            found = shelves.find(row)
        except Invalid as error:
            row.fail(error.message)
            continue
        item = items[found.key]
        row.target_id, before = item.product_id, item.on_hand
        if before == found.counted:
            row.same()
            continue
        move_to(item, found.counted, actor=actor, reason=reason)
        touched.add(item.product_id)
        row.input = row.input | {"item": str(item.id)}
        row.done({"on_hand": before}, {"on_hand": item.on_hand})
    refresh(touched)


def _undo(batch: Batch, rows: Sequence[BatchRow], actor: Actor) -> None:
    items = lock_items(UUID(row.input["item"]) for row in rows)
    touched = set()
    for row in rows:
        item = items.get(UUID(row.input["item"]))
        before, after = (row.before or {})["on_hand"], (row.after or {})["on_hand"]
        if item is None:
            row.keep(_("It is not there any more."))
        elif item.on_hand != after:
            row.keep(_("The stock has moved since: there are %(count)s now.", count=item.on_hand))
        else:
            move_to(item, before, actor=actor, reason=_("Count undone"))
            touched.add(item.product_id)
            row.undone()
    refresh(touched)


def _show(rows: Sequence[BatchRow]) -> list[list[Change]]:
    return [_change(row) for row in rows]


def _change(row: BatchRow) -> list[Change]:
    if row.before is None or row.after is None or row.state is RowState.FAILED or row.before == row.after:
        return []
    return [Change(_("On hand"), str(row.before["on_hand"]), str(row.after["on_hand"]))]


KIND = batches.register(
    Kind(
        "stock.count",
        mark("Count of stock"),
        apply=_apply,
        undo=_undo,
        check=_check,
        describe=lambda batch: str(batch.params.get("file", "")),
        show=_show,
        slice=200,
    )
)

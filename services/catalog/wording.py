"""Products' fields as people read them, in reports of batches."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.i18n import _, mark
from kit.ids import parse_id
from models.batches import BatchRow
from models.catalog import AttributeValue, Category, Tag
from services import tenants
from services.batches.kinds import Change, as_word

VARIANT = "variant:"  # the key of a variant in a snapshot is this and its id
MADE = "made"  # what a row had to make besides: [[kind, id, name]]
PICTURES = "images"  # addresses of pictures that a row wants
LABELS = {
    "name": mark("Name"), "slug": mark("Address"), "sku": mark("SKU"), "barcode": mark("Barcode"),
    "brand": mark("Brand"), "description": mark("Description"), "short_description": mark("Short description"),
    "price": mark("Price"), "sale_price": mark("Sale price"), "sale_starts_at": mark("Sale starts"),
    "sale_ends_at": mark("Sale ends"), "cost_price": mark("Cost"), "measure": mark("Content"),
    "measure_unit": mark("Unit of the content"), "tax_class": mark("Tax class"), "weight": mark("Weight"),
    "hs_code": mark("Customs code"), "origin_country": mark("Country of origin"), "is_digital": mark("Digital"),
    "download_limit": mark("Downloads allowed"), "download_days": mark("Days to download"),
    "track_stock": mark("Stock is counted"), "stock_quantity": mark("Stock"), "on_hand": mark("On hand"),
    "low_stock_threshold": mark("Low stock from"), "allow_backorder": mark("Backorders"),
    "backorder_limit": mark("Backorders at most"), "min_quantity": mark("Smallest quantity"),
    "max_quantity": mark("Largest quantity"), "quantity_step": mark("Quantity step"), "is_active": mark("Active"),
    "publish_at": mark("Published on"), "unpublish_at": mark("Taken out on"), "is_featured": mark("Featured"),
    "categories": mark("Categories"), "tags": mark("Tags"), "manufacturer": mark("Manufacturer"),
    "responsible_person": mark("Responsible person"), "safety_text": mark("Safety information"),
    "meta_title": mark("Title for search engines"), "meta_description": mark("Text for search engines"),
    "position": mark("Position"), "values": mark("Options"), "image_id": mark("Picture"),
    "archived_at": mark("Archived"), "product": mark("Product"), "variant": mark("Variant"),
    PICTURES: mark("Pictures"),
}  # fmt: skip
MONEY = frozenset({"price", "sale_price", "cost_price"})
THOUSANDTHS = frozenset({"weight", "measure"})
_NAMED = {"categories": Category.name, "tags": Tag.name, "values": AttributeValue.value}
_HIDDEN = frozenset({"combination", "image_id", MADE})  # mean nothing to people


def label_of(name: str) -> str:
    """`price` → Price; a variant's key is said as that."""
    plain = name.partition(":")[0]
    return _(LABELS[plain]) if plain in LABELS else plain.replace("_", " ").capitalize()


def show(rows: Sequence[BatchRow]) -> list[list[Change]]:
    """What changed in each row of a batch whose `before` and `after` are parts of snapshots. Three queries at most."""
    names = _names_in(rows)
    return [list(_changes(row.before or {}, row.after or {}, names)) for row in rows]


def _changes(
    before: dict[str, Any], after: dict[str, Any], names: dict[str, str], where: str = ""
) -> Iterable[Change]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if name.startswith(VARIANT):
            label = label_of("variant")
            yield from _changes(old or {}, new or {}, names, f"{label}, ")
        elif name not in _HIDDEN and old != new:
            yield Change(where + label_of(name), say(name, old, names), say(name, new, names))


def say(name: str, value: Any, names: dict[str, str] | None = None) -> str:
    """A value of this field in words."""
    if value is None or value == "":
        return ""
    if name in MONEY:
        return tenants.money(value)
    if name in THOUSANDTHS:
        return f"{value / 1000:g}"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in _NAMED and names is not None:
        return ", ".join(names.get(part, "–" if parse_id(part) else part) for part in value)
    return as_word(value)


def _names_in(rows: Sequence[BatchRow]) -> dict[str, str]:
    """The names behind the ids of categories, tags and values, as far as they are still there."""
    wanted: dict[str, set[UUID]] = {field: set() for field in _NAMED}
    for row in rows:
        for side in (row.before or {}, row.after or {}):
            for part in (
                side,
                *(value for name, value in side.items() if name.startswith(VARIANT) and value),
            ):
                for field in _NAMED:
                    wanted[field].update(filter(None, map(parse_id, part.get(field) or ())))
    found: dict[str, str] = {}
    for field, ids in wanted.items():
        column = _NAMED[field]
        if ids:
            query = select(column.class_.id, column).where(column.class_.id.in_(ids))
            found |= {str(ident): text for ident, text in db.session.execute(query)}
    return found

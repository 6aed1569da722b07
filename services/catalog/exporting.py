"""Products as CSV: what an import reads, row by row. Taken back in as it is, it changes nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.actor import Actor
from kit.csv import lines
from kit.db import db, transaction
from kit.money import to_text
from models.catalog import AttributeValue, Product, Variant
from services import audit, tenants
from services.catalog import staff_list
from services.catalog.importing import fields
from services.catalog.importing.lookup import Names
from services.catalog.importing.values import escaped_list, list_text
from services.catalog.product_draft import thousandths_text
from services.catalog.staff_list import StaffFilter
from services.catalog.variant_rows import in_order
from services.catalog.wording import MONEY, THOUSANDTHS
from services.tenants import Store

AT_A_TIME = 200  # products
OPTIONS = tuple(f"option{n}_{part}" for n in range(1, fields.OPTIONS + 1) for part in ("name", "value"))
HEADER = (*fields.PRODUCT, "categories", "tags", "parent", "position", *OPTIONS)
_WHOLE = (
    selectinload(Product.categories),
    selectinload(Product.tags),
    selectinload(Product.variants).selectinload(Variant.values).joinedload(AttributeValue.attribute),
)


def export_products(wanted: StaffFilter, *, actor: Actor) -> Iterator[str]:
    """What matches, in pieces, variants below their product. That somebody took it stands in the audit log."""
    with transaction():
        audit.record("export", ("products", ""), actor=actor)
    return lines(HEADER, _rows(wanted, tenants.current()))


def example() -> Iterator[str]:
    """The headings with a product and a variant below."""
    mug = {"sku": "MUG", "name": "Mug", "slug": "mug", "price": "12.50", "stock_quantity": 7, "is_active": True,
           "categories": "Kitchen > Cups, Gifts", "tags": "new, blue", "weight": "0.270"}  # fmt: skip
    tee = {"sku": "TEE", "name": "T-shirt", "slug": "t-shirt", "price": "20.00", "is_active": True}
    small = {
        "sku": "TEE-S",
        "parent": "TEE",
        "stock_quantity": 3,
        "option1_name": "Size",
        "option1_value": "S",
    }
    return lines(HEADER, ([row.get(name, "") for name in HEADER] for row in (mug, tee, small)))


def _rows(wanted: StaffFilter, store: Store) -> Iterator[Sequence[Any]]:
    """Page by page, and in no store between the pages: whoever streams this may be elsewhere by then."""
    after = None
    while True:
        with tenants.in_store(store):
            query = (
                select(Product).where(*staff_list.conditions(wanted)).options(*_WHOLE).order_by(Product.id)
            )
            query = query if after is None else query.where(Product.id > after)
            names = Names()
            found = db.session.scalars(query.limit(AT_A_TIME)).all()
            rows = [row for product in found for row in _rows_of(product, names, store)]
        yield from rows
        if len(found) < AT_A_TIME:
            return
        after = found[-1].id


def _rows_of(product: Product, names: Names, store: Store) -> Iterator[list[Any]]:
    own = {name: _cell(name, getattr(product, name), store) for name in fields.PRODUCT}
    own |= {"categories": list_text(names.paths(product.categories)),
            "tags": escaped_list(sorted(row.name for row in product.tags))}  # fmt: skip
    if product.variants:
        own["stock_quantity"] = ""  # counted by variant
    yield [own.get(name, "") for name in HEADER]
    for variant in product.variants:
        cells = {name: _cell(name, getattr(variant, name), store) for name in fields.VARIANT}
        cells["parent"] = product.sku or product.slug
        values = sorted(variant.values, key=in_order)[: fields.OPTIONS]
        for n, value in enumerate(values, 1):
            cells[f"option{n}_name"] = value.attribute.name
            cells[f"option{n}_value"] = escaped_list([value.value])
        yield [cells.get(name, "") for name in HEADER]


def _cell(name: str, value: Any, store: Store) -> Any:
    if value is None:
        return ""
    if name in MONEY:
        return to_text(value, store.currency)
    if name in THOUSANDTHS:
        return thousandths_text(value)
    return value.isoformat() if isinstance(value, datetime) else value

"""What plans say, written for a whole slice: one statement per table, and once what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.many import update_many
from kit.tenancy import current_tenant_id
from models.catalog import Category, Product, Tag, Variant, product_categories, product_tags
from services import audit, outbox, search, tenants
from services.catalog import prices
from services.catalog.bulk.plans import Plan, standing
from services.catalog.bulk.reading import ProductRow

_PRICES = frozenset({"price", "sale_price", "sale_starts_at", "sale_ends_at", "variants"})
_DERIVED = ("price_from", "price_to", "sale_price_from", "prior_price")
_FOUND_BY = frozenset({"tags", "brand"})
_OF_VARIANT = ("price", "sale_price", "prior_price", "version")
LISTS: Mapping[str, tuple[Any, Any, str]] = {
    "categories": (Category, product_categories, "category_id"),
    "tags": (Tag, product_tags, "tag_id"),
}


def write(changes: Sequence[tuple[ProductRow, Plan]], actor: Actor) -> None:
    """The products are locked."""
    if not changes:
        return
    names = {name for _product, plan in changes for name in plan}
    for product, plan in changes:
        before = standing(product, plan)
        audit.record(
            "update",
            ("product", product.id),
            actor=actor,
            changes={name: [before[name], plan[name]] for name in plan},
        )
        _set(product, plan)
        product.version += 1
    products = [product for product, _plan in changes]
    columns = [*sorted(names - {"variants", *LISTS}), "version"]
    if names & _PRICES:
        columns += _refresh_prices(products)
    _update(Product, products, columns)
    for name in LISTS:
        if name in names:
            _write_list(name, [product for product, plan in changes if name in plan])
    ids = [product.id for product in products]
    if names & _FOUND_BY:
        search.index(ids)
    outbox.post("products.updated", product_ids=ids)
    tenants.touch_catalog()


def _set(product: ProductRow, plan: Plan) -> None:
    for name, value in plan.items():
        if name != "variants":
            setattr(product, name, value)
            continue
        mine = {row.id: row for row in product.variants}
        for ident, part in value.items():
            for key, one in part.items():
                setattr(mine[ident], key, one)
            mine[ident].version += 1
            mine[ident].is_changed = True


def _refresh_prices(products: Sequence[ProductRow]) -> Sequence[str]:
    """Write what follows for the variants; answers which columns of the products follow, too."""
    variants = [row for product in products for row in product.variants]
    before = {row.id: row.prior_price for row in variants}
    prices.refresh_all([(product, product.variants) for product in products])
    _update(
        Variant, [row for row in variants if row.is_changed or row.prior_price != before[row.id]], _OF_VARIANT
    )
    return _DERIVED


def _update(kind: Any, rows: Sequence[Any], names: Sequence[str]) -> None:
    take, now = attrgetter("id", *names), clock.now()
    update_many(kind, ("id", *names, "updated_at"), [(*take(row), now) for row in rows])


def _write_list(name: str, products: Iterable[ProductRow]) -> None:
    """The rows that are gone meanwhile (a category put back by undo) are left out."""
    kind, table, column = LISTS[name]
    wanted = {product.id: getattr(product, name) for product in products}
    ids = {ident for part in wanted.values() for ident in part}
    known: set[UUID] = set(db.session.scalars(select(kind.id).where(kind.id.in_(ids)))) if ids else set()
    mine = table.c.tenant_id == current_tenant_id()
    db.session.execute(delete(table).where(mine, table.c.product_id.in_(wanted)))
    pairs = [{"product_id": product_id, column: ident} for product_id, part in wanted.items() for ident in part
             if ident in known]  # fmt: skip
    if pairs:
        db.session.execute(table.insert(), pairs)

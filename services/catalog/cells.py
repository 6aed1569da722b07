"""Single cells of the catalogue, changed where a list or a grid shows them.

A cell is sent with what was seen in it. Where somebody changed it meanwhile, the row is refused and says what stands
there now; what others changed in other cells stays as they left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import load_only, selectinload

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, FieldError, Invalid, NotFound, ShopError
from kit.i18n import _
from kit.money import to_text
from models.catalog import AttributeValue, Product, Variant
from services import tenants
from services.catalog import addresses, products, variants
from services.catalog.product_draft import ProductDraft
from services.catalog.products import lock_product
from services.catalog.variant_draft import VariantDraft

# Cells that a row has, by the names of the drafts' fields.
OF_PRODUCT = ("name", "sku", "barcode", "brand", "price", "sale_price", "cost_price", "weight", "stock_quantity",
              "is_active", "is_featured")  # fmt: skip
OF_VARIANT = ("sku", "barcode", "price", "sale_price", "weight", "stock_quantity", "is_active")
_AMOUNTS = ("price", "sale_price", "cost_price")
AT_ONCE = 500  # rows of one save


@dataclass(frozen=True, slots=True)
class Cell:
    """Both as text in the form that drafts read: `49.90`, `12`, `1` or an empty text."""

    seen: str
    wanted: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """The cells of a product, or of one of its variants."""

    product_id: UUID
    variant_id: UUID | None
    cells: Mapping[str, Cell]


@dataclass(slots=True)
class RowResult:
    """`before`: what the changed cells held. `errors`: by cell, and under an empty name what is wrong with the row.
    `now`: what somebody else wrote into the cells that could therefore not be changed."""

    product_id: UUID
    variant_id: UUID | None
    before: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        return bool(self.before)


def cells_of(row: Product | Variant) -> dict[str, str]:
    """What stands in a row's cells. A product with variants has no stock of its own."""
    names = OF_PRODUCT if isinstance(row, Product) else OF_VARIANT
    found = {name: _text(name, getattr(row, name)) for name in names}
    if isinstance(row, Product) and row.variant_count:
        del found["stock_quantity"]
    return found


def list_grid(ids: Sequence[UUID]) -> list[Product]:
    """The products in the order given, with what their cells show and their variants. Four queries."""
    columns = [getattr(Product, name) for name in (*OF_PRODUCT, "variant_count", "archived_at", "publish_at")]
    of_variant = [getattr(Variant, name) for name in (*OF_VARIANT, "product_id", "position")]
    query = select(Product).where(Product.id.in_(ids), Product.archived_at.is_(None)).options(
        load_only(*columns),
        selectinload(Product.variants).load_only(*of_variant)
        .selectinload(Variant.values).joinedload(AttributeValue.attribute),
    )  # fmt: skip
    found = {row.id: row for row in db.session.scalars(query)}
    return [found[ident] for ident in ids if ident in found]


def cells_of_list(product: Product) -> dict[str, str]:
    """Those that a list lets one change: the regular price, and the stock where it is one number."""
    price = {"price": to_text(product.price, tenants.current().currency)}
    counted = product.track_stock and not product.variant_count
    return price | ({"stock_quantity": str(product.stock_quantity)} if counted else {})


def _text(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if name in _AMOUNTS:
        return to_text(value, tenants.current().currency)
    if name == "weight":
        return f"{value // 1000}.{value % 1000:03d}"
    return "1" if value is True else str(value)


@transaction()
def change_row(change: RowChange, *, actor: Actor) -> RowResult:
    """Invalid names the cells that can't be so; Conflict `stale-cells` has `now`, what stands in the cells that
    somebody else has changed since they were seen. Either way nothing of the row was changed."""
    addresses.lock_names()
    product = lock_product(change.product_id)
    row = product if change.variant_id is None else _variant(product, change.variant_id)
    standing = cells_of(row)
    wanted = {name: cell for name, cell in change.cells.items() if name in standing}
    moved = {name: standing[name] for name, cell in wanted.items()
             if cell.wanted != cell.seen and standing[name] not in (cell.seen, cell.wanted)}  # fmt: skip
    if moved:
        raise Conflict(
            _("Somebody else has changed this meanwhile. Look at what stands there now."),
            code="stale-cells",
            now=moved,
        )
    new = {
        name: cell.wanted for name, cell in wanted.items() if cell.wanted not in (cell.seen, standing[name])
    }
    if new:
        _write(product, row, new, actor)
    after = cells_of(row)
    before = {name: standing[name] for name in new if standing[name] != after.get(name)}
    return RowResult(change.product_id, change.variant_id, before=before)


def _variant(product: Product, variant_id: UUID) -> Variant:
    variant = next((one for one in product.variants if one.id == variant_id), None)
    if variant is None:
        raise NotFound(_("There is no such variant."))
    return variant


def _write(product: Product, row: Product | Variant, new: Mapping[str, str], actor: Actor) -> None:
    if isinstance(row, Product):
        if "stock_quantity" in new and row.variant_count:
            raise Invalid.field("stock_quantity", "kept_by_variant", _("Stock is counted by variant here."))
        values: dict[str, Any] = {name: _required(name, text) for name, text in new.items()}
        if values.get("is_active"):
            values["publish_at"] = None  # now, whatever day was set
        products.update_product(
            row.id, read(ProductDraft, {**ProductDraft.of(row), **values}, form=True), actor=actor
        )
    else:
        draft = read(VariantDraft, {**VariantDraft.of(row), **new}, form=True)
        variants.update_variant(product.id, row.id, draft, actor=actor)


def _required(name: str, text: str) -> Any:
    if name == "stock_quantity" and not text.strip():
        raise Invalid.field(name, "required", _("This field is required."))
    return text


def change_rows(changes: Sequence[RowChange], *, actor: Actor) -> list[RowResult]:
    """Each row by itself: good ones are saved, of a bad one nothing is. In the order given."""
    if len(changes) > AT_ONCE:
        raise Invalid(_("At most %(limit)s rows at a time.", limit=AT_ONCE), code="too-many-rows")
    return [_tried(change, actor) for change in changes]


def _tried(change: RowChange, actor: Actor) -> RowResult:
    try:
        return change_row(change, actor=actor)
    except ShopError as error:
        result = RowResult(change.product_id, change.variant_id)
        result.now = dict(error.extra.get("now", {}))
        result.errors = {e.field.partition(".")[0]: e.message for e in _errors_of(error)}
        return result


def _errors_of(error: ShopError) -> list[FieldError]:
    if error.code == "stale-cells":
        return [FieldError(name, error.code, error.message) for name in error.extra["now"]]
    where = "sku" if error.code == "sku-taken" else ""
    return error.errors or [FieldError(where, error.code, error.message)]

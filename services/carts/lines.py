"""The lines of a cart as they stand today: what they cost, whether they can be had. Three queries at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, null, select
from sqlalchemy.orm import aliased, load_only
from sqlalchemy.orm.attributes import set_committed_value

from kit import clock
from kit.db import Id, db, reused
from kit.ids import uuid7
from models.carts import Cart, CartItem
from models.catalog import Attribute, AttributeValue, Product, ProductImage, TaxClass, Variant, variant_values
from services import stock, tenants
from services.carts.quantities import problem_of
from services.catalog import texts


@dataclass(frozen=True, slots=True)
class CartLine:
    """`available_quantity`: how many this cart can have in all; None where there is no limit. `compare_at_price`: the
    regular price, while a sale runs. `image_key`: where the file store has the picture, or ''."""

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    slug: str
    name: str
    sku: str
    options: tuple[dict[str, str], ...]
    image_key: str
    image_alt: str
    image_widths: tuple[int, ...]
    unit_price: int
    compare_at_price: int | None
    quantity: int
    available_quantity: int | None
    price_seen: int
    weight: int
    tax_class: TaxClass
    requires_shipping: bool
    is_for_sale: bool
    prior_price: int | None = None  # the lowest of the 30 days before the sale
    min_quantity: int = 1
    max_quantity: int | None = None
    quantity_step: int = 1

    @property
    def line_total(self) -> int:
        return self.unit_price * self.quantity

    @property
    def is_on_sale(self) -> bool:
        return self.compare_at_price is not None

    @property
    def is_short(self) -> bool:
        return self.available_quantity is not None and self.quantity > self.available_quantity

    @property
    def can_be_bought(self) -> bool:
        return self.is_for_sale and not self.is_short and problem_of(self, self.quantity) is None


class Picture(NamedTuple):
    key: str
    alt: str
    widths: list[int]


def read_lines(cart: Cart) -> tuple[CartLine, ...]:
    return lines_of(rows_of(cart.id), cart.id)


def lines_of(rows: Sequence["Row"], cart_id: UUID | None) -> tuple[CartLine, ...]:
    """What the cart's own checkout holds, `cart_id` can have."""
    if not rows:
        return ()
    options = _options([variant.id for _item, _product, variant, _pic in rows if variant is not None])
    counts = stock.availabilities(((i.product_id, i.variant_id) for i, *_rest in rows), except_cart=cart_id)
    now, names = clock.now(), texts.names_of(product.id for _item, product, _variant, _pic in rows)
    return tuple(
        _line(item, product, variant, picture, options, counts[item.product_id, item.variant_id], now, names)
        for item, product, variant, picture in rows
    )


Row = tuple[CartItem, Product, Variant | None, Picture | None]

# Of wide rows only what a line shows.
_NEEDED = (
    load_only(CartItem.product_id, CartItem.variant_id, CartItem.quantity, CartItem.price_seen),
    load_only(Product.slug, Product.name, Product.sku, Product.price, Product.sale_price, Product.sale_price_from,
              Product.sale_starts_at, Product.sale_ends_at, Product.weight, Product.tax_class, Product.is_digital,
              Product.is_active, Product.archived_at, Product.variant_count, Product.prior_price,
              Product.min_quantity, Product.max_quantity, Product.quantity_step),
    load_only(Variant.product_id, Variant.sku, Variant.price, Variant.sale_price, Variant.prior_price, Variant.weight,
              Variant.is_active),
)  # fmt: skip


@cache  # to put the statement together costs more than to run it
def _query(in_cart: bool) -> Any:
    """Items with product, variant and picture: the variant's own, else the product's first. Or one thing that is not
    in the cart yet, where the item would be."""
    own, first = aliased(ProductImage), aliased(ProductImage)
    columns = (Product, Variant, own.key, own.alt, own.widths, first.key, first.alt, first.widths)
    query: Any
    if in_cart:
        query = (
            select(CartItem, *columns)
            .join(Product, Product.id == CartItem.product_id)
            .outerjoin(Variant, Variant.id == CartItem.variant_id)
            .where(CartItem.cart_id == bindparam("cart", type_=Id()))
            .order_by(CartItem.id)
            .options(*_NEEDED)
        )
    else:
        query = (
            select(null(), *columns)
            .select_from(Product)
            .outerjoin(Variant, Variant.id == bindparam("variant", type_=Id()))
            .where(Product.id == bindparam("product", type_=Id()))
            .options(*_NEEDED[1:])
        )
    return reused(
        query.outerjoin(own, own.id == Variant.image_id).outerjoin(
            first, (first.product_id == Product.id) & (first.position == 0)
        )
    )


def rows_of(cart_id: UUID) -> list[Row]:
    found = db.session.execute(_query(True), {"cart": cart_id}).all()
    rows: list[Row] = []
    seen: set[UUID] = set()
    for item, *rest in found:
        if item.id not in seen:
            seen.add(item.id)
            rows.append(_row(item, *rest))
    return rows


def row_of_new(product_id: UUID, variant_id: UUID | None) -> Row | None:
    """The row of an item that is in no cart yet: 0 of it. None where there is no such product."""
    found = db.session.execute(_query(False), {"product": product_id, "variant": variant_id}).first()
    if found is None:
        return None
    item = CartItem(id=uuid7(), product_id=product_id, variant_id=variant_id, quantity=0, price_seen=0)
    return _row(item, *found[1:])


def _row(item: CartItem, product: Product, variant: Variant | None, *pictures: Any) -> Row:
    if variant is not None:
        set_committed_value(variant, "product", product)  # or its prices would ask for it again
    shown = pictures[:3] if pictures[0] else pictures[3:]
    return item, product, variant, Picture(*shown) if shown[0] else None


def _options(variant_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """`[{"attribute": "Size", "value": "M"}]` per variant."""
    named: dict[UUID, list[dict[str, str]]] = {variant_id: [] for variant_id in variant_ids}
    if not variant_ids:
        return named
    rows = db.session.execute(
        select(variant_values.c.variant_id, Attribute.name, AttributeValue.value)
        .join(AttributeValue, AttributeValue.id == variant_values.c.value_id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(
            variant_values.c.tenant_id == tenants.current().id, variant_values.c.variant_id.in_(variant_ids)
        )
        .order_by(Attribute.position, Attribute.name)
    )
    for variant_id, attribute, value in rows:
        named[variant_id].append({"attribute": attribute, "value": value})
    return named


def _line(
    item: CartItem,
    product: Product,
    variant: Variant | None,
    picture: Picture | None,
    options: dict[UUID, list[dict[str, str]]],
    available: int | None,
    now: datetime,
    names: dict[UUID, str],
) -> CartLine:
    bought = variant or product
    name = names.get(product.id, product.name)
    regular = variant.regular_price if variant else product.price
    weight = variant.weight if variant is not None and variant.weight is not None else product.weight
    return CartLine(
        id=item.id,
        product_id=product.id,
        variant_id=item.variant_id,
        slug=product.slug,
        name=name,
        sku=bought.sku or product.sku or "",
        options=tuple(options.get(variant.id, ())) if variant else (),
        image_key=picture.key if picture else "",
        image_alt=(picture.alt if picture else "") or name,
        image_widths=tuple(picture.widths) if picture else (),
        unit_price=bought.current_price,
        compare_at_price=regular if bought.current_price < regular and product.is_on_sale(now) else None,
        quantity=item.quantity,
        available_quantity=available,
        price_seen=item.price_seen,
        weight=weight or 0,
        tax_class=product.tax_class,
        requires_shipping=not product.is_digital,
        is_for_sale=is_for_sale(product, variant, item.variant_id),
        prior_price=bought.prior_price,
        min_quantity=product.min_quantity,
        max_quantity=product.max_quantity,
        quantity_step=product.quantity_step,
    )


def is_for_sale(product: Product, variant: Variant | None, variant_id: UUID | None) -> bool:
    """Shown in the shop, and (with variants) bought by one that is."""
    if not product.is_active or product.archived_at is not None:
        return False
    if variant_id is None:
        return product.variant_count == 0
    return variant is not None and variant.is_active and variant.product_id == product.id

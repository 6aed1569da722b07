"""Try a rule on a cart that nobody has: what it would take off, or why nothing."""

import re
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import or_, select

from kit import clock
from kit.db import db
from kit.drafts import Country, Draft, Text
from kit.errors import Invalid
from kit.i18n import _
from kit.ids import uuid7
from models.carts import CartItem
from models.catalog import Product, Variant
from models.promotions import Coupon, CouponType, Offered
from services import taxes, tenants
from services.places import Place
from services.pricing import PriceLine, ShippingCharge, Totals, compute
from services.promotions.baskets import Basket, BasketLine, shelves_of
from services.promotions.drafts import RuleDraft
from services.promotions.validity import Verdict, discount_of, judge

LINES_MAX = 30


class Sample(Draft):
    """`things`: a line for each, SKU or address name, then how many; nothing: three of the shop's own. `delivery`:
    what sending costs, so that free delivery shows."""

    things: Annotated[str, Text(4000)] = ""
    country: Country | None = None


@dataclass(frozen=True, slots=True)
class TriedLine:
    name: str
    quantity: int
    line_total: int
    discount: int


@dataclass(frozen=True, slots=True)
class Trial:
    """`totals` with the rule alone, and a delivery of `DELIVERY` where it takes from that."""

    verdict: Verdict
    lines: tuple[TriedLine, ...]
    totals: Totals


def rule_of(draft: RuleDraft, offered: Offered) -> Coupon:
    """The rule as it would be saved; nothing is."""
    return Coupon(id=uuid7(), offered=offered, usage_count=0, **({"name": "", "code": None} | draft.stored()))


def try_out(rule: Coupon, sample: Sample) -> Trial:
    """Invalid names each line of `things` that is no product. Who the customer is, is left open."""
    found = _things(sample.things) or _some_things()
    store = tenants.current()
    country = sample.country or store.country
    table = taxes.table_for(Place(country))
    basket = Basket(tuple(line for _product, line in found), country=country)
    verdict = judge(rule, basket, shelves_of(basket.lines, [rule]))
    priced = [
        PriceLine(line.key, line.unit_price, line.quantity, table.rates(product.tax_class))
        for product, line in found
    ]
    delivery = ShippingCharge(_("Delivery"), DELIVERY, table.rates("standard", shipping=True))
    totals = compute(
        priced,
        prices_include_tax=store.prices_include_tax,
        discounts=[discount_of(verdict, basket)] if verdict.is_valid else [],
        shipping=delivery if rule.type is CouponType.FREE_SHIPPING else None,
    )
    lines = tuple(
        TriedLine(product.name, line.quantity, line.line_total, done.discount_amount)
        for (product, line), done in zip(found, totals.lines, strict=True)
    )
    return Trial(verdict, lines, totals)


DELIVERY = 500  # minor units; any amount would do
Found = list[tuple[Product, BasketLine]]


def _things(text: str) -> Found:
    wanted = [_asked(line) for line in text.splitlines() if line.strip()][:LINES_MAX]
    found: Found = []
    for i, (word, quantity) in enumerate(wanted):
        product, variant = _find(word)
        if product is None:
            raise Invalid.field("things", "unknown_product", _("There is no product “%(word)s”.", word=word))
        found.append((product, _line(product, variant, quantity, i)))
    return found


def _asked(line: str) -> tuple[str, int]:
    """`MUG-1 3`, `MUG-1 × 3` or `MUG-1`."""
    match = re.fullmatch(r"(.+?)[\s,;×x*]+([0-9]{1,3})", line.strip())
    word, count = (match[1], int(match[2])) if match else (line.strip(), 1)
    return word.strip()[:200], min(max(count, 1), CartItem.QUANTITY_MAX)


def _find(word: str) -> tuple[Product | None, Variant | None]:
    product = db.session.scalar(
        select(Product).where(or_(Product.sku == word, Product.slug == word)).limit(1)
    )
    if product is not None:
        return product, None
    variant = db.session.scalar(select(Variant).where(Variant.sku == word).limit(1))
    return (db.session.get(Product, variant.product_id), variant) if variant is not None else (None, None)


def _some_things() -> Found:
    query = (
        select(Product)
        .where(Product.is_active, Product.archived_at.is_(None))
        .order_by(Product.id.desc())
        .limit(3)
    )
    return [(product, _line(product, None, 2, i)) for i, product in enumerate(db.session.scalars(query))]


def _line(product: Product, variant: Variant | None, quantity: int, position: int) -> BasketLine:
    price = (variant or product).current_price
    regular = variant.regular_price if variant else product.price
    on_sale = price < regular and product.is_on_sale(clock.now())
    return BasketLine(product.id, price * quantity, on_sale, quantity, str(position))


def find_products(words: list[str]) -> tuple[list[UUID], list[str]]:
    """Products by SKU or address name: their ids, and the words that name none."""
    found, unknown = [], []
    for word in words:
        product, _variant = _find(word)
        if product is None:
            unknown.append(word)
        else:
            found.append(product.id)
    return found, unknown


def words_for(ids: list[Any]) -> list[str]:
    """The address names of products, as `find_products` reads them."""
    if not ids:
        return []
    query = select(Product.id, Product.slug).where(Product.id.in_([UUID(str(one)) for one in ids]))
    names = {str(ident): slug for ident, slug in db.session.execute(query)}
    return [names[str(one)] for one in ids if str(one) in names]

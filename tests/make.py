"""One obvious builder per model. Each makes what the services would have made, in the store we are in."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.slugs import slugify
from models.catalog import Attribute, AttributeValue, Product, StockStatus, Variant
from models.orders import Order, OrderItem, OrderStatus, PaymentMethod
from models.promotions import Coupon, CouponType, Offered
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from models.stock import StockItem, StockMovement
from models.taxes import TaxRule
from services import stock, tenants
from services.orders import derived, effects
from services.payments import offline

_number = count(1)


@transaction()
def product(name: str = "Mug", *, price: int = 1000, stock: int = 5, **fields: Any) -> Product:
    """A product that can be bought, with `stock` on the shelf. Amounts in minor units."""
    values = {
        "slug": f"{slugify(name)}-{next(_number)}",
        "price_from": price,
        "price_to": price,
        "sale_price_from": fields.get("sale_price"),
        "stock_quantity": stock,
        "stock_status": StockStatus.IN_STOCK if stock > 5 else StockStatus.LOW_STOCK,
        **fields,
    }
    if stock <= 0:
        values["stock_status"] = StockStatus.OUT_OF_STOCK
    row = Product(name=name, price=price, **values)
    db.session.add(row)
    db.session.flush()
    stock_item(row, None, stock)
    return row


@transaction()
def variant(of: Product, value: str = "M", *, stock: int = 5, **fields: Any) -> Variant:
    """One more size of a product, with `stock` on the shelf."""
    size = db.session.scalar(select(Attribute).where(Attribute.slug == "size"))
    if size is None:
        size = Attribute(name="Size", slug="size")
        db.session.add(size)
        db.session.flush()
    meaning = AttributeValue(attribute_id=size.id, value=value, slug=f"{slugify(value)}-{next(_number)}")
    row = Variant(product_id=of.id, combination=f"{next(_number)}", values=[meaning], stock_quantity=stock,
                  stock_status=StockStatus.IN_STOCK if stock else StockStatus.OUT_OF_STOCK, **fields)  # fmt: skip
    db.session.add_all((meaning, row))
    of.variant_count += 1
    db.session.flush()
    stock_item(of, row, stock)
    return row


@transaction()
def coupon(code: str = "TEN", **fields: Any) -> Coupon:
    """10 % off, unless `type` and `value` say otherwise (hundredths of a percent, or minor units)."""
    named = {"code": code, "code_key": code.casefold()} if code else {}
    row = Coupon(**named, **{"type": CouponType.PERCENTAGE, "value": 1000, **fields})
    db.session.add(row)
    db.session.flush()
    if row.offered is Offered.AUTOMATIC:
        tenants.touch_catalog()
    return row


@transaction()
def shipping(price: int = 490, countries: tuple[str, ...] = ("PT",), **fields: Any) -> ShippingMethod:
    """A zone with one method at a flat rate."""
    zone = ShippingZone(name="/".join(countries), countries=list(countries), position=next(_number))
    values = {"name": "CTT", "type": ShippingType.FLAT_RATE, "price": price, **fields}
    method = ShippingMethod(**values)
    zone.methods.append(method)
    db.session.add(zone)
    db.session.flush()
    tenants.touch_catalog()
    return method


@transaction()
def tax(rate: int = 2300, **fields: Any) -> TaxRule:
    """A rule of the standard class for Portugal."""
    row = TaxRule(**{"name": f"IVA {rate // 100} %", "country": "PT", "rate": rate, **fields})
    db.session.add(row)
    tenants.touch_catalog()
    return row


def stock_item(of: Product, variant: Variant | None, on_hand: int) -> StockItem:
    item = StockItem(
        product_id=of.id,
        variant_id=variant.id if variant else None,
        variant_key=str(variant.id) if variant else "",
        on_hand=on_hand,
        allocated=0,
    )
    db.session.add(item)
    db.session.flush()
    db.session.add(
        StockMovement(
            stock_item_id=item.id,
            kind="initial",
            quantity=on_hand,
            before=0,
            after=on_hand,
            created_at=clock.now(),
        )
    )
    return item


@dataclass(frozen=True)
class Line:
    """A line for `order`. `discount` and `tax` are the line's, in minor units; `tax` is within the price."""

    product: Product | None = None
    quantity: int = 1
    price: int = 1000
    discount: int = 0
    tax: int = 0
    digital: bool = False


@transaction()
def order(*lines: Line, status: OrderStatus = OrderStatus.PENDING, shipping: int = 0, **fields: Any) -> Order:
    """An order as placing leaves it: units promised, nothing paid. Without lines: one mug for 10.00."""
    lines = lines or (Line(product("Mug", stock=50)),)
    goods = sum(line.price * line.quantity for line in lines)
    off = sum(line.discount for line in lines)
    n = next(_number)
    values: dict[str, Any] = {
        "order_number": f"T-{n}", "email": "carla@roast.test", "customer_name": "Carla Test", "currency": "EUR",
        "prices_include_tax": True, "subtotal": goods, "discount_total": off, "shipping_total": shipping,
        "tax_total": sum(line.tax for line in lines), "payment_method": PaymentMethod.CARD, "placed_at": clock.now(),
        "total": goods - off + shipping, **fields,
    }  # fmt: skip
    row = Order(status=status, display_status=str(status), email_key=values["email"].casefold(), **values)
    row.items = [_order_item(at, line) for at, line in enumerate(lines)]
    db.session.add(row)
    db.session.flush()
    promised = status in (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)
    wanted = [item for item in row.items if item.product_id]
    taken = stock.allocate(wanted) if promised else {}
    for item in wanted:
        item.stock_item_id = taken.get((item.product_id, None))
    derived.refresh(row)
    return row


def _order_item(position: int, line: Line) -> OrderItem:
    return OrderItem(
        position=position, product_id=line.product.id if line.product else None,
        name=line.product.name if line.product else "A thing", unit_price=line.price, quantity=line.quantity,
        line_total=line.price * line.quantity, discount_amount=line.discount, tax_class="standard", tax_rate=2300,
        tax_amount=line.tax, requires_shipping=not line.digital,
    )  # fmt: skip


@transaction()
def paid_order(*lines: Line, **fields: Any) -> Order:
    """Paid in cash, so that no Stripe is needed, and confirmed."""
    row = order(*lines, **{"payment_method": PaymentMethod.PAY_IN_SHOP, **fields})
    offline.record_payment(effects.lock_order(row.id), actor=SYSTEM)
    return row

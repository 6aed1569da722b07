"""One obvious builder per model. Each makes what the services would have made, in the store we are in."""

from itertools import count
from typing import Any

from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.slugs import slugify
from models.catalog import Attribute, AttributeValue, Product, StockStatus, Variant
from models.promotions import Coupon, CouponType
from models.shipping import ShippingMethod, ShippingType, ShippingZone
from models.stock import StockItem, StockMovement
from models.taxes import TaxRule
from services import tenants

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
    row = Coupon(code=code, code_key=code.casefold(), **{"type": CouponType.PERCENTAGE, "value": 1000, **fields})
    db.session.add(row)
    db.session.flush()
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
    tenants.forget()
    return method


@transaction()
def tax(rate: int = 2300, **fields: Any) -> TaxRule:
    """A rule of the standard class for Portugal."""
    row = TaxRule(**{"name": f"IVA {rate // 100} %", "country": "PT", "rate": rate, **fields})
    db.session.add(row)
    tenants.touch_catalog()
    tenants.forget()
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

"""One obvious builder per model. Each makes what the services would have made, in the store we are in."""

from itertools import count
from typing import Any

from kit import clock
from kit.db import db, transaction
from kit.slugs import slugify
from models.catalog import Product, StockStatus, Variant
from models.stock import StockItem, StockMovement

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

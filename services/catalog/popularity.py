"""How often a product was sold: what "popular first" goes by."""

from collections import Counter
from uuid import UUID

from sqlalchemy import select, update

from kit.db import db, transaction
from kit.ids import parse_id
from models.catalog import Product
from models.orders import OrderItem


@transaction()
def count_sold(order_id: UUID | str) -> None:
    """An order was confirmed: its units count. Runs once per order, as the receipt of its message sees to.

    Kept pages are not made anew for it: an order of places may change a little late.
    """
    rows = db.session.execute(
        select(OrderItem.product_id, OrderItem.quantity).where(OrderItem.order_id == parse_id(order_id))
    )
    sums: Counter[UUID] = Counter()
    for product_id, quantity in rows:
        if product_id is not None:
            sums[product_id] += quantity
    for product_id, units in sorted(sums.items()):
        db.session.execute(
            update(Product)
            .where(Product.id == product_id)
            .values(sold_count=Product.sold_count + units, updated_at=Product.updated_at)
            .execution_options(synchronize_session=False)
        )

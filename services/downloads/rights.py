"""Who may fetch what: a right per order line and file, from the order's confirmation on."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.ids import parse_id
from models.catalog import Product
from models.orders import PAID, Order, OrderItem, OrderStatus
from models.product_details import Download, ProductFile


def is_paid(order: Order) -> bool:
    """Money is there (or none was asked for), and the order lives."""
    if order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED):
        return False
    return order.payment_status in PAID or order.total == 0


@transaction()
def grant(order_id: UUID | str) -> None:
    """An order was confirmed: its digital lines bring their files with them. Twice is once."""
    ident = parse_id(order_id)
    lines = db.session.execute(
        select(OrderItem, Product)
        .join(Product, Product.id == OrderItem.product_id)
        .where(OrderItem.order_id == ident, OrderItem.requires_shipping.is_(False))
    ).all()
    files: dict[UUID, list[ProductFile]] = {}
    ids = {product.id for _item, product in lines}
    query = select(ProductFile).where(ProductFile.product_id.in_(ids)).order_by(ProductFile.position)
    for row in db.session.scalars(query) if ids else ():
        files.setdefault(row.product_id, []).append(row)
    have = set(db.session.execute(
        select(Download.order_item_id, Download.key).where(Download.order_id == ident)
    ))  # fmt: skip
    now = clock.now()
    for item, product in lines:
        ends = None if product.download_days is None else now + timedelta(days=product.download_days)
        limit = None if product.download_limit is None else product.download_limit * item.quantity
        for file in files.get(product.id, ()):
            if (item.id, file.key) not in have:
                db.session.add(Download(
                    order_id=item.order_id, order_item_id=item.id, key=file.key, name=file.name, size=file.size,
                    media_type=file.media_type, limit=limit, expires_at=ends,
                ))  # fmt: skip


def of_order(order: Order) -> Sequence[Download]:
    """What its buyer may fetch; nothing while it is not paid."""
    if not is_paid(order):
        return ()
    query = select(Download).where(Download.order_id == order.id)
    return db.session.scalars(query.order_by(Download.created_at, Download.id)).all()

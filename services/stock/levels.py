"""Where the units are: on the shelf, promised to orders, held by open checkouts, free to be sold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from kit import clock
from kit.db import db
from models.stock import StockItem, StockReservation


@dataclass(frozen=True, slots=True)
class Level:
    """`held_until`: when the last of the holds ends. `sellable` may be negative: more was promised than there is."""

    on_hand: int
    allocated: int
    held: int
    held_until: datetime | None

    @property
    def sellable(self) -> int:
        return self.on_hand - self.allocated - self.held


def levels_of(product_id: UUID) -> dict[UUID | None, Level]:
    """By variant; None: the product itself. One query."""
    live = (StockReservation.stock_item_id == StockItem.id) & (StockReservation.expires_at > clock.now())
    query = (
        select(
            StockItem.variant_id,
            StockItem.on_hand,
            StockItem.allocated,
            func.coalesce(func.sum(StockReservation.quantity), 0),
            func.max(StockReservation.expires_at),
        )
        .outerjoin(StockReservation, live)
        .where(StockItem.product_id == product_id)
        .group_by(
            StockItem.tenant_id, StockItem.id, StockItem.variant_id, StockItem.on_hand, StockItem.allocated
        )
    )
    return {row[0]: Level(row[1], row[2], int(row[3]), row[4]) for row in db.session.execute(query)}

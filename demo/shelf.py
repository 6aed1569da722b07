"""The stock while history is told, in memory: every move leaves its line in the ledger, in the order of time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.actor import SYSTEM, Actor
from kit.db import db
from models.stock import StockItem, StockMovement

REFILL = 30


@dataclass
class Shelf:
    """`items` by (product, variant). `meant` is what is to be left for sale at the end: the catalogue's number."""

    items: dict[tuple[UUID, UUID | None], StockItem]
    meant: dict[UUID, int] = field(default_factory=dict)
    movements: list[StockMovement] = field(default_factory=list)
    by_id: dict[UUID, StockItem] = field(default_factory=dict)

    @classmethod
    def of_store(cls) -> "Shelf":
        rows = db.session.scalars(select(StockItem)).all()
        shelf = cls({(row.product_id, row.variant_id): row for row in rows})
        shelf.meant = {row.id: row.on_hand for row in rows}
        shelf.by_id = {row.id: row for row in rows}
        return shelf

    def promise(self, key: tuple[UUID, UUID | None], quantity: int) -> UUID | None:
        """Put aside for an order; where there is too little, a delivery has just come in."""
        item = self.items.get(key)
        if item is None:
            return None
        if item.on_hand - item.allocated < quantity:
            self._move(item, REFILL, "count", SYSTEM, reason="Delivery")
        item.allocated += quantity
        return item.id

    def free(self, moved: Iterable[tuple[UUID | None, int]]) -> None:
        for item, quantity in self._found(moved):
            item.allocated -= quantity

    def send(self, moved: Iterable[tuple[UUID | None, int]], actor: Actor, reference: str) -> None:
        for item, quantity in self._found(moved):
            item.allocated -= quantity
            self._move(item, -quantity, "shipped", actor, reference=reference)

    def take_back(self, moved: Iterable[tuple[UUID | None, int]], actor: Actor, reference: str) -> None:
        for item, quantity in self._found(moved):
            self._move(item, quantity, "returned", actor, reference=reference)

    def count(self, actor: Actor) -> None:
        """The last stocktaking: what is left for sale is what the catalogue says."""
        for item in self.items.values():
            self._move(
                item,
                self.meant[item.id] + item.allocated - item.on_hand,
                "count",
                actor,
                reason="Stocktaking",
            )

    def save(self) -> None:
        db.session.add_all(self.movements)

    def _found(self, moved: Iterable[tuple[UUID | None, int]]) -> list[tuple[StockItem, int]]:
        sums: dict[UUID, int] = defaultdict(int)
        for item_id, quantity in moved:
            if item_id is not None and quantity:
                sums[item_id] += quantity
        return [(self.by_id[item_id], quantity) for item_id, quantity in sums.items()]

    def _move(
        self, item: StockItem, by: int, kind: str, actor: Actor, *, reason: str = "", reference: str = ""
    ) -> None:
        if not by:
            return
        self.movements.append(
            StockMovement(
                stock_item_id=item.id,
                kind=kind,
                quantity=by,
                before=item.on_hand,
                after=item.on_hand + by,
                reason=reason,
                reference=reference,
                actor_name=actor.name or actor.email,
                created_at=clock.now(),
            )
        )
        item.on_hand += by

"""What can be bought right now, and the short holds of open checkouts."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from kit import clock
from kit.db import Id, UtcTime, db, reused, transaction
from kit.errors import Conflict
from kit.i18n import _
from models.catalog import Product
from models.stock import StockItem, StockReservation
from services.stock.items import Key, Want, lock_for, wanted

HOLD_AT_MOST = timedelta(minutes=60)  # from the first hold on, however often it is extended


def sellable(item: StockItem, except_cart: UUID | None = None) -> int:
    """on_hand − allocated − what other carts hold now. May be negative where more was promised than there is.

    To decide by it, lock the row first and ask after: then nobody else can.
    """
    return item.on_hand - item.allocated - held([item.id], except_cart).get(item.id, 0)


def held(item_ids: Sequence[UUID], except_cart: UUID | None = None) -> dict[UUID, int]:
    """Σ of live holds per stock item."""
    asked = {"items": [*item_ids], "now": clock.now(), "cart": except_cart}
    rows = db.session.execute(_held(except_cart is not None), asked)
    return {item_id: int(total) for item_id, total in rows}


@cache  # to put the statement together costs more than to run it
def _held(has_cart: bool) -> Any:
    query = (
        select(StockReservation.stock_item_id, func.sum(StockReservation.quantity))
        .where(
            StockReservation.stock_item_id.in_(bindparam("items", type_=Id(), expanding=True)),
            StockReservation.expires_at > bindparam("now", type_=UtcTime()),
        )
        .group_by(StockReservation.stock_item_id)
    )
    if has_cart:
        query = query.where(StockReservation.cart_id != bindparam("cart", type_=Id()))
    return reused(query)


@cache
def _left(has_cart: bool) -> Any:
    others = select(func.coalesce(func.sum(StockReservation.quantity), 0)).where(
        StockReservation.tenant_id == StockItem.tenant_id,
        StockReservation.stock_item_id == StockItem.id,
        StockReservation.expires_at > bindparam("now", type_=UtcTime()),
    )
    if has_cart:
        others = others.where(StockReservation.cart_id != bindparam("cart", type_=Id()))
    left = StockItem.on_hand - StockItem.allocated - others.correlate(StockItem).scalar_subquery()
    return reused(
        select(
            Product.id,
            Product.track_stock,
            Product.allow_backorder,
            Product.backorder_limit,
            StockItem.variant_id,
            left,
        )
        .outerjoin(StockItem, StockItem.product_id == Product.id)
        .where(Product.id.in_(bindparam("products", type_=Id(), expanding=True)))
    )


def availabilities(keys: Iterable[Key], *, except_cart: UUID | None = None) -> dict[Key, int | None]:
    """How many of each thing can be bought (≥ 0), backorders among them; None where there is no limit.

    One query, however many things. To show and to refuse early; the deciding look happens under the lock.
    """
    keys = list(keys)
    asked = {"products": [*{product_id for product_id, _v in keys}], "now": clock.now(), "cart": except_cart}
    rows = db.session.execute(_left(except_cart is not None), asked).all()
    limits = {pid: limit if backorder else 0 for pid, tracks, backorder, limit, _v, _n in rows if tracks}
    known = {row[0] for row in rows}
    counts = {(pid, variant_id): int(n) for pid, _t, _b, _l, variant_id, n in rows if n is not None}
    found: dict[Key, int | None] = {}
    for key in keys:
        more = limits.get(key[0], None if key[0] in known else 0)
        found[key] = None if more is None else max(0, counts.get(key, 0) + more)
    return found


def available(
    product_id: UUID, variant_id: UUID | None = None, *, except_cart: UUID | None = None
) -> int | None:
    """The same for one thing."""
    key = (product_id, variant_id)
    return availabilities([key], except_cart=except_cart)[key]


@transaction()
def reserve(cart_id: UUID, lines: Iterable[Want], minutes: int) -> None:
    """Hold all lines of a cart for `minutes`, or none: Conflict `out-of-stock` names every line that falls short.

    Repeating it extends the hold, at most one hour from the first. Lines no longer in `lines` are let go.
    """
    sums = wanted(lines)
    products, items = lock_for(sums)
    tracked = {k: n for k, n in sums.items() if is_limited(products.get(k[0]))}
    insist(tracked, products, items, except_cart=cart_id)
    now = clock.now()
    mine = {
        row.stock_item_id: row
        for row in db.session.scalars(select(StockReservation).where(StockReservation.cart_id == cart_id))
    }
    for key, quantity in tracked.items():
        hold = mine.pop(items[key].id, None)
        if hold is None:
            hold = StockReservation(stock_item_id=items[key].id, cart_id=cart_id, first_held_at=now)
            db.session.add(hold)
        elif hold.expires_at <= now:
            hold.first_held_at = now  # it had run out, and others had their chance
        hold.quantity = quantity
        hold.expires_at = min(now + timedelta(minutes=minutes), hold.first_held_at + HOLD_AT_MOST)
    for left in mine.values():
        db.session.delete(left)


@transaction()
def drop_holds(cart_id: UUID) -> None:
    """The shopper left or emptied the cart, or it became an order that has its own promise."""
    db.session.execute(_dropping(), {"cart": cart_id})


@cache
def _dropping() -> Any:
    return reused(delete(StockReservation).where(StockReservation.cart_id == bindparam("cart", type_=Id())))


@transaction()
def sweep_expired() -> int:
    """Delete holds that have run out (they count for nothing already). Works in one store and in every_tenant()."""
    done = db.session.execute(
        delete(StockReservation)
        .where(StockReservation.expires_at <= clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def is_limited(product: Product | None) -> bool:
    return product is None or (product.track_stock and beyond(product) is not None)


def beyond(product: Product | None) -> int | None:
    """How many more than there are may be promised; None: any number."""
    if product is None or not product.allow_backorder:
        return 0
    return product.backorder_limit


def insist(
    sums: dict[Key, int],
    products: dict[UUID, Product],
    items: dict[Key, StockItem],
    *,
    except_cart: UUID | None,
) -> None:
    """Refuse unless there is enough of everything. The rows are locked; the holds are summed in a new statement."""
    holds = held([item.id for item in items.values()], except_cart)
    short: list[dict[str, Any]] = []
    for (product_id, variant_id), quantity in sums.items():
        item = items.get((product_id, variant_id))
        more = beyond(products.get(product_id)) or 0
        left = 0 if item is None else max(0, item.on_hand - item.allocated - holds.get(item.id, 0) + more)
        if quantity > left:
            short.append({
                "product_id": str(product_id),
                "variant_id": str(variant_id) if variant_id else None,
                "name": products[product_id].name if product_id in products else "",
                "requested": quantity,
                "available": left,
            })  # fmt: skip
    if short:
        first = short[0]
        raise Conflict(
            _("There is not enough of “%(name)s”: %(available)s left.", name=first["name"],
              available=first["available"]),
            code="out-of-stock",
            available=first["available"],
            lines=short,
        )  # fmt: skip

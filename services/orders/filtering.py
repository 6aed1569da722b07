"""What a list of orders is narrowed by, and in what order it stands. The back office, the API, exports and bulk work
ask by the same filter."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, func, or_, select

from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, OrderTag, PaymentStatus

SHIPPABLE = Order.status.in_((OrderStatus.CONFIRMED, OrderStatus.PROCESSING))
LIVE = Order.status.in_((OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING))
# What staff work through.
VIEWS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "unfulfilled": (
        SHIPPABLE,
        Order.fulfillment_status.in_((FulfillmentStatus.UNFULFILLED, FulfillmentStatus.PARTIAL)),
    ),
    "unpaid": (
        LIVE,
        Order.payment_status.in_(
            (PaymentStatus.UNPAID, PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID, PaymentStatus.FAILED)
        ),
    ),
    "open": (LIVE,),
    "drafts": (Order.status == OrderStatus.DRAFT,),
    "archived": (Order.archived_at.is_not(None),),
}
SORTS = ("placed_at", "order_number", "customer_name", "total")


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """`view` is one of VIEWS; `since` is included, `before` is not; `search` looks at number, e-mail and name, and
    takes a whole SKU. `country` is where it goes to, `tag` a tag's key, amounts are minor units and both included.
    `placed_only`: without drafts. `current_only`: without what was put away."""

    view: str = ""
    status: str = ""
    payment_status: str = ""
    fulfillment_status: str = ""
    display_status: str = ""
    payment_method: str = ""
    since: datetime | None = None
    before: datetime | None = None
    search: str = ""
    customer_id: UUID | None = None
    shipping_method: str = ""
    country: str = ""
    product_id: UUID | None = None
    tag: str = ""
    channel: str = ""
    on_hold: bool | None = None
    least: int | None = None
    most: int | None = None
    placed_only: bool = False
    current_only: bool = False

    def but(self, **changes: object) -> "OrderFilter":
        return replace(self, **changes)  # type: ignore[arg-type]


def conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Order.status, wanted.status),
            (Order.payment_status, wanted.payment_status),
            (Order.fulfillment_status, wanted.fulfillment_status),
            (Order.display_status, wanted.display_status),
            (Order.payment_method, wanted.payment_method),
            (Order.customer_id, wanted.customer_id),
            (Order.shipping_method, wanted.shipping_method),
            (Order.channel, wanted.channel),
        )
        if value
    ]
    found += VIEWS.get(wanted.view, ())
    found += _spans(wanted)
    found += _things(wanted)
    if wanted.placed_only:
        found.append(Order.status != OrderStatus.DRAFT)
    if wanted.current_only and wanted.view != "archived":
        found.append(Order.archived_at.is_(None))
    if words := wanted.search.strip():
        found.append(_search(words))
    return found


def _spans(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.since is not None:
        found.append(Order.placed_at >= wanted.since)
    if wanted.before is not None:
        found.append(Order.placed_at < wanted.before)
    if wanted.least is not None:
        found.append(Order.total >= wanted.least)
    if wanted.most is not None:
        found.append(Order.total <= wanted.most)
    if wanted.on_hold is not None:
        found.append(Order.is_on_hold.is_(wanted.on_hold))
    return found


def _things(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.country:
        found.append(Order.shipping_address["country"].as_string() == wanted.country)
    if wanted.product_id is not None:
        found.append(
            Order.id.in_(select(OrderItem.order_id).where(OrderItem.product_id == wanted.product_id))
        )
    if wanted.tag:
        found.append(Order.id.in_(select(OrderTag.order_id).where(OrderTag.key == wanted.tag)))
    return found


def _search(words: str) -> ColumnElement[bool]:
    return or_(
        Order.order_number.icontains(words, autoescape=True),
        Order.email_key.contains(words.casefold(), autoescape=True),
        Order.customer_name.icontains(words, autoescape=True),
        Order.id.in_(select(OrderItem.order_id).where(OrderItem.sku == words)),
    )


def ordering(sort: str = "placed_at", *, descending: bool = True) -> tuple[UnaryExpression, ...]:
    """Ties are broken by id, so that pages never overlap. Drafts have no date, and come last."""
    if sort == "order_number":  # "1002" stands before "999" as a word
        by = [func.length(Order.order_number), Order.order_number]
    else:
        by = [getattr(Order, sort if sort in SORTS else "placed_at")]
    keys = [column.desc() if descending else column.asc() for column in by]
    if sort not in SORTS[1:]:
        keys = [key.nulls_last() for key in keys]
    return (*keys, Order.id.desc() if descending else Order.id.asc())

"""One order's life after it was placed, told as the services would have written it: events, money, parcels, stock.

Nothing here decides what a status is called: that is asked of services/orders/derived at the end.
"""

from dataclasses import dataclass, field
from typing import Any

from demo.counter import Counter
from demo.people import Shopper
from demo.shelf import Shelf
from kit import clock
from kit.actor import SYSTEM, Actor
from kit.ids import uuid7
from kit.money import share
from models.fulfilment import Fulfillment, FulfillmentItem, ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderEvent, OrderItem, OrderStatus, PaymentMethod
from models.payments import AttemptStatus, PaymentAttempt, Refund, RefundItem, RefundStatus
from services import plans
from services.orders import derived
from services.orders.derived import Money, Units

CARRIERS = (
    ("CTT Expresso", "https://www.ctt.pt/feapl_2/app/open/objectSearch/objectSearch.jspx?objects={}"),
    ("DPD", "https://tracking.dpd.de/parcelstatus?query={}"),
)


@dataclass(eq=False)
class Story:
    order: Order
    shopper: Shopper
    shelf: Shelf
    account_id: str  # of the store at Stripe
    rows: list[Any] = field(default_factory=list)
    attempt: PaymentAttempt | None = None
    refunds: list[Refund] = field(default_factory=list)
    parcels: list[Fulfillment] = field(default_factory=list)

    def tell(self, type: str, actor: Actor, message: str = "", **data: Any) -> None:
        self.rows.append(
            OrderEvent(
                id=uuid7(),
                order_id=self.order.id,
                type=type,
                message=message,
                data=data,
                actor_kind=actor.kind,
                actor_id=actor.id,
                actor_name=actor.name,
                actor_role=str(actor.role or ""),
                created_at=clock.now(),
            )
        )
        self.order.updated_at = clock.now()

    # --- money ------------------------------------------------------------------------------------------------------

    def pay(self, by: Actor) -> None:
        """A card at once through Stripe; a transfer when somebody saw it on the bank's statement."""
        order, now = self.order, clock.now()
        is_card = order.payment_method is PaymentMethod.CARD
        tag = order.id.hex
        self.attempt = PaymentAttempt(
            id=uuid7(),
            order_id=order.id,
            number=1,
            kind="session" if is_card else "offline",
            status=AttemptStatus.CAPTURED,
            amount=order.total,
            captured_amount=order.total,
            currency=order.currency,
            fee_amount=share(order.total, plans.plan_of().fee, 10_000) if is_card else 0,
            account_id=self.account_id if is_card else "",
            session_id=f"cs_test_{tag}" if is_card else None,
            payment_intent_id=f"pi_{tag}" if is_card else None,
            charge_id=f"ch_{tag}" if is_card else None,
            method="card" if is_card else str(order.payment_method),
            created_at=now,
            updated_at=now,
        )
        self.rows.append(self.attempt)
        order.captured_total = order.total
        order.paid_at = now
        self.tell(
            "payment.captured" if is_card else "payment.recorded",
            SYSTEM if is_card else by,
            amount=order.total,
            currency=order.currency,
            method=self.attempt.method,
        )
        order.status = OrderStatus.CONFIRMED
        order.confirmed_at = now
        order.payment_due_at = None
        self.tell("order.confirmed", SYSTEM if is_card else by)

    def refund(self, by: Actor, reason: str, items: list[tuple[OrderItem, int]] | None = None) -> None:
        """Of some units, or of everything with shipping. Units that were sent come back on the shelf."""
        order, attempt = self.order, self.attempt
        assert attempt is not None
        whole = items is None
        chosen = items or [(item, item.quantity) for item in order.items]
        parts = [
            (
                item,
                n,
                share(derived.paid_for(order, item), n, item.quantity),
                share(item.tax_amount, n, item.quantity),
            )
            for item, n in chosen
        ]
        shipping = derived.shipping_paid(order) if whole else 0
        amount = sum(paid for _i, _n, paid, _t in parts) + shipping
        if not amount:
            return
        refund = Refund(
            id=uuid7(),
            order_id=order.id,
            attempt_id=attempt.id,
            status=RefundStatus.SUCCEEDED,
            amount=amount,
            tax_amount=sum(tax for *_rest, tax in parts) + (order.shipping_tax if whole else 0),
            shipping_amount=shipping,
            reason=reason,
            restock=True,
            is_restocked=True,
            provider_id=None if attempt.kind == "offline" else f"re_{order.id.hex}{len(self.refunds)}",
            created_by=by.name,
            created_at=clock.now(),
            updated_at=clock.now(),
            items=[
                RefundItem(order_item_id=item.id, quantity=n, amount=paid, tax_amount=tax)
                for item, n, paid, tax in parts
            ],
        )
        self._take_back(chosen, by)
        self.refunds.append(refund)
        self.rows.append(refund)
        order.refunded_total += amount
        data = {"refund_id": str(refund.id), "amount": amount, "currency": order.currency}
        self.tell("refund.succeeded", by, reason, **data)

    def _take_back(self, chosen: list[tuple[OrderItem, int]], by: Actor) -> None:
        freed, back = [], []
        for item, n in chosen:
            item.refunded_quantity += n
            unsent = min(n, item.quantity - item.fulfilled_quantity - item.cancelled_quantity)
            sent = min(n - unsent, item.fulfilled_quantity - item.returned_quantity)
            item.cancelled_quantity += unsent
            item.returned_quantity += sent
            freed.append((item.stock_item_id, unsent))
            back.append((item.stock_item_id, sent))
        self.shelf.free(freed)
        self.shelf.take_back(back, by, self.order.order_number)

    # --- parcels ------------------------------------------------------------------------------------------------------

    def send(self, by: Actor, number: int, *, only_first: bool = False) -> None:
        order = self.order
        chosen = [
            (item, item.quantity - item.fulfilled_quantity) for item in order.items if item.requires_shipping
        ]
        chosen = [(item, n) for item, n in chosen if n][: 1 if only_first else None]
        carrier, page = CARRIERS[number % len(CARRIERS)]
        tracking = f"{'RE' if number % 2 else 'DX'}{100_000_000 + number * 7919 % 899_999_999}PT"
        parcel = Fulfillment(
            id=uuid7(),
            order_id=order.id,
            status=ParcelStatus.SHIPPED,
            carrier=carrier,
            tracking_number=tracking,
            tracking_url=page.format(tracking),
            created_at=clock.now(),
            updated_at=clock.now(),
            items=[FulfillmentItem(order_item_id=item.id, quantity=n) for item, n in chosen],
        )
        self.parcels.append(parcel)
        self.rows.append(parcel)
        self.shelf.send([(item.stock_item_id, n) for item, n in chosen], by, order.order_number)
        for item, n in chosen:
            item.fulfilled_quantity += n
        self.process(by)
        self.tell(
            "parcel.shipped",
            by,
            parcel_id=str(parcel.id),
            units=sum(n for _item, n in chosen),
            carrier=carrier,
            tracking_number=tracking,
        )

    def process(self, by: Actor) -> None:
        if self.order.status is OrderStatus.CONFIRMED:
            self.order.status = OrderStatus.PROCESSING
            self.tell("order.processing", by, **{"from": "confirmed", "to": "processing"})

    def arrive(self) -> None:
        """Every parcel so far. With the last one a paid order is done."""
        for parcel in self.parcels:
            if parcel.status is ParcelStatus.SHIPPED:
                parcel.status = ParcelStatus.DELIVERED
                parcel.delivered_at = parcel.updated_at = clock.now()
                self.tell("parcel.delivered", SYSTEM, parcel_id=str(parcel.id))
        self.settle()
        if self.order.fulfillment_status is FulfillmentStatus.DELIVERED and self.money().balance == 0:
            self.order.status = OrderStatus.COMPLETED
            self.order.completed_at = clock.now()
            self.tell("order.completed", SYSTEM, **{"from": "processing", "to": "completed"})

    # --- ends -------------------------------------------------------------------------------------------------------

    def expire(self, counter: Counter) -> None:
        self.order.status = OrderStatus.EXPIRED
        self.shelf.free((item.stock_item_id, item.quantity) for item in self.order.items)
        counter.give_back_coupon(self.order)
        self.tell("order.expired", SYSTEM)

    def cancel(self, by: Actor, why: str, counter: Counter) -> None:
        order = self.order
        order.status = OrderStatus.CANCELLED
        order.cancelled_at = clock.now()
        order.payment_due_at = None
        self.shelf.free((item.stock_item_id, item.quantity) for item in order.items)
        for item in order.items:
            item.cancelled_quantity = item.quantity
        if not order.captured_total:
            counter.give_back_coupon(order)
        self.tell("order.cancelled", by, why)

    def money(self) -> Money:
        order = self.order
        is_cancelled = order.status is OrderStatus.CANCELLED
        gone = sum(share(derived.paid_for(order, i), i.cancelled_quantity, i.quantity) for i in order.items)
        return Money(
            total=order.total,
            captured=order.captured_total,
            refunded=order.refunded_total,
            credits=order.total if is_cancelled else max(order.refunded_total, gone),
            is_cancelled=is_cancelled,
        )

    def settle(self) -> None:
        """The statuses that follow, as services/orders/derived names them."""
        order = self.order
        sent = [item for item in order.items if item.requires_shipping]
        units = Units(
            ordered=sum(item.quantity for item in sent),
            cancelled=sum(item.cancelled_quantity for item in sent),
            shipped=sum(item.fulfilled_quantity for item in sent),
            returned=sum(item.returned_quantity for item in sent),
            is_delivered=bool(self.parcels) and all(p.status is ParcelStatus.DELIVERED for p in self.parcels),
        )
        order.payment_status = derived.payment_status(self.money())
        order.fulfillment_status = derived.fulfillment_status(units)
        order.display_status = derived.display_status(order)

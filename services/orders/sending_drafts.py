"""A draft becomes an order: its sums are frozen, its units promised, its number taken. Then it is paid by the link in
the mail, at the counter, or not in time.

Lock order as when an order is placed: the order, products and stock, the store's row, coupon.
"""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from kit import clock
from kit.actor import SYSTEM, Actor, Role
from kit.db import db, transaction
from kit.drafts import Amount, Draft, Flag, Int
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from models.catalog import Product, Variant
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from services import audit, bills, outbox, plans, promotions, stock, tenants
from services.bills import Bill
from services.orders import access, derived, draft_sums, drafts, effects, timeline
from services.payments import connect, offline

DAYS_MAX = access.DAYS  # the link in the mail lives no longer


class SendDraft(Draft):
    """`days`: for how long its units are kept for it. `notify`: mail the customer how to pay. `expected_total`: what
    was seen by who sends it."""

    days: Annotated[Int, Field(ge=1, le=DAYS_MAX)] = 7
    notify: Flag = True
    expected_total: Amount | None = None


class PaidDraft(Draft):
    payment_method: Literal["bank_transfer", "pay_in_shop"] = "pay_in_shop"
    expected_total: Amount | None = None


def send_draft(order_id: UUID, draft: SendDraft, *, actor: Actor) -> Order:
    """Draft → pending. Invalid names what is missing; Conflict `out-of-stock` (every line that falls short),
    `items-unavailable`, `shipping-unavailable`, `coupon-unavailable`, `total-changed`, `stripe-not-connected`;
    PlanLimit. One that costs nothing is confirmed at once."""
    work_out_again(order_id)
    return _place(
        order_id, timedelta(days=draft.days), draft.expected_total, notify=draft.notify, actor=actor
    )


def work_out_again(order_id: UUID) -> None:
    """What a draft comes to now is written on it also where it is not sent then: whoever is told that its total has
    changed has to see the new one."""
    drafts.prove_number(order_id)
    with transaction():
        order = drafts.lock_draft(order_id)
        if draft_sums.is_outdated(order, draft_sums.bill_of(order)):
            draft_sums.recount(order)


def pay_draft(order_id: UUID, draft: PaidDraft, *, actor: Actor) -> Order:
    """Draft → confirmed: the customer has paid, here or by transfer. Managers, as with any payment by hand."""
    if not actor.is_at_least(Role.MANAGER):
        raise Forbidden(_("Your role does not allow this."))
    work_out_again(order_id)
    with transaction():
        method = PaymentMethod(draft.payment_method)
        order = _place(order_id, None, draft.expected_total, notify=False, actor=actor, method=method)
        if order.total:
            offline.record_payment(order, actor=actor)
    return order


@transaction()
def _place(
    order_id: UUID,
    keep: timedelta | None,
    expected: int | None,
    *,
    notify: bool,
    actor: Actor,
    method: PaymentMethod | None = None,
) -> Order:
    order = drafts.lock_draft(order_id)
    bill = draft_sums.recount(order)
    if expected is not None and expected != order.total:
        raise Conflict(_("The total has changed. Please look at it once more."), code="total-changed")
    if method is not None and method is not order.payment_method:
        order.payment_method = method  # its fee, if it had one, goes with the way it was to be paid
        bill = draft_sums.recount(order)
    _check(order)
    bills.insist_on_code(bill, draft_sums.code_of(order))
    _promise(order, bill)
    plans.check_orders(actor=actor)
    now = clock.now()
    order.status, order.placed_at = OrderStatus.PENDING, now
    if order.total == 0:
        order.payment_method = PaymentMethod.NONE
    is_waited_for = keep is not None and order.payment_method is not PaymentMethod.CASH_ON_DELIVERY
    order.payment_due_at = now + keep if keep is not None and is_waited_for else None
    derived.refresh(order)
    timeline.record(
        order, "order.placed", actor=actor, data={"total": order.total, "currency": order.currency}
    )
    audit.record("send", order, actor=actor, changes={"status": [OrderStatus.DRAFT, OrderStatus.PENDING]})
    outbox.post("order.placed", order_id=order.id, notify=notify)
    if order.total == 0:
        order.paid_at = now
        effects.confirm(order, actor=SYSTEM)
    elif notify and order.payment_method is PaymentMethod.CARD:
        _ask_for_payment(order, actor)
    return order


def _promise(order: Order, bill: Bill) -> None:
    """Its units, its number, the uses of its offers: taken while it is a draft still, or it would stand in the way of
    its own "first order"."""
    _insist_on_things(order)
    wanted = [item for item in order.items if item.product_id]
    taken = stock.allocate(wanted)
    for item in wanted:
        assert item.product_id is not None
        item.stock_item_id = taken.get((item.product_id, item.variant_id))
    order.order_number = tenants.take_order_number()
    promotions.use(bill.totals.cuts, bill.offers, order)
    promotions.note_uses(bill.totals.cuts, bill.offers, order)


def _insist_on_things(order: Order) -> None:
    """What was deleted since it was put in can be promised to nobody."""
    products = {item.product_id for item in order.items if item.product_id}
    variants = {item.variant_id for item in order.items if item.variant_id}
    sold = select(Product.id).where(Product.id.in_(products), Product.archived_at.is_(None))
    known = set(db.session.scalars(sold)) if products else set()
    known |= (
        set(db.session.scalars(select(Variant.id).where(Variant.id.in_(variants)))) if variants else set()
    )
    gone = [
        item
        for item in order.items
        if (item.product_id and item.product_id not in known)
        or (item.variant_id and item.variant_id not in known)
    ]
    if gone:
        raise Conflict(
            " ".join(_("“%(name)s” is no longer sold.", name=item.name) for item in gone),
            code="items-unavailable",
            lines=[{"item_id": str(item.id), "name": item.name} for item in gone],
        )


def _check(order: Order) -> None:
    if not order.items:
        raise Invalid.field("items", "required", _("Put something into the order first."))
    if not order.email:
        raise Invalid.field("email", "required", _("Say who buys: an e-mail address is needed."))
    if order.fulfillment_status is not FulfillmentStatus.NOT_REQUIRED:
        if not order.shipping_address:
            raise Invalid.field("shipping_address", "required", _("Where shall it be sent?"))
        if not order.shipping_method:
            raise Conflict(
                _("Choose how it shall be sent: the way that was chosen is not offered for this order."),
                code="shipping-unavailable",
            )
    if order.total == 0:
        return
    if order.payment_method is PaymentMethod.CARD:
        connect.require_account()
    elif order.payment_method is PaymentMethod.CASH_ON_DELIVERY and not tenants.current().offers(
        "cash_on_delivery"
    ):
        raise Invalid.field("payment_method", "not_available", _("This way to pay is not available here."))


def payment_path(order: Order) -> str:
    """Where it is paid, or where it stands how: a path on the store's host, good for 30 days."""
    page = "/pay" if order.payment_method is PaymentMethod.CARD else ""
    return f"/orders/{access.issue_token(order)}{page}"


@transaction()
def request_payment(order_id: UUID, *, actor: Actor) -> Order:
    """Mail the customer the way to pay (again). Conflict `order-not-payable` where nothing is to be paid."""
    order = effects.lock_order(order_id)
    if not is_payable(order):
        raise Conflict(_("Nothing is to be paid for this order."), code="order-not-payable")
    _ask_for_payment(order, actor)
    return order


def is_payable(order: Order) -> bool:
    """Does a link to pay make sense? By card while something is owed."""
    live = order.status in (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)
    open_ = (PaymentStatus.UNPAID, PaymentStatus.FAILED, PaymentStatus.PARTIALLY_PAID)
    return live and order.payment_status in open_ and order.payment_method is PaymentMethod.CARD


def _ask_for_payment(order: Order, actor: Actor) -> None:
    timeline.record(order, "order.payment_requested", actor=actor, data={"to": order.email})
    outbox.post("order.payment_requested", order_id=order.id)

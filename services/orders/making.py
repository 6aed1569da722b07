"""What an order is made of, and the copy it keeps: what is changed or deleted later does not change what was sold."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from kit.drafts import Amount, Draft, Email, Flag, IdRef, Text
from kit.i18n import current_locale
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentMethod, PaymentStatus
from services import shipping, stock
from services.accounts.people import email_key
from services.addresses import AddressFields
from services.bills import Bill
from services.carts.lines import CartLine
from services.carts.owners import Owner
from services.carts.view import CartView
from services.pricing import PricedLine

# How long an unpaid order is waited for. Cash on delivery is paid at the door.
DUE = {
    PaymentMethod.CARD: timedelta(minutes=60),
    PaymentMethod.BANK_TRANSFER: timedelta(days=7),
    PaymentMethod.PAY_IN_SHOP: timedelta(days=7),
}


class OrderDraft(Draft):
    """`email` may be left out by who is signed in. The address and the way to send are needed unless nothing in the
    cart has to be sent, the payment method unless there is nothing to pay. `expected_total`: what the shopper saw."""

    email: Email | None = None
    shipping_address: AddressFields | None = None
    billing_address: AddressFields | None = None
    shipping_method_id: IdRef | None = None
    payment_method: Literal["card", "bank_transfer", "cash_on_delivery", "pay_in_shop"] | None = None
    customer_note: Annotated[str, Text(2000)] = ""
    accept_terms: Flag = False
    expected_total: Amount | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """What was found good: who buys what, sent and paid how, for how much."""

    view: CartView
    option: shipping.Option | None
    payment: PaymentMethod
    email: str


def make_order(ident: UUID, deal: Deal, draft: OrderDraft, owner: Owner, now: datetime) -> Order:
    option = deal.option
    to_be_sent = deal.view.requires_shipping
    sent_to = draft.shipping_address.model_dump() if draft.shipping_address and to_be_sent else None
    billed_to = draft.billing_address.model_dump() if draft.billing_address else sent_to
    person = billed_to or sent_to or {}
    return Order(
        id=ident,
        status=OrderStatus.PENDING,
        payment_status=PaymentStatus.UNPAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED if to_be_sent else FulfillmentStatus.NOT_REQUIRED,
        display_status="pending",
        customer_id=owner.user_id,
        email=deal.email,
        email_key=email_key(deal.email),
        customer_name=f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()[:200]
        or deal.email[:200],
        locale=current_locale(),
        currency=deal.view.currency,
        **sums_of(deal.view.bill),
        shipping_method=option.name if option else "",
        shipping_method_id=option.id if option else None,
        estimated_days_min=option.estimated_days_min if option else None,
        estimated_days_max=option.estimated_days_max if option else None,
        shipping_address=sent_to,
        billing_address=billed_to,
        payment_method=deal.payment,
        customer_note=draft.customer_note,
        terms_accepted_at=now if draft.accept_terms else None,
        placed_at=now,
        payment_due_at=now + DUE[deal.payment] if deal.payment in DUE else None,
    )


def make_item(
    order: Order, position: int, line: CartLine, priced: PricedLine, taken: dict[stock.Key, UUID | None]
) -> OrderItem:
    return OrderItem(
        order_id=order.id,
        position=position,
        product_id=line.product_id,
        variant_id=line.variant_id,
        stock_item_id=taken.get((line.product_id, line.variant_id)),
        name=line.name,
        sku=line.sku,
        options=list(line.options),
        image_key=line.image_key,
        quantity=line.quantity,
        tax_class=line.tax_class,
        **sums_of_line(priced),
        requires_shipping=line.requires_shipping,
        weight=line.weight,
    )


# --- what it came to: frozen in an order, written anew in a draft -----------------------------------------------------


def sums_of(bill: Bill) -> dict[str, Any]:
    """The columns of an order that are worked out, taxes and explanation among them."""
    totals, proof = bill.totals, bill.table.proof
    return {
        "prices_include_tax": totals.prices_include_tax,
        "tax_treatment": bill.table.treatment,
        "vat_proof": proof.plain() if proof else None,
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "shipping_total": totals.shipping_total,
        "shipping_tax": totals.shipping_tax,
        "shipping_tax_rate": totals.shipping_tax_rate,
        "tax_total": totals.tax_total,
        "total": totals.total,
        "explanation": totals.explanation,
        "coupon_code": totals.coupon.discount.code if totals.coupon else None,
    }


def sums_of_line(priced: PricedLine) -> dict[str, Any]:
    return {
        "unit_price": priced.unit_price,
        "line_total": priced.line_total,
        "discount_amount": priced.discount_amount,
        "tax_rate": priced.tax_rate,
        "tax_amount": priced.tax_amount,
        "taxes": [{"name": part.name, "rate": part.rate, "amount": part.amount} for part in priced.taxes],
    }

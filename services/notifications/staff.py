"""Mails to the people who run the store, in the store's language."""

from typing import Any

from kit.db import db
from kit.i18n import _, _n
from kit.ids import parse_id
from kit.money import display
from models.catalog import Product
from models.orders import Order
from models.payments import OrphanPayment, Refund
from services import tenants
from services.addresses import envelope
from services.notifications import letters
from services.notifications.orders import OFFLINE, find


def _desk() -> str:
    """Where the store wants to be told; empty where it named no address."""
    store = tenants.current()
    return store.notification_email or store.contact_email


def send_new_order(order_id: str, **_rest: Any) -> None:
    """On confirmation, of what was paid at once; what is paid later was told of when it was placed."""
    order = find(order_id)
    if order is not None and order.payment_method not in OFFLINE:
        _tell_of(order)


def send_new_unpaid_order(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is not None and order.payment_method in OFFLINE and order.channel != "staff":
        _tell_of(order)


def _tell_of(order: Order) -> None:
    desk = _desk()
    if not desk:
        return
    with letters.speaking_to(None):
        total = display(order.total, order.currency)
        letters.send(
            "staff_new_order", to=desk, order=order, zone=tenants.current().timezone,
            ship_to=envelope(order.shipping_address), link=letters.url(f"/admin/orders/{order.id}"),
            subject=_("New order %(number)s: %(total)s", number=order.order_number, total=total),
        )  # fmt: skip


def alert(subject: str, sentence: str, path: str, label: str) -> None:
    """A sentence to the store's desk, and a button to where something can be done about it."""
    if desk := _desk():
        letters.send(
            "staff_alert", to=desk, subject=subject, sentence=sentence, link=letters.url(path), label=label
        )


def send_stock_low(product_id: str, quantity: int = 0, **_rest: Any) -> None:
    ident = parse_id(product_id)
    product = db.session.get(Product, ident) if ident else None
    if product is None:
        return
    with letters.speaking_to(None):
        alert(
            _("Low stock: %(name)s", name=product.name),
            _("Of “%(name)s” there are %(quantity)s left.", name=product.name, quantity=quantity),
            f"/admin/products/{product.id}", _("Open the product"),
        )  # fmt: skip


def send_dispute_opened(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(None):
        alert(
            _("A payment of order %(number)s is disputed", number=order.order_number),
            _("The customer's bank asks the money back. Answer before the deadline, or it is lost."),
            "/admin/payments/disputes", _("Open the disputes"),
        )  # fmt: skip


def send_dispute_closed(order_id: str, outcome: str = "", **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(None):
        if outcome == "won":
            subject = _("The dispute about order %(number)s is won", number=order.order_number)
            sentence = _("The money stays with you.")
        else:
            subject = _("The dispute about order %(number)s is lost", number=order.order_number)
            sentence = _("The money went back to the customer. It stands among the order's refunds.")
        alert(subject, sentence, f"/admin/orders/{order.id}", _("Open the order"))


def send_refund_failed(order_id: str, refund_id: str, **_rest: Any) -> None:
    """The customer still waits for this money: somebody has to find another way."""
    order, ident = find(order_id), parse_id(refund_id)
    refund = db.session.get(Refund, ident) if ident else None
    if order is None or refund is None:
        return
    with letters.speaking_to(None):
        amount = display(refund.amount, order.currency)
        alert(
            _("A refund of %(amount)s for order %(number)s failed", amount=amount, number=order.order_number),
            _("The customer has not got the money. Try again, or give it back in another way."),
            f"/admin/orders/{order.id}", _("Open the order"),
        )  # fmt: skip


def send_differences_found(mended: int = 0, open: int = 0, **_rest: Any) -> None:
    with letters.speaking_to(None):
        said = []
        if mended:
            said.append(_n("%(num)d difference was put right by itself.",
                           "%(num)d differences were put right by themselves.", mended))  # fmt: skip
        if open:
            said.append(_n("%(num)d difference needs somebody.", "%(num)d differences need somebody.", open))
        alert(
            _("Your books and Stripe's differ"), " ".join(said), "/admin/payments/checks", _("Open the comparison"),
        )  # fmt: skip


def send_payment_orphaned(orphan_id: str, **_rest: Any) -> None:
    ident = parse_id(orphan_id)
    orphan = db.session.get(OrphanPayment, ident) if ident else None
    if orphan is None:
        return
    with letters.speaking_to(None):
        amount = display(orphan.amount, orphan.currency)
        alert(
            _("A payment of %(amount)s belongs to no open order", amount=amount),
            _("No order was waiting for it. Give it back, keep it, or put it to the order it was meant for."),
            "/admin/payments/unexpected", _("Open the payments"),
        )  # fmt: skip


def send_order_oversold(order_id: str, **_rest: Any) -> None:
    order = find(order_id)
    if order is None:
        return
    with letters.speaking_to(None):
        alert(
            _("Order %(number)s was paid late and is sold out", number=order.order_number),
            _("Its payment came after the order had expired, and there is not enough stock. Restock or refund it."),
            f"/admin/orders/{order.id}", _("Open the order"),
        )  # fmt: skip


def send_payout_failed(payout_id: str, amount: int, currency: str, reason: str = "", **_rest: Any) -> None:
    with letters.speaking_to(None):
        sentence = _("Your bank did not take a payout of %(amount)s. The money is in your balance at Stripe again; "
                     "check the bank account there.", amount=display(amount, currency))  # fmt: skip
        if reason:
            sentence = f"{sentence} {_('Stripe says: %(reason)s', reason=reason)}"
        alert(_("A payout failed"), sentence, "/admin/payments/payouts", _("Open the payouts"))

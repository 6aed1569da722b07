"""Every mail with made-up data, as the back office shows it and sends it for a trial. Nothing of any person is read.

One entry for each template; a template without one is found by a test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from gateways import mail
from gateways.mail import Letter
from kit import clock
from kit.actor import Actor
from kit.db import transaction
from kit.errors import NotFound
from kit.i18n import LANGUAGES, _, current_locale, mark
from kit.money import exponent
from models.orders import PaymentMethod
from services import outbox, tenants
from services.notifications import letters

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """`make` gives what the template is told, its subject too, in the language of the moment."""

    label: str
    group: str
    make: Callable[[], Context]


def draw(name: str, locale: str) -> Letter:
    """The letter of this kind in this language. NotFound where there is no such kind or language."""
    sample = SAMPLES.get(name)
    if sample is None or locale not in LANGUAGES:
        raise NotFound(_("There is no such mail."))
    with letters.speaking_to(locale), letters.drawing() as drawn:
        letters.send(name, to="ana.silva@example.com", to_name="Ana Silva", **sample.make())
    return drawn[0]


@transaction()
def request_test(name: str, locale: str, *, actor: Actor) -> None:
    """A letter of this kind, sent to who asks for it."""
    draw(name, locale)
    outbox.post("mail.test_requested", name=name, locale=locale, email=actor.email)


def send_test(name: str, locale: str, email: str, **_rest: Any) -> None:
    letter = draw(name, locale)
    message = outbox.message_id()
    with letters.speaking_to(locale):
        subject = _("[Test] %(subject)s", subject=letter.subject)
    mail.send(
        Letter(to=email, subject=subject, text=letter.text, html=letter.html, sender=letter.sender,
               reply_to=letter.reply_to, key=f"test-{name}.{message}" if message else "", headers=letter.headers)
    )  # fmt: skip


# --- what the samples are made of -----------------------------------------------------------------------------------


def _minor(whole: int) -> int:
    return int(whole * 10 ** exponent(tenants.current().currency))


def _order() -> SimpleNamespace:
    size = {"attribute": _("Size"), "value": "M"}
    items = [
        SimpleNamespace(
            name=_("Sample mug"), options=[], quantity=2, unit_price=_minor(12), line_total=_minor(24)
        ),
        SimpleNamespace(
            name=_("Sample tote bag"),
            options=[size],
            quantity=1,
            unit_price=_minor(18),
            line_total=_minor(18),
        ),
    ]
    store = tenants.current()
    return SimpleNamespace(
        order_number=f"{store.order_number_prefix}1042", currency=store.currency, items=items, subtotal=_minor(42),
        discounts=[], discount_total=0, coupon_code="", shipping_method=_("Standard delivery"),
        shipping_total=_minor(5), tax_total=_minor(9), prices_include_tax=store.prices_include_tax, total=_minor(47),
        captured_total=_minor(47), refunded_total=0, payment_method=PaymentMethod.BANK_TRANSFER,
        payment_due_at=clock.now() + timedelta(days=7), customer_name="Ana Silva", customer_note="",
        email="ana.silva@example.com", locale=current_locale(),
    )  # fmt: skip


def _made(more: Context) -> Context:
    """What can be called is asked for its value, in the language and store of the moment."""
    return {name: value() if callable(value) else value for name, value in more.items()}


SHIP_TO = ("Ana Silva", "Rua das Flores 12", "1200-195 Lisboa")


def _of_order(subject: str, **more: Any) -> Callable[[], Context]:
    """`subject` is a msgid with the order's number."""

    def make() -> Context:
        order = _order()
        return {"order": order, "zone": tenants.current().timezone, "ship_to": list(SHIP_TO),
                "link": letters.url("/orders/sample"),
                "subject": _(subject, number=order.order_number), **_made(more)}  # fmt: skip

    return make


def _of_person(subject: str, path: str = "/", **more: Any) -> Callable[[], Context]:
    def make() -> Context:
        return {"name": "Ana", "link": letters.url(path),
                "subject": _(subject, store=tenants.current().name), **_made(more)}  # fmt: skip

    return make


def _of_thing(subject: str, path: str, **more: Any) -> Callable[[], Context]:
    def make() -> Context:
        return {"product": _("Sample mug"), "options": "", "link": letters.url(path),
                "subject": _(subject, product=_("Sample mug")), **_made(more)}  # fmt: skip

    return make


def _stop(path: str) -> Callable[[], str]:
    return lambda: letters.url(f"/unsubscribe/{path}/sample")


def _sent() -> list[Any]:
    return [(item, item.quantity) for item in _order().items]


def _new_order() -> Context:
    order = _order()
    return {"order": order, "zone": tenants.current().timezone, "ship_to": list(SHIP_TO),
            "link": letters.url("/admin/orders"),
            "subject": _("New order %(number)s: %(total)s", number=order.order_number,
                         total=tenants.money(order.total))}  # fmt: skip


def _low_stock() -> Context:
    name = _("Sample mug")
    return {"subject": _("Low stock: %(name)s", name=name), "link": letters.url("/admin/products"),
            "label": _("Open the product"),
            "sentence": _("Of “%(name)s” there are %(quantity)s left.", name=name, quantity=2)}  # fmt: skip


ORDERS, ACCOUNT, WISHES, STAFF = mark("Orders"), mark("Account"), mark("Wishes and news"), mark("Store")

SAMPLES: dict[str, Sample] = {
    "order_received": Sample(
        mark("Order received, how to pay"), ORDERS,
        _of_order(mark("We have your order %(number)s"), instructions="IBAN PT50 0000 0000 0000 0000 0000 0")),
    "order_confirmed": Sample(
        mark("Order confirmed"), ORDERS, _of_order(mark("Your order %(number)s is confirmed"), downloads=[])),
    "order_payment_request": Sample(
        mark("Order to be paid"), ORDERS,
        _of_order(mark("Your order %(number)s can be paid now"), pay_link=lambda: letters.url("/orders/sample/pay"))),
    "order_shipped": Sample(
        mark("Parcel on its way"), ORDERS,
        _of_order(mark("Your order %(number)s is on its way"), sent=_sent, tracking_url="https://example.com/AB123",
                  parcel=lambda: SimpleNamespace(carrier="CTT", tracking_number="AB123456789PT"))),
    "order_delivered": Sample(
        mark("Parcel delivered"), ORDERS,
        _of_order(mark("Your order %(number)s has arrived"), sent=_sent, is_all=True)),
    "order_message": Sample(
        mark("Message about an order"), ORDERS,
        _of_order(mark("About your order %(number)s"), message=lambda: _("Your parcel leaves tomorrow."))),
    "order_units_cancelled": Sample(
        mark("Part of an order cancelled"), ORDERS,
        _of_order(mark("A part of your order %(number)s was cancelled"),
                  cancelled=lambda: [(_("Sample mug"), 1)])),
    "order_cancelled": Sample(
        mark("Order cancelled"), ORDERS, _of_order(mark("Your order %(number)s was cancelled"))),
    "order_expired": Sample(
        mark("Order not paid in time"), ORDERS,
        _of_order(mark("Your order %(number)s was not paid in time"), shop_link=lambda: letters.url("/products"))),
    "order_refunded": Sample(
        mark("Refund"), ORDERS,
        _of_order(mark("Your refund for order %(number)s"),
                  refund=lambda: SimpleNamespace(amount=_minor(12), reason=""))),
    "payment_failed": Sample(
        mark("Payment failed"), ORDERS,
        _of_order(mark("Your payment for order %(number)s failed"), until=lambda: clock.now() + timedelta(days=1))),
    "welcome": Sample(
        mark("Welcome"), ACCOUNT,
        _of_person(mark("Welcome to %(store)s"), "/confirm-email/sample", shop_link=lambda: letters.url("/"))),
    "confirm_email": Sample(
        mark("Confirm an address"), ACCOUNT,
        _of_person(mark("Confirm your e-mail address"), "/confirm-email/sample")),
    "register_repeated": Sample(
        mark("Account exists already"), ACCOUNT,
        _of_person(mark("You already have an account at %(store)s"), "/login",
                   reset_link=lambda: letters.url("/password/forgot"))),
    "password_reset": Sample(
        mark("New password"), ACCOUNT, _of_person(mark("Choose a new password"), "/password/reset/sample")),
    "password_changed": Sample(
        mark("Password changed"), ACCOUNT,
        _of_person(mark("Your password was changed"), reset_link=lambda: letters.url("/password/forgot"))),
    "email_change": Sample(
        mark("Confirm a new address"), ACCOUNT,
        _of_person(mark("Confirm your new e-mail address"), "/change-email/sample", hours=24)),
    "notice": Sample(
        mark("About the security of an account"), ACCOUNT,
        _of_person(mark("About the security of your account"), contact=lambda: tenants.current().contact_email,
                   reset_link=lambda: letters.url("/password/forgot"),
                   said=lambda: _("Two-factor sign-in is on: after your password you are asked for a code."))),
    "erased": Sample(mark("Account deleted"), ACCOUNT, _of_person(mark("Your account was deleted"))),
    "review_request": Sample(
        mark("Asking for a review"), WISHES,
        _of_order(mark("How do you like it? Your order %(number)s"), name="Ana", stop_link=_stop("review-requests"),
                  things=lambda: [(item.name, letters.url("/reviews/sample")) for item in _order().items])),
    "review_replied": Sample(
        mark("Answer to a review"), WISHES,
        _of_person(mark("%(store)s has answered your review"), "/products/sample/reviews",
                   product=lambda: _("Sample mug"), reply=lambda: _("Thank you! We are glad that you like it."))),
    "stock_alert": Sample(
        mark("Confirm: tell me when it is back"), WISHES,
        _of_thing(mark("Please confirm: tell me when “%(product)s” is back"), "/stock-alerts/confirm/sample", days=7)),
    "back_in_stock": Sample(
        mark("Back in stock"), WISHES,
        _of_thing(mark("“%(product)s” is back"), "/products/sample", stop_link=_stop("stock-alerts"))),
    "newsletter_confirm": Sample(
        mark("Confirm the newsletter"), WISHES,
        _of_person(mark("Please confirm: the newsletter of %(store)s"), "/newsletter/confirm/sample", days=7)),
    "newsletter_welcome": Sample(
        mark("Newsletter confirmed"), WISHES,
        _of_person(mark("You get the newsletter of %(store)s"), stop_link=_stop("newsletter"))),
    "staff_new_order": Sample(mark("New order"), STAFF, _new_order),
    "staff_alert": Sample(mark("Something needs you (here: low stock)"), STAFF, _low_stock),
    "invite": Sample(
        mark("New colleague"), STAFF,
        _of_person(mark("You are invited to work in %(store)s"), "/admin/password/reset/sample", days=7)),
    "invitation": Sample(
        mark("Invitation of a colleague"), STAFF,
        _of_person(mark("You are invited to work in %(store)s"), "/admin/invitation/sample", by="Alice", days=7)),
}  # fmt: skip

"""The checkout as its templates show it."""

from typing import Any

from flask import g, url_for

from forms.checkout import CheckoutForm
from kit import clock
from kit.i18n import _
from kit.money import to_text
from models.orders import PaymentMethod
from models.taxes import TaxTreatment
from services import pages, vat_numbers
from services.carts import CartView
from services.checkout import CheckoutQuote, PaymentOption
from services.shipping import Option
from shop.cart_view import discounts, how, lines
from shop.wording import PAYMENT_ICONS, PAYMENT_NOTES, arrival, payment_name
from web.filters import money


def checkout_context(form: CheckoutForm, quote: CheckoutQuote) -> dict[str, Any]:
    form.expected_total.data = to_text(quote.cart.total, quote.cart.currency)
    return {
        "form": form,
        "is_sent": quote.cart.requires_shipping,
        "shipping": _shipping(quote),
        "payments": _payments(form, quote),
        "summary": _summary(form, quote),
        "pay_label": _pay_label(form, quote),
        "terms": _terms(),
    }


def _shipping(quote: CheckoutQuote) -> dict[str, Any]:
    options = [_option(option, quote) for option in quote.options]
    message = ""
    if not options:
        message = _("We can't send this order there. Please write to us, or choose another country.")
        if quote.ships_there:
            message = _("None of our ways of delivery takes this order. Please write to us.")
    changed = next((w.message for w in quote.cart.warnings if w.code == "shipping_changed"), "")
    return {"options": options, "message": message, "failed": not options, "changed": changed}


def _option(option: Option, quote: CheckoutQuote) -> dict[str, Any]:
    when = arrival(clock.today(g.store.timezone), option.estimated_days_min, option.estimated_days_max)
    return {
        "value": option.id,
        "title": option.name,
        "note": when,
        "end": money(option.price) if option.price else _("Free"),
        "checked": quote.chosen is not None and option.id == quote.chosen.id,
    }


def _payments(form: CheckoutForm, quote: CheckoutQuote) -> list[dict[str, Any]]:
    if quote.cart.total == 0:
        return []
    chosen = chosen_payment(form, quote.payments)
    return [
        {
            "value": option.method,
            "title": payment_name(option.method),
            "note": _(PAYMENT_NOTES[option.method]),
            "icon": PAYMENT_ICONS[option.method],
            "end": "+" + money(option.fee) if option.fee else "",
            "checked": option.method is chosen,
        }
        for option in quote.payments
    ]


def chosen_payment(form: CheckoutForm, options: tuple[PaymentOption, ...]) -> PaymentMethod | None:
    """What was chosen, else the first that is offered."""
    found = next((option.method for option in options if option.method == form.payment_method.data), None)
    return found or next((option.method for option in options), None)


def _summary(form: CheckoutForm, quote: CheckoutQuote) -> dict[str, Any]:
    cart, totals = quote.cart, quote.cart.totals
    included = totals.prices_include_tax
    shipping = _("Not needed") if not cart.requires_shipping else (
        "–" if quote.chosen is None else (money(totals.shipping_total) if totals.shipping_total else _("Free"))
    )  # fmt: skip
    return {
        "lines": lines(cart),
        "subtotal": money(totals.subtotal),
        "discounts": discounts(cart),
        "shipping": shipping,
        "tax_lines": [] if included else [
            {"label": f"{part.name} {part.rate / 100:g} %", "amount": money(part.amount)} for part in totals.taxes
        ],
        "tax_note": _tax_note(form, cart),
        "total": money(totals.total),
        "explained": how(cart),
        "is_free": totals.total == 0,
        "count": cart.item_count,
    }  # fmt: skip


def _tax_note(form: CheckoutForm, cart: CartView) -> str:
    """What there is to say of the tax; of a number that could not be confirmed, too, since then it is charged."""
    treatment, totals = cart.tax_table.treatment, cart.totals
    if treatment is TaxTreatment.REVERSE_CHARGE:
        return _("Without VAT: your business accounts for it (reverse charge).")
    if treatment is TaxTreatment.EXPORT:
        return _("Without tax. Your customs may ask for duties when it arrives.")
    is_inside = totals.prices_include_tax and totals.tax_total
    said = [_("Includes %(tax)s tax.", tax=money(totals.tax_total))] if is_inside else []
    if vat_numbers.is_in_doubt(*form.business):
        said.append(_("We could not confirm your VAT number, so VAT is charged."))
    return " ".join(said)


def _pay_label(form: CheckoutForm, quote: CheckoutQuote) -> str:
    """The button names the obligation and the amount."""
    total = money(quote.cart.total)
    if quote.cart.total == 0:
        return _("Place the order")
    if chosen_payment(form, quote.payments) is PaymentMethod.CARD:
        return _("Order and pay %(amount)s", amount=total)
    return _("Order with duty to pay %(amount)s", amount=total)


def _terms() -> dict[str, str] | None:
    """The page that has to be accepted; None where the store has none."""
    if not g.store.terms_page_id:
        return None
    page = pages.get_page(g.store.terms_page_id)
    return {"title": page.title, "url": url_for("shop.show_page", slug=page.slug)}

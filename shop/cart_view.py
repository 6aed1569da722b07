"""The cart as its templates show it: every amount ready to read."""

from typing import Any

from flask import g, url_for

from kit.countries import country_name
from kit.i18n import _
from services import explained
from services.carts import CartLine, CartView
from services.catalog import images
from services.pricing import Cut, PricedLine, Stacking
from shop.order_view import discount_name, options_text
from web.explained import steps
from web.filters import money


def cart_context(cart: CartView, *, explains: bool = True, **more: Any) -> dict[str, Any]:
    """What carts/cart.html and carts/_drawer.html need; the drawer does not explain the total."""
    return {"cart": whole(cart, explains=explains), "count": cart.item_count, **more}


def whole(cart: CartView, *, explains: bool = True) -> dict[str, Any]:
    included = cart.totals.prices_include_tax
    tax = money(cart.tax_total)
    return {
        "lines": lines(cart),
        "problems": [
            {"text": w.message, "is_coupon": w.code in ("coupon_invalid", "coupon_outdone")}
            for w in cart.warnings
            if w.item_id is None
        ],
        "subtotal": money(cart.subtotal),
        "discounts": discounts(cart),
        "hints": [hint.message for hint in cart.hints if not hint.product_ids],
        "gifts": [{"text": h.message, "product_id": h.product_ids[0]} for h in cart.hints if h.product_ids],
        "shipping": _shipping(cart),
        "shipping_note": _shipping_note(cart),
        "tax": "" if included or not cart.tax_total else tax,
        "tax_note": _("Includes %(tax)s tax.", tax=tax) if included and cart.tax_total else "",
        "total": money(cart.total),
        "explained": how(cart) if explains else [],
        "free_delivery": _free_delivery(cart),
        "item_count": cart.item_count,
        "can_be_ordered": cart.can_be_ordered,
    }


def how(cart: CartView) -> list[dict[str, Any]]:
    """How the total was reached; nothing where there is nothing to explain."""
    if cart.is_empty:
        return []
    names = [line.name for line in cart.items]
    return steps(explained.of_explanation(cart.totals.explanation, names), cart.currency)


def lines(cart: CartView) -> list[dict[str, Any]]:
    problems: dict[Any, list[str]] = {}
    for warning in cart.warnings:
        problems.setdefault(warning.item_id, []).append(warning.message)
    priced = zip(cart.items, cart.totals.lines, strict=True)
    return [_line(line, price, problems.get(line.id, [])) for line, price in priced]


def _line(line: CartLine, price: PricedLine, problems: list[str]) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "url": product_url(line.slug, line.variant_id),
        "image": images.view_of(line.image_key, 1, 1, line.image_alt, line.image_widths)
        if line.image_key
        else None,
        "options": options_text(line.options),
        "unit_price": money(price.unit_price),
        "was_price": money(line.compare_at_price) if line.compare_at_price is not None else "",
        "prior_price": money(line.prior_price)
        if line.compare_at_price is not None and line.prior_price is not None
        else "",
        "quantity": line.quantity,
        "total": money(price.line_total),
        "max": min((n for n in (line.available_quantity, line.max_quantity) if n is not None), default=None),
        "step": line.quantity_step if line.min_quantity % line.quantity_step == 0 else 1,
        "problem": " ".join(problems),
    }


def product_url(slug: str, variant_id: object = None) -> str:
    return (
        url_for("shop.product", slug=slug, variant=variant_id)
        if variant_id
        else url_for("shop.product", slug=slug)
    )


def discounts(cart: CartView) -> list[dict[str, str]]:
    """What takes something off. Only a typed code can be taken out again."""
    rows = []
    for cut in cart.cuts:
        code = cut.discount.code
        label = discount_name(cut.discount.name, code)
        rows.append({"label": label, "code": code, "amount": _taken_off(cut)})
    return rows


def _taken_off(cut: Cut) -> str:
    """What free delivery is worth stands in the line of the delivery."""
    if cut.discount.stacking is Stacking.SHIPPING:
        return _("Free delivery")
    return "−" + money(cut.goods)


def _shipping(cart: CartView) -> str:
    option = cart.shipping_estimate.option
    if not cart.requires_shipping:
        return _("Not needed")
    if option is None:
        return _("Worked out at checkout")
    return _("Free") if cart.shipping_estimate.is_free else _("from %(price)s", price=money(option.price))


def _shipping_note(cart: CartView) -> str:
    if not cart.requires_shipping or cart.shipping_estimate.option is None:
        return ""
    return _(
        "Delivery to %(country)s comes on top; you choose it at checkout.",
        country=country_name(g.store.country),
    )


def _free_delivery(cart: CartView) -> dict[str, Any] | None:
    estimate = cart.shipping_estimate
    if estimate.free_above is None or not cart.requires_shipping:
        return None
    missing = estimate.missing_for_free or 0
    return {"missing": money(missing), "reached": missing == 0, "spent": min(estimate.goods, estimate.free_above),
            "threshold": estimate.free_above}  # fmt: skip

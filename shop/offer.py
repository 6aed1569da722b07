"""Price, stock, delivery: what stands around the button, for the variant that is chosen or for all of them."""

from typing import Any

from flask import g

from kit import clock
from kit.i18n import _
from models.catalog import MeasureUnit, Product, StockStatus, Variant
from services import shipping
from services.catalog.product_page import ProductPage
from services.places import Place
from shop.choice import Choice, shown_groups
from shop.wording import arrival, unit_price_text
from web.filters import money

STATES = {
    StockStatus.IN_STOCK: "in",
    StockStatus.LOW_STOCK: "low",
    StockStatus.ON_BACKORDER: "low",
    StockStatus.OUT_OF_STOCK: "out",
}


def offer(
    found: ProductPage, choice: Choice, *, error: str = "", insist: bool = False, alert_form: Any = None
) -> dict[str, Any]:
    """`error`: why it could not be put into the cart. `insist`: groups without a choice say so. `alert_form`: a
    refused wish to be told when it is back."""
    row, variant = found.product, choice.variant
    impossible = _("There is no such combination. Please choose another one.") if choice.is_impossible else ""
    return {
        **_price(row, variant),
        **_stock(row, variant, choice),
        "unit_price": unit_price_text(*_unit_price(row, variant)),
        "tax_note": _tax_note(row),
        "variant_id": variant.id if variant else None,
        "groups": shown_groups(choice, insist=insist),
        "delivery": _delivery(row, variant),
        "returns": {"title": _("14 days to change your mind"),
                    "text": _("Send it back unused and get your money back.")} if not row.is_digital else None,
        "error": error or impossible,
        "alert": _alert(row, variant, choice, alert_form),
    }  # fmt: skip


def _alert(row: Product, variant: Variant | None, choice: Choice, form: Any) -> dict[str, Any] | None:
    """Where something that exists is sold out, one can be told when it is back."""
    thing = variant or row
    if choice.is_impossible or thing.stock_status is not StockStatus.OUT_OF_STOCK:
        return None
    refusal = " ".join(problem.message for problem in form.problems) if form else ""
    return {
        "product_id": row.id,
        "variant_id": variant.id if variant else None,
        "what": ", ".join(value.label for value in variant.values) if variant else "",
        "email": (form.email.data or "") if form else "",
        "error": refusal,
    }


def _price(row: Product, variant: Variant | None) -> dict[str, Any]:
    if variant is not None:
        now, regular, prior = variant.current_price, variant.regular_price, variant.prior_price
    elif row.variant_count:
        on_sale = row.is_on_sale() and row.sale_price_from is not None
        now = row.sale_price_from if on_sale and row.sale_price_from is not None else row.price_from
        regular, prior = row.price_from, row.prior_price
    else:
        now, regular, prior = row.current_price, row.price, row.prior_price
    is_reduced = now < regular
    return {
        "price": money(now),
        "compare_price": money(regular) if is_reduced else "",
        "prior_price": money(prior) if is_reduced and prior is not None else "",
        "from_price": variant is None and row.price_from != row.price_to,
    }


def _stock(row: Product, variant: Variant | None, choice: Choice) -> dict[str, Any]:
    status = variant.stock_status if variant else row.stock_status
    quantity = variant.stock_quantity if variant else row.stock_quantity
    is_limited = row.track_stock and not row.allow_backorder
    if choice.is_impossible:
        return {"stock_state": "out", "stock_text": _("Not available"), "max": None}
    can_tell = g.store.show_stock and is_limited and (variant is not None or not row.variant_count)
    texts = {
        StockStatus.IN_STOCK: _("In stock"),
        StockStatus.LOW_STOCK: _("Only %(count)s left", count=quantity) if can_tell else _("Only a few left"),
        StockStatus.ON_BACKORDER: _("Made to order: it takes a little longer"),
        StockStatus.OUT_OF_STOCK: _("Sold out"),
    }
    return {"stock_state": STATES[status], "stock_text": texts[status],
            "max": _most(row, quantity if can_tell and quantity > 0 else None),
            "min": row.min_quantity, "step": row.quantity_step}  # fmt: skip


def _most(row: Product, left: int | None) -> int | None:
    limits = [limit for limit in (row.max_quantity, left) if limit is not None]
    return min(limits, default=None)


def _unit_price(row: Product, variant: Variant | None) -> tuple[int | None, MeasureUnit | None]:
    """Of several variants each has its own: it is said once one is chosen."""
    if variant is None and row.variant_count:
        return None, None
    return (variant or row).unit_price, row.measure_unit


def _tax_note(row: Product) -> str:
    included = _("VAT included") if g.store.prices_include_tax else _("plus VAT")
    return included if row.is_digital else _("%(tax)s, delivery is added at checkout", tax=included)


def _delivery(row: Product, variant: Variant | None) -> dict[str, str] | None:
    """To the store's own country, by the cheapest way."""
    if row.is_digital:
        return None
    weight = (variant.weight if variant is not None else None) or row.weight or 0
    price = variant.current_price if variant else row.current_price
    options = shipping.options_for(Place(g.store.country), shipping.Parcel(weight, price)).items
    best = shipping.cheapest(options)
    if best is None:
        return None
    when = (
        arrival(clock.today(g.store.timezone), best.estimated_days_min, best.estimated_days_max) or best.name
    )
    cost = _("Delivery %(price)s", price=money(best.price)) if best.price else _("Delivery is free")
    goal = min((o.free_above for o in options if o.free_above is not None), default=None)
    if best.price and goal is not None:
        cost = _("Delivery %(price)s, free from %(goal)s", price=money(best.price), goal=money(goal))
    return {"when": when, "cost": cost}

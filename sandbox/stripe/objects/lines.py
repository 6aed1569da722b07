"""A session's lines and its shipping, from the request's price data."""

from typing import Any

from .. import clock, ids
from ..errors import invalid, missing_param
from ..money import check_currency


def build(params: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The one currency, and the lines as Stripe shows them."""
    given = params.get("line_items")
    if not given:
        raise missing_param("line_items")
    if len(given) > 100:
        raise invalid("Checkout Sessions can have at most 100 line items.", "line_items")
    items = [_line(item, f"line_items[{place}]") for place, item in enumerate(given)]
    currencies = {item["currency"] for item in items}
    if "currency" in params:
        currencies.add(params["currency"].lower())
    if len(currencies) > 1:
        raise invalid("All line items of a Checkout Session must have the same currency.", "line_items")
    return currencies.pop(), items


def _line(item: dict[str, Any], name: str) -> dict[str, Any]:
    if "price" in item:
        raise invalid(f"No such price: '{item['price']}'", f"{name}[price]", "resource_missing")
    if item.get("tax_rates") or item.get("dynamic_tax_rates"):
        raise invalid("The sandbox computes no taxes.", f"{name}[tax_rates]")
    data = item.get("price_data")
    if data is None:
        raise missing_param(f"{name}[price_data]")
    if "recurring" in data:
        raise invalid("Recurring prices need mode=subscription.", f"{name}[price_data][recurring]")
    if "unit_amount" not in data:
        raise missing_param(f"{name}[price_data][unit_amount]")
    product = data.get("product_data")
    if product is None:
        raise missing_param(f"{name}[price_data][product_data]")
    unit, quantity = data["unit_amount"], item.get("quantity", 1)
    if unit < 0:
        raise invalid("Invalid non-negative integer", f"{name}[price_data][unit_amount]")
    if not 1 <= quantity <= 999_999:
        raise invalid("Quantity must be between 1 and 999999.", f"{name}[quantity]")
    currency = check_currency(data["currency"], f"{name}[price_data][currency]")
    tax = data.get("tax_behavior", "unspecified")
    return show(product["name"], unit, quantity, currency, tax) | {"metadata": item.get("metadata") or {}}


def show(name: str, unit: int, quantity: int, currency: str, tax: str = "unspecified") -> dict[str, Any]:
    """A line of `quantity` things at `unit` in the smallest unit of `currency`."""
    total = unit * quantity
    return {
        "id": ids.new("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": name,
        "metadata": {},
        "price": {
            "id": ids.new("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": clock.now(),
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": ids.new("prod", 14),
            "recurring": None,
            "tax_behavior": tax,
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
        },
        "quantity": quantity,
    }


def shipping(params: dict[str, Any], currency: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The first shipping option is the chosen one; the page offers no other."""
    options = []
    for place, option in enumerate(params.get("shipping_options") or []):
        name = f"shipping_options[{place}]"
        if "shipping_rate" in option:
            raise invalid(
                f"No such shipping rate: '{option['shipping_rate']}'",
                f"{name}[shipping_rate]",
                "resource_missing",
            )
        rate = option.get("shipping_rate_data") or {}
        amount = rate.get("fixed_amount")
        if amount is None:
            raise missing_param(f"{name}[shipping_rate_data][fixed_amount]")
        if amount["currency"].lower() != currency:
            raise invalid("Shipping must have the currency of the line items.", name)
        options.append({"shipping_amount": amount["amount"], "shipping_rate": ids.new("shr")})
    if not options:
        return None, []
    chosen = options[0]
    cost = {
        "amount_subtotal": chosen["shipping_amount"],
        "amount_tax": 0,
        "amount_total": chosen["shipping_amount"],
        "shipping_rate": chosen["shipping_rate"],
    }
    return cost, options

"""How a total was reached, in plain values: frozen into the order, shown to staff and shopper.

The explanation holds what the total was computed from as well as every step, so that it can be computed once more
from itself: `recompute(explanation)` gives the same explanation, or somebody has changed a number.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.promotions import CouponType, Stacking
from services.pricing.discounts import Cut
from services.pricing.terms import Discount, PriceLine, ShippingCharge
from services.pricing.totals import PricedLine, PricedShipping, Totals, add_up
from services.tax_split import TaxPart, TaxRate

Plain = dict[str, Any]


def explain(totals: Totals, lines: Sequence[PriceLine]) -> Plain:
    return {
        "prices_include_tax": totals.prices_include_tax,
        "lines": [_line(line, priced) for line, priced in zip(lines, totals.lines, strict=True)],
        "discounts": [_discount(cut) for cut in totals.cuts],
        "shipping": _shipping(totals.shipping) if totals.shipping else None,
        "taxes": [_part(part) for part in totals.taxes],
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "shipping_total": totals.shipping_total,
        "tax_total": totals.tax_total,
        "total": totals.total,
    }


def recompute(explanation: Plain) -> Plain:
    """The explanation that follows from the prices, rates and discounts that this one was computed from."""
    lines = [
        PriceLine(part["key"], part["unit_price"], part["quantity"], _rates(part["rates"]))
        for part in explanation["lines"]
    ]
    totals = add_up(
        lines,
        prices_include_tax=explanation["prices_include_tax"],
        discounts=[_read_discount(part) for part in explanation["discounts"]],
        shipping=_read_shipping(explanation["shipping"]),
    )
    return explain(totals, lines)


# --- writing ------------------------------------------------------------------------------------------------------


def _line(line: PriceLine, priced: PricedLine) -> Plain:
    return {
        "key": line.key,
        "unit_price": line.unit_price,
        "quantity": line.quantity,
        "rates": [asdict(rate) for rate in line.rates],
        "line_total": priced.line_total,
        "shares": [{"discount": key, "amount": off} for key, off in priced.shares],
        "amount": priced.amount,
        "net": priced.net,
        "tax": priced.tax_amount,
        "taxes": [_part(part) for part in priced.taxes],
    }


def _discount(cut: Cut) -> Plain:
    discount = cut.discount
    return {
        "key": discount.key,
        "name": discount.name,
        "code": discount.code,
        "takes": str(discount.takes),
        "value": discount.value,
        "stacking": str(discount.stacking),
        "combines_with": sorted(str(other) for other in discount.combines_with),
        "eligible": None if discount.eligible is None else sorted(discount.eligible),
        "bought": None if discount.bought is None else sorted(discount.bought),
        "buy": discount.buy,
        "get": discount.get,
        "maximum": discount.maximum,
        "max_items": discount.max_items,
        "amount": cut.goods,
        "shipping": cut.shipping,
    }


def _shipping(sent: PricedShipping) -> Plain:
    charge = sent.charge
    return {
        "name": charge.name,
        "price": charge.price,
        "fee": charge.fee,
        "rates": [asdict(rate) for rate in charge.rates],
        "is_proportional": charge.is_proportional,
        "discount": sent.discount,
        "charged": sent.total,
        "net": sent.net,
        "tax": sent.tax,
        "taxes": [_part(part) for part in sent.taxes],
    }


def _part(part: TaxPart) -> Plain:
    return {"name": part.name, "rate": part.rate, "net": part.net, "amount": part.amount}


# --- reading ------------------------------------------------------------------------------------------------------


def _rates(parts: Sequence[Plain]) -> tuple[TaxRate, ...]:
    return tuple(TaxRate(**part) for part in parts)


def _read_discount(part: Plain) -> Discount:
    return Discount(
        key=part["key"],
        name=part["name"],
        takes=CouponType(part["takes"]),
        value=part["value"],
        stacking=Stacking(part["stacking"]),
        combines_with=frozenset(Stacking(other) for other in part["combines_with"]),
        eligible=None if part["eligible"] is None else frozenset(part["eligible"]),
        bought=None if part["bought"] is None else frozenset(part["bought"]),
        buy=part["buy"],
        get=part["get"],
        maximum=part["maximum"],
        max_items=part["max_items"],
        code=part["code"],
    )


def _read_shipping(part: Plain | None) -> ShippingCharge | None:
    if part is None:
        return None
    return ShippingCharge(
        part["name"], part["price"], _rates(part["rates"]), part["fee"], part["is_proportional"]
    )

"""What a command makes of one product, without doing it: the dry run and the work ask the same functions.

A plan holds the new values of what would differ: columns by name, `categories` and `tags` as lists of ids, and
`variants` as plans by id.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from kit.errors import Conflict
from kit.i18n import _
from kit.money import exponent, round_half_up
from services import tenants
from services.catalog.bulk.drafts import (
    BrandDraft,
    CategoriesDraft,
    FeaturedDraft,
    How,
    PriceDraft,
    Rounding,
    SaleDraft,
    StatusDraft,
    TagsDraft,
)
from services.catalog.bulk.reading import ProductRow, VariantRow

Plan = dict[str, Any]
AMOUNT_MAX = 10**12


def standing(product: ProductRow, plan: Mapping[str, Any]) -> Plan:
    """What is there now of what the plan speaks of."""
    found: Plan = {}
    for name in plan:
        if name == "variants":
            mine = {row.id: row for row in product.variants}
            found[name] = {ident: {key: getattr(mine[ident], key) for key in part} if ident in mine else None
                           for ident, part in plan[name].items()}  # fmt: skip
        elif name in ("categories", "tags"):
            found[name] = sorted(getattr(product, name))
        else:
            found[name] = getattr(product, name)
    return found


def differing(product: ProductRow, wanted: Plan) -> Plan:
    """The wanted values that are not there already."""
    there = standing(product, wanted)
    plan = {name: value for name, value in wanted.items() if name != "variants" and there[name] != value}
    variants = {
        ident: left
        for ident, part in wanted.get("variants", {}).items()
        if (left := {key: value for key, value in part.items() if there["variants"][ident][key] != value})
    }
    return plan | ({"variants": variants} if variants else {})


# --- prices ---------------------------------------------------------------------------------------------------------


def plan_price(draft: PriceDraft, product: ProductRow) -> Plan:
    def changed(price: int) -> int:
        if draft.how is How.SET:
            return draft.price or 0
        return rounded(
            _moved(price, draft.percent if draft.how is How.PERCENT else None, draft.amount), draft.rounding
        )

    plan: Plan = {"price": _sound(changed(product.price))}
    if draft.with_sale and draft.how is not How.SET and product.sale_price is not None:
        plan["sale_price"] = _sound(changed(product.sale_price))
    variants = {}
    for variant in product.variants:
        part = {} if variant.price is None else {"price": _sound(changed(variant.price))}
        if draft.with_sale and draft.how is not How.SET and variant.sale_price is not None:
            part["sale_price"] = _sound(changed(variant.sale_price))
        if part:
            variants[variant.id] = part
    return _consistent(product, plan | ({"variants": variants} if variants else {}))


def plan_sale(draft: SaleDraft, product: ProductRow) -> Plan:
    """Variants that inherit the product's price inherit its reduction; the others have one from their own price."""
    if draft.how == "end":
        ended = {row.id: {"sale_price": None} for row in product.variants if row.sale_price is not None}
        dates = {"sale_starts_at": None, "sale_ends_at": None}
        return {"sale_price": None, **dates} | ({"variants": ended} if ended else {})
    own = {
        row.id: {"sale_price": _reduced(draft, row.price)}
        for row in product.variants
        if row.price is not None
    }
    plan: Plan = {"sale_price": _reduced(draft, product.price), "sale_starts_at": draft.starts_at,
                  "sale_ends_at": draft.ends_at}  # fmt: skip
    return _consistent(product, plan | ({"variants": own} if own else {}))


def _reduced(draft: SaleDraft, price: int) -> int:
    if draft.how == "set":
        return draft.price or 0
    percent = -draft.percent if draft.how == "percent" and draft.percent is not None else None
    minor = Decimal(-(draft.amount or 0)).scaleb(-exponent(tenants.current().currency))
    return _sound(rounded(_moved(price, percent, minor), draft.rounding))


def _moved(price: int, percent: Decimal | None, amount: Decimal | None) -> int:
    """`percent` of it more, or else `amount` (in whole units) more; half up."""
    if percent is not None:
        return round_half_up(Decimal(price) * (100 + percent) / 100)
    return price + round_half_up((amount or Decimal(0)).scaleb(exponent(tenants.current().currency)))


def rounded(price: int, how: Rounding) -> int:
    """To the nearest price that ends as wished, half up; never below the lowest such price."""
    digits = exponent(tenants.current().currency)
    unit = 10**digits
    if how is Rounding.EXACT or digits < 2 or price < 0:
        return price
    step, ending = {Rounding.FIVE: (unit // 20, 0), Rounding.WHOLE: (unit, 0), Rounding.NINETY: (unit, unit * 9 // 10),
                    Rounding.NINETY_NINE: (unit, unit - unit // 100)}[how]  # fmt: skip
    return max(ending, (2 * (price - ending) + step) // (2 * step) * step + ending)


def _sound(price: int) -> int:
    if price < 0:
        raise Conflict(_("The price would fall below nothing."), code="negative-price")
    if price > AMOUNT_MAX:
        raise Conflict(_("The price would be too large."), code="too-large")
    return price


def _consistent(product: ProductRow, plan: Plan) -> Plan:
    """A sale price is below its price, of the product and of each variant."""
    price = plan.get("price", product.price)
    _insist(plan.get("sale_price", product.sale_price), price)
    parts = plan.get("variants", {})
    for variant in product.variants:
        _insist(_after(variant, parts, "sale_price"), _after(variant, parts, "price") or price)
    return plan


def _after(variant: VariantRow, parts: Mapping[UUID, Mapping[str, Any]], name: str) -> int | None:
    value: int | None = parts.get(variant.id, {}).get(name, getattr(variant, name))
    return value


def _insist(sale: int | None, price: int) -> None:
    if sale is not None and sale >= price:
        raise Conflict(_("The sale price would not be below the price."), code="no-reduction")


# --- the rest -------------------------------------------------------------------------------------------------------


def plan_status(draft: StatusDraft, product: ProductRow) -> Plan:
    """Shown, or not; dates at which that would change by itself are taken away."""
    if draft.status == "active":
        return {"is_active": True, "publish_at": None}
    return {"is_active": False, "publish_at": None, "unpublish_at": None}


def plan_categories(draft: CategoriesDraft, product: ProductRow) -> Plan:
    return {"categories": _with(draft, product.categories)}


def plan_tags(draft: TagsDraft, product: ProductRow) -> Plan:
    return {"tags": _with(draft, product.tags)}


def _with(draft: CategoriesDraft, ids: list[UUID]) -> list[UUID]:
    return sorted((set(ids) - set(draft.remove)) | set(draft.add))


def plan_featured(draft: FeaturedDraft, product: ProductRow) -> Plan:
    return {"is_featured": draft.featured}


def plan_brand(draft: BrandDraft, product: ProductRow) -> Plan:
    return {"brand": draft.brand}


Planner = Callable[[Any, ProductRow], Plan]

"""What a product's page tells of promotions: "2 for 1"."""

from models.catalog import Product
from models.promotions import Coupon, Stacking
from services.promotions.baskets import BasketLine, is_for, shelves_of
from services.promotions.offers import is_on, running

TOLD = 3


def told_of(product: Product) -> tuple[str, ...]:
    """The names of the offers that hold for everybody and take from this product. No query where none is told of by
    category or tag."""
    rules = [rule for rule in running() if is_on(rule) and _is_told(rule)]
    if not rules:
        return ()
    line = BasketLine(product.id, product.current_price, product.is_on_sale())
    shelves = shelves_of([line], rules)
    return tuple(rule.name for rule in rules if is_for(rule, line, shelves))[:TOLD]


def _is_told(rule: Coupon) -> bool:
    is_narrow = rule.segments or rule.emails or rule.countries or rule.first_order_only
    is_full = rule.usage_limit is not None and rule.usage_count >= rule.usage_limit
    return rule.stacking is Stacking.PRODUCT and not is_narrow and not is_full

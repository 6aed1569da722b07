"""Random money: lines, taxes, discounts and deliveries of every kind that the shop allows."""

from hypothesis import strategies as st

from models.orders import Order, OrderItem
from models.promotions import CouponType, Stacking
from services.payments import amounts
from services.payments.amounts import Part
from services.pricing import Discount, PriceLine, ShippingCharge
from services.tax_split import TaxRate

KEYS = tuple(f"line {i}" for i in range(6))

tax_rates = st.lists(
    st.builds(TaxRate, st.sampled_from("abc"), st.sampled_from([0, 600, 1300, 2300, 1, 9999]), st.booleans()),
    max_size=3,
).map(tuple)
prices = st.integers(0, 60) | st.integers(0, 10**7)


@st.composite
def baskets(draw, least=0):
    rates = draw(st.lists(tax_rates, min_size=1, max_size=3))
    return [
        PriceLine(
            key, draw(prices), draw(st.integers(1, 5) | st.integers(1, 999)), draw(st.sampled_from(rates))
        )
        for key in KEYS[: draw(st.integers(least, len(KEYS)))]
    ]


choices = st.none() | st.frozensets(st.sampled_from(KEYS))
classes = st.frozensets(st.sampled_from(list(Stacking)))
caps = st.none() | st.integers(0, 5000)
units = st.none() | st.integers(1, 8)
percents = st.integers(1, 10_000) | st.just(10_000)


@st.composite
def discounts(draw, most=5):
    found = []
    for i in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(list(CouponType)))
        stacking = {
            CouponType.FREE_SHIPPING: Stacking.SHIPPING,
            CouponType.FIXED_AMOUNT: Stacking.ORDER,
            CouponType.PERCENTAGE: draw(st.sampled_from([Stacking.ORDER, Stacking.PRODUCT])),
        }.get(kind, Stacking.PRODUCT)
        is_money = kind in (CouponType.FIXED_AMOUNT, CouponType.FIXED_PER_ITEM)
        found.append(Discount(
            key=f"rule {i}",
            name=f"Rule {i}",
            takes=kind,
            value=draw(st.integers(1, 10**6)) if is_money else draw(percents),
            stacking=stacking,
            combines_with=draw(classes),
            eligible=draw(choices),
            bought=draw(choices) if kind is CouponType.BUY_X_GET_Y else None,
            buy=draw(st.integers(1, 4)) if kind is CouponType.BUY_X_GET_Y else 0,
            get=draw(st.integers(1, 3)) if kind in (CouponType.BUY_X_GET_Y, CouponType.GIFT) else 0,
            maximum=draw(caps),
            max_items=draw(units) if stacking is Stacking.PRODUCT else None,
            code="CODE" if i == 0 and draw(st.booleans()) else "",
        ))  # fmt: skip
    return found


charges = st.none() | st.builds(
    ShippingCharge, st.just("post"), st.integers(0, 10**4), tax_rates, st.integers(0, 500), st.booleans()
)


def refunded(
    paid: int, tax: int, quantity: int, *, done: int, units: int, before: int, tax_before: int
) -> Part:
    """What a refund gives back, by its own code, for `units` of a line of `quantity` for which `paid` was paid with
    `tax` in it, after `done` units brought `before`."""
    item = OrderItem(
        quantity=quantity, line_total=paid, discount_amount=0, tax_amount=tax, refunded_quantity=done
    )
    return amounts.part_of(Order(prices_include_tax=True), item, units, before, tax_before)

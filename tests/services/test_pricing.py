"""The order of computation, to the cent."""

from dataclasses import replace

import pytest

from models.promotions import CouponType, Stacking
from services.pricing import Discount, PriceLine, ShippingCharge, compute, recompute
from services.tax_split import TaxRate, effective_rate, split_tax
from tests.services.money_cases import refunded

NORMAL = (TaxRate("IVA 23 %", 2300),)
REDUCED = (TaxRate("IVA 6 %", 600),)
VEST = PriceLine("vest", 4990, 1, NORMAL)
BOOK = PriceLine("book", 1299, 3, REDUCED)
MUG = PriceLine("mug", 750, 2, NORMAL)
APPAREL = Discount(
    "a", "10 % on Apparel", CouponType.PERCENTAGE, 1000, Stacking.PRODUCT, eligible=frozenset({"vest"})
)
TEN_EURO = Discount(
    "t", "TEN", CouponType.FIXED_AMOUNT, 1000, eligible=frozenset({"vest", "book"}), code="TEN"
)
POST = ShippingCharge("CTT", 490, NORMAL)


def price(*lines, discounts=(), shipping=None, included=True):
    return compute(lines, prices_include_tax=included, discounts=discounts, shipping=shipping)


def percent(value=1000, **fields):
    return Discount("p", "Percent", CouponType.PERCENTAGE, value, **fields)


def product(key="x", value=1000, **fields):
    return Discount(key, key, CouponType.PERCENTAGE, value, Stacking.PRODUCT, **fields)


def given(buy, get, value=10_000, **fields):
    return Discount(
        "g", f"{buy} + {get}", CouponType.BUY_X_GET_Y, value, Stacking.PRODUCT, buy=buy, get=get, **fields
    )


def offs(totals):
    return [line.discount_amount for line in totals.lines]


# --- the worked example -------------------------------------------------------------------------------------------


@pytest.fixture
def example():
    return price(VEST, BOOK, MUG, discounts=[APPAREL, TEN_EURO], shipping=POST)


def test_the_worked_example_line_by_line(example):
    vest, book, mug = example.lines
    assert [line.line_total for line in example.lines] == [4990, 3897, 1500]
    assert vest.shares == (("a", 499), ("t", 535))
    assert (book.shares, mug.shares) == ((("t", 465),), ())
    assert [line.amount for line in example.lines] == [3956, 3432, 1500]
    assert [line.tax_amount for line in example.lines] == [740, 194, 280]
    assert [line.net for line in example.lines] == [3216, 3238, 1220]


def test_the_worked_example_in_sum(example):
    assert example.subtotal == 10387
    assert (example.coupon.goods, example.discount_total) == (1000, 1499)
    assert (example.shipping_total, example.shipping_tax, example.shipping.net) == (490, 92, 398)
    assert (example.total, example.tax_total) == (9378, 1306)
    assert [(part.rate, part.amount) for part in example.taxes] == [(2300, 1112), (600, 194)]
    assert example.explanation["total"] == 9378
    assert recompute(example.explanation) == example.explanation


def test_the_worked_example_with_shipping_taxed_in_proportion_to_the_goods():
    post = ShippingCharge("CTT", 490, is_proportional=True)
    priced = price(VEST, BOOK, MUG, discounts=[APPAREL, TEN_EURO], shipping=post)
    goods = price(VEST, BOOK, MUG, discounts=[APPAREL, TEN_EURO])
    by_rate = {part.rate: part.amount for part in priced.taxes}
    without = {part.rate: part.amount for part in goods.taxes}
    assert {rate: by_rate[rate] - without[rate] for rate in by_rate} == {2300: 56, 600: 11}
    assert priced.total == 9378


def test_the_books_of_the_worked_example_come_back_one_at_a_time(example):
    book = example.lines[1]
    back = []
    for done in range(3):
        before = {"before": sum(part.amount for part in back), "tax_before": sum(part.tax for part in back)}
        back.append(refunded(book.gross, book.tax_amount, 3, done=done, units=1, **before))
    assert [(part.amount, part.tax) for part in back] == [(1144, 65), (1144, 64), (1144, 65)]


def test_a_coupon_of_100_percent_leaves_nothing_anywhere():
    priced = price(VEST, BOOK, MUG, discounts=[percent(10_000)])
    assert (priced.total, priced.tax_total) == (0, 0)
    assert all((line.amount, line.net, line.tax_amount) == (0, 0, 0) for line in priced.lines)


# --- kinds of discounts -------------------------------------------------------------------------------------------


def test_a_percentage_leaves_shipping_alone_and_stops_at_its_maximum():
    half = percent(5000, maximum=2000, eligible=frozenset({"book"}))
    priced = price(BOOK, MUG, discounts=[half], shipping=POST)
    assert (priced.discount_total, priced.shipping_total) == (1949, 490)
    assert price(replace(BOOK, quantity=9), discounts=[half]).discount_total == 2000


def test_free_shipping_takes_the_price_but_not_the_payment_fee():
    free = Discount("f", "Free", CouponType.FREE_SHIPPING, stacking=Stacking.SHIPPING)
    priced = price(BOOK, discounts=[free], shipping=replace(POST, fee=200))
    assert (priced.discount_total, priced.shipping_total, priced.shipping_discount) == (0, 200, 490)
    assert priced.total == 3897 + 200
    capped = price(BOOK, discounts=[replace(free, maximum=300)], shipping=POST)
    assert (capped.shipping_total, capped.shipping_discount) == (190, 300)


def test_a_fixed_amount_never_takes_more_than_there_is():
    off = Discount("f", "Off", CouponType.FIXED_AMOUNT, 5000)
    assert [price(PriceLine("x", n, 1), discounts=[off]).total for n in (0, 4999, 5000, 5001)] == [0, 0, 0, 1]


def test_an_amount_off_each_item_stops_at_what_one_costs():
    off = Discount("f", "Off", CouponType.FIXED_PER_ITEM, 800, Stacking.PRODUCT)
    assert offs(price(BOOK, MUG, discounts=[off])) == [2400, 1500]
    assert offs(price(BOOK, MUG, discounts=[replace(off, max_items=2)])) == [1600, 0], "the dearest first"


@pytest.mark.parametrize(("buy", "get", "quantity", "free"), [
    (1, 1, 1, 0), (1, 1, 2, 1), (1, 1, 5, 2), (2, 1, 3, 1), (2, 1, 8, 2), (3, 2, 10, 4),
])  # fmt: skip
def test_of_the_same_thing_so_many_are_free(buy, get, quantity, free):
    assert offs(price(PriceLine("mug", 750, quantity), discounts=[given(buy, get)])) == [free * 750]


def test_the_cheapest_are_given():
    dear, cheap = PriceLine("dear", 1000, 2), PriceLine("cheap", 300, 1)
    assert offs(price(dear, cheap, discounts=[given(2, 1)])) == [0, 300]
    assert offs(price(dear, cheap, discounts=[given(1, 1, 5000)])) == [0, 150]


def test_what_is_given_can_be_another_thing():
    vest_gives_mug = given(1, 1, bought=frozenset({"vest"}), eligible=frozenset({"mug"}))
    assert offs(price(VEST, BOOK, MUG, discounts=[vest_gives_mug])) == [0, 0, 750]
    assert offs(price(BOOK, MUG, discounts=[vest_gives_mug])) == [0, 0]
    assert offs(price(replace(VEST, quantity=5), MUG, discounts=[replace(vest_gives_mug, max_items=1)])) == [
        0,
        750,
    ]


def test_a_unit_is_not_both_bought_and_given():
    overlap = given(1, 1, bought=frozenset({"a", "b"}), eligible=frozenset({"b"}))
    a, b = PriceLine("a", 500, 1), PriceLine("b", 900, 3)
    assert offs(price(b, discounts=[overlap])) == [900], "one of three pays for one"
    assert offs(price(a, b, discounts=[overlap])) == [0, 1800]


def test_a_gift_costs_nothing_once():
    gift = Discount(
        "g", "Gift", CouponType.GIFT, 10_000, Stacking.PRODUCT, eligible=frozenset({"mug"}), max_items=1
    )
    assert offs(price(VEST, MUG, discounts=[gift])) == [0, 750]
    assert price(VEST, discounts=[gift]).cuts == ()


# --- together -----------------------------------------------------------------------------------------------------


def test_two_of_the_same_class_that_do_not_combine_leave_the_better_one():
    small, big = (
        percent(combines_with=frozenset({Stacking.PRODUCT})),
        replace(TEN_EURO, combines_with=frozenset()),
    )
    priced = price(VEST, BOOK, discounts=[small, big])
    assert [cut.discount.key for cut in priced.cuts] == ["t"]
    assert [cut.discount.key for cut in price(replace(VEST, quantity=9), discounts=[small, big]).cuts] == [
        "p"
    ]


def test_both_must_allow_it():
    shy = percent(combines_with=frozenset())
    assert price(VEST, discounts=[product(), shy]).discount_total == 499
    assert price(VEST, discounts=[product(), percent()]).discount_total == 499 + 449


def test_on_a_line_the_better_product_discount_stays_alone_unless_both_combine():
    ten, twenty = (
        product("ten", 1000, combines_with=frozenset()),
        product("twenty", 2000, combines_with=frozenset()),
    )
    only_vest = replace(twenty, eligible=frozenset({"vest"}))
    assert offs(price(VEST, MUG, discounts=[ten, only_vest])) == [998, 150], "each on its own line"
    both = [
        replace(ten, combines_with=frozenset(Stacking)),
        replace(only_vest, combines_with=frozenset(Stacking)),
    ]
    assert offs(price(VEST, MUG, discounts=both)) == [998 + 399, 150]


def test_what_delivery_will_cost_tells_which_offer_is_better():
    free = Discount(
        "f", "Free", CouponType.FREE_SHIPPING, stacking=Stacking.SHIPPING, combines_with=frozenset()
    )
    few = percent(100, combines_with=frozenset())
    lines = [MUG]
    now = compute(lines, prices_include_tax=True, discounts=[free, few], expected_shipping=490)
    assert [cut.discount.key for cut in now.cuts] == ["f"]
    assert [
        cut.discount.key for cut in compute(lines, prices_include_tax=True, discounts=[free, few]).cuts
    ] == ["p"]


# --- tax ----------------------------------------------------------------------------------------------------------


def test_prices_without_tax_get_it_on_top():
    priced = price(BOOK, MUG, shipping=POST, included=False)
    assert priced.tax_total == 234 + 345 + 113
    assert priced.total == priced.subtotal + 490 + priced.tax_total


def test_a_compound_rate_applies_on_top_of_the_sum_of_the_others():
    rates = (TaxRate("state", 500), TaxRate("city", 200), TaxRate("luxury", 1000, is_compound=True))
    net, taxes = split_tax(10_000, rates, included=False)
    assert (net, [part.amount for part in taxes]) == (10_000, [500, 200, 1070])
    assert split_tax(11_770, rates, included=True) == (net, taxes)
    assert effective_rate(rates) == 1770


def test_compound_rates_stand_last_whatever_the_order_they_came_in():
    plain, compound = TaxRate("state", 500), TaxRate("on top", 1000, is_compound=True)
    assert split_tax(9999, (compound, plain), included=True) == split_tax(
        9999, (plain, compound), included=True
    )

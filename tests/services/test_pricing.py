"""The order of computation, to the cent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing import (
    CouponTerms,
    PriceLine,
    Reduction,
    ShippingCharge,
    Takes,
    amount_after_discounts,
    compute,
    units_share,
)
from services.tax_split import TaxRate, effective_rate, split_tax

NORMAL = (TaxRate("IVA 23 %", 2300),)
REDUCED = (TaxRate("IVA 6 %", 600),)
VEST = PriceLine("vest", 4990, 1, NORMAL, (Reduction("10 % on Apparel", percent=1000),))
BOOK = PriceLine("book", 1299, 3, REDUCED)
MUG = PriceLine("mug", 750, 2, NORMAL, is_eligible=False)
TEN_EURO = CouponTerms("TEN", Takes.FIXED_AMOUNT, 1000)
POST = ShippingCharge("CTT", 490, NORMAL)


@pytest.fixture
def example():
    return compute([VEST, BOOK, MUG], prices_include_tax=True, coupon=TEN_EURO, shipping=POST)


def test_the_worked_example_line_by_line(example):
    vest, book, mug = example.lines
    assert [line.line_total for line in example.lines] == [4990, 3897, 1500]
    assert vest.reductions == (("10 % on Apparel", 499),)
    assert [line.coupon_share for line in example.lines] == [535, 465, 0]
    assert [line.amount for line in example.lines] == [3956, 3432, 1500]
    assert [line.tax_amount for line in example.lines] == [740, 194, 280]
    assert [line.net for line in example.lines] == [3216, 3238, 1220]


def test_the_worked_example_in_sum(example):
    assert example.subtotal == 10387
    assert (example.coupon_discount, example.discount_total) == (1000, 1499)
    assert (example.shipping_total, example.shipping_tax, example.shipping_net) == (490, 92, 398)
    assert (example.total, example.net_total, example.tax_total) == (9378, 8072, 1306)
    assert [(part.rate, part.amount) for part in example.taxes] == [(2300, 1112), (600, 194)]
    assert example.explanation["total"] == 9378


def test_the_worked_example_with_shipping_taxed_in_proportion_to_the_goods():
    post = ShippingCharge("CTT", 490, is_proportional=True)
    priced = compute([VEST, BOOK, MUG], prices_include_tax=True, coupon=TEN_EURO, shipping=post)
    goods = compute([VEST, BOOK, MUG], prices_include_tax=True, coupon=TEN_EURO)
    by_rate = {part.rate: part.amount for part in priced.taxes}
    without = {part.rate: part.amount for part in goods.taxes}
    assert {rate: by_rate[rate] - without[rate] for rate in by_rate} == {2300: 56, 600: 11}
    assert priced.total == 9378


def test_the_books_of_the_worked_example_come_back_one_at_a_time(example):
    book = example.lines[1]
    assert [units_share(book.amount, 3, k, 1) for k in range(3)] == [1144, 1144, 1144]
    assert [units_share(book.tax_amount, 3, k, 1) for k in range(3)] == [65, 64, 65]


def test_a_coupon_of_100_percent_leaves_nothing_anywhere():
    everything = CouponTerms("ALL", Takes.PERCENTAGE, 10_000)
    lines = [replace(line, is_eligible=True) for line in (VEST, BOOK, MUG)]
    priced = compute(lines, prices_include_tax=True, coupon=everything)
    assert (priced.total, priced.tax_total, priced.net_total) == (0, 0, 0)
    assert all((line.amount, line.net, line.tax_amount) == (0, 0, 0) for line in priced.lines)


def test_a_percentage_leaves_shipping_alone_and_stops_at_its_maximum():
    half = CouponTerms("HALF", Takes.PERCENTAGE, 5000, maximum=2000)
    priced = compute([BOOK, MUG], prices_include_tax=True, coupon=half, shipping=POST)
    assert priced.coupon_discount == 1949  # half of the books only
    assert priced.shipping_total == 490
    assert compute([replace(BOOK, quantity=9)], prices_include_tax=True, coupon=half).coupon_discount == 2000


def test_free_shipping_takes_the_price_but_not_the_payment_fee():
    free = CouponTerms("FREE", Takes.FREE_SHIPPING)
    priced = compute([BOOK], prices_include_tax=True, coupon=free, shipping=replace(POST, fee=200))
    assert (priced.discount_total, priced.shipping_total, priced.shipping_discount) == (0, 200, 490)
    assert priced.total == 3897 + 200


def test_prices_without_tax_get_it_on_top():
    priced = compute([BOOK, MUG], prices_include_tax=False, shipping=POST)
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


rates = st.lists(
    st.builds(TaxRate, st.sampled_from("abc"), st.integers(0, 10_000), st.booleans()), max_size=4
)
lines = st.lists(
    st.builds(
        PriceLine,
        key=st.just("x"),
        unit_price=st.integers(0, 10**7),
        quantity=st.integers(1, 999),
        rates=rates.map(tuple),
        reductions=st.lists(
            st.builds(Reduction, st.just("r"), st.integers(0, 10_000), st.integers(0, 10**6)), max_size=2
        ).map(tuple),
        is_eligible=st.booleans(),
    ),
    max_size=8,
)
coupons = st.none() | st.one_of(
    st.builds(CouponTerms, st.just("C"), st.just(Takes.PERCENTAGE), st.integers(0, 10_000)),
    st.builds(CouponTerms, st.just("C"), st.just(Takes.FIXED_AMOUNT), st.integers(0, 10**9)),
    st.just(CouponTerms("C", Takes.FREE_SHIPPING)),
)
charges = st.none() | st.builds(
    ShippingCharge,
    st.just("post"),
    st.integers(0, 10**5),
    rates.map(tuple),
    st.integers(0, 1000),
    st.booleans(),
)


@given(lines, coupons, charges, st.booleans())
def test_sums_are_exact_and_nothing_is_negative(lines, coupon, charge, included):
    priced = compute(lines, prices_include_tax=included, coupon=coupon, shipping=charge)
    assert priced.subtotal == sum(line.unit_price * line.quantity for line in lines)
    assert sum(line.coupon_share for line in priced.lines) == priced.coupon_discount
    assert sum(line.discount_amount for line in priced.lines) == priced.discount_total
    assert priced.goods_after_discounts == amount_after_discounts(lines, coupon)
    assert (
        priced.total == sum(line.gross for line in priced.lines) + priced.shipping_net + priced.shipping_tax
    )
    assert priced.tax_total == sum(part.amount for part in priced.taxes)
    assert priced.tax_total == sum(line.tax_amount for line in priced.lines) + priced.shipping_tax
    for line in priced.lines:
        assert min(line.amount, line.net, line.tax_amount, line.coupon_share) >= 0
        assert sum(part.amount for part in line.taxes) == line.tax_amount
        assert line.gross == line.amount if included else line.net == line.amount
    assert priced.total >= 0


@given(lines.filter(bool), charges, st.booleans())
def test_100_percent_off_is_nothing_but_the_shipping(lines, charge, included):
    everything = CouponTerms("ALL", Takes.PERCENTAGE, 10_000)
    eligible = [replace(line, is_eligible=True) for line in lines]
    priced = compute(eligible, prices_include_tax=included, coupon=everything, shipping=charge)
    assert priced.total == priced.shipping_net + priced.shipping_tax
    assert all(line.gross == 0 for line in priced.lines)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 20), min_size=1, max_size=12))
def test_refunds_in_any_steps_return_exactly_the_line(amount, steps):
    quantity = sum(steps)
    back = [units_share(amount, quantity, sum(steps[:i]), more) for i, more in enumerate(steps)]
    assert sum(back) == amount
    assert all(part >= 0 for part in back)


def test_more_units_than_the_line_has_cannot_come_back():
    with pytest.raises(ValueError):
        units_share(100, 3, 2, 2)

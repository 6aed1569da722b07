"""What holds for every cart: random lines, taxes, discounts, deliveries and refunds."""

import json
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kit.money import share
from models.promotions import CouponType, Stacking
from services.pricing import Discount, compute, recompute, take_off
from services.pricing.stacking import groups
from tests.properties import many
from tests.services.money_cases import baskets, charges, discounts, refunded


@many
@given(baskets(), discounts(), charges, st.booleans())
def test_sums_are_exact_and_nothing_is_negative(lines, rules, charge, included):
    priced = compute(lines, prices_include_tax=included, discounts=rules, shipping=charge)
    assert priced.subtotal == sum(line.unit_price * line.quantity for line in lines)
    assert priced.discount_total == sum(cut.goods for cut in priced.cuts)
    assert priced.discount_total == sum(line.discount_amount for line in priced.lines)
    delivery = (priced.shipping.net if priced.shipping else 0) + priced.shipping_tax
    assert priced.total == sum(line.gross for line in priced.lines) + delivery
    assert priced.tax_total == sum(part.amount for part in priced.taxes)
    assert priced.tax_total == sum(line.tax_amount for line in priced.lines) + priced.shipping_tax
    for line in priced.lines:
        assert min(line.amount, line.net, line.tax_amount, *(off for _key, off in line.shares), 0) == 0
        assert line.amount == line.line_total - sum(off for _key, off in line.shares)
        assert sum(part.amount for part in line.taxes) == line.tax_amount
        assert line.gross == line.amount if included else line.net == line.amount
    assert min(priced.shipping_total, delivery, priced.shipping_tax, priced.total) >= 0


@many
@given(baskets(), discounts(), charges, st.booleans())
def test_the_stored_explanation_equals_its_recomputation(lines, rules, charge, included):
    priced = compute(lines, prices_include_tax=included, discounts=rules, shipping=charge)
    stored = json.loads(json.dumps(priced.explanation))
    assert recompute(stored) == stored == priced.explanation
    assert stored["total"] == priced.total


@many
@given(baskets(least=1), discounts(), charges, st.booleans())
def test_100_percent_off_is_nothing_but_the_shipping(lines, rules, charge, included):
    everything = Discount("all", "All", CouponType.PERCENTAGE, 10_000, code="ALL")
    others = [rule for rule in rules if not rule.code]
    priced = compute(lines, prices_include_tax=included, discounts=[everything, *others], shipping=charge)
    if priced.coupon is None:  # something better was there, that takes off as much and the delivery too
        assert sum(cut.total for cut in priced.cuts) >= priced.subtotal
        return
    assert priced.total == (priced.shipping.net + priced.shipping.tax if priced.shipping else 0)
    assert all((line.gross, line.net, line.tax_amount) == (0, 0, 0) for line in priced.lines)


@many
@given(baskets(), discounts(), st.integers(0, 5000))
def test_nothing_that_goes_together_would_take_more(lines, rules, shipping):
    priced = compute(lines, prices_include_tax=True, discounts=rules, expected_shipping=shipping)
    taken = sum(cut.total for cut in priced.cuts)
    for group in groups(rules):
        assert all(
            a.stacking is b.stacking is Stacking.PRODUCT or a.joins(b) for a, b in combinations(group, 2)
        )
        assert sum(cut.total for cut in take_off(lines, group, shipping)) <= taken
    by_itself = [cut for cut in priced.cuts if not cut.discount.code]
    assert all(cut.total > 0 for cut in by_itself), "what takes nothing is not told of"


@many
@given(baskets(), discounts(most=1), st.integers(0, 5000))
def test_a_discount_keeps_to_its_lines_its_units_and_its_maximum(lines, rules, shipping):
    for cut in take_off(lines, rules, shipping):
        rule = cut.discount
        assert rule.maximum is None or cut.total <= rule.maximum
        units = 0
        for line, off in zip(lines, cut.shares, strict=True):
            assert 0 <= off <= line.line_total
            assert not off or rule.may_take_from(line)
            units += -(-off // line.unit_price) if off else 0
        assert rule.max_items is None or units <= rule.max_items
        assert cut.shipping == 0 or rule.stacking is Stacking.SHIPPING


steps = st.lists(st.integers(1, 20), min_size=1, max_size=12)


@many
@given(st.integers(0, 10**9), steps)
def test_refunds_in_any_steps_return_exactly_the_line(amount, steps):
    quantity, tax = sum(steps), share(amount, 2300, 12_300)
    back = []
    for i, more in enumerate(steps):
        before = {"before": sum(part.amount for part in back), "tax_before": sum(part.tax for part in back)}
        back.append(refunded(amount, tax, quantity, done=sum(steps[:i]), units=more, **before))
    assert (sum(part.amount for part in back), sum(part.tax for part in back)) == (amount, tax)
    assert all(part.amount >= 0 and part.tax >= 0 for part in back)

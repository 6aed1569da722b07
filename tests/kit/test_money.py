import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import allocate, display, share, to_minor, to_text


@pytest.mark.parametrize(("text", "currency", "minor"), [("49.90", "EUR", 4990), (50, "EUR", 5000), ("100", "JPY", 100),
                                                        ("1.234", "KWD", 1234)])  # fmt: skip
def test_money_is_read_in_the_currencys_own_digits(text, currency, minor):
    assert to_minor(text, currency) == minor
    assert to_minor(to_text(minor, currency), currency) == minor


@pytest.mark.parametrize(("text", "currency"), [("1.999", "EUR"), ("1.5", "JPY"), ("x", "EUR"), ("NaN", "EUR"),
                                               ("Infinity", "EUR")])  # fmt: skip
def test_more_digits_than_the_currency_has_are_refused(text, currency):
    with pytest.raises(ValueError):
        to_minor(text, currency)


def test_the_coupon_of_the_worked_example_splits_by_largest_remainder():
    assert allocate(1000, [4491, 3897]) == [535, 465]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_parts_always_sum_to_the_whole(amount, weights):
    if sum(weights) == 0:
        amount = 0
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(st.integers(-(10**9), 10**9), st.integers(1, 50))
def test_cumulative_shares_return_the_whole(amount, n):
    assert share(amount, n, n) == amount
    steps = [share(amount, k, n) - share(amount, k - 1, n) for k in range(1, n + 1)]
    assert sum(steps) == amount


def test_a_tie_rounds_away_from_zero():
    assert share(1, 1, 2) == 1
    assert share(-1, 1, 2) == -1


def test_money_is_shown_as_the_reader_writes_it():
    assert display(4990, "EUR", "pt") == "49,90\N{NO-BREAK SPACE}€"
    assert display(4990, "EUR", "en") == "€49.90"

"""Payment, parcel and display status follow from money and units, whatever these are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.orders import FulfillmentStatus as F
from models.orders import Order, OrderStatus
from models.orders import PaymentStatus as P
from services.orders.derived import Money, Units, display_status, fulfillment_status, payment_status

CASES = [
    (Money(1000), P.UNPAID),
    (Money(0), P.PAID),
    (Money(1000, captured=1000), P.PAID),
    (Money(1000, captured=400), P.PARTIALLY_PAID),
    (Money(1000, captured=2000), P.OVERPAID),
    (Money(1000, captured=1000, refunded=300, credits=300), P.PARTIALLY_REFUNDED),
    (Money(1000, captured=1000, refunded=1000, credits=1000), P.REFUNDED),
    (Money(1000, captured=2000, refunded=1000, credits=1000), P.OVERPAID),
    (Money(1000, captured=1000, credits=400), P.OVERPAID),  # units were cancelled, their money is still here
    (Money(1000, captured=1000, credits=1000, is_cancelled=True), P.OVERPAID),
    (Money(1000, authorized=1000), P.AUTHORIZED),
    (Money(1000, is_processing=True), P.PENDING),
    (Money(1000, credits=1000, is_cancelled=True), P.VOIDED),
    (Money(1000, has_failed=True), P.FAILED),
    (Money(1000, captured=1000, is_disputed=True), P.DISPUTED),
    (Money(1000, captured=1000, refunded=1000, credits=1000, is_disputed=True), P.DISPUTED),
]


@pytest.mark.parametrize(("money", "status"), CASES)
def test_payment_status(money, status):
    assert payment_status(money) is status


amounts = st.integers(0, 10_000)


@given(total=st.integers(1, 10_000), captured=amounts, refunded=amounts)
def test_a_refund_alone_never_makes_an_order_look_underpaid(total, captured, refunded):
    refunded = min(refunded, captured)
    before = payment_status(Money(total, captured))
    after = payment_status(Money(total, captured, refunded, credits=refunded))
    if before in (P.PAID, P.OVERPAID):
        assert after not in (P.UNPAID, P.PARTIALLY_PAID)
    assert (after is P.REFUNDED) == (captured > 0 and refunded == captured)


@given(
    total=amounts,
    captured=amounts,
    refunded=amounts,
    authorized=amounts,
    credits=amounts,
    flags=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_every_combination_has_a_status_and_an_open_dispute_always_shows(
    total, captured, refunded, authorized, credits, flags
):
    refunded, credits = min(refunded, captured), min(credits, total)
    money = Money(total, captured, refunded, authorized, credits, *flags)
    status = payment_status(money)
    assert (status is P.DISPUTED) == money.is_disputed
    if status is P.PAID and total:
        assert money.balance == 0
    if status is P.PARTIALLY_PAID:
        assert money.balance > 0


@pytest.mark.parametrize(
    ("units", "status"),
    [
        (Units(0), F.NOT_REQUIRED),
        (Units(3), F.UNFULFILLED),
        (Units(3, cancelled=3), F.UNFULFILLED),
        (Units(3, shipped=1), F.PARTIAL),
        (Units(3, shipped=3), F.FULFILLED),
        (Units(3, cancelled=2, shipped=1), F.FULFILLED),
        (Units(3, shipped=3, is_delivered=True), F.DELIVERED),
        (Units(3, shipped=2, is_delivered=True), F.PARTIAL),
        (Units(3, shipped=3, returned=1, is_delivered=True), F.PARTIALLY_RETURNED),
        (Units(3, shipped=3, returned=3, is_delivered=True), F.RETURNED),
        (Units(3, shipped=1, returned=1), F.PARTIALLY_RETURNED),
    ],
)
def test_fulfillment_status(units, status):
    assert fulfillment_status(units) is status


@given(
    ordered=st.integers(0, 9),
    shipped=st.integers(0, 9),
    cancelled=st.integers(0, 9),
    returned=st.integers(0, 9),
)
def test_nothing_counts_as_sent_while_units_are_left(ordered, shipped, cancelled, returned):
    shipped = min(shipped, ordered)
    cancelled = min(cancelled, ordered - shipped)
    units = Units(ordered, cancelled, shipped, min(returned, shipped), is_delivered=True)
    if units.left:
        assert fulfillment_status(units) in (F.UNFULFILLED, F.PARTIAL, F.PARTIALLY_RETURNED)


@pytest.mark.parametrize(
    ("status", "sent", "money", "word"),
    [
        (OrderStatus.DRAFT, F.UNFULFILLED, (0, 0), "draft"),
        (OrderStatus.PENDING, F.UNFULFILLED, (0, 0), "pending"),
        (OrderStatus.CONFIRMED, F.UNFULFILLED, (9, 0), "confirmed"),
        (OrderStatus.PROCESSING, F.UNFULFILLED, (9, 3), "processing"),
        (OrderStatus.PROCESSING, F.PARTIAL, (9, 0), "partially_shipped"),
        (OrderStatus.PROCESSING, F.FULFILLED, (9, 0), "shipped"),
        (OrderStatus.COMPLETED, F.DELIVERED, (9, 0), "delivered"),
        (OrderStatus.COMPLETED, F.NOT_REQUIRED, (9, 0), "completed"),
        (OrderStatus.COMPLETED, F.DELIVERED, (9, 9), "refunded"),
        (OrderStatus.CANCELLED, F.UNFULFILLED, (0, 0), "cancelled"),
        (OrderStatus.CANCELLED, F.UNFULFILLED, (9, 9), "refunded"),
        (OrderStatus.EXPIRED, F.UNFULFILLED, (0, 0), "expired"),
    ],
)
def test_display_status(status, sent, money, word):
    order = Order(status=status, fulfillment_status=sent, captured_total=money[0], refunded_total=money[1])
    assert display_status(order) == word

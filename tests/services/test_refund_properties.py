"""Refunds in any split, of any order: what comes back is what was paid, to the cent, and so is its tax."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kit import drafts
from kit.db import db, transaction
from kit.errors import Conflict
from kit.money import to_text
from models.orders import FulfillmentStatus, Order, OrderItem, OrderStatus, PaymentMethod, PaymentStatus
from models.payments import RefundStatus
from services import explained
from services.orders import derived, effects
from services.payments import offline
from services.payments.refunds import RefundDraft, list_refunds, refund_order
from services.pricing import Totals, compute
from tests import cast
from tests.properties import many, some
from tests.services.money_cases import baskets, charges, discounts, refunded

ALICE = cast.ALICE.actor
numbers = iter(range(10**9))


@st.composite
def splits(draw, totals: Totals):
    """Every line cut into pieces, and the delivery, in any order: (line, units); line None is the delivery."""
    pieces: list[tuple[int | None, int]] = [(None, 1)] if totals.shipping else []
    for i, line in enumerate(totals.lines):
        left = line.quantity
        while left:
            piece = draw(st.integers(1, left)) if len(pieces) < 12 else left
            pieces.append((i, piece))
            left -= piece
    return draw(st.permutations(pieces))


@many
@given(st.data(), baskets(), discounts(), charges, st.booleans())
def test_units_and_delivery_in_any_order_return_exactly_what_was_paid(data, lines, rules, charge, included):
    totals = compute(lines, prices_include_tax=included, discounts=rules, shipping=charge)
    done, money, tax = [0] * len(lines), 0, 0
    back = [(0, 0)] * len(lines)
    for i, units in data.draw(splits(totals)):
        if i is None:
            sent = totals.shipping
            money, tax = money + sent.net + sent.tax, tax + sent.tax
            continue
        line = totals.lines[i]
        before, tax_before = back[i]
        given = refunded(line.gross, line.tax_amount, line.quantity, done=done[i], units=units, before=before,
                         tax_before=tax_before)  # fmt: skip
        part, part_tax = given.amount, given.tax
        back[i] = before + part, tax_before + part_tax
        assert 0 <= part_tax <= line.tax_amount and 0 <= part <= line.gross
        done[i] += units
        money, tax = money + part, tax + part_tax
        assert money <= totals.total and tax <= totals.tax_total
    assert (money, tax) == (totals.total, totals.tax_total)


@transaction()
def paid(totals: Totals) -> Order:
    """The order that placing would have made of these totals, paid in the shop."""
    n = next(numbers)
    order = Order(
        order_number=f"P-{n}", email="ana@example.test", email_key="ana@example.test", currency="EUR",
        status=OrderStatus.PENDING, payment_status=PaymentStatus.UNPAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED, payment_method=PaymentMethod.PAY_IN_SHOP,
        prices_include_tax=totals.prices_include_tax, subtotal=totals.subtotal, discount_total=totals.discount_total,
        shipping_total=totals.shipping_total, shipping_tax=totals.shipping_tax,
        shipping_tax_rate=totals.shipping_tax_rate, tax_total=totals.tax_total, total=totals.total,
        explanation=totals.explanation,
    )  # fmt: skip
    order.items = [
        OrderItem(position=i, name=line.key, unit_price=line.unit_price, quantity=line.quantity,
                  line_total=line.line_total, discount_amount=line.discount_amount, tax_class="standard",
                  tax_rate=line.tax_rate, tax_amount=line.tax_amount,
                  taxes=[{"name": p.name, "rate": p.rate, "amount": p.amount} for p in line.taxes])
        for i, line in enumerate(totals.lines)
    ]  # fmt: skip
    db.session.add(order)
    db.session.flush()
    offline.record_payment(effects.lock_order(order.id), actor=ALICE)
    return order


def give(order: Order, **wanted) -> None:
    """A step that comes to nothing is refused, and its units come back with a later one; so is one whose money was
    given back without it."""
    try:
        refund_order(order.id, drafts.read(RefundDraft, wanted), actor=ALICE)
    except Conflict as refusal:
        assert refusal.code in ("nothing-to-refund", "refund-too-large")


@settings(some, suppress_health_check=[*some.suppress_health_check, HealthCheck.function_scoped_fixture])
@given(data=st.data(), lines=baskets(least=1), rules=discounts(), charge=charges, included=st.booleans(),
       odd=st.integers(0, 50))  # fmt: skip
def test_the_services_give_back_exactly_what_was_paid(roast, data, lines, rules, charge, included, odd):
    totals = compute(lines, prices_include_tax=included, discounts=rules, shipping=charge)
    assume(totals.total > 0)
    order = paid(totals)
    if 0 < odd < totals.total:
        give(order, amount=to_text(odd, "EUR"))
    for i, units in data.draw(splits(totals))[: data.draw(st.integers(0, 8))]:
        if i is None:
            give(order, refund_shipping=True)
        else:
            give(order, items=[{"order_item_id": str(order.items[i].id), "quantity": units}])
    give(order)
    refunds = list_refunds(order.id)
    assert all(refund.status is RefundStatus.SUCCEEDED and refund.amount > 0 for refund in refunds)
    assert sum(refund.amount for refund in refunds) == totals.total
    assert sum(refund.tax_amount for refund in refunds) == totals.tax_total
    fresh = db.session.get_one(Order, order.id, populate_existing=True)
    assert (fresh.payment_status, derived.money_of(fresh).net) == (PaymentStatus.REFUNDED, 0)
    account = explained.of_order(fresh, refunds)
    assert account is not None and account.holds
    told = sum(line.refunded for line in account.lines) + (
        account.delivery.refunded if account.delivery else 0
    )
    assert account.refunded == told + account.refunded_freely == totals.total

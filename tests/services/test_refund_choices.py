"""What staff choose when they give back: a part of the shipping, something on top, which lines go on the shelf again,
and out of which payments; and the credit note that each refund leaves behind."""

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid
from models.credits import CreditNote, CreditNoteStatus
from models.orders import Order, PaymentStatus
from models.payments import AttemptStatus, PaymentAttempt, Refund, RefundStatus
from models.stock import StockItem
from services import credits, tenants
from services.orders import effects
from services.payments import refunds, settlement
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, RIVAL
from tests.make import Line


def refund(order: Order, **wanted) -> Refund:
    return refund_order(order.id, read(RefundDraft, wanted), actor=ALICE.actor)


def two_lines() -> Order:
    mug = Line(make.product("Mug", stock=10), quantity=2, price=1000, tax=374)
    vest = Line(make.product("Vest", stock=10), quantity=1, price=3000, tax=561)
    return make.paid_order(mug, vest, shipping=490, shipping_tax=92, tax_total=374 + 561 + 92)


def on_hand_and_promised(item) -> tuple[int, int]:
    db.session.expire_all()
    row = db.session.get_one(StockItem, item.stock_item_id)
    return row.on_hand, row.allocated


def units(order: Order, **more) -> list[dict]:
    return [{"order_item_id": str(item.id), "quantity": 1, **more} for item in order.items]


# --- shipping and goodwill ------------------------------------------------------------------------------------------


def test_shipping_in_parts_brings_all_of_it_and_all_of_its_tax(roast):
    order = two_lines()
    found = [refund(order, shipping_amount=part) for part in ("1.00", "1.63", "2.27")]
    assert [r.amount for r in found] == [100, 163, 227]
    assert sum(r.tax_amount for r in found) == 92
    with pytest.raises(Conflict):
        refund(order, refund_shipping=True)


def test_more_shipping_than_was_paid_is_refused(roast, everything):
    order = two_lines()
    refund(order, shipping_amount="4.00")
    before = everything()
    with pytest.raises(Invalid) as refused:
        refund(order, shipping_amount="0.91")
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("shipping_amount", "too_large")
    assert everything() == before


def test_something_on_top_is_added_and_the_rest_still_adds_up(roast):
    order = two_lines()
    first = refund(order, items=units(order), refund_shipping=True, adjustment="2.50")
    assert first.amount == 1000 + 3000 + 490 + 250
    last = refund(order)
    assert first.amount + last.amount == order.total
    assert first.tax_amount + last.tax_amount == order.tax_total
    assert till.fresh(order).payment_status is PaymentStatus.REFUNDED


def test_what_does_not_go_together_is_named(roast, everything):
    order = two_lines()
    before = everything()
    for wanted, field in (
        ({"amount": "1.00", "adjustment": "1.00"}, "amount"),
        ({"amount": "1.00", "shipping_amount": "1.00"}, "amount"),
        ({"shipping_amount": "1.00", "refund_shipping": True}, "shipping_amount"),
        ({"adjustment": "0"}, "adjustment"),
    ):
        with pytest.raises(Invalid) as refused:
            refund(order, **wanted)
        assert [e.field for e in refused.value.errors] == [field], wanted
    assert everything() == before


# --- the shelf ------------------------------------------------------------------------------------------------------


def test_each_line_says_whether_it_goes_on_the_shelf_again(roast):
    order = two_lines()
    mug, vest = order.items
    lines = units(order)
    lines[1]["restock"] = False
    refund(order, items=lines)
    assert on_hand_and_promised(mug) == (10, 1)
    assert on_hand_and_promised(vest) == (10, 1)
    assert [item.refunded_quantity for item in till.fresh(order).items] == [1, 1]


def test_a_line_may_go_back_though_the_others_do_not(roast):
    order = two_lines()
    lines = units(order)
    lines[0]["restock"] = True
    refund(order, items=lines, restock=False)
    assert on_hand_and_promised(order.items[0]) == (10, 1)
    assert on_hand_and_promised(order.items[1]) == (10, 1)


# --- several payments -----------------------------------------------------------------------------------------------


@transaction()
def pay_in_two(order: Order, first: int) -> None:
    locked = effects.lock_order(order.id)
    for number, amount in enumerate((first, order.total - first), 1):
        attempt = PaymentAttempt(order_id=order.id, number=number, kind="offline", status=AttemptStatus.CAPTURED,
                                 amount=amount, captured_amount=amount, currency="EUR")  # fmt: skip
        db.session.add(attempt)
        db.session.flush()
        settlement.take_money(locked, charge_id=f"offline:{attempt.id}", intent_id=None, amount=amount)


def test_a_refund_comes_out_of_several_payments_where_none_has_enough(roast):
    order = make.order(Line(make.product(stock=9), quantity=3, price=1000, tax=561))
    pay_in_two(order, 1200)
    first = refund(order, items=[{"order_item_id": str(order.items[0].id), "quantity": 2}])
    made = refunds.list_refunds(order.id)
    assert sorted(r.amount for r in made) == [200, 1800]
    assert sum(r.tax_amount for r in made) == 374
    assert first.id == made[0].id and [len(r.items) for r in made] == [1, 0]
    assert {r.status for r in made} == {RefundStatus.SUCCEEDED}
    rest = refund(order)
    assert rest.amount == 1000
    order = till.fresh(order)
    assert (order.refunded_total, order.payment_status) == (3000, PaymentStatus.REFUNDED)
    given = dict.fromkeys((1200, 1800), 0)
    for one in refunds.list_refunds(order.id):
        given[db.session.get_one(PaymentAttempt, one.attempt_id).captured_amount] += one.amount
    assert given == {1200: 1200, 1800: 1800}
    assert sum(r.tax_amount for r in refunds.list_refunds(order.id)) == order.tax_total


def test_more_than_all_payments_together_is_refused(roast, everything):
    order = make.order(Line(make.product(stock=9), quantity=3, price=1000))
    pay_in_two(order, 1200)
    before = everything()
    with pytest.raises(Conflict) as refused:
        refund(order, amount="30.01")
    assert (refused.value.code, refused.value.extra["refundable"]) == ("refund-too-large", "30.00")
    assert everything() == before


# --- credit notes ---------------------------------------------------------------------------------------------------


def prepare(made: Refund) -> CreditNote:
    with transaction():
        credits.prepare(str(made.order_id), str(made.id))
    note = credits.find_for_refund(made.id)
    assert note is not None
    return note


def test_a_credit_note_is_prepared_once_and_adds_up(roast):
    order = two_lines()
    made = refund(order, items=units(order), refund_shipping=True, adjustment="2.50", reason="Broken")
    note = prepare(made)
    prepare(made)
    assert [n.id for n in credits.list_notes(order.id)] == [note.id]
    assert (note.amount, note.tax_amount, note.reason) == (made.amount, made.tax_amount, "Broken")
    assert [line["kind"] for line in note.lines] == ["item", "item", "shipping", "adjustment"]
    assert sum(line["gross"] for line in note.lines) == note.amount
    assert sum(line["tax"] for line in note.lines) == note.tax_amount
    assert all(line["net"] + line["tax"] == line["gross"] for line in note.lines)
    assert (note.lines[0]["name"], note.lines[0]["quantity"], note.lines[0]["tax"]) == ("Mug", 1, 187)
    assert (note.lines[2]["gross"], note.lines[2]["tax"]) == (490, 92)


def test_credit_notes_count_up_in_a_series_of_each_store(roast):
    order = two_lines()
    numbers = [prepare(refund(order, amount="1.00")).number for _ in range(3)]
    assert numbers == ["CN-1", "CN-2", "CN-3"]
    with tenants.in_store(RIVAL):
        other = make.paid_order()
        assert prepare(refund_order(other.id, RefundDraft(), actor=ALICE.actor)).number == "CN-1"


def test_a_refund_that_did_not_arrive_voids_its_note(roast):
    note = prepare(refund(two_lines(), amount="1.00"))
    with transaction():
        credits.withdraw(str(note.order_id), str(note.refund_id))
    assert credits.list_notes(note.order_id)[0].status is CreditNoteStatus.VOID
    with pytest.raises(Conflict):
        credits.note_issued(note.id, provider="moloni", provider_id="1")


def test_issuing_is_noted_once(roast):
    note = prepare(refund(two_lines(), amount="1.00"))
    assert [n.id for n in credits.list_prepared()] == [note.id]
    credits.note_issued(note.id, provider="moloni", provider_id="77")
    again = credits.note_issued(note.id, provider="moloni", provider_id="77")
    assert (again.status, again.provider_id) == (CreditNoteStatus.ISSUED, "77")
    assert list(credits.list_prepared()) == []
    with pytest.raises(Conflict):
        credits.note_issued(note.id, provider="moloni", provider_id="78")


def test_a_pending_refund_has_no_note_yet(roast):
    made = refund(two_lines(), amount="1.00")
    with transaction():
        db.session.get_one(Refund, made.id).status = RefundStatus.PENDING
    with transaction():
        credits.prepare(str(made.order_id), str(made.id))
    assert db.session.scalars(select(CreditNote)).all() == []

"""Holds, tags, notes, messages, archiving: what staff do with an order beside moving and sending it."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from models.orders import Order, OrderEvent, OrderStatus, OrderTag, PaymentMethod
from models.outbox import OutboxMessage
from services import fulfilment, tenants
from services.fulfilment import ParcelDraft
from services.orders import archiving, exporting, holds, notes, reading, tagging, timeline
from services.orders.filtering import OrderFilter
from services.orders.holds import HoldDraft
from services.orders.notes import NoteDraft
from services.orders.status import StatusDraft, change_status
from services.orders.tagging import MoreTagsDraft, TagsDraft
from services.payments.refunds import RefundDraft, refund_order
from tests import make, till
from tests.cast import ALICE, MIA, RIVAL, STAN
from tests.queries import count_queries

S = OrderStatus
HOLD = HoldDraft(reason="Address unclear")


def topics() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


def told(order: Order) -> list[str]:
    return [event.type for event in timeline.list_events(order.id)]


# --- holds ----------------------------------------------------------------------------------------------------------


def test_a_held_order_says_why_and_goes_on_when_released(roast, everything):
    order = make.paid_order()
    holds.hold_order(order.id, HOLD, actor=STAN.actor)
    held = till.fresh(order)
    assert (held.is_on_hold, held.hold_reason) == (True, "Address unclear")
    before = everything()
    for act in (
        lambda: fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor),
        lambda: fulfilment.pack_order(order.id, ParcelDraft(), actor=STAN.actor),
        lambda: change_status(order.id, StatusDraft(status="processing"), actor=MIA.actor),
    ):
        with pytest.raises(Conflict):
            act()
    assert everything() == before
    holds.release_order(order.id, actor=STAN.actor)
    assert till.fresh(order).hold_reason == ""
    fulfilment.fulfil_order(order.id, ParcelDraft(), actor=STAN.actor)
    assert told(order)[-4:] == ["order.held", "order.released", "order.processing", "parcel.shipped"]


def test_a_packed_parcel_of_a_held_order_stays_in_the_house(roast, everything):
    order = make.paid_order()
    parcel = fulfilment.pack_order(order.id, ParcelDraft(), actor=STAN.actor)
    holds.hold_order(order.id, HOLD, actor=STAN.actor)
    before = everything()
    with pytest.raises(Conflict) as refused:
        fulfilment.ship_parcel(parcel.id, actor=STAN.actor)
    assert "Address unclear" in refused.value.message
    assert everything() == before


def test_holding_twice_for_one_reason_is_once(roast, everything):
    order = make.paid_order()
    holds.hold_order(order.id, HOLD, actor=STAN.actor)
    before = everything()
    holds.hold_order(order.id, HOLD, actor=STAN.actor)
    assert everything() == before
    holds.hold_order(order.id, HoldDraft(reason="Fraud?"), actor=STAN.actor)
    assert till.fresh(order).hold_reason == "Fraud?"


@pytest.mark.parametrize("status", [S.DRAFT, S.CANCELLED, S.EXPIRED])
def test_what_is_over_is_not_held(roast, everything, status):
    order = make.order(status=status)
    before = everything()
    with pytest.raises(Conflict) as refused:
        holds.hold_order(order.id, HOLD, actor=STAN.actor)
    assert refused.value.code == "not-holdable"
    holds.release_order(order.id, actor=STAN.actor)
    assert everything() == before


def test_a_hold_needs_its_reason():
    with pytest.raises(Invalid):
        read(HoldDraft, {"reason": "  "})


# --- tags -----------------------------------------------------------------------------------------------------------


def test_tags_are_compared_without_case_and_accents(roast):
    order = make.paid_order()
    tagging.set_tags(order.id, TagsDraft(tags=["Gift", "gift", "Ligação", "LIGACAO"]), actor=STAN.actor)
    assert [tag.name for tag in till.fresh(order).tags] == ["Gift", "Ligação"]
    tagging.change_tags(order.id, MoreTagsDraft(add=["VIP"], remove=["GIFT"]), actor=STAN.actor)
    assert [tag.name for tag in till.fresh(order).tags] == ["Ligação", "VIP"]
    other = make.paid_order()
    tagging.set_tags(other.id, TagsDraft(tags=["vip"]), actor=STAN.actor)
    assert [(key, count) for key, _name, count in tagging.list_tags()] == [("ligacao", 1), ("vip", 2)]
    found = reading.list_orders(OrderFilter(tag="ligacao")).items
    assert [row.id for row in found] == [order.id]


def test_the_same_tags_again_change_nothing(roast, everything):
    order = make.paid_order()
    tagging.set_tags(order.id, TagsDraft(tags=["Gift"]), actor=STAN.actor)
    before = everything()
    tagging.set_tags(order.id, TagsDraft(tags=["GIFT"]), actor=STAN.actor)
    assert everything() == before


def test_too_many_tags_are_refused(roast, everything):
    order = make.paid_order()
    many = [f"t{n}" for n in range(OrderTag.PER_ORDER)]
    tagging.set_tags(order.id, TagsDraft(tags=many), actor=STAN.actor)
    before = everything()
    with pytest.raises(Invalid):
        tagging.change_tags(order.id, MoreTagsDraft(add=["one more"]), actor=STAN.actor)
    with pytest.raises(Invalid):
        read(TagsDraft, {"tags": [*many, "one more"]})
    with pytest.raises(Invalid):
        read(TagsDraft, {"tags": ["x" * 41]})
    assert everything() == before


# --- notes and messages ---------------------------------------------------------------------------------------------


def test_a_note_stays_in_the_house_and_a_message_is_mailed(roast):
    order = make.paid_order()
    before = topics()
    notes.add_note(order.id, NoteDraft(text="Fragile"), actor=STAN.actor)
    assert topics() == before
    notes.add_note(order.id, NoteDraft(text="We call you", to_customer=True), actor=STAN.actor)
    assert topics() == [*before, "order.message"]
    assert told(order)[-2:] == ["order.note", "order.message"]


def test_a_note_is_taken_back_by_its_writer_or_a_manager(roast, everything):
    order = make.paid_order()
    note = notes.add_note(order.id, NoteDraft(text="Hm"), actor=ALICE.actor)
    message = notes.add_note(order.id, NoteDraft(text="Hi", to_customer=True), actor=STAN.actor)
    other = make.paid_order()
    before = everything()
    with pytest.raises(Forbidden):
        notes.remove_note(order.id, note.id, actor=STAN.actor)
    with pytest.raises(NotFound):
        notes.remove_note(order.id, message.id, actor=STAN.actor)
    with pytest.raises(NotFound):
        notes.remove_note(other.id, note.id, actor=ALICE.actor)
    assert everything() == before
    notes.remove_note(order.id, note.id, actor=MIA.actor)
    assert db.session.get_one(OrderEvent, note.id).message == ""


def test_a_draft_has_nobody_to_write_to(roast, everything):
    order = make.order(status=S.DRAFT)
    before = everything()
    with pytest.raises(Conflict):
        notes.add_note(order.id, NoteDraft(text="Hi", to_customer=True), actor=STAN.actor)
    assert everything() == before


# --- archiving ------------------------------------------------------------------------------------------------------


def test_what_is_over_can_be_put_away_and_comes_back(roast, everything):
    done, open_ = make.order(status=S.CANCELLED), make.paid_order()
    archiving.archive_order(done.id, actor=STAN.actor)
    current = OrderFilter(current_only=True)
    assert [o.id for o in reading.list_orders(current).items] == [open_.id]
    assert [o.id for o in reading.list_orders(current.but(view="archived")).items] == [done.id]
    assert reading.list_orders(OrderFilter()).total == 2
    before = everything()
    with pytest.raises(Conflict):
        archiving.archive_order(open_.id, actor=STAN.actor)
    assert everything() == before
    archiving.restore_order(done.id, actor=STAN.actor)
    assert reading.list_orders(current).total == 2


# --- finding and exporting ------------------------------------------------------------------------------------------


def test_filters_find_what_they_say(roast):
    mug = make.product("Mug", stock=9, sku="MUG-1")
    near = make.paid_order(
        make.Line(mug, price=5000), shipping_address={"country": "PT"}, shipping_method="CTT"
    )
    far = make.paid_order(shipping_address={"country": "FR"}, payment_method=PaymentMethod.BANK_TRANSFER)
    holds.hold_order(far.id, HOLD, actor=STAN.actor)
    for wanted, expected in (
        (OrderFilter(country="PT"), near), (OrderFilter(country="FR"), far), (OrderFilter(product_id=mug.id), near),
        (OrderFilter(least=5000), near), (OrderFilter(most=4999), far), (OrderFilter(on_hold=True), far),
        (OrderFilter(on_hold=False), near), (OrderFilter(shipping_method="CTT"), near),
        (OrderFilter(payment_method="bank_transfer"), far),
    ):  # fmt: skip
        assert [o.id for o in reading.list_orders(wanted).items] == [expected.id], wanted


def test_sorting_is_stable_and_numbers_stand_in_order(roast):
    for number, total in (("R-99", 300), ("R-100", 200), ("R-101", 200)):
        make.order(order_number=number, total=total)

    def numbers(sort: str, descending: bool) -> list[str]:
        found = reading.list_orders(OrderFilter(), sort=sort, descending=descending)
        return [order.order_number for order in found.items]

    assert numbers("order_number", False) == ["R-99", "R-100", "R-101"]
    assert numbers("total", False) == ["R-100", "R-101", "R-99"]
    assert numbers("total", True) == ["R-99", "R-101", "R-100"]
    assert numbers("nonsense", True) == ["R-101", "R-100", "R-99"]


def test_a_list_asks_the_same_number_of_queries_however_long_it_is(roast):
    counts = []
    for _ in range(2):
        for _n in range(4):
            order = make.paid_order()
            tagging.set_tags(order.id, TagsDraft(tags=["a"]), actor=STAN.actor)
        db.session.expire_all()
        with count_queries() as queries:
            found = reading.list_orders(OrderFilter(current_only=True), page_size=50).items
            reading.tags_of(found), reading.parcels_of(found), reading.refunds_of(found)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7, counts


def test_the_export_has_a_row_each_and_runs_nothing(roast):
    make.paid_order(customer_name="=HYPERLINK(1)", customer_note="+1")
    shown = make.order(status=S.CANCELLED)
    rows = "".join(exporting.export_orders(OrderFilter(), actor=STAN.actor)).split("\r\n")
    assert rows[0].startswith("\ufefforder_number,placed_at") and len(rows) == 4
    assert "'=HYPERLINK(1)" in rows[1] and "'+1" in rows[1] and "10.00" in rows[1]
    only = list(exporting.export_orders(OrderFilter(status="cancelled"), actor=STAN.actor))
    assert len(only) == 2 and shown.order_number in only[1]


def test_the_other_store_finds_none_of_it(roast, everything):
    order = make.paid_order()
    note = notes.add_note(order.id, NoteDraft(text="Hm"), actor=STAN.actor)
    before = everything()
    with tenants.in_store(RIVAL):
        for act in (
            lambda: holds.hold_order(order.id, HOLD, actor=MIA.actor),
            lambda: holds.release_order(order.id, actor=MIA.actor),
            lambda: tagging.set_tags(order.id, TagsDraft(tags=["x"]), actor=MIA.actor),
            lambda: notes.add_note(order.id, NoteDraft(text="x"), actor=MIA.actor),
            lambda: notes.remove_note(order.id, note.id, actor=MIA.actor),
            lambda: archiving.archive_order(order.id, actor=MIA.actor),
        ):
            with pytest.raises(NotFound):
                act()
        assert reading.list_ids(OrderFilter(), 10) == []
    assert everything() == before


def test_a_refund_of_what_is_packed_opens_the_parcel(roast):
    order = make.paid_order(make.Line(make.product(stock=5), quantity=2, price=1000))
    fulfilment.pack_order(order.id, ParcelDraft(), actor=STAN.actor)
    items = [{"order_item_id": str(order.items[0].id), "quantity": 1}]
    refund_order(order.id, read(RefundDraft, {"items": items, "restock": True}), actor=MIA.actor)
    item = till.fresh(order).items[0]
    assert (item.cancelled_quantity, item.packed_quantity, item.refunded_quantity) == (1, 0, 1)
    assert "parcel.cancelled" in told(order)

"""The same done with many orders: foreseen, done, and taken back where that is honest."""

from typing import Any, NamedTuple
from uuid import UUID

import pytest

from kit.db import db
from kit.drafts import read
from kit.errors import Conflict
from models.batches import RowState, Verdict
from models.fulfilment import ParcelStatus
from models.orders import FulfillmentStatus, Order, OrderEvent, OrderStatus
from models.payments import PaymentAttempt
from services import batches, fulfilment
from services.fulfilment import ParcelDraft
from services.orders import bulk, holds, notes, reading, tagging
from services.orders.holds import HoldDraft
from services.orders.notes import NoteDraft
from services.orders.tagging import TagsDraft
from tests import make, till
from tests.cast import MIA, STAN

MANAGER = MIA.actor


class Ref(NamedTuple):
    """What outlives the session that made it: the worker begins a new one."""

    id: UUID
    order_number: str


def ref(order: Order) -> Ref:
    return Ref(order.id, order.order_number)


def fresh(order: Ref) -> Order:
    db.session.expire_all()
    return reading.get_order(order.id)


def look(name: str, orders: list[Ref], **params: Any) -> Any:
    """The dry run, through."""
    chosen = [(order.id, order.order_number) for order in orders]
    ident = bulk.prepare(name, params, chosen, actor=MANAGER).id
    batches.run(str(ident))
    return ident


def start(ident: Any) -> Any:
    batches.start_prepared(ident, actor=MANAGER)
    batches.run(str(ident))
    return ident


def do(name: str, orders: list[Ref], **params: Any) -> Any:
    return start(look(name, orders, **params))


def undo(ident: Any) -> list[Any]:
    batches.undo(ident, actor=MANAGER)
    batches.run(str(ident))
    return rows(ident)


def rows(ident: Any) -> list[Any]:
    return list(batches.list_rows(batches.get_batch(ident), page_size=100).items)


def seen(of: Ref) -> tuple[Any, ...]:
    order = fresh(of)
    parcels = [parcel.status for parcel in fulfilment.list_parcels(order.id) if parcel.status != "cancelled"]
    stock = [(i.quantity, i.fulfilled_quantity, i.packed_quantity, i.cancelled_quantity) for i in order.items]
    told = (
        db.session.query(OrderEvent).where(OrderEvent.type == "order.note", OrderEvent.message != "").count()
    )
    return (order.status, order.fulfillment_status, order.is_on_hold, order.hold_reason, order.archived_at is None,
            [tag.name for tag in order.tags], parcels, stock, told)  # fmt: skip


def orders() -> list[Ref]:
    return [ref(make.paid_order(make.Line(make.product("Mug"), quantity=2))), ref(make.paid_order())]


@pytest.mark.parametrize(
    ("name", "params"),
    [("tag", {"add": ["gift"], "remove": ["old"]}), ("note", {"text": "Call first"}), ("hold", {"reason": "Fraud?"}),
     ("fulfil", {"notify": ""}), ("release", {})],
)  # fmt: skip
def test_what_was_done_is_undone_to_what_it_was(roast, name, params):
    these = orders()
    tagging.set_tags(these[0].id, TagsDraft(tags=["old", "vip"]), actor=MANAGER)
    if name == "release":
        for order in these:
            holds.hold_order(order.id, HoldDraft(reason="Why not"), actor=MANAGER)
    before = [seen(order) for order in these]
    ident = do(name, these, **params)
    assert [row.state for row in rows(ident)] == [RowState.DONE] * 2
    assert [seen(order) for order in these] != before
    assert [row.state for row in undo(ident)] == [RowState.UNDONE] * 2
    assert [seen(order) for order in these] == before


def test_the_archive_gives_them_back(roast):
    order = ref(make.order(status=OrderStatus.CANCELLED))
    ident = do("archive", [order])
    assert fresh(order).archived_at is not None
    undo(ident)
    assert fresh(order).archived_at is None


def test_a_hold_that_was_there_is_there_again_with_its_reason(roast):
    (order, other) = orders()
    holds.hold_order(order.id, HoldDraft(reason="Address?"), actor=MANAGER)
    ident = do("hold", [order, other], reason="Fraud?")
    undo(ident)
    assert [(fresh(o).is_on_hold, fresh(o).hold_reason) for o in (order, other)] == [
        (True, "Address?"),
        (False, ""),
    ]


def test_what_was_changed_since_stays(roast):
    (tagged, other) = orders()
    ident = do("tag", [tagged, other], add=["gift"])
    tagging.set_tags(tagged.id, TagsDraft(tags=["gift", "vip"]), actor=STAN.actor)
    states = {row.target_id: (row.state, row.message) for row in undo(ident)}
    assert states[tagged.id] == (RowState.KEPT, "Somebody has changed it since.")
    assert states[other.id][0] is RowState.UNDONE
    assert [tag.name for tag in fresh(tagged).tags] == ["gift", "vip"]


def test_a_note_goes_though_another_was_written(roast):
    (order, _other) = orders()
    ident = do("note", [order], text="By the batch")
    kept = notes.add_note(order.id, NoteDraft(text="By hand"), actor=STAN.actor).id
    assert undo(ident)[0].state is RowState.UNDONE
    db.session.expire_all()
    assert notes.count_notes(order.id) == 1 and db.session.get_one(OrderEvent, kept).message == "By hand"


def test_sent_is_sent_where_somebody_was_told_or_it_arrived(roast):
    (told, arrived) = orders()
    first = do("fulfil", [told], notify="1")
    assert "The customer was told" in undo(first)[0].message
    second = do("fulfil", [arrived], notify="")
    (parcel,) = fulfilment.list_parcels(arrived.id)
    fulfilment.deliver_parcel(parcel.id, actor=STAN.actor)
    assert undo(second)[0].state is RowState.KEPT
    assert [fresh(o).fulfillment_status for o in (told, arrived)] == [
        FulfillmentStatus.FULFILLED,
        FulfillmentStatus.DELIVERED,
    ]


def test_packed_parcels_leave_as_they_are_packed(roast):
    order = ref(make.paid_order(make.Line(make.product("Mug"), quantity=3)))
    line = {"order_item_id": str(fresh(order).items[0].id), "quantity": 1}
    fulfilment.pack_order(order.id, read(ParcelDraft, {"items": [line]}), actor=STAN.actor)
    ident = do("fulfil", [order], notify="")
    parcels = fulfilment.list_parcels(order.id)
    assert [(p.status, sum(i.quantity for i in p.items)) for p in parcels] == [
        (ParcelStatus.SHIPPED, 1),
        (ParcelStatus.SHIPPED, 2),
    ]
    (row,) = undo(ident)
    assert row.state is RowState.KEPT and "packed before" in row.message


def test_what_nobody_may_take_back_has_no_undo(roast):
    ident = do("cancel", [ref(make.order())])
    with pytest.raises(Conflict):
        batches.undo(ident, actor=MANAGER)


# --- open payment pages -------------------------------------------------------------------------------------------


def test_an_open_page_is_said_in_the_preview_and_closed_before(roast, sandbox):
    till.open_till(sandbox)
    free, paying = ref(make.order()), ref(make.order())
    page = till.hosted_page(fresh(paying)).session_id
    ident = look("cancel", [free, paying])
    verdicts = {row.target_id: (row.verdict, row.message) for row in rows(ident)}
    assert verdicts[free.id] == (Verdict.CHANGED, "")
    assert verdicts[paying.id][0] is Verdict.CHANGED and "closed first" in verdicts[paying.id][1]
    assert sandbox.get("state?kind=sessions")["sessions"][-1]["status"] == "open", "a look closes nothing"
    start(ident)
    assert [fresh(order).status for order in (free, paying)] == [OrderStatus.CANCELLED] * 2
    sessions = {one["id"]: one["status"] for one in sandbox.get("state?kind=sessions")["sessions"]}
    assert sessions[page] == "expired"
    assert db.session.query(PaymentAttempt).where(PaymentAttempt.live_key.is_not(None)).count() == 0


def test_who_pays_while_it_is_looked_at_keeps_the_order(roast, sandbox):
    till.open_till(sandbox)
    order = ref(make.order())
    page = till.hosted_page(fresh(order)).session_id
    ident = look("cancel", [order])
    sandbox.pay(page)
    start(ident)
    (row,) = rows(ident)
    assert (row.state, row.message) == (RowState.FAILED, "Somebody has changed it since the preview.")
    now = fresh(order)
    assert (now.status, now.captured_total) == (OrderStatus.CONFIRMED, now.total)


def test_where_stripe_does_not_answer_the_order_stays_and_says_so(roast, sandbox, monkeypatch):
    till.open_till(sandbox)
    free, paying = ref(make.order()), ref(make.order())
    till.hosted_page(fresh(paying))
    ident = look("cancel", [free, paying])

    def silent(*_args: Any, **_kw: Any) -> None:
        raise Conflict("Stripe is silent", code="stripe-unavailable")

    monkeypatch.setattr("services.payments.attempts.look_again", silent)
    start(ident)
    states = {row.target_id: (row.state, row.message) for row in rows(ident)}
    assert states[free.id][0] is RowState.DONE
    assert states[paying.id] == (
        RowState.FAILED,
        "A payment of this order is open and could not be closed.",
    )
    assert fresh(paying).status is OrderStatus.PENDING

"""Drafts of staff: no promise until they are sent; then an order like any other."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import GUEST
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from models.catalog import Product, Variant
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from models.outbox import OutboxMessage
from models.stock import StockItem
from services import explained, search, tenants
from services.orders import access, drafts, expiry, reading, sending_drafts, shelf
from services.orders.draft_lines import NewLineDraft
from services.orders.drafts import BuyerDraft, LinesDraft, PlacesDraft, TermsDraft
from services.orders.sending_drafts import PaidDraft, SendDraft, pay_draft, send_draft
from tests import make, till
from tests.cast import CARLA, MIA, RIVAL, STAN

S = OrderStatus
PLACE = {"first_name": "Ana", "last_name": "Sá", "line1": "Rua 1", "city": "Lisboa", "postal_code": "1000-100",
         "country": "PT"}  # fmt: skip


def topics() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


def allocated(product) -> int:
    db.session.expire_all()
    return db.session.scalar(select(StockItem.allocated).where(StockItem.product_id == product.id)) or 0


def ready(product=None, *, quantity: int = 2, method: str = "bank_transfer") -> Order:
    """A draft with everything: two mugs to Lisbon for 4.90."""
    way = make.shipping(490)
    order = drafts.create_draft(actor=STAN.actor)
    product = product or make.product("Mug", price=1000, stock=5)
    drafts.add_line(order.id, NewLineDraft(product_id=product.id, quantity=quantity), actor=STAN.actor)
    drafts.set_buyer(order.id, BuyerDraft(email="ana@x.test", name="Ana Sá"), actor=STAN.actor)
    drafts.set_places(order.id, read(PlacesDraft, {"shipping": PLACE}), actor=STAN.actor)
    terms = {"shipping_method_id": str(way.id), "payment_method": method}
    return drafts.set_terms(order.id, read(TermsDraft, terms), actor=STAN.actor)


def test_a_draft_promises_nothing(roast):
    mug = make.product("Mug", price=1000, stock=5)
    order = ready(mug, quantity=50)
    assert (order.status, order.total, order.placed_at) == (S.DRAFT, 50_490, None)
    assert allocated(mug) == 0 and "order.placed" not in topics()


def test_sending_promises_numbers_and_tells(roast):
    make.tax()
    mug = make.product("Mug", price=1000, stock=5)
    draft = ready(mug)
    working_name = draft.order_number
    order = send_draft(draft.id, SendDraft(days=3), actor=STAN.actor)
    assert (order.status, order.payment_status) == (S.PENDING, PaymentStatus.UNPAID)
    assert order.order_number != working_name and order.channel == "staff"
    assert (order.total, order.tax_total) == (2490, 374 + 92)
    assert order.payment_due_at - order.placed_at == timedelta(days=3)
    assert allocated(mug) == 2 and topics().count("order.placed") == 1
    account = explained.of_order(till.fresh(order), [])
    assert account is not None and account.holds
    paid = sending_drafts.offline.mark_paid(order.id, actor=MIA.actor)
    assert (paid.status, paid.payment_status) == (S.CONFIRMED, PaymentStatus.PAID)


def test_nobody_pays_and_it_expires(roast):
    mug = make.product("Mug", price=1000, stock=5)
    order = send_draft(ready(mug).id, SendDraft(days=1), actor=STAN.actor)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        expiry.expire_due()
    assert till.fresh(order).status is S.EXPIRED
    assert allocated(mug) == 0


def test_a_draft_is_not_waited_for(roast):
    order = ready()
    with clock.at(clock.now() + timedelta(days=400)):
        expiry.expire_due()
    assert till.fresh(order).status is S.DRAFT


def test_by_card_the_link_is_mailed_and_pays(roast, sandbox):
    till.open_till(sandbox)
    order = send_draft(ready(method="card").id, SendDraft(), actor=STAN.actor)
    assert topics().count("order.payment_requested") == 1
    path = sending_drafts.payment_path(order)
    assert path.endswith("/pay") and access.read_token(path.split("/")[2]) == order.id
    assert sending_drafts.is_payable(order)
    paid = till.paid(sandbox, order)
    assert (paid.status, paid.captured_total) == (S.CONFIRMED, order.total)
    assert not sending_drafts.is_payable(paid)
    with pytest.raises(Conflict) as refused:
        sending_drafts.request_payment(order.id, actor=STAN.actor)
    assert refused.value.code == "order-not-payable"


def test_without_mail_nothing_is_mailed(roast, sandbox):
    till.open_till(sandbox)
    send_draft(ready(method="card").id, SendDraft(notify=False), actor=STAN.actor)
    placed = db.session.scalar(select(OutboxMessage).where(OutboxMessage.topic == "order.placed"))
    assert placed.payload["notify"] is False and "order.payment_requested" not in topics()


def test_paid_at_once_is_confirmed(roast, everything):
    draft = ready()
    before = everything()
    with pytest.raises(Forbidden):
        pay_draft(draft.id, PaidDraft(), actor=STAN.actor)
    assert everything() == before
    order = pay_draft(draft.id, PaidDraft(), actor=MIA.actor)
    assert (order.status, order.payment_status, order.captured_total) == (
        S.CONFIRMED,
        PaymentStatus.PAID,
        2490,
    )
    assert order.payment_due_at is None


def test_what_costs_nothing_is_confirmed_when_sent(roast):
    order = drafts.create_draft(actor=STAN.actor)
    line = NewLineDraft(name="Sample", unit_price=0, requires_shipping=False)
    drafts.add_line(order.id, line, actor=STAN.actor)
    drafts.set_buyer(order.id, BuyerDraft(customer_id=CARLA.id), actor=STAN.actor)
    sent = send_draft(order.id, SendDraft(), actor=STAN.actor)
    assert (sent.status, sent.payment_method) == (S.COMPLETED, PaymentMethod.NONE)
    assert sent.fulfillment_status is FulfillmentStatus.NOT_REQUIRED


@pytest.mark.parametrize(
    ("discount", "total"),
    [({"discount_percent": 1000}, 2250 + 490), ({"discount_amount": "3.00"}, 2200 + 490), ({}, 2990),
     ({"discount_amount": "99.00"}, 490)],
)  # fmt: skip
def test_a_discount_is_spread_and_never_more_than_the_goods(roast, discount, total):
    order = ready()
    line = NewLineDraft(name="Engraving", unit_price="5.00", requires_shipping=False)
    drafts.add_line(order.id, line, actor=STAN.actor)
    terms = {
        "shipping_method_id": order.draft_terms["sending"]["method_id"],
        "payment_method": "bank_transfer",
    }
    order = drafts.set_terms(order.id, read(TermsDraft, terms | discount), actor=STAN.actor)
    assert order.total == total
    assert sum(item.discount_amount for item in order.items) == order.discount_total
    assert order.subtotal - order.discount_total + order.shipping_total == order.total


def test_the_same_thing_twice_is_one_line_and_another_price_another(roast):
    mug = make.product("Mug", price=1000, stock=5)
    order = drafts.create_draft(actor=STAN.actor)
    for price in (None, None, "9.00"):
        drafts.add_line(order.id, NewLineDraft(product_id=mug.id, unit_price=price), actor=STAN.actor)
    order = drafts.get_draft(order.id)
    assert [(i.quantity, i.unit_price) for i in order.items] == [(2, 1000), (1, 900)]
    wish = {"items": [{"id": str(order.items[0].id), "quantity": 0, "unit_price": "10.00"}]}
    order = drafts.change_lines(order.id, read(LinesDraft, wish), actor=STAN.actor)
    assert [(i.quantity, i.unit_price) for i in order.items] == [(1, 900)]


def test_a_variant_is_chosen_and_found(roast):
    shirt = make.product("Shirt", price=2000, stock=0)
    shirt_id, large_id = shirt.id, make.variant(shirt, "L", stock=3, price=2200).id
    search.rebuild()
    found = [one for one in shelf.find_things("shirt") if one.variant_id == large_id]
    assert [(one.options, one.price, one.left) for one in found] == [("L", 2200, 3)]
    order_id = drafts.create_draft(actor=STAN.actor).id
    with pytest.raises(Invalid) as refused:
        drafts.add_line(order_id, NewLineDraft(product_id=shirt_id), actor=STAN.actor)
    assert refused.value.errors[0].field == "variant_id"
    item = drafts.add_line(order_id, NewLineDraft(product_id=shirt_id, variant_id=large_id), actor=STAN.actor)
    assert (item.unit_price, item.options) == (2200, [{"attribute": "Size", "value": "L"}])


def test_what_is_missing_is_named_and_nothing_changes(roast, everything):
    order = drafts.create_draft(actor=STAN.actor)

    def refused() -> str:
        before = everything()
        with pytest.raises((Invalid, Conflict)) as error:
            send_draft(order.id, SendDraft(), actor=STAN.actor)
        assert everything() == before
        return error.value.errors[0].field if error.value.errors else error.value.code

    assert refused() == "items"
    mug = make.product("Mug", price=1000, stock=1)
    item = drafts.add_line(order.id, NewLineDraft(product_id=mug.id, quantity=2), actor=STAN.actor)
    assert refused() == "email"
    drafts.set_buyer(order.id, BuyerDraft(email="a@b.test"), actor=STAN.actor)
    assert refused() == "shipping_address"
    drafts.set_places(order.id, read(PlacesDraft, {"shipping": PLACE}), actor=STAN.actor)
    assert refused() == "shipping-unavailable"
    by_hand = {"shipping_name": "Bike", "shipping_price": "3.00", "payment_method": "card"}
    drafts.set_terms(order.id, read(TermsDraft, by_hand), actor=STAN.actor)
    assert refused() in ("stripe-not-connected", "integration-not-configured")
    drafts.set_terms(
        order.id, read(TermsDraft, by_hand | {"payment_method": "bank_transfer"}), actor=STAN.actor
    )
    assert refused() == "out-of-stock"
    wish = {"items": [{"id": str(item.id), "quantity": 1, "unit_price": "8.00"}]}
    drafts.change_lines(order.id, read(LinesDraft, wish), actor=STAN.actor)
    assert send_draft(order.id, SendDraft(), actor=STAN.actor).total == 1100


def test_a_sent_draft_is_no_draft_any_more(roast, everything):
    order = send_draft(ready().id, SendDraft(), actor=STAN.actor)
    before = everything()
    for act in (
        lambda: drafts.add_line(order.id, NewLineDraft(name="X", unit_price=1), actor=STAN.actor),
        lambda: send_draft(order.id, SendDraft(), actor=STAN.actor),
        lambda: pay_draft(order.id, PaidDraft(), actor=MIA.actor),
        lambda: drafts.delete_draft(order.id, actor=MIA.actor),
        lambda: drafts.set_buyer(order.id, BuyerDraft(email="x@y.test"), actor=STAN.actor),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "not-a-draft"
    assert everything() == before


def test_a_deleted_draft_leaves_nothing(roast, everything):
    order = drafts.create_draft(actor=STAN.actor)
    drafts.add_line(order.id, NewLineDraft(name="X", unit_price=1), actor=STAN.actor)
    drafts.delete_draft(order.id, actor=STAN.actor)
    assert reading.find_order(order.id) is None


def test_nobody_but_staff_sees_a_draft(roast):
    order = drafts.create_draft(actor=STAN.actor)
    drafts.set_buyer(order.id, BuyerDraft(customer_id=CARLA.id), actor=STAN.actor)
    for actor in (CARLA.actor, GUEST):
        with pytest.raises(NotFound):
            reading.get_by_number(order.order_number, actor=actor)
    assert reading.get_by_number(order.order_number, actor=STAN.actor).id == order.id
    wanted = reading.OrderFilter(customer_id=CARLA.id, placed_only=True)
    assert reading.list_orders(wanted).total == 0


def test_the_other_store_finds_no_draft(roast, everything):
    order = ready()
    before = everything()
    with tenants.in_store(RIVAL):
        for act in (
            lambda: drafts.get_draft(order.id),
            lambda: drafts.add_line(order.id, NewLineDraft(name="X", unit_price=1), actor=MIA.actor),
            lambda: send_draft(order.id, SendDraft(), actor=MIA.actor),
            lambda: drafts.delete_draft(order.id, actor=MIA.actor),
        ):
            with pytest.raises(NotFound):
                act()
    assert everything() == before


def test_what_was_deleted_since_is_promised_to_nobody(roast, everything):
    shirt, mug = make.product("Shirt", price=2000, stock=0), make.product("Mug", price=1000, stock=5)
    large = make.variant(shirt, "L", stock=3, price=2200)
    order = ready(mug)
    line = NewLineDraft(product_id=shirt.id, variant_id=large.id)
    drafts.add_line(order.id, line, actor=STAN.actor)
    with transaction():
        db.session.delete(db.session.get_one(Variant, large.id))
        db.session.get_one(Product, mug.id).archived_at = clock.now()
    before = everything()
    for act in (
        lambda: send_draft(order.id, SendDraft(), actor=STAN.actor),
        lambda: pay_draft(order.id, PaidDraft(), actor=MIA.actor),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "items-unavailable"
        assert [line["name"] for line in refused.value.extra["lines"]] == ["Mug", "Shirt"]
    assert everything() == before


def test_an_order_costs_no_more_than_can_be_counted(roast, everything):
    order = drafts.create_draft(actor=STAN.actor)
    before = everything()
    with pytest.raises(Invalid) as refused:
        line = NewLineDraft(name="Ship", unit_price="9999999999.99", quantity=100_000)
        drafts.add_line(order.id, line, actor=STAN.actor)
    assert refused.value.errors[0].field == "quantity" and everything() == before

"""From cart to order: all of it or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from kit import clock, drafts
from kit.actor import GUEST
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, Unauthenticated
from models.catalog import Product
from models.orders import FulfillmentStatus, Order, OrderEvent, OrderStatus, PaymentMethod, PaymentStatus
from models.outbox import OutboxMessage
from models.promotions import Coupon, CouponType, CouponUse
from models.stock import StockItem, StockReservation
from models.tenants import Tenant
from services import carts, checkout, promotions, stock, tenants
from services.orders import access, effects, making, placing
from services.places import Place
from tests import cast, make

CARLA = cast.CARLA.actor
ADDRESS = {
    "first_name": "Ana", "last_name": "Sousa", "line1": "Rua Augusta 1", "city": "Lisboa",
    "postal_code": "1100-048", "country": "PT",
}  # fmt: skip


@pytest.fixture
def post(roast):
    return make.shipping(490).id


def settings(**values):
    with transaction() as session:
        session.execute(update(Tenant).where(Tenant.id == cast.ROAST).values(**values))
    tenants.forget()


def put(product, quantity=1, *, actor=GUEST, token=None, variant=None):
    body = {"product_id": str(product.id), "quantity": quantity}
    body |= {"variant_id": str(variant.id)} if variant else {}
    return carts.add_item(drafts.read(carts.ItemDraft, body), actor=actor, token=token).session_id


def body(method=None, **fields):
    full = {"email": "ana@example.test", "shipping_address": ADDRESS, "payment_method": "bank_transfer"}
    full |= {"shipping_method_id": str(method)} if method else {}
    return {name: value for name, value in (full | fields).items() if value is not None}


def place(token, method=None, *, actor=GUEST, submission="", **fields):
    draft = drafts.read(making.OrderDraft, body(method, **fields))
    return placing.place_order(draft, actor=actor, token=token, submission=submission)


def refused(everything, token, *args, **kw):
    """The refusal; the whole database is as it was before it."""
    before = everything()
    with pytest.raises((Conflict, Invalid, Unauthenticated)) as refusal:
        place(token, *args, **kw)
    assert everything() == before
    return refusal.value


# --- what an order holds ------------------------------------------------------------------------------------------


def test_a_guests_order_freezes_lines_taxes_address_and_language(post):
    make.tax()
    mug = make.product(price=1230, stock=5, sku="MUG")
    order = place(put(mug, 2), post, customer_note="Ring twice")
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, PaymentStatus.UNPAID)
    assert (order.order_number, order.email, order.locale) == ("1001", "ana@example.test", "en")
    assert (order.subtotal, order.shipping_total, order.total) == (2460, 490, 2950)
    assert (order.tax_total, order.shipping_tax) == (460 + 92, 92)
    assert order.shipping_address["city"] == order.billing_address["city"] == "Lisboa"
    assert (order.shipping_method, order.customer_name, order.customer_note) == (
        "CTT",
        "Ana Sousa",
        "Ring twice",
    )
    item = order.items[0]
    assert (item.name, item.sku, item.quantity, item.line_total) == ("Mug", "MUG", 2, 2460)
    assert (item.tax_rate, item.tax_amount, item.taxes[0]["amount"]) == (2300, 460, 460)
    assert order.explanation["total"] == 2950
    assert order.payment_due_at == order.placed_at + timedelta(days=7)


def test_what_is_changed_later_does_not_change_what_was_sold(post):
    mug = make.product("Mug", price=1000)
    order = place(put(mug), post)
    with transaction() as session:
        session.execute(update(Product).where(Product.id == mug.id).values(name="Cup", price=1))
    db.session.expire_all()
    assert (order.items[0].name, order.items[0].unit_price) == ("Mug", 1000)


def test_placing_moves_stock_empties_the_cart_and_tells_the_outbox(post):
    mug = make.product(stock=5)
    token = put(mug, 3)
    checkout.hold(actor=GUEST, token=token)
    order = place(token, post)
    item = db.session.scalar(select(StockItem).where(StockItem.product_id == mug.id))
    assert (item.on_hand, item.allocated) == (5, 3)
    assert order.items[0].stock_item_id == item.id
    assert db.session.scalar(select(func.count()).select_from(StockReservation)) == 0
    assert carts.view(actor=GUEST, token=token).is_empty
    assert db.session.scalars(select(OutboxMessage.topic)).all() == ["order.placed"]
    assert db.session.scalars(select(OrderEvent.type)).all() == ["order.placed"]


def test_a_customer_orders_without_typing_an_e_mail(post):
    put(make.product(), actor=CARLA)
    order = place(None, post, actor=CARLA, email=None)
    assert (order.customer_id, order.email) == (CARLA.id, CARLA.email)


def test_numbers_count_up_with_the_stores_prefix(post):
    settings(order_number_prefix="R-", next_order_number=7000)
    mug = make.product()
    assert [place(put(mug), post).order_number for _ in range(2)] == ["R-7000", "R-7001"]


def test_prices_without_tax_get_it_on_top(post):
    settings(prices_include_tax=False)
    make.tax()
    order = place(put(make.product(price=1000)), post)
    assert (order.subtotal, order.shipping_total, order.tax_total) == (1000, 490, 230 + 113)
    assert order.total == 1000 + 490 + 343


def test_tax_is_that_of_the_address(roast):
    make.tax(2300)
    make.tax(1600, name="IVA Açores", postal_codes=["9500-000...9999-999"])
    azores = {**ADDRESS, "postal_code": "9500-321", "city": "Ponta Delgada"}
    order = place(put(make.product(price=1160)), make.shipping(0).id, shipping_address=azores)
    assert order.tax_total == 160


def test_what_is_digital_needs_no_address_and_no_delivery(roast):
    order = place(put(make.product(is_digital=True)), shipping_address=None)
    assert (order.fulfillment_status, order.shipping_address) == (FulfillmentStatus.NOT_REQUIRED, None)


def test_the_fee_of_cash_on_delivery_is_part_of_the_shipping(post):
    settings(payment_methods={"cash_on_delivery": {"enabled": True, "fee": "2.50"}})
    order = place(put(make.product(price=1000)), post, payment_method="cash_on_delivery")
    assert (order.shipping_total, order.total, order.payment_due_at) == (740, 1740, None)


def test_nothing_to_pay_is_confirmed_at_once(post):
    make.coupon("ALL", value=10_000)
    free = make.shipping(0, ("ES",)).id
    token = put(make.product())
    carts.apply_coupon("ALL", actor=GUEST, token=token)
    order = place(token, free, payment_method=None,
                  shipping_address={**ADDRESS, "country": "ES", "postal_code": "28001"})  # fmt: skip
    assert (order.total, order.payment_method) == (0, PaymentMethod.NONE)
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    assert "order.confirmed" in db.session.scalars(select(OutboxMessage.topic)).all()


# --- once ---------------------------------------------------------------------------------------------------------


def test_the_same_click_twice_is_one_order(post):
    token = put(make.product())
    first = place(token, post, submission="click-1")
    assert place(token, post, submission="click-1").id == first.id
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_another_click_on_the_emptied_cart_is_refused(post, everything):
    token = put(make.product())
    place(token, post, submission="click-1")
    assert refused(everything, token, post, submission="click-2").code == "cart-empty"


# --- refusals that change nothing -----------------------------------------------------------------------------------


def test_an_empty_cart_is_refused(post, everything):
    assert refused(everything, None, post).code == "cart-empty"


def test_every_line_that_is_no_longer_to_be_had_is_named(post, everything):
    mug, pot, jug = make.product("Mug", stock=5), make.product("Pot"), make.product("Jug")
    token = put(mug, 4)
    put(pot, token=token)
    put(jug, token=token)
    stock.set_on_hand(mug.id, None, 3, actor=cast.MIA.actor)
    with transaction() as session:
        session.execute(update(Product).where(Product.id == pot.id).values(is_active=False))
    refusal = refused(everything, token, post)
    assert refusal.code == "items-unavailable"
    assert [(line["name"], line["available"]) for line in refusal.extra["lines"]] == [("Mug", 3), ("Pot", 0)]


def test_what_another_checkout_holds_is_not_sold(post, everything):
    mug = make.product(stock=5)
    token = put(mug, 3)
    other = put(mug, 3)
    checkout.hold(actor=GUEST, token=other)
    refusal = refused(everything, token, post)
    assert (refusal.code, refusal.extra["available"]) == ("out-of-stock", 2)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert place(token, post).items[0].quantity == 3


def test_a_changed_total_is_shown_before_it_is_charged(post, everything):
    mug = make.product(price=1000)
    token = put(mug)
    with transaction() as session:
        session.execute(update(Product).where(Product.id == mug.id).values(price=1100))
    refusal = refused(everything, token, post, expected_total="14.90")
    assert refusal.code == "total-changed"
    assert refusal.extra["cart"].total == 1590
    assert place(token, post, expected_total="15.90").total == 1590


@pytest.mark.parametrize(("fields", "field"), [
    ({"email": None}, "email"),
    ({"shipping_address": None}, "shipping_address"),
    ({"shipping_method_id": None}, "shipping_method_id"),
    ({"shipping_method_id": str(cast.ROAST)}, "shipping_method_id"),
    ({"payment_method": None}, "payment_method"),
    ({"payment_method": "pay_in_shop"}, "payment_method"),
    ({"payment_method": "card"}, "payment_method"),
])  # fmt: skip
def test_what_is_missing_or_not_offered_is_named(post, everything, fields, field):
    token = put(make.product())
    given = {"shipping_method_id": str(post)} | fields
    assert refused(everything, token, **given).errors[0].field == field


def test_cards_need_a_connected_account(post, everything):
    settings(payment_methods={"card": {"enabled": True}})
    assert (
        refused(everything, put(make.product()), post, payment_method="card").code == "stripe-not-connected"
    )


def test_terms_must_be_accepted_where_there_are_some(post, everything):
    settings(terms_page_id=cast.ROAST)
    token = put(make.product())
    assert refused(everything, token, post).errors[0].field == "accept_terms"
    assert place(token, post, accept_terms=True).terms_accepted_at is not None


def test_a_store_without_guests_asks_to_sign_in(post, everything):
    settings(guest_checkout=False)
    assert refused(everything, put(make.product()), post).code == "sign-in-required"


def test_a_way_of_sending_that_does_not_go_there_is_refused(post, everything):
    token = put(make.product())
    spain = {**ADDRESS, "country": "ES", "postal_code": "28001"}
    refusal = refused(everything, token, post, shipping_address=spain)
    assert (refusal.code, refusal.extra["offered"]) == ("shipping-unavailable", [])


def test_another_stores_way_of_sending_is_unknown(app, everything):
    with tenants.in_store(cast.RIVAL):
        theirs = make.shipping().id
    with tenants.in_store(cast.ROAST):
        make.shipping()
        refusal = refused(everything, put(make.product()), theirs)
    assert refusal.errors[0].field == "shipping_method_id"


# --- coupons ------------------------------------------------------------------------------------------------------


def used(code="TEN"):
    return db.session.scalar(select(Coupon.usage_count).where(Coupon.code == code))


def with_coupon(code="TEN", *, actor=GUEST):
    token = put(make.product(price=1000), actor=actor)
    carts.apply_coupon(code, actor=actor, token=token)
    return token


def test_a_use_is_counted_once_and_given_back_once(post):
    make.coupon("TEN", type=CouponType.FIXED_AMOUNT, value=300, usage_limit=1)
    order = place(with_coupon(), post)
    assert (order.coupon_code, order.discount_total, order.total) == ("TEN", 300, 1190)
    assert (order.items[0].discount_amount, used()) == (300, 1)
    for _ in range(2):
        with transaction():
            promotions.give_back(order)
    assert used() == 0
    assert db.session.scalar(select(func.count()).select_from(CouponUse)) == 0


def test_a_coupon_used_up_since_is_refused_and_no_order_made(post, everything):
    make.coupon("TEN", usage_limit=1)
    first, second = with_coupon(), with_coupon()
    place(first, post)
    assert refused(everything, second, post).code == "coupon-unavailable"


def test_a_limit_per_customer_looks_through_small_changes_of_the_address(post, everything):
    make.coupon("TEN", usage_limit_per_customer=1)
    place(with_coupon(), post, email="Ana.Sousa+one@gmail.com")
    again = with_coupon()
    assert refused(everything, again, post, email="anasousa@googlemail.com").code == "coupon-unavailable"
    assert place(again, post, email="rui@example.test").discount_total == 100


def test_a_coupon_for_the_first_order_is_for_the_first_order(post, everything):
    make.coupon("TEN", first_order_only=True)
    order_id = place(with_coupon(actor=CARLA), post, actor=CARLA, email=None).id
    token = put(make.product(), actor=CARLA)
    with pytest.raises(Invalid):
        carts.apply_coupon("TEN", actor=CARLA, token=token)
    assert refused(everything, with_coupon(), post, email=CARLA.email).code == "coupon-unavailable"
    with transaction():
        effects.cancel(effects.lock_order(order_id), actor=CARLA)
    assert place(with_coupon(), post, email=CARLA.email).discount_total == 100


# --- the checkout page --------------------------------------------------------------------------------------------


def test_the_quote_has_the_cheapest_way_chosen_and_no_row_written(post, everything):
    token = put(make.product(price=1000))
    before = everything()
    quote = checkout.quote(checkout.Wish(Place("PT")), actor=GUEST, token=token)
    assert (quote.chosen.id, quote.cart.total, quote.ships_there) == (post, 1490, True)
    assert [option.method for option in quote.payments] == ["bank_transfer"]
    abroad = checkout.quote(checkout.Wish(Place("US"), shipping_method_id=post), actor=GUEST, token=token)
    assert (abroad.chosen, abroad.ships_there, abroad.cart.total) == (None, False, 1000)
    assert everything() == before


def test_a_choice_that_no_longer_fits_is_replaced_and_told(roast):
    light = make.shipping(300, max_weight=1000).id
    make.shipping(900, ("PT",))
    token = put(make.product(price=1000, weight=600, stock=9), 2)
    quote = checkout.quote(checkout.Wish(Place("PT"), shipping_method_id=light), actor=GUEST, token=token)
    assert quote.options == ()  # the first zone decides, and its only method is too weak
    assert quote.ships_there


def test_what_was_typed_is_kept_until_the_order_is_placed(post):
    token = put(make.product())
    checkout.save({"email": "ana@example.test", "city": "Lis"}, actor=GUEST, token=token)
    checkout.save({"city": "Lisboa"}, actor=GUEST, token=token)
    assert checkout.typed(actor=GUEST, token=token) == {"email": "ana@example.test", "city": "Lisboa"}
    place(token, post)
    assert checkout.typed(actor=GUEST, token=token) == {}


def test_a_hold_is_extended_for_an_hour_at_most(post):
    token = put(make.product())
    start = clock.now()
    with clock.at(start):
        assert checkout.hold(actor=GUEST, token=token) == start + timedelta(minutes=15)
    for minutes, until in ((10, 25), (20, 35), (30, 45), (40, 55), (50, 60)):
        with clock.at(start + timedelta(minutes=minutes)):
            assert checkout.hold(actor=GUEST, token=token) == start + timedelta(minutes=until)


# --- the link -----------------------------------------------------------------------------------------------------


def test_the_link_opens_its_order_for_thirty_days_in_its_store_only(app):
    with tenants.in_store(cast.ROAST):
        order = place(put(make.product()), make.shipping().id)
        token = access.issue_token(order)
        assert access.looks_like_token(token)
        assert access.read_token(token) == order.id
        with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Unauthenticated):
            access.read_token(token)
        for spoiled in (token[:-1], token + "x", "ord_", "ord_a.b.c"):
            with pytest.raises(Unauthenticated):
                access.read_token(spoiled)
    with tenants.in_store(cast.RIVAL), pytest.raises(Unauthenticated):
        access.read_token(token)


def test_a_withdrawn_link_opens_nothing(post):
    order = place(put(make.product()), post)
    token = access.issue_token(order)
    with transaction():
        db.session.get(Order, order.id).token_version += 1
    with pytest.raises(Unauthenticated):
        access.read_token(token)

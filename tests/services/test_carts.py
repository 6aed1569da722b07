"""What a shopper is about to buy."""

import pytest
from sqlalchemy import delete, event, func, select, update

from kit import clock, drafts
from kit.actor import GUEST
from kit.db import db, is_writing, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.carts import Cart, CartItem
from models.catalog import Product, Variant
from models.promotions import CouponType
from models.stock import StockReservation
from services import carts, stock, tenants
from services.carts import changes
from tests import cast, make

CARLA = cast.CARLA.actor


def add(product, quantity=1, variant=None, *, actor=GUEST, token=None):
    body = {"product_id": str(product.id), "quantity": quantity}
    body |= {"variant_id": str(variant.id)} if variant else {}
    return carts.add_item(drafts.read(carts.ItemDraft, body), actor=actor, token=token)


def put(item, quantity, *, actor=GUEST, token=None):
    draft = drafts.read(carts.QuantityDraft, {"quantity": quantity})
    return carts.update_item(item.id, draft, actor=actor, token=token)


def look(token=None, actor=GUEST):
    return carts.view(actor=actor, token=token)


def change(product, **values):
    with transaction() as session:
        session.execute(update(Product).where(Product.id == product.id).values(**values))


def codes(cart):
    return [warning.code for warning in cart.warnings]


# --- whose it is --------------------------------------------------------------------------------------------------


def test_looking_writes_nothing_and_hands_out_a_token_that_works_later(roast, everything):
    mug = make.product()
    before = everything()
    empty = look()
    assert (empty.id, empty.items, empty.total) == (None, (), 0)
    assert everything() == before
    assert add(mug, token=empty.session_id).session_id == empty.session_id
    assert look(empty.session_id).item_count == 1


def test_a_guessed_token_finds_nothing_and_is_not_taken_over(roast):
    mug = make.product()
    add(mug)
    for guess in ("x", "A" * 43, "é", look().session_id[:-1] + "!"):
        cart = add(mug, token=guess)
        assert cart.session_id != guess
        assert cart.item_count == 1
        assert look(guess).items == ()


def test_the_database_does_not_know_the_token(roast):
    token = add(make.product()).session_id
    stored = db.session.scalar(select(Cart.token_hash))
    assert stored
    assert token not in stored


def test_another_stores_token_is_worth_nothing(app):
    with tenants.in_store(cast.ROAST):
        token = add(make.product()).session_id
    with tenants.in_store(cast.RIVAL):
        assert look(token).items == ()
        assert look(token).session_id != token
        with pytest.raises(Invalid):
            carts.merge(token, actor=cast.RUDI.actor)


def test_an_account_has_one_cart_whatever_token_comes_along(roast):
    mug = make.product()
    guest = add(mug, 2)
    assert add(mug, 1, actor=CARLA, token=guest.session_id).item_count == 1
    assert look(guest.session_id).item_count == 2
    assert look(actor=CARLA).session_id is None


# --- putting in and taking out ------------------------------------------------------------------------------------


def test_adding_again_adds_to_the_line(roast):
    mug = make.product(price=750)
    token = add(mug).session_id
    cart = add(mug, 2, token=token)
    assert [(line.quantity, line.unit_price, line.line_total) for line in cart.items] == [(3, 750, 2250)]
    assert (cart.item_count, cart.subtotal, cart.total) == (3, 2250, 2250)


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: what somebody else does between the next look at a cart and its writing."""

    def arrange(act):
        looking, acts = changes._with_added, [act]

        def look_and_wait(*asked):
            found = looking(*asked)
            if acts and not is_writing():
                acts.pop()()
            return found

        monkeypatch.setattr(changes, "_with_added", look_and_wait)

    return arrange


def test_a_click_between_the_look_and_the_writing_is_not_written_over(roast, meanwhile):
    mug, now = make.product(), clock.now()
    with clock.at(now):  # two changes in one microsecond are two
        token = add(mug).session_id
        meanwhile(lambda: add(mug, 2, token=token))
        assert add(mug, token=token).items[0].quantity == 4
    assert look(token).items[0].quantity == 4


def test_what_is_deleted_between_the_look_and_the_writing_is_said_to_be_gone(roast, meanwhile):
    mug = make.product()
    small = make.variant(mug, price=900)
    db.session.commit()

    def delete_it():
        with transaction() as session:
            session.execute(delete(Variant).where(Variant.id == small.id))

    meanwhile(delete_it)
    with pytest.raises(Invalid) as refused:
        add(mug, variant=small, actor=CARLA)
    assert [(error.field, error.code) for error in refused.value.errors] == [("variant_id", "unknown_id")]
    assert look(actor=CARLA).items == ()


def test_more_than_there_is_is_refused_and_nothing_changes(roast, everything):
    mug = make.product(stock=5)
    token = add(mug, 4).session_id
    mug_id, before = mug.id, everything()
    with pytest.raises(Conflict) as refusal:
        add(db.session.get_one(Product, mug_id), 2, token=token)
    assert (refusal.value.code, refusal.value.extra["available"]) == ("out-of-stock", 5)
    with pytest.raises(Conflict):
        put(look(token).items[0], 6, token=token)
    assert everything() == before


@pytest.mark.parametrize("fields", [{"track_stock": False}, {"allow_backorder": True}])
def test_what_is_not_counted_or_may_be_reordered_has_no_limit(roast, fields):
    cart = add(make.product(stock=0, **fields), 50)
    assert cart.items[0].available_quantity is None
    assert cart.warnings == ()


def test_what_another_checkout_holds_is_not_there(roast):
    mug = make.product(stock=5)
    other = add(mug, 3)
    stock.reserve(other.id, [stock.Line(mug.id, None, 3)], 15)
    with pytest.raises(Conflict) as refusal:
        add(mug, 3)
    assert refusal.value.extra["available"] == 2


@pytest.mark.parametrize("values", [{"is_active": False}, {"archived_at": clock.now()}])
def test_what_is_not_sold_cannot_be_put_in(roast, everything, values):
    mug = make.product(**values)
    before = everything()
    with pytest.raises(Invalid) as refusal:
        add(mug)
    assert refusal.value.errors[0].field == "product_id"
    assert everything() == before


def test_a_product_with_variants_is_bought_by_variant_only(roast):
    shirt, mug = make.product("Shirt", price=2000), make.product()
    small = make.variant(shirt, "S", price=1800)
    with pytest.raises(Invalid) as refusal:
        add(shirt)
    assert refusal.value.errors[0].field == "variant_id"
    with pytest.raises(Invalid):
        add(mug, variant=small)
    cart = add(shirt, 2, small)
    assert cart.items[0].options == ({"attribute": "Size", "value": "S"},)
    assert (cart.items[0].unit_price, cart.total) == (1800, 3600)


def test_two_variants_are_two_lines(roast):
    shirt = make.product("Shirt")
    small, large = make.variant(shirt, "S"), make.variant(shirt, "L")
    token = add(shirt, 1, small).session_id
    cart = add(shirt, 2, large, token=token)
    assert [(line.variant_id, line.quantity) for line in cart.items] == [(small.id, 1), (large.id, 2)]


def test_zero_and_remove_take_a_line_out(roast):
    mug, pot = make.product(), make.product("Pot")
    token = add(mug).session_id
    add(pot, token=token)
    first, second = look(token).items
    assert [line.name for line in put(first, 0, token=token).items] == ["Pot"]
    assert carts.remove_item(second.id, actor=GUEST, token=token).is_empty


def test_somebody_elses_line_is_not_there(roast, everything):
    line = add(make.product()).items[0]
    before = everything()
    for attempt in (
        lambda: put(line, 2),
        lambda: put(line, 0, actor=CARLA),
        lambda: carts.remove_item(line.id, actor=CARLA, token=None),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert everything() == before


@pytest.mark.parametrize("quantity", [0, -1, 1000, "2", 1.5, True, None])
def test_a_quantity_that_is_none_is_refused(roast, quantity):
    with pytest.raises(Invalid):
        add(make.product(stock=5000), quantity)


# --- today's prices -----------------------------------------------------------------------------------------------


def test_prices_are_todays_and_a_change_is_told(roast):
    mug = make.product(price=1000)
    token = add(mug).session_id
    change(mug, price=1200)
    cart = look(token)
    assert (cart.items[0].unit_price, codes(cart)) == (1200, ["price_changed"])
    assert codes(put(cart.items[0], 2, token=token)) == []


def test_a_running_sale_counts_and_shows_the_regular_price(roast):
    line = add(make.product(price=1000, sale_price=800)).items[0]
    assert (line.unit_price, line.compare_at_price) == (800, 1000)


def test_what_happened_to_the_stock_is_told(roast):
    mug, pot = make.product(stock=5), make.product("Pot")
    token = add(mug, 4).session_id
    add(pot, token=token)
    stock.set_on_hand(mug.id, None, 3, actor=cast.MIA.actor)
    assert codes(look(token)) == ["not_enough_stock"]
    stock.set_on_hand(mug.id, None, 0, actor=cast.MIA.actor)
    change(pot, is_active=False)
    cart = look(token)
    assert codes(cart) == ["out_of_stock", "product_unavailable"]
    assert [w.item_id for w in cart.warnings] == [line.id for line in cart.items]
    assert not cart.can_be_ordered


def test_tax_is_that_of_the_stores_country_until_an_address_is_known(roast):
    make.tax(2300)
    cart = add(make.product(price=1230))
    assert (cart.total, cart.tax_total) == (1230, 230)


def test_the_estimate_names_the_cheapest_way_and_what_is_missing_for_free(roast):
    make.shipping(490, free_above=5000)
    mug = make.product(price=1000, stock=100)
    token = add(mug).session_id
    estimate = look(token).shipping_estimate
    assert (estimate.option.price, estimate.missing_for_free) == (490, 4000)
    cart = add(mug, 4, token=token)
    assert cart.shipping_estimate.is_free
    assert cart.shipping_total == 0


# --- coupons ------------------------------------------------------------------------------------------------------


def test_a_coupon_is_taken_whatever_its_case_and_can_be_taken_off(roast):
    make.coupon("TEN")
    token = add(make.product(price=1000)).session_id
    cart = carts.apply_coupon("  ten ", actor=GUEST, token=token)
    assert (cart.coupon.code, cart.discount_total, cart.total) == ("TEN", 100, 900)
    assert carts.remove_coupon(actor=GUEST, token=token).total == 1000


def test_a_refused_coupon_says_why_and_the_old_one_stays(roast, everything):
    make.coupon("TEN")
    make.coupon("BIG", minimum_amount=5000)
    token = add(make.product(price=1000)).session_id
    carts.apply_coupon("TEN", actor=GUEST, token=token)
    before = everything()
    with pytest.raises(Invalid) as refusal:
        carts.apply_coupon("BIG", actor=GUEST, token=token)
    assert (refusal.value.code, refusal.value.extra["reason"]) == ("coupon-invalid", "minimum_not_reached")
    assert "€40.00" in refusal.value.message
    assert everything() == before


def test_a_coupon_that_no_longer_holds_is_told_and_takes_nothing(roast):
    row = make.coupon("TEN", type=CouponType.FIXED_AMOUNT, value=500)
    token = add(make.product(price=1000)).session_id
    carts.apply_coupon("TEN", actor=GUEST, token=token)
    with transaction():
        db.session.get(type(row), row.id).is_active = False
    cart = look(token)
    assert (codes(cart), cart.coupon, cart.total) == (["coupon_invalid"], None, 1000)


# --- merging ------------------------------------------------------------------------------------------------------


def test_merging_takes_the_larger_quantity_and_appends_the_rest(roast):
    mug, pot, jug = make.product(stock=10), make.product("Pot"), make.product("Jug")
    token = add(mug, 3).session_id
    add(pot, 1, token=token)
    add(mug, 5, actor=CARLA)
    add(jug, 1, actor=CARLA)
    cart = carts.merge(token, actor=CARLA)
    assert {line.name: line.quantity for line in cart.items} == {"Mug": 5, "Jug": 1, "Pot": 1}
    assert cart.warnings == ()
    assert look(token).items == ()


def test_merging_twice_changes_nothing(roast, everything):
    token = add(make.product(), 2).session_id
    carts.merge(token, actor=CARLA)
    before = everything()
    assert carts.merge(token, actor=CARLA).item_count == 2
    assert everything() == before


def test_merging_caps_at_the_stock_and_says_so(roast):
    mug, pot = make.product(stock=5), make.product("Pot", stock=5)
    token = add(mug, 5).session_id
    add(pot, 1, token=token)
    add(mug, 1, actor=CARLA)
    stock.set_on_hand(mug.id, None, 3, actor=cast.MIA.actor)
    stock.set_on_hand(pot.id, None, 0, actor=cast.MIA.actor)
    cart = carts.merge(token, actor=CARLA)
    assert {line.name: line.quantity for line in cart.items} == {"Mug": 3}
    assert sorted(codes(cart)) == ["out_of_stock", "quantity_capped"]


def test_merging_counts_the_guests_own_hold_as_free(roast):
    mug = make.product(stock=5)
    guest = add(mug, 5)
    stock.reserve(guest.id, [stock.Line(mug.id, None, 5)], 15)
    assert carts.merge(guest.session_id, actor=CARLA).item_count == 5
    assert db.session.scalar(select(func.count()).select_from(StockReservation)) == 0


@pytest.mark.parametrize(("mine", "theirs", "kept"), [("ONE", "TWO", "ONE"), (None, "TWO", "TWO")])
def test_the_guests_coupon_is_kept_only_where_there_is_none(roast, mine, theirs, kept):
    make.coupon("ONE")
    make.coupon("TWO")
    mug = make.product()
    token = add(mug).session_id
    add(mug, actor=CARLA)
    carts.apply_coupon(theirs, actor=GUEST, token=token)
    if mine:
        carts.apply_coupon(mine, actor=CARLA, token=None)
    assert carts.merge(token, actor=CARLA).coupon.code == kept


def test_at_sign_in_a_foreign_cookie_is_nothing_to_take_in(roast, everything):
    before = everything()
    assert carts.merge_guest("nonsense", actor=CARLA).is_empty
    assert everything() == before


# --- cost ---------------------------------------------------------------------------------------------------------


def test_a_cart_of_any_size_is_read_in_five_queries(roast):
    make.tax()
    make.shipping()
    make.coupon("TEN")
    shirt = make.product("Shirt", stock=50)
    token = add(shirt, 1, make.variant(shirt, "S")).session_id
    for n in range(12):
        add(make.product(f"Mug {n}"), token=token)
    carts.apply_coupon("TEN", actor=GUEST, token=token)
    look(token)  # fills what is kept by the catalogue's version
    db.session.commit()
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    cart = look(token)
    reads = [
        statement
        for statement in seen
        if statement.startswith(("SELECT", "WITH")) and "set_config" not in statement
    ]
    assert len(cart.items) == 13
    assert len(reads) <= 5, reads


def test_a_cart_holds_a_hundred_different_things(roast, everything):
    token = add(make.product()).session_id
    cart_id = look(token).id
    others = [make.product(f"Mug {n}") for n in range(99)]
    with transaction() as session:
        for other in others:
            session.add(CartItem(cart_id=cart_id, product_id=other.id, quantity=1, price_seen=1))
    one_more = make.product()
    before = everything()
    with pytest.raises(Conflict) as refusal:
        add(one_more, token=token)
    assert refusal.value.code == "cart-full"
    assert everything() == before

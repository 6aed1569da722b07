"""Promotions that apply by themselves, gifts, many codes, and how uses of them are counted."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kit import clock, drafts
from kit.actor import GUEST
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.catalog import Tag, product_tags
from models.orders import Order
from models.promotions import Coupon, CouponCode, CouponType, CouponUse, Offered, Stacking
from services import carts, promotions, tenants
from services.catalog import schedule
from services.orders import effects
from services.orders.making import OrderDraft
from services.orders.placing import place_order
from services.pricing import recompute
from services.promotions import codes, sentence, telling, trying
from services.promotions.baskets import Basket, BasketLine
from services.promotions.reading import figures_of
from tests import cast, make
from tests.queries import count_queries
from tests.services.test_placing import ADDRESS

MIA = cast.MIA.actor
BOTH = [str(one) for one in Stacking]


def promotion(name="Ten off", **fields):
    return make.coupon("", offered=Offered.AUTOMATIC, name=name, **fields)


def add(product, quantity=1, token=None):
    draft = drafts.read(carts.ItemDraft, {"product_id": str(product.id), "quantity": quantity})
    return carts.add_item(draft, actor=GUEST, token=token)


def look(token):
    return carts.view(actor=GUEST, token=token)


def place(token, method, email="shopper@example.test", **fields):
    body = {"email": email, "shipping_address": ADDRESS, "shipping_method_id": str(method),
            "payment_method": "bank_transfer", **fields}  # fmt: skip
    return place_order(drafts.read(OrderDraft, body), actor=GUEST, token=token)


def uses():
    return db.session.scalar(select(func.count()).select_from(CouponUse))


# --- in the cart --------------------------------------------------------------------------------------------------


def test_it_applies_without_a_code_and_is_told_by_its_name(roast):
    promotion(value=2000)
    cart = add(make.product(price=1000), 2)
    assert (cart.subtotal, cart.discount_total, cart.total, cart.coupon) == (2000, 400, 1600, None)
    assert [(cut.discount.name, cut.discount.code, cut.goods) for cut in cart.cuts] == [("Ten off", "", 400)]


@pytest.mark.parametrize("fields", [
    {"is_active": False},
    {"starts_at": clock.now() + timedelta(hours=1)},
    {"ends_at": clock.now() - timedelta(hours=1)},
    {"minimum_amount": 1001},
    {"maximum_amount": 999},
    {"minimum_quantity": 2},
    {"usage_limit": 1, "usage_count": 1},
    {"segments": ["vip"]},
    {"emails": ["ana@example.com"]},
    {"countries": ["PT"]},
])  # fmt: skip
def test_it_waits_for_its_conditions(roast, fields):
    promotion(**fields)
    assert add(make.product(price=1000)).discount_total == 0


def test_it_starts_and_ends_by_the_clock_without_anybody_saving(roast):
    now = clock.now()
    promotion(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    token = add(make.product(price=1000)).session_id
    found = []
    for minutes in (0, 61, 121):
        with clock.at(now + timedelta(minutes=minutes)):
            found.append(look(token).discount_total)
    assert found == [0, 100, 0]


def test_a_change_is_seen_at_once(roast):
    token = add(make.product(price=1000)).session_id

    def read(**fields):
        return drafts.read(promotions.PromotionDraft, {"name": "N", "type": "percentage", **fields})

    made = promotions.create_promotion(read(value="10"), actor=MIA)
    assert look(token).discount_total == 100
    promotions.update_coupon(made.id, read(value="50"), actor=MIA)
    assert look(token).discount_total == 500
    promotions.delete_coupon(made.id, actor=MIA)
    assert look(token).discount_total == 0


def test_tags_and_excluded_categories(roast):
    mug, vest = make.product("Mug", price=1000), make.product("Vest", price=1000)
    with transaction() as session:
        tag = Tag(name="Sale", slug="sale")
        session.add(tag)
        session.flush()
        session.execute(product_tags.insert().values(tenant_id=cast.ROAST, product_id=mug.id, tag_id=tag.id))
    only = promotion(tag_ids=[str(tag.id)])
    token = add(mug).session_id
    assert add(vest, token=token).discount_total == 100
    with transaction() as session:
        rule = session.get(Coupon, only.id)
        rule.tag_ids, rule.excluded_tag_ids, rule.value = [], [str(tag.id)], 2000
        tenants.touch_catalog()
    assert look(token).discount_total == 200


def test_two_for_one_and_what_is_missing_to_it(roast):
    promotion("2 for 1", type=CouponType.BUY_X_GET_Y, value=10_000, stacking=Stacking.PRODUCT, buy_quantity=1,
              get_quantity=1)  # fmt: skip
    mug = make.product(price=750)
    one = add(mug)
    assert (one.discount_total, [hint.message for hint in one.hints]) == (0, ["2 for 1: 1 more"])
    assert add(mug, token=one.session_id).discount_total == 750


def test_a_gift_waits_until_it_is_put_in(roast):
    mug, vest = make.product("Mug", price=800), make.product("Vest", price=4000)
    promotion("A mug", type=CouponType.GIFT, value=10_000, stacking=Stacking.PRODUCT, get_quantity=1,
              get_product_ids=[str(mug.id)], minimum_amount=3000)  # fmt: skip
    alone = add(mug, 4)
    assert (alone.discount_total, alone.hints[0].message) == (0, "A mug: €6.00 more"), (
        "the gift does not earn itself"
    )
    cart = add(vest)
    assert (cart.hints[0].message, cart.hints[0].product_ids) == ("A gift is yours: A mug", (mug.id,))
    got = add(mug, 2, token=cart.session_id)
    assert (got.discount_total, got.hints) == (800, ())


def test_a_code_that_does_not_combine_loses_to_a_better_offer_and_is_told_so(roast, everything):
    promotion(value=2000, combines_with=[])
    make.coupon("TEN")
    token = add(make.product(price=1000)).session_id
    before = everything()
    with pytest.raises(Invalid) as refusal:
        carts.apply_coupon("TEN", actor=GUEST, token=token)
    assert refusal.value.extra["reason"] == "outdone"
    assert everything() == before
    make.coupon("HALF", value=5000)
    cart = carts.apply_coupon("half", actor=GUEST, token=token)
    assert (cart.coupon.code, cart.discount_total) == ("HALF", 500)


def test_an_outdone_code_does_not_stop_the_order(roast):
    make.coupon("TEN")
    post = make.shipping().id
    token = add(make.product(price=1000)).session_id
    carts.apply_coupon("TEN", actor=GUEST, token=token)
    promotion(value=2000, combines_with=[])
    tenants.forget()
    with transaction():
        tenants.touch_catalog()
    cart = look(token)
    assert (cart.coupon, [w.code for w in cart.warnings]) == (None, ["coupon_outdone"])
    order = place(token, post)
    assert (order.coupon_code, order.discount_total) == (None, 200)


def test_a_cart_with_promotions_costs_one_query_more_at_most(roast):
    promotion(category_ids=[str(UUID(int=1))])
    promotion("B", value=500)
    token = add(make.product()).session_id
    look(token)
    db.session.commit()
    with count_queries() as plain:
        look(token)
    assert len(plain) <= 4, plain


# --- counted ------------------------------------------------------------------------------------------------------


def test_an_order_counts_a_use_of_each_and_gives_them_back_once(roast):
    rule, coupon = promotion(combines_with=BOTH), make.coupon("TEN", combines_with=BOTH)
    post = make.shipping().id
    token = add(make.product(price=1000)).session_id
    carts.apply_coupon("TEN", actor=GUEST, token=token)
    order = place(token, post)
    assert (order.discount_total, order.coupon_code) == (190, "TEN")
    assert recompute(order.explanation) == order.explanation
    amounts = dict(db.session.execute(select(CouponUse.coupon_id, CouponUse.amount)).all())
    assert amounts == {rule.id: 100, coupon.id: 90}
    count = lambda: db.session.scalars(select(Coupon.usage_count).order_by(Coupon.id)).all()  # noqa: E731
    assert count() == [1, 1]
    assert figures_of([rule])[rule.id].given == 100
    with transaction():
        effects.expire(effects.lock_order(order.id), actor=MIA)
    assert (count(), uses()) == ([0, 0], 0)
    with transaction():
        promotions.give_back(effects.lock_order(order.id))
    assert count() == [0, 0]
    with transaction():
        promotions.use_again(effects.lock_order(order.id))
    assert (count(), uses()) == ([1, 1], 2)


def test_an_offer_that_ended_between_look_and_order_is_not_promised(roast, everything):
    rule = promotion(usage_limit=1)
    post = make.shipping().id
    first, second = (add(make.product(price=1000, stock=9)).session_id for _n in range(2))
    place(first, post)
    assert look(second).discount_total == 0
    assert place(second, post).discount_total == 0
    assert db.session.scalar(select(Coupon.usage_count).where(Coupon.id == rule.id)) == 1


def test_once_per_customer_holds_for_what_applies_by_itself(roast):
    promotion(usage_limit_per_customer=1)
    post, mug = make.shipping().id, make.product(price=1000, stock=9)
    totals = [place(add(mug).session_id, post, email=email).discount_total
              for email in ("ana@example.com", "Ana+2@example.com", "eva@example.com")]  # fmt: skip
    assert totals == [100, 0, 100]


# --- many codes ---------------------------------------------------------------------------------------------------


def many(count=3, **fields):
    rule = make.coupon("", offered=Offered.CODES, name="Letter", **fields)
    draft = drafts.read(codes.CodesOrder, {"count": count, "prefix": "SPRING"})
    codes.order_codes(rule.id, draft, actor=MIA)
    with transaction():
        codes.make_codes(str(rule.id), "SPRING")
    return rule, db.session.scalars(select(CouponCode.code).order_by(CouponCode.id)).all()


def test_codes_are_made_a_slice_at_a_time_and_no_more_than_ordered(roast, monkeypatch):
    monkeypatch.setattr(codes, "SLICE", 40)
    rule, made = many(100)
    assert len(made) == 40
    for expected in (80, 100, 100):
        with transaction():
            codes.make_codes(str(rule.id), "SPRING")
        assert codes.count_codes(rule.id) == expected
    text = "".join(codes.export_codes(rule.id, actor=MIA)).splitlines()
    assert len(text) == 101 and len(set(text)) == 101
    assert all(line.startswith("SPRING-") and len(line) == 18 for line in text[1:])


def test_each_code_is_good_for_one_order_and_free_again_when_that_expires(roast):
    rule, made = many()
    post, mug = make.shipping().id, make.product(price=1000, stock=9)

    def order(code):
        token = add(mug).session_id
        carts.apply_coupon(code.lower(), actor=GUEST, token=token)
        return place(token, post)

    first = order(made[0])
    assert (first.coupon_code, first.discount_total) == (made[0], 100)
    with pytest.raises(Invalid) as spent:
        order(made[0])
    assert spent.value.extra["reason"] == "used_up"
    assert order(made[1]).discount_total == 100
    assert codes.count_codes(rule.id, used=True) == 2
    with transaction():
        effects.expire(effects.lock_order(first.id), actor=MIA)
    assert order(made[0]).discount_total == 100
    assert db.session.scalar(select(Coupon.usage_count).where(Coupon.id == rule.id)) == 2


def test_a_code_that_is_spent_between_cart_and_order_makes_no_order(roast, everything):
    _rule, made = many()
    post, mug = make.shipping().id, make.product(price=1000, stock=9)
    tokens = [add(mug).session_id for _n in range(2)]
    for token in tokens:
        carts.apply_coupon(made[0], actor=GUEST, token=token)
    place(tokens[0], post)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        place(tokens[1], post)
    assert refusal.value.code == "coupon-unavailable"
    assert everything() == before


def test_too_many_codes_and_a_taken_one_are_refused(roast, everything):
    rule, made = many()
    before = everything()
    with pytest.raises(Conflict) as refusal:
        codes.order_codes(rule.id, drafts.read(codes.CodesOrder, {"count": codes.CODES_MAX}), actor=MIA)
    assert refusal.value.code == "too-many-codes"
    with pytest.raises(Conflict):
        coupon = {"code": made[0].lower(), "type": "percentage", "value": "5"}
        promotions.create_coupon(drafts.read(promotions.CouponDraft, coupon), actor=MIA)
    with pytest.raises(NotFound):
        codes.order_codes(UUID(int=5), drafts.read(codes.CodesOrder, {"count": 1}), actor=MIA)
    assert everything() == before


# --- in words, and tried ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fields", "said"), [
    ({"value": 1000, "minimum_amount": 3000, "usage_limit_per_customer": 1},
     "10\N{NO-BREAK SPACE}% off the order, for orders from €30.00, once per customer"),
    ({"type": CouponType.FIXED_PER_ITEM, "value": 200, "stacking": Stacking.PRODUCT, "max_items": 3},
     "€2.00 off each item, on 3 items at most"),
    ({"type": CouponType.BUY_X_GET_Y, "value": 10_000, "stacking": Stacking.PRODUCT, "buy_quantity": 2,
      "get_quantity": 1}, "Buy 2 of anything, get 1 more free"),
    ({"type": CouponType.FREE_SHIPPING, "stacking": Stacking.SHIPPING, "countries": ["PT"], "segments": ["vip"]},
     "Free delivery, to Portugal, for the best customers"),
])  # fmt: skip
def test_a_rule_says_itself(roast, fields, said):
    rule = make.coupon(**fields)
    assert sentence.describe(rule, sentence.names_for([rule])) == said


def test_a_rule_is_tried_before_it_is_saved(roast, everything):
    mug = make.product("Mug", price=1000)
    make.product("Vest", price=4000)
    before = everything()
    data = {
        "code": "X",
        "type": "percentage",
        "value": "25",
        "product_ids": [str(mug.id)],
        "minimum_amount": "20.00",
    }
    rule = trying.rule_of(drafts.read(promotions.CouponDraft, data), Offered.CODE)

    def attempt(things=""):
        return trying.try_out(rule, drafts.read(trying.Sample, {"things": things}))

    assert [(line.name, line.discount) for line in attempt(f"{mug.slug} 3").lines] == [("Mug", 750)]
    short = attempt(mug.slug)
    assert (short.verdict.reason, short.totals.discount_total) == ("minimum_not_reached", 0)
    assert attempt().totals.discount_total == 500, "two of each of the shop's own"
    with pytest.raises(Invalid):
        attempt("nothing-like-it 2")
    assert everything() == before


def test_who_it_is_for_is_asked_once_it_is_known(roast):
    vip = make.coupon("VIP", segments=["vip"])
    named = make.coupon("NAMED", emails=["@example.com", "ana@roast.test"])
    spain = make.coupon("SPAIN", countries=["ES"])
    line = BasketLine(None, 1000, key="0")

    def reason(coupon, **who):
        return promotions.judge(coupon, Basket((line,), **who)).reason

    assert [reason(vip), reason(named), reason(spain)] == ["", "", ""], "nothing is known yet"
    assert reason(vip, email="a@b.pt") == "not_for_you"
    found = [reason(named, email=email) for email in ("x@example.com", "ANA@roast.test", "eva@roast.test")]
    assert found == ["", "", "not_for_you"]
    assert [reason(spain, country=code) for code in ("ES", "PT")] == ["", "not_in_country"]


def test_nothing_of_another_store_applies(app):
    with tenants.in_store(cast.RIVAL):
        promotion(value=9000)
    with tenants.in_store(cast.ROAST):
        assert add(make.product(price=1000)).discount_total == 0
        assert db.session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_products_page_tells_of_it_while_it_holds_for_everybody(roast):
    mug, vest = make.product("Mug"), make.product("Vest")
    now = clock.now()
    soon, spent = {"starts_at": now + timedelta(hours=1)}, {"usage_limit": 1, "usage_count": 1}
    offers = {"2 for 1": {}, "Soon": soon, "VIPs": {"segments": ["vip"]}, "Spent": spent}
    for name, fields in offers.items():
        promotion(name, stacking=Stacking.PRODUCT, product_ids=[str(mug.id)], **fields)
    assert (telling.told_of(mug), telling.told_of(vest)) == (("2 for 1",), ())
    assert schedule.next_moment() == now + timedelta(hours=1), "pages are kept until then"
    with clock.at(now + timedelta(hours=2)):
        assert set(telling.told_of(mug)) == {"2 for 1", "Soon"}

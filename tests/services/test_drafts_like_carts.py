"""A draft of the staff's and a cart with the same things in it come to the same: to the cent, with the same account of
how, and with the same uses of the same offers."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from gateways import vies
from kit import clock
from kit.actor import GUEST
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid
from models.carts import Cart
from models.catalog import Product, Variant
from models.orders import Order, OrderStatus, PaymentMethod
from models.promotions import Coupon, CouponType, CouponUse, Offered, Stacking
from models.shipping import ShippingMethod, ShippingType
from models.taxes import CrossBorder, ShippingTax, TaxTreatment, VatCheck
from services import carts, explained, tenants
from services.orders import draft_sums, drafts, effects, expiry, making, placing, sending_drafts
from services.orders.draft_lines import NewLineDraft
from services.orders.drafts import BuyerDraft, LinesDraft, PlacesDraft, TermsDraft
from services.orders.sending_drafts import PaidDraft, SendDraft, pay_draft, send_draft
from tests import make, till
from tests.cast import MIA, STAN
from tests.properties import some

GERMAN = "DE136695976"
ALL = [str(one) for one in Stacking]
ADDRESS = {"first_name": "Ana", "last_name": "Sá", "line1": "Rua 1", "city": "Lisboa"}
CODES = {"PT": "1000-100", "DE": "10115", "US": "10001", "CH": "8001"}
numbers = count()


def address(country: str = "PT", number: str = "") -> dict[str, str]:
    region = {"region": "NY"} if country == "US" else {}
    return {
        **ADDRESS,
        **region,
        "country": country,
        "postal_code": CODES[country],
        "vat_number": number,
    }


def set_store(**values: Any) -> None:
    with transaction():
        row = tenants.row(lock=True)
        for name, value in values.items():
            setattr(row, name, value)
    tenants.touch_catalog()
    tenants.forget()


# --- the shop -----------------------------------------------------------------------------------------------------


@dataclass
class Shop:
    things: list[tuple[Product, Variant | None]]
    methods: list[ShippingMethod]
    rules: list[Coupon]


@pytest.fixture
def shop(roast) -> Shop:
    """With every kind of thing, way, rule and tax that changes a total."""
    for rate, fields in (
        (2300, {}),
        (600, {"tax_class": "reduced"}),
        (1900, {"country": "DE"}),
        (700, {"country": "DE", "tax_class": "reduced"}),
        (810, {"country": "CH"}),
    ):
        make.tax(rate, **fields)
    set_store(plan="scale")  # whose orders have no limit: thousands are made
    plenty = 10**6
    shirt = make.product("Shirt", price=1999, stock=0, tax_class="reduced", weight=200)
    mug, tea = (
        make.product("Mug", price=1230, stock=plenty, weight=300),
        make.product("Tea", price=499, stock=plenty, weight=100, tax_class="reduced", sale_price=333),
    )
    things: list[tuple[Product, Variant | None]] = [
        (mug, None),
        (tea, None),
        (make.product("Song", price=99, stock=plenty, is_digital=True), None),
        (make.product("Stamp", price=1, stock=plenty, tax_class="zero"), None),
        (shirt, make.variant(shirt, "L", stock=plenty, price=2501)),
    ]
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"free_above": 4000, "tax_class": "reduced"},
        {"type": ShippingType.WEIGHT_BASED, "rates": [{"up_to": 500, "price": 377}, {"up_to": 9000, "price": 1111}]},
    )  # fmt: skip
    first = make.shipping(492, ("*",))
    with transaction():
        more = [ShippingMethod(**{"name": f"Way {i}", "type": ShippingType.FLAT_RATE, "price": 811, **way})
                for i, way in enumerate(ways[1:])]  # fmt: skip
        zone = db.session.get_one(ShippingMethod, first.id).zone
        zone.methods.extend(more)
        db.session.flush()
    product = Stacking.PRODUCT
    automatic: tuple[dict[str, Any], ...] = (
        {"name": "Ten", "value": 1000, "combines_with": ALL},
        {"name": "Sale", "value": 3333, "stacking": product, "exclude_sale_items": True},
        {"name": "3 for 2", "type": CouponType.BUY_X_GET_Y, "buy_quantity": 2, "get_quantity": 1, "value": 10_000,
         "stacking": product, "combines_with": ALL},
        {"name": "Free", "type": CouponType.FREE_SHIPPING, "stacking": Stacking.SHIPPING, "minimum_amount": 3000,
         "countries": ["PT", "DE"]},
        {"name": "Few", "type": CouponType.FIXED_AMOUNT, "value": 150, "usage_limit": 10**6},
    )  # fmt: skip
    typed: tuple[tuple[str, dict[str, Any]], ...] = (
        ("FIVE", {"type": CouponType.FIXED_AMOUNT, "value": 500, "combines_with": ALL}),
        ("HALF", {"value": 5000, "combines_with": []}),
        ("EACH", {"type": CouponType.FIXED_PER_ITEM, "value": 77, "stacking": product, "exclude_sale_items": True}),
        ("SENT", {"type": CouponType.FREE_SHIPPING, "stacking": Stacking.SHIPPING, "combines_with": ALL}),
        ("NEW", {"value": 700, "first_order_only": True, "usage_limit_per_customer": 1}),
        ("GIFT", {"type": CouponType.GIFT, "get_product_ids": [str(tea.id)], "stacking": product}),
        ("MUCH", {"value": 100, "minimum_amount": 10**8}),
    )  # fmt: skip
    rules = [make.coupon("", offered=Offered.AUTOMATIC, **fields) for fields in automatic]
    for code, fields in typed:
        make.coupon(code, **fields)
    tenants.touch_catalog()
    with transaction():
        now = clock.now()
        db.session.add(VatCheck(number=GERMAN, is_valid=True, name="Ltd", consultation="c1", checked_at=now))
    return Shop(things, [first, *more], rules)


@dataclass(frozen=True)
class Wish:
    """What somebody wants, in a cart or on the phone."""

    lines: list[tuple[Product, Variant | None, int]]
    method: ShippingMethod
    country: str
    number: str
    code: str
    payment: str


wishes = st.fixed_dictionaries(
    {
        "lines": st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), min_size=1, max_size=5,
                          unique_by=lambda line: line[0]),
        "method": st.integers(0, 2),
        "country": st.sampled_from(list(CODES)),
        "number": st.sampled_from(["", "", GERMAN]),
        "code": st.sampled_from(["", "FIVE", "HALF", "EACH", "SENT", "NEW", "GIFT", "MUCH", "NONE"]),
        "payment": st.sampled_from(["bank_transfer", "cash_on_delivery"]),
        "rules": st.sets(st.integers(0, 4)),
        "proportional": st.booleans(),
        "fixed_net": st.booleans(),
        "included": st.booleans(),
    }
)  # fmt: skip


def arrange(shop: Shop, drawn: dict[str, Any]) -> Wish:
    """The store as it was drawn, and what is wanted of it."""
    with transaction():
        db.session.execute(update(Coupon).where(Coupon.offered == Offered.AUTOMATIC).values(is_active=False))
        on = [shop.rules[i].id for i in drawn["rules"]]
        db.session.execute(update(Coupon).where(Coupon.id.in_(on)).values(is_active=True))
    set_store(
        shipping_tax=ShippingTax.PROPORTIONAL if drawn["proportional"] else ShippingTax.OWN_CLASS,
        cross_border=CrossBorder.FIXED_NET if drawn["fixed_net"] else CrossBorder.FIXED_GROSS,
        prices_include_tax=drawn["included"],
        vat_number="PT501964843",
        payment_methods={
            "bank_transfer": {"enabled": True},
            "cash_on_delivery": {"enabled": True, "fee": "1.50"},
        },
    )
    return Wish(
        [(*shop.things[i], n) for i, n in drawn["lines"]],
        shop.methods[drawn["method"]],
        drawn["country"],
        drawn["number"] if drawn["country"] == "DE" else "",
        drawn["code"],
        drawn["payment"],
    )


def in_a_cart(wish: Wish, email: str) -> Order:
    token = None
    for product, variant, n in wish.lines:
        sent = {"product_id": str(product.id), "quantity": n} | (
            {"variant_id": str(variant.id)} if variant else {}
        )
        token = carts.add_item(read(carts.ItemDraft, sent), actor=GUEST, token=token).session_id
    with transaction():
        cart = db.session.scalars(select(Cart).order_by(Cart.id.desc()).limit(1)).one()
        cart.coupon_code = wish.code or None
    draft = {"email": email, "shipping_address": address(wish.country, wish.number), "payment_method": wish.payment,
             "shipping_method_id": str(wish.method.id)}  # fmt: skip
    if wish.payment == "cash_on_delivery" and all(product.is_digital for product, _v, _n in wish.lines):
        draft["payment_method"] = "bank_transfer"
    return placing.place_order(read(making.OrderDraft, draft), actor=GUEST, token=token)


def by_phone(wish: Wish, email: str) -> Order:
    order = drafts.create_draft(actor=STAN.actor)
    for product, variant, n in wish.lines:
        line = NewLineDraft(product_id=product.id, variant_id=variant.id if variant else None, quantity=n)
        drafts.add_line(order.id, line, actor=STAN.actor)
    drafts.set_buyer(order.id, BuyerDraft(email=email), actor=STAN.actor)
    places = {"shipping": address(wish.country, wish.number)}
    drafts.set_places(order.id, read(PlacesDraft, places), actor=STAN.actor)
    with transaction():
        draft = drafts.lock_draft(order.id)
        draft.payment_method = PaymentMethod(wish.payment)
        draft_sums.keep_terms(
            draft, draft_sums.Discount(), draft_sums.Sending(wish.method.id), wish.code
        )  # as it is, good or not: whether it may be typed is asked elsewhere
        draft_sums.recount(draft)
    return send_draft(order.id, SendDraft(notify=False), actor=STAN.actor)


def told(order: Order) -> dict[str, Any]:
    """What it came to and how, with the place of a line for its id."""
    db.session.expire_all()
    order = effects.lock_order(order.id)
    places = {line["key"]: i for i, line in enumerate(order.explanation["lines"])}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items()}
        if isinstance(value, list):
            parts = [plain(part) for part in value]
            return sorted(parts) if parts and all(isinstance(part, int) for part in parts) else parts
        return places.get(value, value) if isinstance(value, str) else value

    names = ("subtotal", "discount_total", "shipping_total", "shipping_tax", "shipping_tax_rate", "tax_total",
             "total", "prices_include_tax", "coupon_code", "tax_treatment", "vat_proof", "shipping_method",
             "shipping_method_id", "fulfillment_status")  # fmt: skip
    of_line = ("name", "sku", "unit_price", "quantity", "line_total", "discount_amount", "tax_class", "tax_rate",
               "tax_amount", "taxes", "weight", "requires_shipping")  # fmt: skip
    uses = select(CouponUse.coupon_id, CouponUse.amount).where(CouponUse.order_id == order.id)
    account = explained.of_order(order, [])
    assert account is not None and account.holds
    db.session.commit()
    return {
        **{name: getattr(order, name) for name in names},
        "items": [{name: getattr(item, name) for name in of_line} for item in order.items],
        "explanation": plain(order.explanation),
        "uses": sorted(map(tuple, db.session.execute(uses))),
    }


def outcome(make_it: Any, wish: Wish) -> Any:
    """What it came to, or why not."""
    try:
        return told(make_it(wish, f"ana-{next(numbers)}@example.test"))
    except (Conflict, Invalid) as refused:
        db.session.rollback()
        return refused.code


@settings(some, suppress_health_check=[*some.suppress_health_check, HealthCheck.function_scoped_fixture])
@given(wishes)
def test_a_draft_and_a_cart_with_the_same_in_them_come_to_the_same(shop, drawn):
    wish = arrange(shop, drawn)
    assert outcome(by_phone, wish) == outcome(in_a_cart, wish)


# --- coupons ------------------------------------------------------------------------------------------------------


def a_draft(*, price: int = 1000, country: str = "PT", number: str = "", **terms: Any) -> Order:
    """Two mugs, sent for 4.90, paid by transfer."""
    order = drafts.create_draft(actor=STAN.actor)
    mug = make.product("Mug", price=price, stock=50)
    drafts.add_line(order.id, NewLineDraft(product_id=mug.id, quantity=2), actor=STAN.actor)
    drafts.set_buyer(order.id, BuyerDraft(email="ana@x.test"), actor=STAN.actor)
    places = {"shipping": address(country, number)}
    drafts.set_places(order.id, read(PlacesDraft, places), actor=STAN.actor)
    return set_terms(order, **terms)


def set_terms(order: Order, **terms: Any) -> Order:
    way = db.session.scalars(select(ShippingMethod).limit(1)).one()
    sent = {"shipping_method_id": str(way.id), "payment_method": "bank_transfer", **terms}
    return drafts.set_terms(order.id, read(TermsDraft, sent), actor=STAN.actor)


def used(code: str) -> int:
    db.session.expire_all()
    return db.session.scalars(select(Coupon.usage_count).where(Coupon.code == code)).one()


@pytest.fixture
def home(roast) -> tenants.Store:
    make.tax()
    make.shipping(490, ("*",))
    return roast


def test_a_coupon_takes_what_it_takes_and_is_counted_when_it_is_sent(home):
    make.coupon("TEN", usage_limit=1)
    order = a_draft(coupon_code="ten")
    assert (order.total, order.discount_total, order.coupon_code) == (1800 + 490, 200, "TEN")
    assert used("TEN") == 0, "a draft promises nothing"
    sent = send_draft(order.id, SendDraft(), actor=STAN.actor)
    assert (sent.total, used("TEN")) == (2290, 1)
    with clock.at(clock.now() + timedelta(days=8)):
        expiry.expire_due()
    assert till.fresh(sent).status is OrderStatus.EXPIRED and used("TEN") == 0


@pytest.mark.parametrize(
    ("code", "reason"), [("NONE", "not_found"), ("MUCH", "minimum_not_reached"), ("WEAK", "outdone")]
)
def test_a_code_that_takes_nothing_is_refused_with_its_reason(home, everything, code, reason):
    make.coupon("MUCH", minimum_amount=10**6)
    make.coupon("WEAK", value=100, combines_with=[])
    make.coupon("", offered=Offered.AUTOMATIC, name="Sale", value=2000)
    order = a_draft()
    before = everything()
    with pytest.raises(Invalid) as refused:
        set_terms(order, coupon_code=code)
    assert [(e.field, e.code) for e in refused.value.errors] == [("coupon_code", reason)]
    assert everything() == before


def test_a_coupon_that_ran_out_meanwhile_stops_the_sending_and_takes_nothing_with_it(home, everything):
    make.coupon("ONE", usage_limit=1)
    first, second = a_draft(coupon_code="ONE"), a_draft(coupon_code="ONE")
    send_draft(first.id, SendDraft(), actor=STAN.actor)
    for act in (
        lambda: send_draft(second.id, SendDraft(), actor=STAN.actor),
        lambda: pay_draft(second.id, PaidDraft(), actor=MIA.actor),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "coupon-unavailable"
        assert till.fresh(second).status is OrderStatus.DRAFT and used("ONE") == 1
    # The code may stay while the rest is changed, and goes when somebody takes it out.
    assert set_terms(second, coupon_code="ONE", note="Call back").coupon_code is None
    assert set_terms(second).total == 2490
    assert send_draft(second.id, SendDraft(), actor=STAN.actor).total == 2490


def test_an_order_is_no_first_order_before_itself(home):
    make.coupon("NEW", first_order_only=True)
    order = send_draft(a_draft(coupon_code="NEW").id, SendDraft(), actor=STAN.actor)
    assert order.discount_total == 200
    with pytest.raises(Invalid) as refused:
        a_draft(coupon_code="NEW")
    assert refused.value.errors[0].code == "not_first_order"


def test_what_applies_by_itself_applies_and_its_limit_is_guarded(home):
    rule = make.coupon("", offered=Offered.AUTOMATIC, name="Sale", value=1000, usage_limit=1)
    first, second = a_draft(), a_draft()
    assert (first.total, second.total) == (2290, 2290)
    send_draft(first.id, SendDraft(expected_total="22.90"), actor=STAN.actor)
    with pytest.raises(Conflict) as refused:
        send_draft(second.id, SendDraft(expected_total="22.90"), actor=STAN.actor)
    assert refused.value.code == "total-changed"
    assert till.fresh(second).total == 2490, "the next look shows what it costs now"
    send_draft(second.id, SendDraft(expected_total="24.90"), actor=STAN.actor)
    db.session.expire_all()
    assert db.session.get_one(Coupon, rule.id).usage_count == 1


def test_the_discount_of_staff_and_an_offer_that_excludes_it(home):
    order = a_draft(discount_percent=500)
    assert order.discount_total == 100
    make.coupon("", offered=Offered.AUTOMATIC, name="Sale", value=2000, combines_with=[])
    bill = draft_sums.bill_of(order)
    remarks = draft_sums.remarks_on(order, bill)
    assert (remarks.is_outdated, remarks.is_discount_outdone) == (True, True)
    sent = send_draft(order.id, SendDraft(), actor=STAN.actor)
    assert (sent.discount_total, [off["name"] for off in sent.discounts]) == (400, ["Sale"])


# --- across borders -----------------------------------------------------------------------------------------------


def test_an_export_has_the_home_tax_taken_out_of_what_was_entered(home):
    order = a_draft(price=1230, country="US", payment_method="bank_transfer")
    assert (order.tax_treatment, order.items[0].unit_price, order.total) == (TaxTreatment.EXPORT, 1000, 2398)
    assert draft_sums.entered_price(order, order.items[0]) == 1230
    wish = {"items": [{"id": str(order.items[0].id), "quantity": 1, "unit_price": "12.30"}]}
    for _again in range(2):  # what was entered is converted once, however often it is worked out
        order = drafts.change_lines(order.id, read(LinesDraft, wish), actor=STAN.actor)
        assert (order.items[0].unit_price, order.subtotal) == (1000, 1000)
    drafts.set_places(order.id, read(PlacesDraft, {"shipping": address()}), actor=STAN.actor)
    assert till.fresh(order).items[0].unit_price == 1230


def test_the_same_thing_again_is_the_same_line_at_its_entered_price(home):
    order = a_draft(price=1230, country="US")
    product_id = order.items[0].product_id
    drafts.add_line(order.id, NewLineDraft(product_id=product_id), actor=STAN.actor)
    drafts.add_line(order.id, NewLineDraft(product_id=product_id, unit_price="10.00"), actor=STAN.actor)
    assert [(i.quantity, i.unit_price) for i in till.fresh(order).items] == [(3, 1000), (1, 813)]


def test_a_way_priced_by_hand_crosses_the_border_like_the_others(home):
    order = a_draft(price=1230, country="US")
    by_hand = {"shipping_name": "Bike", "shipping_price": "6.15", "payment_method": "bank_transfer"}
    order = drafts.set_terms(order.id, read(TermsDraft, by_hand), actor=STAN.actor)
    assert (order.shipping_method, order.shipping_total, order.shipping_tax) == ("Bike", 500, 0)


@pytest.fixture
def register(running_sandbox, config):
    """The stand-in of the EU's register."""
    vies.configure(type("Settings", (), {"vies_url": running_sandbox.url + "/_vies"})())
    yield
    vies.configure(config)


def test_a_business_is_proven_when_its_address_is_entered_and_when_it_is_sent(home, register):
    set_store(vat_number="PT501964843")
    order = a_draft(price=1230, country="DE", number=GERMAN)
    assert (order.tax_treatment, order.total) == (TaxTreatment.REVERSE_CHARGE, 2398)
    assert order.vat_proof["number"] == GERMAN
    with clock.at(clock.now() + timedelta(days=3)):  # the answer is no longer good: it is asked for again
        sent = send_draft(order.id, SendDraft(expected_total="23.98"), actor=STAN.actor)
    assert (sent.tax_treatment, sent.total) == (TaxTreatment.REVERSE_CHARGE, 2398)
    assert len(db.session.scalars(select(VatCheck)).all()) == 2


def test_a_register_that_is_silent_when_it_is_sent_proves_nothing(home, register, config):
    set_store(vat_number="PT501964843")
    order = a_draft(price=1230, country="DE", number=GERMAN)
    vies.configure(type("Settings", (), {"vies_url": "http://127.0.0.1:9"})())
    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(Conflict) as refused:
        send_draft(order.id, SendDraft(expected_total="23.98"), actor=STAN.actor)
    assert refused.value.code == "total-changed"
    order = till.fresh(order)
    assert (order.status, order.tax_treatment, order.total) == (OrderStatus.DRAFT, TaxTreatment.HOME, 2950)
    with clock.at(clock.now() + timedelta(days=3)):
        remarks = draft_sums.remarks_on(order, draft_sums.bill_of(order))
    assert remarks.is_number_in_doubt and not remarks.is_outdated


# --- the delivery's tax and the payment's fee ---------------------------------------------------------------------


def test_the_fee_leaves_the_country_without_its_tax_as_the_delivery_does(home):
    set_store(payment_methods={"cash_on_delivery": {"enabled": True, "fee": "1.23"}})
    order = a_draft(price=1230, country="US", payment_method="cash_on_delivery")
    assert (order.shipping_total, order.total) == (398 + 100, 2498)


def test_taxed_as_the_goods_are_it_leaves_without_the_tax_of_the_goods(home):
    make.tax(600, tax_class="reduced")
    set_store(shipping_tax=ShippingTax.PROPORTIONAL)
    order = a_draft(price=1230, country="US")
    assert order.shipping_total == 398
    book = make.product("Book", price=1060, stock=5, tax_class="reduced")
    wish = {"items": [{"id": str(order.items[0].id), "quantity": 0, "unit_price": "12.30"}]}
    drafts.change_lines(order.id, read(LinesDraft, wish), actor=STAN.actor)
    drafts.add_line(order.id, NewLineDraft(product_id=book.id), actor=STAN.actor)
    order = till.fresh(order)
    assert (order.subtotal, order.shipping_total) == (1000, 462), "4.90 with 6 % in it, not with 23"


def test_paid_in_the_shop_it_has_no_fee_of_another_way(home):
    set_store(payment_methods={"cash_on_delivery": {"enabled": True, "fee": "1.50"}})
    order = a_draft(payment_method="cash_on_delivery")
    assert order.total == 2640
    paid = pay_draft(order.id, PaidDraft(expected_total="26.40"), actor=MIA.actor)
    assert (paid.total, paid.captured_total) == (2490, 2490)
    assert sending_drafts.is_payable(paid) is False


def test_where_there_is_nothing_to_pay_no_way_to_pay_costs_anything(home):
    set_store(payment_methods={"cash_on_delivery": {"enabled": True, "fee": "1.50"}})
    order = a_draft(payment_method="cash_on_delivery", discount_percent=10_000)
    assert (order.shipping_total, order.total) == (640, 640), (
        "the delivery is paid, and so is paying at the door"
    )
    free = {
        "discount_percent": 10_000,
        "shipping_name": "By hand",
        "shipping_price": "0",
        "payment_method": "cash_on_delivery",
    }
    order = drafts.set_terms(order.id, read(TermsDraft, free), actor=STAN.actor)
    assert (order.shipping_total, order.total) == (0, 0)

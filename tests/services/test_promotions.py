"""When a coupon is good, for what, and why not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from kit import clock, drafts
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.audit import AuditEntry
from models.catalog import Category, product_categories
from services import promotions, tenants
from services.promotions import Basket, BasketLine
from services.promotions.spelling import code_key
from tests import cast, make

MIA = cast.MIA.actor


def judge(coupon, *lines, **who):
    return promotions.judge(coupon, Basket(tuple(lines), **who))


def line(product=None, total=1000, **fields):
    return BasketLine(product.id if product else uuid4(), total, **fields)


def draft(**fields):
    return drafts.read(promotions.CouponDraft, {"code": "TEN", "type": "percentage", "value": "10", **fields})


def category(name, parent=None, products=()):
    with transaction() as session:
        row = Category(name=name, slug=name.lower(), parent_id=parent.id if parent else None)
        session.add(row)
        session.flush()
        for product in products:
            session.execute(product_categories.insert().values(
                tenant_id=cast.ROAST, product_id=product.id, category_id=row.id))  # fmt: skip
    return row


@pytest.mark.parametrize(("fields", "reason"), [
    ({"is_active": False}, "inactive"),
    ({"starts_at": clock.now() + timedelta(hours=1)}, "not_started"),
    ({"ends_at": clock.now() - timedelta(hours=1)}, "expired"),
    ({"usage_limit": 2, "usage_count": 2}, "used_up"),
    ({"minimum_amount": 1001}, "minimum_not_reached"),
    ({"minimum_amount": 1000, "usage_limit": 3, "usage_count": 2, "starts_at": clock.now() - timedelta(1)}, ""),
])  # fmt: skip
def test_why_a_coupon_is_not_good(roast, fields, reason):
    verdict = judge(make.coupon(**fields), line())
    assert (verdict.reason, verdict.is_valid, bool(verdict.message)) == (reason, not reason, bool(reason))


def test_what_is_missing_to_the_minimum_is_said(roast):
    verdict = judge(make.coupon(minimum_amount=1310), line(total=1000))
    assert verdict.missing == 310
    assert "€3.10" in verdict.message


def test_it_starts_and_ends_to_the_second(roast):
    now = clock.now()
    coupon = make.coupon(starts_at=now, ends_at=now + timedelta(hours=1))
    for moment, good in ((now, True), (now + timedelta(minutes=59), True), (now + timedelta(hours=1), False)):
        with clock.at(moment):
            assert judge(coupon, line()).is_valid is good


def test_chosen_products_and_categories_with_what_is_below_them(roast):
    shirt, vest, mug = make.product("Shirt"), make.product("Vest"), make.product("Mug")
    clothes = category("Clothes", products=[shirt])
    category("Vests", clothes, products=[vest])
    coupon = make.coupon(category_ids=[str(clothes.id)])
    assert judge(coupon, line(shirt), line(vest), line(mug)).eligible == (True, True, False)
    both = make.coupon("BOTH", category_ids=[str(clothes.id)], product_ids=[str(mug.id)],
                       excluded_product_ids=[str(vest.id)])  # fmt: skip
    assert judge(both, line(shirt), line(vest), line(mug)).eligible == (True, False, True)
    assert judge(coupon, line(mug)).reason == "no_eligible_items"


def test_what_is_on_sale_can_be_left_out(roast):
    coupon = make.coupon(exclude_sale_items=True)
    assert judge(coupon, line(), line(is_on_sale=True)).eligible == (True, False)


@pytest.mark.parametrize(
    ("one", "other"), [(" ten ", "TEN"), ("Ｔｅｎ", "ten"), ("ÉTÉ", "été"), ("Straße", "STRASSE")]
)
def test_codes_are_compared_without_case_width_and_margin(one, other):
    assert code_key(one) == code_key(other)


def test_a_coupon_is_made_changed_and_deleted_with_its_traces(roast):
    coupon = promotions.create_coupon(draft(), actor=MIA)
    assert promotions.find_coupon(" ten ").id == coupon.id
    merged = {**promotions.CouponDraft.of(coupon), "type": "fixed_amount", "value": "2.50"}
    changed = promotions.update_coupon(
        coupon.id, drafts.read(promotions.CouponDraft, merged), actor=MIA, version=1
    )
    assert (changed.value, changed.version) == (250, 2)
    promotions.delete_coupon(coupon.id, actor=MIA)
    assert promotions.find_coupon("TEN") is None
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "create",
        "update",
        "delete",
    ]


def test_a_taken_code_and_a_stale_version_are_refused(roast, everything):
    coupon_id = promotions.create_coupon(draft(), actor=MIA).id
    promotions.update_coupon(coupon_id, draft(value="11"), actor=MIA)
    before = everything()
    with pytest.raises(Conflict) as taken:
        promotions.create_coupon(draft(code="tEN"), actor=MIA)
    with pytest.raises(Conflict) as stale:
        promotions.update_coupon(coupon_id, draft(value="12"), actor=MIA, version=1)
    assert (taken.value.code, stale.value.code) == ("code-taken", "stale-version")
    assert everything() == before


def test_a_product_that_is_gone_does_not_stop_an_edit(roast):
    mug = make.product()
    coupon = promotions.create_coupon(draft(product_ids=[str(mug.id)]), actor=MIA)
    with transaction() as session:
        session.delete(session.get(type(mug), mug.id))
    merged = {**promotions.CouponDraft.of(coupon), "value": "20"}
    changed = promotions.update_coupon(coupon.id, drafts.read(promotions.CouponDraft, merged), actor=MIA)
    assert changed.value == 2000
    with pytest.raises(Invalid):
        promotions.create_coupon(draft(code="NEW", product_ids=[str(mug.id)]), actor=MIA)


def test_another_stores_coupon_is_not_there(app, everything):
    with tenants.in_store(cast.ROAST):
        coupon_id = make.coupon().id
    before = everything()
    with tenants.in_store(cast.RIVAL):
        assert promotions.find_coupon("TEN") is None
        for attempt in (
            lambda: promotions.delete_coupon(coupon_id, actor=cast.RITA.actor),
            lambda: promotions.update_coupon(coupon_id, draft(), actor=cast.RITA.actor),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert everything() == before

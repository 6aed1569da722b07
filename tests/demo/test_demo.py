"""The demo stores are what the services would have made of them: each sum, each status, each unit of stock."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from config import Config
from demo import accounts, build, state, stripe
from kit import clock
from kit.actor import Role
from kit.db import db, transaction
from kit.passwords import verify_password
from kit.tenancy import every_tenant
from models.accounts import User
from models.catalog import AttributeValue, Product, Variant
from models.orders import Order, OrderEvent, OrderItem, OrderStatus
from models.outbox import OutboxMessage
from models.payments import PaymentAttempt, Refund
from models.promotions import Coupon, CouponUse
from models.reviews import Review
from models.stock import StockItem, StockMovement
from models.tenants import Tenant, TenantStatus
from sandbox.stripe.store import Store as SandboxStore
from services import stock, tenants
from services.orders import derived


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    instance = tmp_path_factory.mktemp("demo")
    config = Config.from_env({"APP_ENV": "development", "INSTANCE_DIR": str(instance)})
    app = create_app(replace(config, rate_limits=False))
    with app.app_context():
        upgrade()
        build.fill(config)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=accounts.STORES)
def store(filled: Flask, request: pytest.FixtureRequest) -> Iterator[tenants.Store]:
    with every_tenant():
        ident = db.session.scalar(select(Tenant.id).where(Tenant.slug == request.param))
        assert ident is not None
    with tenants.in_store(ident) as found:
        yield found
        db.session.rollback()


def orders() -> list[Order]:
    return list(db.session.scalars(select(Order).order_by(Order.placed_at, Order.id)))


def test_both_stores_are_open_and_differ(filled):
    config = filled.config["VITRINE"]
    assert state.is_migrated(config) and state.is_filled(config)
    with every_tenant():
        both = {t.slug: t for t in db.session.scalars(select(Tenant))}
    assert set(both) == set(accounts.STORES)
    assert all(t.status is TenantStatus.ACTIVE for t in both.values())
    demo, atelier = both["demo"], both["atelier"]
    assert (demo.locale, demo.prices_include_tax, demo.theme) == ("en", True, "market")
    assert (atelier.locale, atelier.prices_include_tax, atelier.theme) == ("pt", False, "atelier")


def test_the_accounts_can_sign_in(store):
    for account in accounts.ACCOUNTS[store.slug]:
        user = db.session.scalar(select(User).where(User.email_key == account.email(store.slug)))
        assert user is not None and user.role is account.role
        assert verify_password(user.password_hash, accounts.PASSWORD)


def test_the_catalogue_is_whole(store):
    products = list(db.session.scalars(select(Product)))
    assert len(products) == {"demo": 61, "atelier": 28}[store.slug]
    assert all(product.images and product.categories and product.description for product in products)
    assert {str(product.stock_status) for product in products} >= {"in_stock", "low_stock", "out_of_stock"}
    assert any(product.is_on_sale() for product in products)
    assert db.session.scalar(select(func.count()).select_from(Variant)) > 50
    assert db.session.scalar(select(func.count()).where(AttributeValue.color.is_not(None))) > 8


def test_sales_are_on_coming_and_over(store):
    now = clock.now()
    sales = [p for p in db.session.scalars(select(Product)) if p.sale_price_from is not None]
    kinds = Counter(
        "over" if p.sale_ends_at and p.sale_ends_at <= now else "on" if p.is_on_sale() else "coming"
        for p in sales
    )
    assert kinds["on"] >= 2 and kinds["over"] >= 1 and kinds["coming"] >= 1
    for product in sales:
        if product.is_on_sale():  # the lowest price before it began is known
            assert product.prior_price is not None and product.prior_price >= product.sale_price_from


def test_orders_add_up(store):
    for order in orders():
        assert order.subtotal == sum(item.line_total for item in order.items)
        assert order.discount_total == sum(item.discount_amount for item in order.items)
        assert order.tax_total == sum(item.tax_amount for item in order.items) + order.shipping_tax
        on_top = 0 if order.prices_include_tax else order.tax_total
        assert order.total == order.subtotal - order.discount_total + order.shipping_total + on_top
        assert order.explanation["total"] == order.total
        for item in order.items:
            assert item.line_total == item.unit_price * item.quantity
            assert item.tax_amount == sum(tax["amount"] for tax in item.taxes)


def test_statuses_are_those_that_the_services_derive(store):
    with pytest.raises(ZeroDivisionError), transaction():  # to look only
        for order in orders():
            before = (order.payment_status, order.fulfillment_status, order.display_status,
                      order.captured_total, order.refunded_total)  # fmt: skip
            derived.refresh(order)
            after = (order.payment_status, order.fulfillment_status, order.display_status,
                     order.captured_total, order.refunded_total)  # fmt: skip
            assert before == after, order.order_number
        _ = 1 / 0


def test_stock_equals_its_ledger_and_the_promises_equal_the_orders(store):
    assert stock.ledger_mismatches() == []
    promised: Counter = Counter()
    for order in orders():
        if order.status not in (OrderStatus.EXPIRED, OrderStatus.CANCELLED):
            for item in order.items:
                if item.stock_item_id:
                    left = item.quantity - item.fulfilled_quantity - item.cancelled_quantity
                    promised[item.stock_item_id] += left
    for row in db.session.scalars(select(StockItem)):
        assert row.allocated == promised[row.id]
        assert row.on_hand >= row.allocated
    moves = defaultdict(list)
    for move in db.session.scalars(
        select(StockMovement).order_by(StockMovement.created_at, StockMovement.id)
    ):
        moves[move.stock_item_id].append(move)
    for ledger in moves.values():
        for earlier, later in zip(ledger, ledger[1:], strict=False):
            assert later.before == earlier.after


def test_coupons_count_their_uses(store):
    uses = Counter(db.session.scalars(select(CouponUse.coupon_id)))
    coupons = list(db.session.scalars(select(Coupon)))
    assert all(coupon.usage_count == uses[coupon.id] for coupon in coupons)
    assert sum(uses.values()) > 10


def test_history_is_long_alive_and_ends_today(store):
    found = orders()
    assert len(found) > {"demo": 400, "atelier": 150}[store.slug]
    now = clock.now()
    placed = [order.placed_at for order in found if order.placed_at]
    assert placed == sorted(placed) and placed[-1] <= now
    assert now - placed[0] > timedelta(days=365) and now - placed[-1] < timedelta(hours=1)
    numbers = [int(order.order_number.removeprefix(store.order_number_prefix)) for order in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    half = len([moment for moment in placed if moment < placed[0] + (now - placed[0]) / 2])
    assert half < len(placed) * 0.45  # it grows
    statuses = Counter(str(order.status) for order in found)
    assert set(statuses) >= {"pending", "confirmed", "processing", "completed", "cancelled", "expired"}
    assert statuses["completed"] > len(found) * 0.7
    paid = Counter(str(order.payment_status) for order in found)
    assert set(paid) >= {"paid", "unpaid", "refunded", "partially_refunded", "voided"}


def test_timelines_are_in_order(store):
    first = defaultdict(list)
    for event in db.session.scalars(select(OrderEvent).order_by(OrderEvent.created_at, OrderEvent.id)):
        first[event.order_id].append(event)
    for order in orders():
        types = [event.type for event in first[order.id]]
        assert types[0] == "order.placed"
        assert (order.status is OrderStatus.COMPLETED) == ("order.completed" in types)
        assert all(event.created_at <= clock.now() for event in first[order.id])


def test_nothing_that_waits_is_overdue(store):
    """Or the clock would expire it in the first minute."""
    now = clock.now()
    waiting = [order for order in orders() if order.status is OrderStatus.PENDING]
    assert waiting and all(order.payment_due_at and order.payment_due_at > now for order in waiting)


def test_reviews_are_of_buyers_and_their_averages_hold(store):
    found = list(db.session.scalars(select(Review)))
    assert len(found) >= {"demo": 200, "atelier": 80}[store.slug]
    bought = set(
        db.session.execute(
            select(Order.customer_id, OrderItem.product_id)
            .join(OrderItem, OrderItem.order_id == Order.id)
            .where(Order.status == OrderStatus.COMPLETED)
        )
    )
    assert all((review.user_id, review.product_id) in bought for review in found)
    assert 0 < sum(not review.is_approved for review in found) < len(found) / 4
    for product in db.session.scalars(select(Product)):
        shown = [r.rating for r in found if r.product_id == product.id and r.is_approved]
        assert (product.rating_sum, product.review_count) == (sum(shown), len(shown))


def test_customers_can_be_told_apart(store):
    counts = Counter(order.customer_id for order in orders() if order.customer_id)
    assert counts.most_common(1)[0][1] >= 6  # somebody is loyal
    customers = db.session.scalar(select(func.count()).select_from(User).where(User.role == Role.CUSTOMER))
    assert customers and customers > len(counts) * 0.9
    assert any(order.customer_id is None for order in orders())


def test_only_pictures_are_left_to_the_worker(store):
    waiting = set(db.session.scalars(select(OutboxMessage.topic).where(OutboxMessage.done_at.is_(None))))
    assert waiting == {"image.uploaded"}


def test_card_payments_stand_in_the_sandbox(store, filled):
    sandbox = SandboxStore(str(filled.config["VITRINE"].instance / "stripe-sandbox.sqlite"))
    try:
        account = stripe.account_id(store.slug)
        found = sandbox.get("account", None, account)
        assert found is not None and found["charges_enabled"]
        intents = {intent["id"]: intent for intent in sandbox.find("payment_intent", account)}
        refunds = {refund["id"]: refund for refund in sandbox.find("refund", account)}
    finally:
        sandbox.close()
    cards = list(db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.kind == "session")))
    assert len(cards) > 100
    for attempt in cards:
        assert intents[attempt.payment_intent_id]["amount_received"] == attempt.captured_amount
        assert intents[attempt.payment_intent_id]["latest_charge"] == attempt.charge_id
    given = list(db.session.scalars(select(Refund).where(Refund.provider_id.is_not(None))))
    assert given and all(refunds[refund.provider_id]["amount"] == refund.amount for refund in given)


def test_a_start_that_was_interrupted_begins_anew(filled):
    config = filled.config["VITRINE"]
    with every_tenant(), transaction() as session:
        atelier = session.scalars(select(Tenant).where(Tenant.slug == "atelier")).one()
        old_id = atelier.id
        atelier.status, atelier.suspended_reason = TenantStatus.SUSPENDED, state.UNFINISHED
    db.session.remove()
    assert not state.is_filled(config)
    build.fill(config)
    assert state.is_filled(config)
    with every_tenant():
        atelier = db.session.scalars(select(Tenant).where(Tenant.slug == "atelier")).one()
        assert atelier.id != old_id and atelier.status is TenantStatus.ACTIVE
        assert (
            db.session.scalar(select(func.count()).select_from(Order).where(Order.tenant_id == old_id)) == 0
        )

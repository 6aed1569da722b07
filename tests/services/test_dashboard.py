"""The numbers of the dashboard: days of the store, counted orders only, and the same sums everywhere."""

from datetime import UTC, datetime

import pytest

from kit import clock
from kit.actor import SYSTEM
from models.orders import OrderStatus, PaymentMethod
from services.payments import refunds
from services.payments.amounts import RefundDraft
from services.reports import dashboard
from services.reports.periods import span_of
from tests import cast, make
from tests.queries import count_queries

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with clock.at(NOON):
        yield


def paid(at: datetime, price: int = 1000, **fields):
    return make.paid_order(make.Line(make.product("Mug", stock=50), price=price), placed_at=at, **fields)


def test_a_day_is_the_stores(roast):
    """Lisbon in summer is an hour ahead: 23:30 UTC of the 30th of June is the 1st of July there."""
    with clock.at(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)):
        paid(datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
        paid(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), price=500)
        found = dashboard.stats()
    assert (found["orders_today"], found["revenue_today"]) == (1, 1000)
    assert found["orders_this_month"] == 1


def test_only_counted_orders_and_money_less_refunds(roast):
    order = paid(NOON, price=3000)
    make.order(status=OrderStatus.PENDING)
    make.order(status=OrderStatus.CANCELLED)
    make.order(status=OrderStatus.CONFIRMED, payment_method=PaymentMethod.CASH_ON_DELIVERY)
    refunds.refund_order(order.id, RefundDraft.model_validate({"amount": "5.00"}), actor=cast.ALICE.actor)
    found = dashboard.stats()
    assert (found["orders_today"], found["revenue_today"], found["pending_orders"]) == (2, 2500, 1)


def test_the_month_is_compared_with_as_many_days(roast):
    paid(datetime(2026, 11, 2, 10, tzinfo=UTC), price=3000)
    paid(datetime(2026, 10, 24, 10, tzinfo=UTC), price=2000)
    paid(datetime(2026, 10, 25, 10, tzinfo=UTC), price=9000)
    found = dashboard.stats()
    assert (found["revenue_this_month"], found["revenue_previous_month"], found["revenue_change_pct"]) == (
        3000,
        2000,
        50.0,
    )


def test_a_long_month_is_compared_with_a_short_one(roast):
    with clock.at(datetime(2026, 3, 31, 12, tzinfo=UTC)):
        paid(datetime(2026, 2, 28, 10, tzinfo=UTC), price=2000)
        paid(datetime(2026, 3, 1, 10, tzinfo=UTC), price=1000)
        found = dashboard.stats()
    assert (found["revenue_this_month"], found["revenue_previous_month"]) == (1000, 2000)


@pytest.mark.parametrize("period,count", [("7d", 7), ("30d", 30), ("12m", 12)])
def test_the_chart_has_no_gaps_and_the_current_one_last(roast, period, count):
    paid(NOON, price=1500)
    span = span_of(period)
    points = dashboard.chart(span)
    assert len(points) == count and len({p.date for p in points}) == count
    assert (points[-1].orders, points[-1].revenue) == (1, 1500) and sum(p.orders for p in points) == 1
    before = span_of(period, before=True)
    assert len(before.days) == count and before.end == span.first


def test_the_clock_change_neither_loses_nor_doubles_an_hour(roast):
    """On 25 October 2026 the clocks go back in Lisbon at 01:00 UTC."""
    for hour in (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
                 datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 23, 59, tzinfo=UTC)):  # fmt: skip
        paid(hour)
    with clock.at(datetime(2026, 10, 26, 12, tzinfo=UTC)):
        by_day = {str(p.date): p.orders for p in dashboard.chart(span_of("7d"))}
    assert by_day["2026-10-25"] == 4 and sum(by_day.values()) == 4


def test_chart_breakdown_and_stats_say_the_same(roast):
    for n in range(1, 6):
        paid(NOON, price=n * 111)
    span, found = span_of("30d"), dashboard.breakdown(span_of("30d"))
    revenue = sum(p.revenue for p in dashboard.chart(span))
    assert revenue == 111 * 15 == dashboard.stats()["revenue_today"]
    assert revenue == sum(part.revenue for part in found["by_payment_method"])
    assert revenue == sum(part.revenue for part in found["by_payment_status"])
    assert [(part.key, part.orders) for part in found["by_status"]] == [("confirmed", 5)]


def test_most_sold_leaves_out_what_came_back(roast):
    mug, cup = make.product("Mug", stock=50), make.product("Cup", stock=50)
    order = make.paid_order(
        make.Line(mug, quantity=5, price=1000, discount=500), make.Line(cup, quantity=4, price=300)
    )
    item = next(i for i in order.items if i.product_id == mug.id)
    wanted = {"items": [{"order_item_id": item.id, "quantity": 3}]}
    refunds.refund_order(order.id, RefundDraft.model_validate(wanted), actor=SYSTEM)
    top = [(sold.name, sold.quantity, sold.revenue) for sold in dashboard.top_products(span_of("30d"))]
    assert top == [("Cup", 4, 1200), ("Mug", 2, 1800)]


def test_the_other_store_counts_for_nothing(roast):
    from services import tenants

    with tenants.in_store(cast.RIVAL):
        paid(NOON)
        make.product("Theirs")
    found = dashboard.stats()
    assert (found["orders_today"], found["revenue_this_month"], found["active_products"]) == (0, 0, 0)
    assert dashboard.attention() == {"to_fulfil": 0, "reviews": 0, "payments": 0}


def test_over_the_api(roast, api):
    with clock.at(datetime.now(UTC)):  # tokens are dated by the real clock
        paid(clock.now(), price=1234)
        face = api.as_(cast.STAN)
        stats = face.get("/api/dashboard/stats").json
        chart = face.get("/api/dashboard/stats/chart?period=7d").json
        parts = face.get("/api/dashboard/stats/breakdown").json
        assert face.get("/api/dashboard/stats/chart?period=9y").status_code == 422
        assert api.as_(cast.CARLA).get("/api/dashboard/stats").status_code == 403
    assert (stats["orders_today"], stats["revenue_today"], len(stats["latest_orders"])) == (1, "12.34", 1)
    assert len(chart["points"]) == 7 and chart["points"][-1]["revenue"] == "12.34"
    assert parts["by_status"] == [{"status": "confirmed", "orders": 1, "revenue": "12.34"}]


def test_kept_figures_follow_what_happens(roast):
    """They are counted once, and again after an order, a payment or a refund."""
    order = paid(NOON, price=2000)
    span = span_of("7d")
    assert dashboard.chart(span)[-1].revenue == 2000
    with count_queries() as again:
        dashboard.chart(span)
    assert len(again) <= 2, "two look-ups of the newest ids, no sum"
    refunds.refund_order(order.id, RefundDraft.model_validate({"amount": "5.00"}), actor=cast.ALICE.actor)
    assert dashboard.chart(span)[-1].revenue == 1500
    paid(NOON, price=100)
    assert dashboard.chart(span)[-1].revenue == 1600
    assert sum(part.revenue for part in dashboard.breakdown(span)["by_status"]) == 1600


def test_one_store_never_sees_anothers_kept_figures(roast):
    from services import tenants

    span = span_of("7d")
    paid(NOON, price=777)
    assert dashboard.chart(span)[-1].revenue == 777
    with tenants.in_store(cast.RIVAL):
        assert dashboard.chart(span)[-1].revenue == 0

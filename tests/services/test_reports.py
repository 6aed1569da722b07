"""Reports: their sums are those of the orders, to the cent, whatever the orders are."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Invalid
from models.catalog import Category, Product, ProductImage
from models.orders import Order, OrderStatus
from models.payments import Refund, RefundStatus
from services import tenants
from services.orders import derived
from services.payments.refunds import RefundDraft, refund_order
from services.reports import categories, customers, dashboard, lines, products, sales
from services.reports.periods import COUNTED, GROUPS, REPORT_PERIODS, Span, period_of, span_of
from tests import make
from tests.cast import ALICE, CARLA, RIVAL
from tests.make import Line

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 3, 30, 15, tzinfo=LISBON)  # the day after the clocks went forward


def at(day: date | str, hour: int = 12, minute: int = 0) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LISBON)


@pytest.fixture
def today(roast):
    with clock.at(NOW):
        yield roast


def order(when: datetime, *of: Line, email: str = "carla@roast.test", paid: bool = True, **fields) -> Order:
    with clock.at(when):
        return (make.paid_order if paid else make.order)(*of, email=email, **fields)


@transaction()
def category(name: str, *of: Product) -> Category:
    row = Category(name=name, slug=name.lower(), products=list(of))
    db.session.add(row)
    db.session.flush()
    return row


# --- random shops ---------------------------------------------------------------------------------------------------


def random_orders(rng: random.Random) -> list[Order]:
    """Paid and unpaid, with and without tax in the prices, discounted, cancelled, given back by amount and by items."""
    shelf = [make.product(f"Thing {n}", stock=10_000) for n in range(4)]
    category("A", *shelf[:2])
    category("B", *shelf[1:3])
    made = []
    for n in range(20):
        when = NOW - timedelta(minutes=rng.randrange(0, 100 * 24 * 60))
        made.append(_random_order(rng, shelf, when, f"p{rng.randrange(8)}@x.test"))
        if n % 3 == 0 and made[-1].captured_total:
            _give_something_back(rng, made[-1])
    return made


def _random_order(rng: random.Random, shelf: list[Product], when: datetime, email: str) -> Order:
    of = []
    for _ in range(rng.randint(1, 4)):
        price, quantity = rng.randint(0, 9_999), rng.randint(1, 4)
        off = rng.randint(0, price * quantity)
        thing = rng.choice([*shelf, None])
        of.append(Line(thing, quantity, price, off, tax=rng.randint(0, (price * quantity - off) // 4)))
    inclusive, shipping, shipping_tax = rng.random() < 0.6, rng.randint(1, 900), rng.randint(0, 200)
    tax = sum(line.tax for line in of) + shipping_tax
    total = (
        sum(line.price * line.quantity - line.discount for line in of) + shipping + (0 if inclusive else tax)
    )
    fields = {"prices_include_tax": inclusive, "shipping_tax": shipping_tax, "tax_total": tax, "total": total}
    if rng.random() < 0.65:
        return order(when, *of, email=email, shipping=shipping, **fields)
    return order(
        when, *of, email=email, shipping=shipping, paid=False, status=rng.choice(list(OrderStatus)), **fields
    )


def _give_something_back(rng: random.Random, of: Order) -> None:
    item = rng.choice(of.items)
    wanted = [
        {"amount": f"0.{rng.randint(1, 99):02d}"},
        {"items": [{"order_item_id": str(item.id), "quantity": rng.randint(1, item.quantity)}]},
        {"items": [{"order_item_id": str(item.id), "quantity": 1}], "refund_shipping": True},
        {},
    ]
    refund_order(of.id, read(RefundDraft, {**rng.choice(wanted), "restock": False}), actor=ALICE.actor)


def behind(span: Span) -> list[Order]:
    """The orders that a report is about, found without it."""
    db.session.expire_all()
    zone = ZoneInfo(tenants.current().timezone)
    return [
        o for o in db.session.scalars(select(Order))
        if o.status in COUNTED and o.placed_at and span.first <= o.placed_at.astimezone(zone).date() < span.end
    ]  # fmt: skip


def refunds_of(orders: list[Order]) -> list[Refund]:
    ids = [o.id for o in orders]
    return [
        r
        for r in db.session.scalars(select(Refund))
        if r.order_id in ids and r.status is RefundStatus.SUCCEEDED
    ]


def expected_sums(orders: list[Order]) -> sales.Sums:
    return sales.Sums(
        orders=len(orders),
        gross=sum(o.total + o.discount_total for o in orders),
        discounts=sum(o.discount_total for o in orders),
        refunds=sum(o.refunded_total for o in orders),
        tax=sum(o.tax_total for o in orders) - sum(r.tax_amount for r in refunds_of(orders)),
        shipping=sum(derived.shipping_paid(o) for o in orders),
        revenue=sum(o.captured_total - o.refunded_total for o in orders),
    )


@pytest.mark.parametrize("seed", range(2))
def test_every_sum_is_the_sum_of_its_orders(today, seed):
    random_orders(random.Random(seed))
    for name in (name for name in REPORT_PERIODS if name != "custom"):
        orders = behind(period_of(name).span("month"))
        for group_by in GROUPS:
            span = period_of(name).span(group_by)
            found = sales.sales(span)
            assert found.summary == expected_sums(orders)
            assert [day for day, _one in found.points] == list(span.days)
            for (day, one), end in zip(found.points, [*span.days[1:], span.end], strict=True):
                assert one == expected_sums(
                    [o for o in orders if day <= o.placed_at.astimezone(LISBON).date() < end]
                )
        _check_products_and_categories(span, orders, found.summary)
        _check_customers(span, orders)


def _check_products_and_categories(span: Span, orders: list[Order], summary: sales.Sums) -> None:
    whole = lines.goods(span)
    assert whole.total == summary.gross - summary.discounts - summary.refunds
    back: Counter = Counter()
    for refund in refunds_of(orders):
        for part in refund.items:
            back[part.order_item_id] += part.amount
    units, money = Counter(), Counter()
    for item in (item for o in orders for item in o.items):
        key = item.product_id or item.name
        units[key] += item.quantity - item.refunded_quantity
        money[key] += derived.paid_for(item.order, item) - back[item.id]
    rows = products.sold_products(span)
    assert {r.product_id or r.name: (r.quantity, r.revenue) for r in rows} == {
        key: (units[key], money[key]) for key in units if units[key] or money[key]
    }
    assert (sum(r.quantity for r in rows), sum(r.revenue for r in rows)) == (whole.quantity, whole.revenue)
    assert products.count_products(span) == len(rows)
    for row in categories.sold_categories(span):
        inside = [
            key for key in units
            if (row.category_id is None and not _category_ids(key)) or row.category_id in _category_ids(key)
        ]  # fmt: skip
        assert (row.quantity, row.revenue) == (sum(units[k] for k in inside), sum(money[k] for k in inside))


def _category_ids(key) -> set:
    product = None if isinstance(key, str) else db.session.get(Product, key)
    return {row.id for row in product.categories} if product else set()


def _check_customers(span: Span, orders: list[Order]) -> None:
    everything = [
        o for o in db.session.scalars(select(Order)) if o.status in COUNTED and o.placed_at < span.ends
    ]
    lives = defaultdict(list)
    for o in everything:
        lives[o.email_key].append(o)
    buyers = {o.email_key for o in orders}
    new = {email for email in buyers if min(o.placed_at for o in lives[email]) >= span.starts}
    found = customers.report(span)
    assert (found.new, found.returning) == (len(new), len(buyers - new))
    assert found.repeated == sum(1 for email in buyers if len(lives[email]) > 1)
    assert found.lifetime_value == sum(o.captured_total - o.refunded_total for e in buyers for o in lives[e])
    assert sum(point.new for point in found.points) == len(new)
    assert sum(b.total_spent for b in customers.top(span, 100)) == expected_sums(orders).revenue


@pytest.mark.parametrize("name", ["7d", "30d", "12m"])
def test_the_dashboard_says_the_same(today, name):
    random_orders(random.Random(7))
    span, report = span_of(name), sales.sales(period_of(name).span("month" if name == "12m" else "day"))
    assert [(p.date, p.orders, p.revenue) for p in dashboard.chart(span)] == [
        (day, one.orders, one.revenue) for day, one in report.points
    ]
    parts = dashboard.breakdown(span)["by_payment_method"]
    assert sum(part.revenue for part in parts) == report.summary.revenue
    best = [p for p in products.sold_products(span, sort_by="quantity") if p.product_id and p.quantity > 0][
        :5
    ]
    assert dashboard.top_products(span) == best
    month = sales.sales(period_of("this_month").span("day")).summary
    stats = dashboard.stats()
    assert (stats["orders_this_month"], stats["revenue_this_month"]) == (month.orders, month.revenue)


# --- by hand --------------------------------------------------------------------------------------------------------


def test_a_small_shop_counted_by_hand(today):
    mug, pot = make.product("Mug", stock=50, sku="M-1"), make.product("Pot", stock=50)
    order(
        at("2026-03-29"),
        Line(mug, 2, 1230, discount=246, tax=414),
        shipping=500,
        shipping_tax=94,
        tax_total=508,
    )
    order(at("2026-03-30"), Line(pot, 1, 5000, tax=935), Line(mug, 1, 1230, tax=230))
    first = db.session.scalars(select(Order).order_by(Order.placed_at)).first()
    one = [{"order_item_id": str(first.items[0].id), "quantity": 1}]
    refund_order(first.id, read(RefundDraft, {"items": one}), actor=ALICE.actor)
    found = sales.sales(period_of("7d").span()).summary
    assert found == sales.Sums(
        orders=2, gross=2460 + 500 + 6230, discounts=246, refunds=1107, tax=508 + 1165 - 207, shipping=500,
        revenue=2714 - 1107 + 6230,
    )  # fmt: skip
    assert found.net == 9190 - 246 - 1107 - 1466
    assert found.average_order_value == 3919  # 7837 ÷ 2, half up
    rows = [(p.name, p.sku, p.quantity, p.revenue) for p in products.sold_products(period_of("7d").span())]
    assert rows == [("Pot", "", 1, 5000), ("Mug", "M-1", 2, 1107 + 1230)]
    assert [p.name for p in products.sold_products(period_of("7d").span(), sort_by="quantity", limit=1)] == [
        "Mug"
    ]


def test_a_day_is_the_stores_even_when_the_clocks_change(today):
    """On 29 March 2026 at 01:00 Lisbon goes from UTC to UTC+1."""
    for when in (
        at("2026-03-28", 23, 59),
        at("2026-03-29", 0, 30),
        at("2026-03-29", 23, 30),
        at("2026-03-30", 0, 0),
    ):
        order(when)
    points = sales.sales(period_of("7d").span("day")).points
    assert [(day.day, one.orders) for day, one in points][-3:] == [(28, 1), (29, 2), (30, 1)]


def test_weeks_begin_on_monday_and_the_first_may_be_short(today):
    span = period_of("custom", at("2026-03-11"), at("2026-03-24")).span("week")
    assert span.days == (date(2026, 3, 11), date(2026, 3, 16), date(2026, 3, 23))


@pytest.mark.parametrize(
    ("name", "first", "last", "group_by"),
    [
        ("today", "2026-03-30", "2026-03-30", "day"),
        ("7d", "2026-03-24", "2026-03-30", "day"),
        ("30d", "2026-03-01", "2026-03-30", "day"),
        ("90d", "2025-12-31", "2026-03-30", "day"),
        ("12m", "2025-04-01", "2026-03-30", "month"),
        ("this_month", "2026-03-01", "2026-03-30", "day"),
        ("last_month", "2026-02-01", "2026-02-28", "day"),
        ("this_year", "2026-01-01", "2026-03-30", "day"),
    ],
)
def test_periods(today, name, first, last, group_by):
    period = period_of(name)
    assert (period.first.isoformat(), period.last.isoformat(), period.group_by) == (first, last, group_by)
    assert len(period_of("12m").span("month").days) == 12
    earlier = period.earlier()
    assert earlier.before <= period.since
    assert earlier.since < earlier.before


def test_moments_cut_a_period_to_the_minute(today):
    for minute in (0, 30, 59):
        order(at("2026-03-10", 10, minute))
    span = period_of(None, at("2026-03-10", 10, 30), at("2026-03-10", 10, 59)).span()
    assert sales.sales(span).summary.orders == 1
    assert period_of(None, at("2026-03-10")).last == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (("custom",), "date_from"),
        (("custom", None, at("2026-01-01")), "date_from"),
        (("7d", at("2026-01-01")), "date_from"),
        (("7d", None, at("2026-01-01")), "date_to"),
        (("custom", at("2026-01-02"), at("2026-01-01")), "date_to"),
        (("custom", at("2026-01-02"), at("2026-01-02")), "date_to"),
        (("custom", at("1900-01-02"), at("2026-01-02")), "date_from"),
        (("custom", at("2026-01-02"), at("9000-01-02")), "date_to"),
    ],
)
def test_periods_that_make_no_sense_are_refused(today, wanted, field):
    with pytest.raises(Invalid) as refused:
        period_of(*wanted)
    assert [error.field for error in refused.value.errors] == [field]


def test_too_many_points_are_refused(today):
    years = period_of("custom", at("2010-01-01"), at("2026-01-01"))
    with pytest.raises(Invalid) as refused:
        years.span("day")
    assert refused.value.errors[0].code == "too_many_points"
    assert len(years.span("month").days) == 193  # the last one has half a day


def test_customers_guests_are_people_by_their_address(today):
    order(at("2026-01-05"), email="old@x.test")
    order(at("2026-03-05"), email="OLD@x.test")
    order(at("2026-03-06"), email="new@x.test")
    order(at("2026-03-07"), email="new@x.test")
    order(at("2026-03-08"), email="Carla@roast.test", customer_id=CARLA.id)
    found = customers.report(period_of("this_month").span("day"))
    assert (found.new, found.returning, found.repeat_rate) == (2, 1, 0.6667)
    assert found.average_lifetime_value == 1667  # five orders of 10.00 by three people
    days = {p.date.day: (p.new, p.returning) for p in found.points if p.new or p.returning}
    assert days == {5: (0, 1), 6: (1, 0), 7: (0, 1), 8: (1, 0)}
    best = found.top_customers[0]
    assert (best.email, best.orders_count, best.total_spent, best.lifetime_value) == (
        "new@x.test",
        2,
        2000,
        2000,
    )
    assert [b.id for b in found.top_customers] == [None, CARLA.id, None]
    by_month = customers.report(period_of("this_month").span("month")).points
    assert [(p.new, p.returning) for p in by_month] == [(2, 1)]


def test_nothing_sold_is_nothing_not_an_error(today):
    span = period_of("30d").span()
    found = sales.sales(span)
    assert (found.summary, len(found.points), found.summary.average_order_value) == (sales.Sums(), 30, 0)
    assert products.sold_products(span) == [] == categories.sold_categories(span)
    report = customers.report(span)
    assert (report.new, report.repeat_rate, report.average_lifetime_value, report.top_customers) == (
        0,
        0.0,
        0,
        [],
    )


def test_the_other_stores_orders_are_not_in_it(today):
    order(at("2026-03-29"))
    with tenants.in_store(RIVAL):
        span = period_of("7d").span()
        assert sales.sales(span).summary == sales.Sums()
        assert products.sold_products(span) == [] == categories.sold_categories(span)
        assert customers.report(span).new == 0
        assert lines.goods(span).total == 0


def test_a_product_is_shown_by_todays_name_and_picture(today):
    mug = make.product("Mug", stock=9)
    order(at("2026-03-29"), Line(mug))
    with transaction():
        mug.name = "Cup"
        for key in ("b", "a"):  # two that both say they are the first do not count the sale twice
            db.session.add(ProductImage(product_id=mug.id, key=key, width=1, height=1))
    (sold,) = products.sold_products(period_of("7d").span())
    assert (sold.name, sold.image_key, sold.quantity, sold.revenue) == ("Cup", "a", 1, 1000)

"""The report endpoints: the contract's shapes, periods, CSV, and who may look."""

import csv
import io

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db
from kit.drafts import read
from models.audit import AuditEntry
from models.orders import OrderStatus
from services.payments.refunds import RefundDraft, refund_order
from services.reports import exports
from tests import make
from tests.cast import ALICE, CARLA, MIA, RITA, STAN
from tests.make import Line
from tests.services.test_reports import NOW, at, category, order

KINDS = ("sales", "products", "categories", "customers")


@pytest.fixture
def sold(roast, api):
    """Two orders in March (one with 12.30 given back), one in January, one that does not count."""
    for who in (MIA, STAN, RITA):
        api.as_(who)  # a token's time is the real one
    with clock.at(NOW):
        mug, pot = make.product("Mug", stock=90, sku="M-1"), make.product("=1+1", stock=90)
        category("Cups", mug)
        order(at("2026-01-10"), Line(mug, 1, 1230, tax=230), tax_total=230)
        first = order(at("2026-03-29"), Line(mug, 2, 1230, tax=460), shipping=500, shipping_tax=94, tax_total=554,
                      customer_id=CARLA.id)  # fmt: skip
        order(at("2026-03-30", 9), Line(pot, 1, 5000, discount=500, tax=841), tax_total=841, email="g@x.test")
        order(at("2026-03-30", 10), paid=False, status=OrderStatus.CANCELLED)
        one = [{"order_item_id": str(first.items[0].id), "quantity": 1}]
        refund_order(first.id, read(RefundDraft, {"items": one}), actor=ALICE.actor)
        yield {"mug": str(mug.id), "pot": str(pot.id)}


def test_sales(api, sold):
    answer = api.as_(MIA).get("/api/reports/sales?period=this_month&group_by=day")
    assert answer.status_code == 200
    body = answer.json
    assert body["summary"] == {
        "orders": 2, "gross": "79.60", "discounts": "5.00", "refunds": "12.30", "net": "50.65", "tax": "11.65",
        "shipping": "5.00", "revenue": "62.30", "average_order_value": "31.15",
    }  # fmt: skip
    assert (body["period"], body["date_from"], body["date_to"]) == ("this_month", "2026-03-01", "2026-03-30")
    assert (body["group_by"], body["currency"], len(body["points"])) == ("day", "EUR", 30)
    assert body["points"][-1]["date"] == "2026-03-30"
    assert [point["orders"] for point in body["points"][-3:]] == [0, 1, 1]
    by_week = api.as_(MIA).get("/api/reports/sales?period=this_month&group_by=week").json
    assert by_week["summary"] == body["summary"]
    assert [point["date"] for point in by_week["points"]][:2] == ["2026-03-01", "2026-03-02"]


def test_sales_agree_with_the_dashboard(api, sold):
    stats = api.as_(STAN).get("/api/dashboard/stats").json
    month = api.as_(MIA).get("/api/reports/sales?period=this_month").json["summary"]
    assert (stats["orders_this_month"], stats["revenue_this_month"]) == (month["orders"], month["revenue"])


def test_products_and_categories(api, sold):
    mia = api.as_(MIA)
    body = mia.get("/api/reports/products?period=7d").json
    assert body["items"] == [
        {"product_id": sold["pot"], "name": "=1+1", "sku": "", "quantity": 1, "revenue": "45.00"},
        {"product_id": sold["mug"], "name": "Mug", "sku": "M-1", "quantity": 1, "revenue": "12.30"},
    ]
    assert body["summary"] == {
        "quantity": 2, "revenue": "57.30", "shipping": "5.00", "unassigned_refunds": "0.00", "total": "62.30"
    }  # fmt: skip
    assert (body["total"], body["page"], body["pages"]) == (2, 1, 1)
    most = mia.get("/api/reports/products?period=12m&sort_by=quantity&limit=1").json
    assert [(row["name"], row["quantity"]) for row in most["items"]] == [("Mug", 2)]
    rows = mia.get("/api/reports/categories?period=7d").json["items"]
    assert [(r["category_id"] is None, r["name"], r["quantity"], r["revenue"]) for r in rows] == [
        (True, "", 1, "45.00"),
        (False, "Cups", 1, "12.30"),
    ]


def test_customers(api, sold):
    body = api.as_(MIA).get("/api/reports/customers?period=this_month&group_by=month").json
    assert (body["new"], body["returning"], body["repeat_rate"]) == (1, 1, 0.5)
    assert body["average_lifetime_value"] == "37.30"  # 17.30 + 12.30 and 45.00
    assert body["points"] == [{"date": "2026-03-01", "new": 1, "returning": 1}] == body["trend"]
    assert [(c["email"], c["id"], c["total_spent"]) for c in body["top_customers"]] == [
        ("g@x.test", None, "45.00"),
        (CARLA.email, str(CARLA.id), "17.30"),
    ]
    assert sum(body["segments"].values()) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=1d", "period"),
        ("group_by=hour", "group_by"),
        ("period=custom", "date_from"),
        ("period=7d&date_from=2026-01-01", "date_from"),
        ("date_from=2026-02-01&date_to=2026-01-01", "date_to"),
        ("date_from=yesterday", "date_from"),
        ("date_from=0001-01-01", "date_from"),
        ("date_from=2026-01-01&date_to=9999-12-31", "date_to"),
        ("date_from=1990-01-01&group_by=day", "group_by"),
        ("colour=red", "colour"),
        ("period=7d&period=30d", "period"),
    ],
)
def test_bad_parameters_name_themselves(api, roast, query, field):
    answer = api.as_(MIA).get(f"/api/reports/sales?{query}")
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "sort_by=name", "group_by=day"])
def test_bad_parameters_of_products(api, roast, query):
    assert api.as_(MIA).get(f"/api/reports/products?{query}").status_code == 422


def test_a_period_of_ones_own_has_both_ends(api, sold):
    mia = api.as_(MIA)
    path = "/api/reports/sales?date_from=2026-01-10&date_to=2026-03-29"
    assert mia.get(path).json["summary"]["orders"] == 2
    assert mia.get(path + "T12:00:00").json["summary"]["orders"] == 2
    assert mia.get(path + "T11:59:59").json["summary"]["orders"] == 1
    assert mia.get(path + "T11:00:00Z").json["summary"]["orders"] == 2  # noon in Lisbon's summer


# --- CSV ----------------------------------------------------------------------------------------------------------


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.data
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def export(api, kind: str, query: str = "period=this_month", who=MIA) -> list[dict[str, str]]:
    return rows_of(api.as_(who).get(f"/api/reports/export?type={kind}&{query}"))


def test_every_report_as_csv(api, sold):
    answer = api.as_(MIA).get("/api/reports/export?type=sales&period=this_month")
    assert 'filename="sales-2026-03-01-2026-03-30.csv"' in answer.headers["Content-Disposition"]
    points = rows_of(answer)
    assert (len(points), points[-1]["gross"], points[-1]["currency"]) == (30, "50.00", "EUR")
    assert len(export(api, "sales", "period=this_month&group_by=month")) == 1
    assert [(row["name"], row["revenue"]) for row in export(api, "products")] == [
        ("'=1+1", "45.00"),
        ("Mug", "12.30"),
    ]
    assert [row["name"] for row in export(api, "categories")] == ["", "Cups"]
    people = export(api, "customers")
    assert [(row["email"], row["customer_id"], row["total_spent"]) for row in people] == [
        (CARLA.email, str(CARLA.id), "17.30"),
        ("g@x.test", "", "45.00"),
    ]


def test_the_orders_of_the_csv_add_up_to_the_report(api, sold, monkeypatch):
    monkeypatch.setattr(exports, "ROWS", 1)  # page by page
    rows = export(api, "orders", "period=12m")
    assert [row["placed_at"] for row in rows] == [
        "2026-01-10T12:00:00Z", "2026-03-29T11:00:00Z", "2026-03-30T08:00:00Z"
    ]  # fmt: skip
    summary = api.as_(MIA).get("/api/reports/sales?period=12m").json["summary"]
    for name in exports.MONEY:
        cents = sum(round(float(row[name]) * 100) for row in rows)
        assert cents == round(float(summary[name]) * 100), name
    assert len(export(api, "customers", "period=12m")) == 2


def test_who_took_the_list_stands_in_the_audit_log(api, sold):
    export(api, "orders")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert (entry.action, entry.resource_type, entry.resource_id) == ("export", "report", "orders")
    assert entry.actor_email == MIA.email


def test_an_export_needs_to_know_which(api, roast, everything):
    mia = api.as_(MIA)
    before = everything()
    for query in ("", "?type=everything", "?type=sales&period=never", "?type=orders&limit=5"):
        assert mia.get(f"/api/reports/export{query}").status_code == 422
    assert everything() == before


# --- who may look -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*KINDS, "export?type=orders"])
def test_reports_are_for_managers(api, roast, everything, path):
    stan = api.as_(STAN)
    before = everything()
    assert stan.get(f"/api/reports/{path}").status_code == 403
    assert api.get(f"/api/reports/{path}").status_code == 401
    assert everything() == before


def test_the_other_store_sees_its_own_numbers(api, sold):
    rita = api.as_(RITA)
    assert rita.get("/api/reports/sales").json["summary"]["orders"] == 0
    assert rita.get("/api/reports/products").json["items"] == []
    assert rita.get("/api/reports/categories").json["items"] == []
    assert rita.get("/api/reports/customers").json["top_customers"] == []
    assert export(api, "orders", who=RITA) == []

"""The platform's numbers: the same as the API's, and whether there is trouble."""

import re
from datetime import timedelta

from kit import clock
from kit.db import transaction
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage
from models.payments import WebhookEvent
from models.tenants import Tenant
from tests import cast, make
from tests.cast import PAT
from tests.queries import count_queries

PATH = "/platform/dashboard"


def stats(page):
    """{label: value} of the tiles."""
    found = re.findall(r'stat__label">(?:<a[^>]*>)?([^<]+).*?stat__value">([^<]+)<', page.text, re.S)
    return {label: value.strip() for label, value in found}


def test_the_numbers_are_those_of_the_api(browser, api, roast):
    make.paid_order(make.Line(quantity=2, price=1500))
    told = api.as_(PAT, host="localhost").get("/api/sysadmin/dashboard").json
    page = browser.as_(PAT).get(PATH)
    shown = stats(page)
    assert told["revenue"]["this_month"] == "30.00" and shown["Revenue this month"] == "€30.00"
    assert shown["Monthly recurring revenue"] == f"€{told['mrr']}"
    assert shown["Stores"] == str(told["tenants"]["total"]) == "2"
    assert shown["Orders this month"] == str(told["orders"]["this_month"]) == "1"
    assert shown["Suspended"] == shown["Deleted"] == "0"
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="num">([^<]+)</td>', page.text)
    months = len(told["points"])
    money, orders, stores = rows[:months], rows[months : 2 * months], rows[2 * months : 3 * months]
    assert [value for _month, value in money] == [f"€{point['revenue']}" for point in told["points"]]
    assert [value for _month, value in orders] == [str(point["orders"]) for point in told["points"]]
    assert [value for _month, value in stores] == [str(point["tenants"]) for point in told["points"]]


def test_trouble_is_told(browser):
    face = browser.as_(PAT)
    assert face.get(PATH).text.count("needs somebody") == 0
    now = clock.now()
    common = {"tenant_id": cast.ROAST, "topic": "order.placed", "created_at": now}
    with every_tenant(), transaction() as session:
        session.add_all([
            OutboxMessage(**common, run_at=now - timedelta(minutes=9), attempts=2),
            OutboxMessage(**common, run_at=now, dead_at=now),
            OutboxMessage(**common, run_at=now, done_at=now),
            WebhookEvent(provider_id="evt_1", type="x", status="failed", payload={}, received_at=now),
        ])  # fmt: skip
    text = face.get(PATH).text
    assert "9 minutes" in text and text.count("needs somebody") == 3
    told = dict(re.findall(r'<span class="grow">(?:<a[^>]+>)?([^<]+).*?<b class="num">([^<]+)</b>', text))
    for label in ("that wait", "that failed and are tried again", "that failed for good"):
        assert told[f"Jobs {label}"] == "1", label
    assert told["Messages from Stripe that failed"] == "1"


def test_the_newest_come_first_and_cost_no_more_when_there_are_many(browser):
    face = browser.as_(PAT)
    face.get(PATH)
    with count_queries() as few:
        face.get(PATH)
    with every_tenant(), transaction() as session:
        later = clock.now() + timedelta(hours=1)
        session.add_all(Tenant(slug=f"shop-{n}", name=f"Shop {n}", created_at=later + timedelta(minutes=n))
                        for n in range(20))  # fmt: skip
    with count_queries() as many:
        text = face.get(PATH).text
    assert len(many) == len(few), f"{few}\n---\n{many}"
    found = re.findall(r'class="thing__name"[^>]*>([^<]+)<', text)
    assert found == [f"Shop {n}" for n in range(19, 11, -1)]

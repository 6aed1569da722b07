"""The report pages: the period in the address, the numbers of the API, and the CSV behind a link."""

import re

import pytest

from kit import clock
from tests.api.test_reports import sold  # noqa: F401
from tests.cast import MIA, RITA, STAN
from tests.services.test_reports import NOW, at, order


@pytest.fixture
def mia(browser, roast):
    return browser.as_(MIA)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


def test_sales_say_what_the_api_says(sold, mia):  # noqa: F811
    html = mia.get("/admin/reports?period=this_month").text
    shown = text_of(html)
    for amount in ("€79.60", "€5.00", "€12.30", "€50.65", "€11.65", "€62.30", "€31.15"):
        assert amount in shown
    assert "<svg" in html and html.count("<tr>") > 30
    assert "type=sales&amp;period=this_month" in html


def test_the_period_stands_in_every_link(sold, mia):  # noqa: F811
    html = mia.get("/admin/reports?period=custom&since=2026-03-01&until=2026-03-29&by=week").text
    for path in ("reports/products", "reports/categories", "reports/customers", "reports/export"):
        assert re.search(rf'href="/admin/{path}\?[^"]*since=2026-03-01&amp;until=2026-03-29', html), path
    assert 'value="2026-03-29"' in html
    assert "€5,000" not in text_of(html)


def test_dates_that_make_no_sense_are_told_and_the_usual_ones_shown(sold, mia):  # noqa: F811
    for query in ("period=custom&since=2026-03-10&until=2026-03-01", "period=custom", "since=1980-01-01&by=day",
                  "until=9999-12-31&since=2026-01-01", "since=0001-01-01"):  # fmt: skip
        answer = mia.get(f"/admin/reports?{query}")
        assert answer.status_code == 200
        assert "The last 30 days are shown instead." in answer.text
        assert mia.get(f"/admin/reports/export?type=sales&{query}").status_code == 404


def test_products_are_sorted_by_the_address(sold, mia):  # noqa: F811
    with clock.at(NOW):
        html = mia.get("/admin/reports/products?period=12m&sort=quantity").text
        assert html.index(">Mug<") < html.index(">=1+1<")
        assert 'aria-sort="descending"' in html
        by_revenue = mia.get("/admin/reports/products?period=12m").text
        assert by_revenue.index(">=1+1<") < by_revenue.index(">Mug<")
    assert "Without a category" in mia.get("/admin/reports/categories?period=12m").text


def test_customers_link_to_the_person(sold, mia):  # noqa: F811
    html = mia.get("/admin/reports/customers?period=this_month").text
    assert "/admin/customers/018f0000-0000-7000-8000-000000000104" in html
    assert "g@x.test" in html


def test_the_csv_is_a_file(sold, mia):  # noqa: F811
    answer = mia.get("/admin/reports/export?type=orders&period=this_month")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbforder_number,")
    assert answer.data.count(b"\r\n") == 3
    assert mia.get("/admin/reports/export?type=everything").status_code == 404


def test_staff_take_no_reports_and_the_other_store_has_its_own(sold, browser):  # noqa: F811
    assert browser.as_(STAN).get("/admin/reports/export?type=orders").status_code == 403
    rita = browser.as_(RITA)
    assert "Mug" not in rita.get("/admin/reports/products?period=12m").text
    assert rita.get("/admin/reports/export?type=orders&period=12m").data.count(b"\r\n") == 1


def test_a_long_year_is_drawn_by_month(roast, mia):
    with clock.at(NOW):
        order(at("2025-06-10"))
        html = mia.get("/admin/reports?period=12m").text
    assert html.count('class="chart__hit"') == 12

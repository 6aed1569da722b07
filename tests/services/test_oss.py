"""Sales to other member states, by quarter, country and rate."""

from datetime import UTC, date, datetime

import pytest

from kit import clock
from kit.db import db, transaction
from models.orders import OrderStatus
from models.taxes import TaxTreatment
from services import credits, tax_presets, taxes, tenants
from services.payments import refunds
from services.payments.refunds import RefundDraft
from services.places import Place
from services.reports import oss
from services.reports.oss import Quarter
from tests import cast, make
from tests.make import Line

MAY = datetime(2026, 5, 20, 12, tzinfo=UTC)
Q2 = Quarter(2026, 2)


def sold(country, rate, price, *, treatment=TaxTreatment.DESTINATION, at=MAY, shipping=0):
    """A paid order of one thing, tax included."""
    tax = round(price * rate / (10_000 + rate))
    with clock.at(at):
        order = make.paid_order(Line(make.product(price=price), price=price))
        with transaction():
            order.placed_at, order.tax_treatment, order.prices_include_tax = at, treatment, True
            order.shipping_address = {"country": country}
            order.items[0].tax_rate, order.items[0].tax_amount, order.tax_total = rate, tax, tax
    return order


def rows(quarter=Q2):
    return [(row.country, row.rate, row.net, row.tax) for row in oss.report(quarter)]


def test_by_country_and_rate_of_the_quarter(roast):
    sold("DE", 1900, 11900)
    sold("DE", 1900, 1190)
    sold("DE", 700, 1070)
    sold("FR", 2000, 1200)
    sold("ES", 2100, 1210, at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert rows() == [("DE", 1900, 11000, 2090), ("DE", 700, 1000, 70), ("FR", 2000, 1000, 200)]
    assert rows(Quarter(2026, 3)) == [("ES", 2100, 1000, 210)]


def test_home_export_and_reverse_charge_are_no_part_of_it(roast):
    sold("PT", 2300, 1230, treatment=TaxTreatment.HOME)
    sold("US", 0, 1000, treatment=TaxTreatment.EXPORT)
    sold("DE", 0, 1000, treatment=TaxTreatment.REVERSE_CHARGE)
    sold("GB", 2000, 1200)
    assert rows() == []


def test_an_unpaid_or_cancelled_order_is_none(roast):
    order = sold("DE", 1900, 1190)
    with transaction():
        order.status = OrderStatus.CANCELLED
    assert rows() == []


def test_credit_notes_stand_in_the_quarter_in_which_they_were_made(roast):
    order = sold("DE", 1900, 11900)
    with clock.at(datetime(2026, 8, 3, 9, tzinfo=UTC)):
        wish = RefundDraft.model_validate({"amount": "59.50"})
        refund = refunds.refund_order(order.id, wish, actor=cast.ALICE.actor)
        with transaction():
            credits.prepare(str(order.id), str(refund.id))
    assert rows() == [("DE", 1900, 10000, 1900)]
    (row,) = oss.report(Quarter(2026, 3))
    assert (row.net, row.tax, row.net_back + row.tax_back, row.rate) == (0, 0, 5950, 1900)


def test_the_years_sales_are_watched_against_the_threshold(roast):
    sold("DE", 1900, 11900)
    sold("FR", 2300, 1230, treatment=TaxTreatment.HOME)  # taxed at home: it counts towards the threshold
    with clock.at(MAY):
        assert (oss.watch().net, oss.watch().limit) == (11000, 10_000_00)


def test_the_other_stores_sales_are_not_in_it(roast):
    sold("DE", 1900, 1190)
    with tenants.in_store(cast.RIVAL):
        assert rows() == []


def test_quarters():
    assert oss.quarter_of(date(2026, 12, 31)) == Quarter(2026, 4)
    assert Quarter(2026, 1).before == Quarter(2025, 4)
    assert (str(Q2), str(Q2.first), str(Q2.end)) == ("2026-Q2", "2026-04-01", "2026-07-01")
    assert oss.read_quarter("2025-Q3") == Quarter(2025, 3)


@pytest.mark.parametrize("text", ["", "x", "2026-Q5", "9999-Q1", "-Q1", "2026"])
def test_what_is_no_quarter_is_the_present_one(roast, text):
    assert oss.read_quarter(text) == oss.quarter_of()


def test_the_rates_of_the_eu_come_with_one_press_and_change_nothing_that_is_there(roast):
    make.tax(1800, country="DE")
    db.session.commit()
    added = tax_presets.install_eu(actor=cast.ALICE.actor)
    assert len(added) == 26 and "DE" not in added
    assert [rate.rate for rate in taxes.table_for(Place("DE")).rates("standard")] == [1800]
    assert [rate.rate for rate in taxes.table_for(Place("FR")).rates("standard")] == [2000]
    assert tax_presets.install_eu(actor=cast.ALICE.actor) == []

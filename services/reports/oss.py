"""The EU's one-stop shop: what was sold to consumers in other member states, by country and rate, a quarter at a time.

Counted are orders placed in the quarter that count in every report, with tax in them, that went to another member
state; reverse charge is none of it. What credit notes of the quarter take back stands beside it, under the rate of its
line. Amounts are in minor units of the store's currency.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from kit.csv import lines
from kit.db import db
from kit.money import to_text
from models.credits import CreditNote, CreditNoteStatus
from models.orders import Order
from models.taxes import TaxTreatment
from services import tenants
from services.reports.periods import COUNTED, month_after, start_of, today, total
from services.tax_presets import EU_RATES

# Sales to all other member states together, without tax, in a calendar year; above it the destination's rates hold.
# Article 59c of Directive 2006/112/EC.
THRESHOLD_EUR = 10_000_00
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    year: int
    number: int  # 1 to 4

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The first day after it."""
        return month_after(month_after(month_after(self.first)))

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(slots=True)
class Row:
    """`rate` in hundredths of a percent."""

    country: str
    rate: int
    net: int = 0
    tax: int = 0
    net_back: int = 0
    tax_back: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """The year's sales to other member states without tax; `limit` None where the currency is not the euro."""

    net: int
    limit: int | None


def quarter_of(day: date | None = None) -> Quarter:
    day = day or today()
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter:
    """`2026-Q3`; what is none is the present one."""
    year, _q, number = text.partition("-Q")
    if year.isdigit() and number in {"1", "2", "3", "4"} and 2000 <= int(year) <= 2200:
        return Quarter(int(year), int(number))
    return quarter_of()


def report(quarter: Quarter) -> list[Row]:
    """By country, then the higher rate first."""
    rows: dict[Key, Row] = {}
    for order in _orders(start_of(quarter.first), start_of(quarter.end)):
        for rate, net, tax in _parts(order):
            row = _row(rows, country_of(order), rate)
            row.net, row.tax = row.net + net, row.tax + tax
    for note, order in _notes(start_of(quarter.first), start_of(quarter.end)):
        for line in note.lines:
            rate = line["tax_rate"] if line["tax_rate"] is not None else _main_rate(order)
            row = _row(rows, country_of(order), rate)
            row.net_back, row.tax_back = row.net_back + line["net"], row.tax_back + line["tax"]
    return sorted(rows.values(), key=lambda row: (row.country, -row.rate))


def watch() -> Watch:
    year = Quarter(today().year, 1).first
    placed = _placed(start_of(year), start_of(year.replace(year=year.year + 1)))
    net = db.session.scalar(select(total(Order.total - Order.tax_total)).where(*placed)) or 0
    return Watch(net, THRESHOLD_EUR if tenants.current().currency == "EUR" else None)


def to_csv(quarter: Quarter) -> Iterator[str]:
    currency = tenants.current().currency
    header = ("quarter", "country", "rate", "net", "tax", "net_given_back", "tax_given_back", "currency")
    return lines(header, (_cells(row, quarter, currency) for row in report(quarter)))


def _cells(row: Row, quarter: Quarter, currency: str) -> Sequence[str]:
    amounts = (to_text(minor, currency) for minor in (row.net, row.tax, row.net_back, row.tax_back))
    return (str(quarter), row.country, f"{row.rate / 100:.2f}", *amounts, currency)


def country_of(order: Order) -> str:
    address = order.shipping_address or order.billing_address or {}
    return str(address.get("country") or "")


def _row(rows: dict[Key, Row], country: str, rate: int) -> Row:
    return rows.setdefault((country, rate), Row(country, rate))


def _orders(since: datetime, before: datetime) -> Iterator[Order]:
    query = select(Order).where(*_placed(since, before)).options(selectinload(Order.items))
    return iter(db.session.scalars(query.execution_options(yield_per=500)))


def _placed(since: datetime, before: datetime) -> list[ColumnElement[bool]]:
    return [Order.placed_at >= since, Order.placed_at < before, Order.status.in_(COUNTED), *_went_elsewhere()]


def _notes(since: datetime, before: datetime) -> Iterator[Any]:
    """Pairs of a credit note and its order."""
    query = (
        select(CreditNote, Order)
        .join(Order, Order.id == CreditNote.order_id)
        .where(CreditNote.created_at >= since, CreditNote.created_at < before,
               CreditNote.status != CreditNoteStatus.VOID, *_went_elsewhere())
        .options(selectinload(Order.items))
    )  # fmt: skip
    return iter(db.session.execute(query))


def _went_elsewhere() -> list[ColumnElement[bool]]:
    """With tax in it, to another member state. Nothing for a store outside of the EU."""
    home = tenants.current().country
    others = EU_RATES.keys() - {home} if home in EU_RATES else set()
    there = func.coalesce(
        Order.shipping_address["country"].as_string(), Order.billing_address["country"].as_string()
    )
    return [Order.tax_treatment.in_((TaxTreatment.DESTINATION, TaxTreatment.HOME)), there.in_(sorted(others))]


def _parts(order: Order) -> Iterator[tuple[int, int, int]]:
    """(rate, net, tax) of each line and of the delivery."""
    for item in order.items:
        amount = item.line_total - item.discount_amount
        yield item.tax_rate, amount - (item.tax_amount if order.prices_include_tax else 0), item.tax_amount
    sent = order.explanation.get("shipping")
    for part in sent["taxes"] if sent else ():
        yield part["rate"], part["net"], part["amount"]


def _main_rate(order: Order) -> int:
    """What was given back for no line in particular goes to the rate that most of the order has."""
    best = max(order.items, key=lambda item: item.line_total - item.discount_amount, default=None)
    return best.tax_rate if best else order.shipping_tax_rate

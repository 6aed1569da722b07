"""Papers of orders: read back from the PDF, in the order's language, of several orders in one file."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from kit.db import transaction
from kit.errors import Invalid, NotFound
from kit.pdf import Column, Paper, color_of
from models.orders import Order, PaymentMethod
from services import tenants
from services.orders import papers
from services.orders.papers import PaperKind, print_orders
from tests import make
from tests.cast import RIVAL, STAN
from tests.make import Line

PLACE = {"first_name": "Łucja", "last_name": "Ação", "line1": "Rua da Pã 1", "city": "Lisboa",
         "postal_code": "1000-100", "country": "PT"}  # fmt: skip


def text_of(*orders: Order, kind: PaperKind = PaperKind.SLIP) -> list[str]:
    pdf = print_orders([order.id for order in orders], kind, actor=STAN.actor)
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def order(**fields) -> Order:
    vest = Line(make.product("Café-Ösé", stock=9), quantity=3, price=1299, discount=465, tax=194)
    return make.paid_order(
        vest, shipping=490, shipping_tax=92, shipping_address=PLACE, shipping_method="CTT", **fields
    )


def test_a_slip_has_what_is_sent_and_no_price(roast):
    (page,) = text_of(order(customer_note="Bitte klingeln €"))
    for part in ("Packing slip", "Łucja Ação", "1000-100 Lisboa", "Café-Ösé", "3", "Bitte klingeln €", "CTT"):
        assert part in page, part
    assert "12.99" not in page and "34.32" not in page


def test_a_pro_forma_has_every_sum_and_says_that_it_is_no_invoice(roast):
    (page,) = text_of(order(), kind=PaperKind.PROFORMA)
    for part in (
        "Pro-forma invoice",
        "€12.99",
        "€38.97",
        "€4.65",
        "€4.90",
        "€39.22",
        "This is not an invoice",
    ):
        assert part in page, part
    assert "Nothing is to be paid any more." in page


def test_what_is_owed_stands_on_it_with_how_to_pay(roast):
    with transaction():
        tenants.row().payment_methods = {"bank_transfer": {"enabled": True, "instructions": "IBAN PT50"}}
    unpaid = make.order(payment_method=PaymentMethod.BANK_TRANSFER)
    (page,) = text_of(unpaid, kind=PaperKind.PROFORMA)
    assert "To be paid: €10.00" in page and "IBAN PT50" in page and unpaid.order_number in page


def test_it_is_written_in_the_language_of_the_order(roast):
    (page,) = text_of(order(locale="de"), kind=PaperKind.PROFORMA)
    assert "39,22\u00a0€" in page or "39,22 €" in page


def test_several_orders_are_one_file_each_with_its_own_pages(roast):
    first, second = order(), order()
    long = make.paid_order(*[Line(make.product(f"Thing {n}", stock=9)) for n in range(40)])
    pages = text_of(first, long, second)
    assert len(pages) == 4
    assert f"{first.order_number} · 1" in pages[0]
    assert [f"{long.order_number} · {n}" in pages[n] for n in (1, 2)] == [True, True]
    assert f"{second.order_number} · 1" in pages[3] and "Thing 39" in pages[2]


def test_what_was_cancelled_is_not_packed(roast):
    from services.orders.cancelling import UnitsDraft, cancel_units
    from tests.cast import MIA

    made = order()
    units = UnitsDraft(items=[{"order_item_id": made.items[0].id, "quantity": 2}])
    cancel_units(made.id, units, actor=MIA.actor)
    (page,) = text_of(made)
    assert "Units in all 1" in page.replace("\n", " ")


def test_letters_that_there_are_not_break_nothing(roast):
    made = make.paid_order(customer_note="漢字 😀 ok", shipping_address=PLACE | {"last_name": "😀"})
    assert "ok" in text_of(made)[0]


def test_papers_of_another_store_are_not_printed(roast):
    with tenants.in_store(RIVAL):
        foreign = make.paid_order()
    with pytest.raises(NotFound):
        text_of(order(), foreign)
    with pytest.raises(NotFound):
        print_orders([], PaperKind.SLIP, actor=STAN.actor)


def test_too_many_at_once_are_refused(roast, monkeypatch):
    monkeypatch.setattr(papers, "AT_ONCE", 1)
    with pytest.raises(Invalid):
        text_of(order(), order())


def test_a_colour_that_is_none_is_ink():
    assert color_of("#aa3311") == (0xAA, 0x33, 0x11)
    assert color_of("red") == color_of("#1c1b18")


def test_a_table_repeats_its_heading_on_each_page():
    paper = Paper(title="x", language="en")
    paper.begin("x")
    paper.rows([Column("Heading", 1)], [[str(n)] for n in range(80)])
    pages = [page.extract_text() for page in PdfReader(BytesIO(paper.file())).pages]
    assert len(pages) > 1 and all("Heading" in page for page in pages)

"""Files that are sold: nobody's but the buyer's, so often and so long as the product says."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gateways import storage
from kit import clock
from kit.db import db, transaction
from kit.errors import Conflict, Invalid, NotFound
from models.orders import OrderStatus, PaymentMethod
from models.product_details import Download
from services import downloads, tenants
from tests import cast, make
from tests.cast import MIA, RITA


@pytest.fixture
def book(roast):
    product = make.product("Book", is_digital=True, download_limit=2, download_days=30)
    downloads.add_file(product.id, "book.pdf", b"%PDF words", actor=MIA.actor, media_type="application/pdf")
    return product


def bought(book, quantity: int = 1):
    order = make.paid_order(make.Line(book, quantity=quantity, digital=True))
    downloads.grant(order.id)
    return order


def link(order) -> str:
    return downloads.token_of(downloads.of_order(order)[0])


def test_who_has_paid_gets_the_file_so_often_and_no_more(book):
    token = link(bought(book))
    for _time in range(2):
        found = downloads.fetch(token)
        assert (found.name, found.media_type, found.body) == ("book.pdf", "application/pdf", b"%PDF words")
    with pytest.raises(Conflict) as refused:
        downloads.fetch(token)
    assert refused.value.code == "download-used-up"
    assert db.session.scalars(select(Download.used)).all() == [2]


def test_to_ask_about_it_uses_up_nothing(book, browser):
    order = bought(book)
    url = f"/downloads/{link(order)}"
    for _time in range(5):
        asked = browser.request("HEAD", url)
        assert (asked.status_code, asked.data, asked.headers["Content-Type"]) == (200, b"", "application/pdf")
        assert asked.headers["Content-Length"] == str(len(b"%PDF words"))
    assert db.session.scalars(select(Download.used)).all() == [0]
    assert [browser.get(url).status_code for _time in range(3)] == [200, 200, 409]
    assert browser.request("HEAD", url).status_code == 409, "what is used up can't be asked for either"


def test_two_copies_may_be_fetched_twice_as_often_and_a_grant_twice_is_one(book):
    order = bought(book, quantity=2)
    downloads.grant(order.id)
    assert [row.limit for row in downloads.of_order(order)] == [4]


def test_the_right_ends_with_its_time_and_with_the_order(book, everything):
    order = bought(book)
    token = link(order)
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Conflict) as refused:
        downloads.fetch(token)
    assert refused.value.code == "download-expired"
    with transaction():
        order.status = OrderStatus.CANCELLED
    before = everything()
    with pytest.raises(Conflict) as refused:
        downloads.fetch(token)
    assert refused.value.code == "download-not-paid" and downloads.of_order(order) == ()
    assert everything() == before


def test_an_order_that_is_not_paid_gives_nothing(book):
    order = make.order(make.Line(book, digital=True), payment_method=PaymentMethod.BANK_TRANSFER)
    downloads.grant(order.id)
    assert downloads.of_order(order) == ()


def test_a_link_of_one_store_opens_nothing_in_another_nor_does_a_made_up_one(book, everything):
    token = link(bought(book))
    before = everything()
    with tenants.in_store(cast.RIVAL), pytest.raises(NotFound):
        downloads.fetch(token)
    for wrong in ("", "x", token[:-2] + "zz", token.partition(".")[0]):
        with pytest.raises(NotFound):
            downloads.fetch(wrong)
    assert everything() == before


def test_a_file_that_is_taken_back_stays_with_who_bought_it(book):
    order = bought(book)
    (file,) = downloads.files_of(book.id)
    key = file.key
    downloads.delete_file(book.id, file.id, actor=MIA.actor)
    downloads.remove_unused([key])
    assert downloads.fetch(link(order)).body == b"%PDF words"
    assert downloads.files_of(book.id) == []


def test_a_file_that_nobody_bought_is_gone(book):
    (file,) = downloads.files_of(book.id)
    key = file.key
    downloads.delete_file(book.id, file.id, actor=MIA.actor)
    downloads.remove_unused([key])
    assert not storage.has(key)


def test_what_is_no_file_or_not_ones_own_is_refused(book, everything):
    (file,) = downloads.files_of(book.id)
    before = everything()
    for name, data in (("", b"x"), ("a.txt", b"")):
        with pytest.raises(Invalid):
            downloads.add_file(book.id, name, data, actor=MIA.actor)
    with tenants.in_store(cast.RIVAL):
        with pytest.raises(NotFound):
            downloads.add_file(book.id, "a.txt", b"x", actor=RITA.actor)
        with pytest.raises(NotFound):
            downloads.delete_file(book.id, file.id, actor=RITA.actor)
    assert everything() == before


def test_its_own_address_never_serves_it_and_the_link_serves_it_as_a_file_to_keep(book, browser):
    (file,) = downloads.files_of(book.id)
    guest = browser
    assert guest.get(f"/media/{file.key}").status_code == 404
    order = bought(book)
    answer = guest.get(f"/downloads/{link(order)}")
    assert answer.data == b"%PDF words"
    assert answer.headers["Content-Disposition"] == "attachment; filename=book.pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert guest.get("/downloads/nonsense").status_code == 404


def test_the_order_page_leads_to_it(book, browser):
    from services.orders import access

    order = bought(book)
    page = browser.get(f"/orders/{access.issue_token(order)}").text
    assert "Your downloads" in page and "book.pdf" in page and "2 downloads left" in page

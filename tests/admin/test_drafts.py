"""An order that staff put together, in the back office: built form by form, sent, paid, thrown away."""

import re

import pytest

from models.orders import Order, OrderStatus, PaymentMethod, PaymentStatus
from models.promotions import Offered
from services import search, tenants
from services.orders import drafts, reading
from tests import cast, make

PLACE = {"country": "PT", "first_name": "Ana", "last_name": "Sá", "line1": "Rua 1", "city": "Lisboa",
         "postal_code": "1000-100"}  # fmt: skip


def new_draft(face) -> str:
    answer = face.post("/admin/orders/drafts")
    assert answer.status_code == 303
    return answer.headers["Location"].rpartition("/")[2]


def fresh(ident: str) -> Order:
    from kit.db import db
    from kit.ids import parse_id

    db.session.expire_all()
    return reading.get_order(parse_id(ident))


@pytest.fixture
def stan(browser):
    return browser.as_(cast.STAN)


def test_an_order_by_phone_from_the_first_word_to_the_link(roast, stan):
    mug, way = str(make.product("Mug", price=1000, stock=5).id), str(make.shipping(490).id)
    search.rebuild()
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    html = stan.get(url + "?find=mug&who=carla").text
    assert mug in html and str(cast.CARLA.id) in html and "Put something into the order." in html
    stan.post(url + "/lines", data={"product_id": mug, "variant_id": "", "quantity": "2"})
    stan.post(url + "/lines", data={"name": "Engraving", "unit_price": "5,50", "quantity": "1"})
    stan.post(url + "/buyer", data={"customer_id": str(cast.CARLA.id)})
    stan.post(url + "/place", data=PLACE)
    stan.post(url + "/terms", data={"shipping_method_id": way, "payment_method": "bank_transfer",
                                    "discount_percent": "10", "note": "Thanks"})  # fmt: skip
    order = fresh(ident)
    assert (order.subtotal, order.discount_total, order.shipping_total, order.total) == (2550, 255, 490, 2785)
    assert order.customer_id == cast.CARLA.id and order.shipping_method == "CTT"
    html = stan.get(url).text
    assert "27.85" in html and "Send it to the customer" in html and "It is paid already" not in html
    answer = stan.post(url + "/send", data={"days": "5", "notify": "1"})
    assert answer.headers["Location"].endswith(f"/admin/orders/{ident}")
    order = fresh(ident)
    assert (order.status, order.payment_method) == (OrderStatus.PENDING, PaymentMethod.BANK_TRANSFER)
    assert not order.order_number.startswith("D-")
    assert stan.get(url).status_code == 404
    assert stan.post(url + "/send", data={"days": "5"}).headers["Location"].endswith(f"/admin/orders/{ident}")


def test_lines_are_changed_and_taken_away(roast, stan):
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    for name in ("One", "Two"):
        stan.post(url + "/lines", data={"name": name, "unit_price": "3", "quantity": "1"})
    one, two = fresh(ident).items
    stan.post(url + "/change", data={f"quantity-{one.id}": "4", f"price-{one.id}": "2,50", f"quantity-{two.id}": "1",
                                     f"price-{two.id}": "3", "remove": str(two.id)})  # fmt: skip
    order = fresh(ident)
    assert [(i.name, i.quantity, i.unit_price) for i in order.items] == [("One", 4, 250)]
    assert order.total == 1000


def test_what_is_wrong_is_said_and_changes_nothing(roast, stan, everything):
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    before = everything()
    for path, data, said in (
        ("/lines", {"name": "", "unit_price": "3"}, "Say what it is."),
        ("/lines", {"name": "X"}, "Enter the price."),
        ("/lines", {"name": "X", "unit_price": "-1"}, "Must not be negative."),
        ("/buyer", {"email": "nobody"}, "e-mail"),
        ("/send", {"days": "5"}, "Put something into the order first."),
    ):
        answer = stan.post(url + path, data=data)
        assert answer.status_code == 303, path
        html = stan.get(url).text
        assert said in html, (path, data, re.findall(r"data-toast><span>([^<]*)", html))
    refused = stan.post(url + "/place", data=PLACE | {"postal_code": "x"})
    assert refused.status_code == 422 and "postcode" in refused.text
    assert everything() == before


def test_paid_at_the_counter_is_for_managers(roast, browser, stan):
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    stan.post(url + "/lines", data={"name": "Talk", "unit_price": "30", "quantity": "1"})
    stan.post(url + "/buyer", data={"email": "ana@x.test", "name": "Ana"})
    assert stan.post(url + "/paid").status_code == 403
    mia = browser.as_(cast.MIA)
    assert "It is paid already" in mia.get(url).text
    assert mia.post(url + "/paid", data={"payment_method": "pay_in_shop"}).status_code == 303
    order = fresh(ident)
    assert (order.payment_status, order.captured_total) == (PaymentStatus.PAID, 3000)


def test_a_draft_is_thrown_away(roast, stan):
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    assert "gone for good" in stan.get(url + "/delete").text
    stan.post(url + "/delete")
    assert stan.get(url).status_code == 404


def test_drafts_stand_in_a_view_of_their_own(roast, stan):
    ident = new_draft(stan)
    html = stan.get("/admin/orders?view=drafts").text
    assert ident in html and re.search(r'Drafts<span class="count">1<', html)
    assert stan.get(f"/admin/orders/{ident}").headers["Location"].endswith(f"/admin/orders/drafts/{ident}")


def test_the_other_store_sees_no_draft(app, browser, everything):
    with tenants.in_store(cast.RIVAL):
        other = drafts.create_draft(actor=cast.RITA.actor)
    alice, before = browser.as_(cast.ALICE), everything()
    url = f"/admin/orders/drafts/{other.id}"
    assert alice.get(url).status_code == 404 and alice.get(url + "/delete").status_code == 404
    for path in ("/lines", "/change", "/buyer", "/place", "/terms", "/send", "/paid", "/delete"):
        answer = alice.post(url + path, data={"name": "x", "unit_price": "1", "email": "a@b.test", **PLACE})
        assert answer.status_code == 404, path
    assert everything() == before


def test_a_coupon_by_phone_and_a_total_that_moved_meanwhile(roast, stan):
    make.coupon("TEN")
    mug, way = str(make.product("Mug", price=1000, stock=5).id), str(make.shipping(490).id)
    ident = new_draft(stan)
    url = f"/admin/orders/drafts/{ident}"
    stan.post(url + "/lines", data={"product_id": mug, "variant_id": "", "quantity": "2"})
    stan.post(url + "/buyer", data={"email": "ana@x.test", "name": "Ana"})
    stan.post(url + "/place", data=PLACE)
    terms = {"shipping_method_id": way, "payment_method": "bank_transfer"}
    stan.post(url + "/terms", data={**terms, "coupon_code": "NONE"})
    assert "There is no such coupon." in stan.get(url).text and fresh(ident).total == 2000
    stan.post(url + "/terms", data={**terms, "coupon_code": "ten"})
    html = stan.get(url).text
    assert 'value="ten"' in html and "22.90" in html and 'name="expected_total" value="22.90"' in html
    make.coupon("", offered=Offered.AUTOMATIC, name="Sale", value=2000, combines_with=[])
    html = stan.get(url).text
    assert "Prices, taxes or offers have changed since." in html and "The coupon takes nothing" in html
    stan.post(url + "/send", data={"days": "5", "expected_total": "22.90"})
    html = stan.get(url).text
    assert "The total has changed." in html and 'value="20.90"' in html
    assert fresh(ident).status is OrderStatus.DRAFT
    stan.post(url + "/send", data={"days": "5", "expected_total": "20.90"})
    order = fresh(ident)
    assert (order.status, order.total, order.coupon_code) == (OrderStatus.PENDING, 2090, None)

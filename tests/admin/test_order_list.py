"""The list of orders in the back office: filters, order, export, papers, and one command for many."""

import re
from io import BytesIO

from pypdf import PdfReader

from models.batches import RowState
from models.orders import FulfillmentStatus, OrderStatus
from services import batches, tenants
from services.orders import reading, tagging
from services.orders.tagging import TagsDraft
from tests import cast, make, till
from tests.queries import count_queries


def numbers(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/admin/orders/[^"]*">([^<]+)</a>', html)


def batch_of(location: str):
    return batches.get_batch(location.rpartition("/")[2])


def test_each_filter_is_a_chip_that_takes_itself_away(roast, browser):
    near = make.paid_order(shipping_address={"country": "PT"}, shipping_method="CTT")
    make.paid_order()
    tagging.set_tags(near.id, TagsDraft(tags=["Gift"]), actor=cast.STAN.actor)
    stan = browser.as_(cast.STAN)
    for query, chip in (
        ("country=PT", "Country: Portugal"), ("delivery=CTT", "Delivery: CTT"), ("tag=gift", "Tag: Gift (1)"),
        ("since=2000-01-01&delivery=CTT", "From 2000-01-01"), ("least=1%2C50&delivery=CTT", "At least €1.50"),
    ):  # fmt: skip
        html = stan.get(f"/admin/orders?{query}").text
        assert numbers(html) == [near.order_number], query
        assert chip in html, query
    html = stan.get("/admin/orders?country=PT&channel=nonsense&least=x&sort=x&product=y&since=z").text
    assert numbers(html) == [near.order_number]
    for amount in ("9" * 20, "1e30", "1.005"):
        assert numbers(stan.get(f"/admin/orders?country=PT&least={amount}").text) == [near.order_number], (
            amount
        )


def test_the_order_of_the_list_is_in_the_address(roast, browser):
    cheap, dear = make.order(total=100), make.order(total=900)
    stan = browser.as_(cast.STAN)
    assert numbers(stan.get("/admin/orders?sort=total").text) == [cheap.order_number, dear.order_number]
    html = stan.get("/admin/orders?sort=total&dir=desc").text
    assert numbers(html) == [dear.order_number, cheap.order_number] and 'aria-sort="descending"' in html


def test_an_own_view_is_a_tab(roast, browser):
    stan = browser.as_(cast.STAN)
    answer = stan.post("/admin/views", data={"kind": "orders", "name": "Gifts", "state": "tag=gift&page=2"})
    assert answer.headers["Location"].startswith("/admin/orders?tag=gift&saved=")
    assert "Gifts" in stan.get("/admin/orders?view=all").text


def test_a_page_of_the_list_asks_the_same_number_of_queries_however_long_it_is(roast, browser):
    stan, counts = browser.as_(cast.STAN), []
    for _ in range(2):
        for _n in range(5):
            make.paid_order()
        stan.get("/admin/orders?view=all")
        with count_queries() as queries:
            stan.get("/admin/orders?view=all")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20, queries


def test_the_export_is_what_the_list_shows(roast, browser):
    paid, gone = make.paid_order(customer_name="=1+1"), make.order(status=OrderStatus.CANCELLED)
    stan = browser.as_(cast.STAN)
    answer = stan.get("/admin/orders/export?status=confirmed")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (
        paid.order_number in answer.text and gone.order_number not in answer.text and "'=1+1" in answer.text
    )


def test_papers_of_one_and_of_many(roast, browser):
    first, second = make.paid_order(), make.paid_order()
    stan = browser.as_(cast.STAN)
    for name in ("slip.pdf", "proforma.pdf"):
        answer = stan.get(f"/admin/orders/{first.id}/{name}")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert first.order_number in PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    answer = stan.post("/admin/orders/print", data={"ids": [str(first.id), str(second.id)]})
    assert len(PdfReader(BytesIO(answer.data)).pages) == 2
    assert stan.post("/admin/orders/print", data={}).status_code == 303


# --- one command for many -------------------------------------------------------------------------------------------


def test_what_will_happen_is_shown_before_it_does(roast, browser, everything):
    paid, unpaid = make.paid_order(), make.order()
    mia, ids = browser.as_(cast.MIA), [str(paid.id), str(unpaid.id)]
    answer = mia.post("/admin/orders/bulk", data={"ids": ids, "action": "fulfil"})
    preview = answer.headers["Location"]
    html = mia.get(preview).text
    assert (
        "Will change" in html and "Will be refused" in html and "Only a confirmed order can be sent" in html
    )
    assert till.fresh(paid).fulfillment_status is FulfillmentStatus.UNFULFILLED, "a preview changes nothing"
    answer = mia.post(f"{preview}/start")
    batches.run(preview.rpartition("/")[2])
    rows = {row.reference: row for row in batches.list_rows(batch_of(preview)).items}
    assert rows[paid.order_number].state is RowState.DONE
    assert rows[unpaid.order_number].state is RowState.FAILED
    assert till.fresh(paid).fulfillment_status is FulfillmentStatus.FULFILLED
    assert till.fresh(unpaid).status is OrderStatus.PENDING


def test_a_dry_run_leaves_the_books_as_they_were(roast, browser, everything):
    paid_id = str(make.paid_order().id)
    mia = browser.as_(cast.MIA)
    before = {name: rows for name, rows in everything().items() if name in BOOKS}
    for data, path in (
        ({"action": "fulfil"}, "/admin/orders/bulk"), ({"reason": "x"}, "/admin/orders/bulk/cancel"),
        ({"add": "a, b"}, "/admin/orders/bulk/tag"),
    ):  # fmt: skip
        location = mia.post(path, data={"ids": paid_id, **data}).headers["Location"]
        assert "Will change" in mia.get(location).text, path
    assert {name: rows for name, rows in everything().items() if name in BOOKS} == before


BOOKS = (
    "orders",
    "order_items",
    "order_events",
    "order_tags",
    "stock_items",
    "stock_movements",
    "fulfillments",
)


def test_all_that_match_are_tagged_and_the_rest_is_not(roast, browser):
    paid, unpaid = make.paid_order(), make.order()
    mia = browser.as_(cast.MIA)
    asked = mia.post("/admin/orders/bulk", data={"all": "1", "state": "status=confirmed", "action": "tag"})
    assert asked.status_code == 200 and "For 1 order." in asked.text
    assert (
        mia.post("/admin/orders/bulk/tag", data={"all": "1", "state": "status=confirmed"}).status_code == 422
    )
    answer = mia.post(
        "/admin/orders/bulk/tag", data={"all": "1", "state": "status=confirmed", "add": "gift, big"}
    )
    preview = answer.headers["Location"]
    mia.post(f"{preview}/start")
    batches.run(preview.rpartition("/")[2])
    assert [tag.name for tag in till.fresh(paid).tags] == ["big", "gift"]
    assert till.fresh(unpaid).tags == []


def test_cancelling_many_closes_the_pages_that_are_open(roast, browser, sandbox):
    till.open_till(sandbox)
    free, paying = make.order(), make.order()
    till.hosted_page(paying)
    mia = browser.as_(cast.MIA)
    answer = mia.post(
        "/admin/orders/bulk/cancel", data={"ids": [str(free.id), str(paying.id)], "reason": "Closed"}
    )
    preview = answer.headers["Location"]
    assert "Its payment page is open: it is closed first." in mia.get(preview).text
    mia.post(f"{preview}/start")
    batches.run(preview.rpartition("/")[2])
    assert [till.fresh(one).status for one in (free, paying)] == [OrderStatus.CANCELLED] * 2


def test_notes_and_holds_for_many_and_the_way_back(roast, browser):
    order, mia = make.paid_order(), browser.as_(cast.MIA)
    chosen = {"ids": str(order.id)}
    for name, field, said in (("note", "text", "Write a note"), ("hold", "reason", "Put on hold")):
        asked = mia.post("/admin/orders/bulk", data={**chosen, "action": name})
        assert asked.status_code == 200 and said in asked.text
        assert mia.post(f"/admin/orders/bulk/{name}", data=chosen).status_code == 422
        preview = mia.post(f"/admin/orders/bulk/{name}", data={**chosen, field: "Look first"}).headers[
            "Location"
        ]
        assert "Will change" in mia.get(preview).text
        mia.post(f"{preview}/start")
        batches.run(preview.rpartition("/")[2])
    assert till.fresh(order).hold_reason == "Look first"
    mia.post(f"/admin/batches/{preview.rpartition('/')[2]}/undo")
    batches.run(preview.rpartition("/")[2])
    assert not till.fresh(order).is_on_hold
    quiet = mia.post("/admin/orders/bulk", data={**chosen, "action": "fulfil-quietly"})
    assert "Will change" in mia.get(quiet.headers["Location"]).text


def test_nothing_chosen_or_nothing_to_do_is_said(roast, browser, everything):
    order_id, mia = str(make.paid_order().id), browser.as_(cast.MIA)
    before = everything()
    for data in ({}, {"ids": "nonsense", "action": "fulfil"}, {"ids": order_id, "action": "explode"}):
        assert mia.post("/admin/orders/bulk", data=data).status_code == 303
    assert everything() == before


def test_bulk_is_for_managers(roast, browser, everything):
    order_id, stan = str(make.paid_order().id), browser.as_(cast.STAN)
    before = everything()
    for path in ("/admin/orders/bulk", "/admin/orders/bulk/tag", "/admin/orders/bulk/cancel"):
        assert stan.post(path, data={"ids": order_id, "action": "fulfil"}).status_code == 403
    assert everything() == before


def test_orders_of_the_other_store_are_not_chosen(app, browser, everything):
    with tenants.in_store(cast.RIVAL):
        foreign = make.paid_order()
    mia, before = browser.as_(cast.MIA), everything()
    for path in ("/admin/orders/bulk", "/admin/orders/print"):
        mia.post(path, data={"ids": str(foreign.id), "action": "fulfil"})
    for name in ("slip.pdf", "proforma.pdf", "units", "cancel"):
        assert mia.get(f"/admin/orders/{foreign.id}/{name}").status_code == 404, name
    for name in ("hold", "release", "tags", "note", "archive", "restore", "payment-link", "units"):
        answer = mia.post(
            f"/admin/orders/{foreign.id}/{name}", data={"reason": "x", "text": "x", "tags": "x"}
        )
        assert answer.status_code == 404, name
    assert everything() == before


# --- one order ------------------------------------------------------------------------------------------------------


def test_hold_tags_and_messages_by_their_buttons(roast, browser):
    order, stan = make.paid_order(), browser.as_(cast.STAN)
    url = f"/admin/orders/{order.id}"
    stan.post(url + "/hold", data={"reason": "Odd address"})
    assert "Reason: Odd address" in stan.get(url).text
    stan.post(url + "/release")
    stan.post(url + "/tags", data={"tags": "gift,  Call back , gift"})
    stan.post(url + "/note", data={"text": "We will call", "to_customer": "1"})
    html = stan.get(url).text
    assert (
        'value="Call back, gift"' in html
        and "Message to the customer" in html
        and "No longer on hold" in html
    )
    stan.post(url + "/hold", data={"reason": " "})
    assert not till.fresh(order).is_on_hold


def test_a_part_is_cancelled_and_leads_to_its_refund(roast, browser, everything):
    order = make.paid_order(make.Line(make.product("Mug", stock=9), quantity=3, price=1000))
    order_id, field = order.id, f"quantity-{order.items[0].id}"
    url, alice = f"/admin/orders/{order_id}", browser.as_(cast.ALICE)
    assert "/ 3</span>" in alice.get(url + "/units").text
    before = everything()
    for typed, said in (
        ("", "Choose at least one thing"),
        ("4", "Only 3 can be cancelled."),
        ("x", "whole number"),
    ):
        refused = alice.post(url + "/units", data={field: typed})
        assert refused.status_code == 422 and said in refused.text
    assert everything() == before
    answer = alice.post(url + "/units", data={field: "1"})
    html = alice.get(answer.headers["Location"]).text
    assert "Refund €10.00" in html
    assert reading.get_order(order_id).items[0].cancelled_quantity == 1
    assert browser.as_(cast.STAN).post(url + "/units", data={field: "1"}).status_code == 403


def test_a_packed_parcel_is_followed_and_sent(roast, browser):
    order, stan = make.paid_order(), browser.as_(cast.STAN)
    url, item = f"/admin/orders/{order.id}", order.items[0]
    stan.post(url + "/fulfil", data={f"quantity-{item.id}": "1", "pack": "1"})
    html = stan.get(url).text
    parcel = re.search(rf"{url}/parcels/([0-9a-f-]+)/ship", html).group(1)
    assert "Packed" in html
    tracking = f"{url}/parcels/{parcel}/tracking"
    assert stan.post(tracking, data={"tracking_url": "javascript:alert(1)"}).status_code == 422
    assert stan.post(tracking, data={"carrier": "CTT", "tracking_number": "RR9"}).status_code == 303
    stan.post(f"{url}/parcels/{parcel}/ship")
    assert till.fresh(order).fulfillment_status is FulfillmentStatus.FULFILLED
    assert "RR9" in stan.get(url).text
    other = make.paid_order()
    assert stan.post(f"/admin/orders/{other.id}/parcels/{parcel}/delivered").status_code == 404

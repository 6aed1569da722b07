"""What staff do with an order: each act has its effect, each refusal changes nothing."""

import re

from kit.db import transaction
from models.orders import FulfillmentStatus, Order, OrderStatus, PaymentMethod, PaymentStatus
from services import fulfilment
from services.orders import reading, timeline
from services.payments import refunds
from services.pricing import CouponType, Discount, PriceLine, ShippingCharge, compute
from services.tax_split import TaxRate
from tests import cast, make


def page_of(face, order):
    answer = face.get(f"/admin/orders/{order.id}")
    assert answer.status_code == 200
    return answer.text


def fresh(order) -> Order:
    return reading.get_order(order.id)


def mugs(quantity=3):
    return make.paid_order(
        make.Line(make.product("Mug", stock=20), quantity=quantity, price=1000), shipping=490
    )


# --- the list -------------------------------------------------------------------------------------------------------


def test_views_filters_and_search(roast, browser):
    paid, unpaid = make.paid_order(customer_name="Paula Paid"), make.order(customer_name="Ulla Unpaid")
    stan = browser.as_(cast.STAN)
    for query, there, gone in (
        ("view=unfulfilled", paid, unpaid), ("view=unpaid", unpaid, paid), ("status=pending", unpaid, paid),
        ("payment=paid", paid, unpaid), ("q=ulla", unpaid, paid), (f"q={paid.order_number}", paid, unpaid),
        ("fulfilment=unfulfilled&q=paula", paid, unpaid),
    ):  # fmt: skip
        html = stan.get(f"/admin/orders?{query}").text
        assert f"/admin/orders/{there.id}" in html and f"/admin/orders/{gone.id}" not in html, query
    empty = stan.get("/admin/orders?q=nobody").text
    assert "No orders match" in empty and "Clear filters" in empty
    assert f"/admin/orders/{paid.id}" not in stan.get("/admin/orders?until=2020-01-01").text


def test_the_way_back_keeps_the_list_as_it_was(roast, browser):
    order = make.paid_order()
    html = browser.as_(cast.STAN).get(f"/admin/orders/{order.id}?back=/admin/orders?view=open%26q=x").text
    assert 'href="/admin/orders?view=open&amp;q=x"' in html
    html = browser.as_(cast.STAN).get(f"/admin/orders/{order.id}?back=//evil.test/admin/orders").text
    assert "evil.test" not in html.replace("back=//evil", "")


# --- sending --------------------------------------------------------------------------------------------------------


def test_a_part_is_sent_and_the_rest_stays_open(roast, browser):
    order = mugs()
    item = order.items[0]
    stan = browser.as_(cast.STAN)
    answer = stan.post(f"/admin/orders/{order.id}/fulfil", data={f"quantity-{item.id}": "2", "carrier": "CTT",
                       "tracking_number": "RR1", "tracking_url": "https://ctt.test/RR1", "notify": "y"})  # fmt: skip
    assert answer.status_code == 303
    assert fresh(order).fulfillment_status is FulfillmentStatus.PARTIAL
    parcel = fulfilment.list_parcels(order.id)[0]
    assert (parcel.carrier, parcel.items[0].quantity) == ("CTT", 2)
    html = page_of(stan, order)
    assert 'href="https://ctt.test/RR1"' in html and "/ 1</span>" in html
    assert stan.post(f"/admin/orders/{order.id}/parcels/{parcel.id}/delivered").status_code == 303
    assert fulfilment.list_parcels(order.id)[0].status == "delivered"


def test_what_can_not_be_sent_is_refused_with_the_form(roast, browser, everything):
    order, stan = mugs(), browser.as_(cast.STAN)
    item, before = order.items[0], everything()
    url = f"/admin/orders/{order.id}/fulfil"
    for data, said in (
        ({f"quantity-{item.id}": "4"}, "Only 3 are left to send."),
        ({f"quantity-{item.id}": "0"}, "Choose at least one thing"),
        ({f"quantity-{item.id}": "1", "tracking_url": "javascript:alert(1)"}, "Must be a web address"),
        ({f"quantity-{item.id}": "many"}, "Must be a whole number"),
    ):
        answer = stan.post(url, data=data)
        assert answer.status_code == 422 and said in answer.text, (data, answer.text[-3000:])
        assert "data-open-now" in answer.text, "the dialog is open again"
    assert everything() == before
    unpaid = make.order()
    assert (
        stan.post(
            f"/admin/orders/{unpaid.id}/fulfil", data={f"quantity-{unpaid.items[0].id}": "1"}
        ).status_code
        == 409
    )
    assert fulfilment.list_parcels(unpaid.id) == []


def test_a_parcel_is_cancelled_by_a_manager_only(roast, browser):
    order = mugs()
    parcel = fulfilment.fulfil_order(order.id, fulfilment.ParcelDraft(), actor=cast.STAN.actor)
    url = f"/admin/orders/{order.id}/parcels/{parcel.id}/cancel"
    assert browser.as_(cast.STAN).post(url).status_code == 403
    assert browser.as_(cast.MIA).post(url).status_code == 303
    assert fresh(order).fulfillment_status is FulfillmentStatus.UNFULFILLED


# --- money in, moves, notes -----------------------------------------------------------------------------------------


def test_marking_as_paid_confirms(roast, browser):
    order = make.order(payment_method=PaymentMethod.BANK_TRANSFER)
    assert browser.as_(cast.STAN).post(f"/admin/orders/{order.id}/paid").status_code == 403
    assert "Mark as paid" not in page_of(browser.as_(cast.STAN), order)
    mia = browser.as_(cast.MIA)
    assert re.search(r'btn btn--primary" type="submit">.*?Mark as paid', page_of(mia, order))
    mia.post(f"/admin/orders/{order.id}/paid")
    assert (fresh(order).status, fresh(order).payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
    mia.post(f"/admin/orders/{order.id}/paid")
    assert "This order is paid already." in page_of(mia, order)
    assert fresh(order).captured_total == order.total


def test_moves_are_the_services(roast, browser, everything):
    order, stan = mugs(), browser.as_(cast.STAN)
    stan.post(f"/admin/orders/{order.id}/status", data={"status": "processing"})
    assert fresh(order).status is OrderStatus.PROCESSING
    before = everything()
    for status in (
        "completed",
        "pending",
        "nonsense",
        "refunded",
    ):  # staff may not complete; the others are no moves
        assert stan.post(f"/admin/orders/{order.id}/status", data={"status": status}).status_code == 303
    assert everything() == before
    assert "can&#39;t become" in page_of(stan, order)


def test_cancelling(roast, browser):
    unpaid, paid = make.order(), mugs()
    stan, mia = browser.as_(cast.STAN), browser.as_(cast.MIA)
    assert "Cancel the order" in page_of(stan, unpaid) and "Cancel the order" not in page_of(stan, paid)
    assert stan.get(f"/admin/orders/{unpaid.id}/cancel").status_code == 200
    stan.post(f"/admin/orders/{unpaid.id}/cancel", data={"note": "Asked by phone"})
    assert fresh(unpaid).status is OrderStatus.CANCELLED
    assert "Asked by phone" in page_of(stan, unpaid)
    stan.post(f"/admin/orders/{paid.id}/cancel")
    assert fresh(paid).status is OrderStatus.CONFIRMED
    mia.post(f"/admin/orders/{paid.id}/cancel")
    assert fresh(paid).status is OrderStatus.CANCELLED


def test_a_note_is_told_as_typed(roast, browser):
    order, stan = mugs(), browser.as_(cast.STAN)
    stan.post(f"/admin/orders/{order.id}/note", data={"text": "<b>Gift</b>, no invoice"})
    assert "&lt;b&gt;Gift&lt;/b&gt;, no invoice" in page_of(stan, order)
    count = len(timeline.list_events(order.id))
    stan.post(f"/admin/orders/{order.id}/note", data={"text": "   "})
    assert len(timeline.list_events(order.id)) == count


def test_the_mail_goes_out_again(roast, browser):
    from kit.db import db
    from models.outbox import OutboxMessage

    order, stan = mugs(), browser.as_(cast.STAN)
    stan.post(f"/admin/orders/{order.id}/mail")
    topics = [row.topic for row in db.session.query(OutboxMessage)]
    assert topics.count("order.mail_requested") == 1


def test_the_page_tells_how_the_total_was_reached(roast, browser):
    lines = [PriceLine("x", 1000, 2, (TaxRate("IVA", 2300),))]
    ten = Discount("c", "TEN", CouponType.PERCENTAGE, 1000, code="TEN")
    totals = compute(
        lines, prices_include_tax=True, discounts=[ten], shipping=ShippingCharge("Post", 490, lines[0].rates)
    )
    order = make.order(
        make.Line(make.product("Mug"), quantity=2, discount=200, tax=337),
        shipping=490,
        explanation=totals.explanation,
        tax_total=totals.tax_total,
    )
    html = page_of(browser.as_(cast.STAN), order)
    for part in ("2 × €10.00", "Discount TEN", "IVA (23", "in €18.00: 3.3659, rounded", "discount −€2.00",
                 "incl. €3.37 tax", "it comes out the same"):  # fmt: skip
        assert part in html, part
    with transaction() as session:
        session.get(Order, order.id).total += 1
    assert "somebody has changed a number" in page_of(browser.as_(cast.STAN), order)


def test_the_slip_says_what_is_in_it_and_no_price(roast, browser):
    html = browser.as_(cast.STAN).get(f"/admin/orders/{mugs().id}/slip").text
    assert "Packing slip" in html and "Mug" in html and "€" not in html


# --- money back -----------------------------------------------------------------------------------------------------


def form_of(face, order) -> dict[str, str]:
    """The hidden fields of the refund form, as the page was served."""
    html = face.get(f"/admin/orders/{order.id}/refund").text
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)[1]
        for name in ("idempotency_key", "left", "expected")
    }


def test_refund_of_all_that_is_left(roast, browser):
    order, alice = mugs(), browser.as_(cast.ALICE)
    assert "Refund €34.90" in page_of(alice, order)
    answer = alice.post(
        f"/admin/orders/{order.id}/refund", data={**form_of(alice, order), "mode": "all", "restock": "1"}
    )
    assert answer.status_code == 303
    assert fresh(order).payment_status is PaymentStatus.REFUNDED and fresh(order).refunded_total == 3490
    assert "Refund €" not in page_of(alice, order), "nothing is left to refund"


def test_refund_is_for_admins(roast, browser, everything):
    order, mia = mugs(), browser.as_(cast.MIA)
    url = f"/admin/orders/{order.id}/refund"
    assert 'data-open="refund"' not in page_of(mia, order)
    before = everything()
    assert mia.post(url, data={"mode": "all"}).status_code == 403
    assert mia.get(url).status_code == 403
    assert everything() == before


def test_refund_of_chosen_things_counted_by_the_server(roast, browser):
    order, alice = mugs(), browser.as_(cast.ALICE)
    item = order.items[0]
    chosen = {"mode": "items", f"quantity-{item.id}": "1", "shipping": "1", "restock": "1"}
    preview = alice.htmx().post(f"/admin/orders/{order.id}/refund/preview", data=chosen)
    assert preview.status_code == 200 and "Refund €14.90" in preview.text and "<html" not in preview.text
    form = {**form_of(alice, order), **chosen, "expected": "1490"}
    assert alice.post(f"/admin/orders/{order.id}/refund", data=form).status_code == 303
    assert fresh(order).refunded_total == 1490
    assert fresh(order).items[0].refunded_quantity == 1


def test_refund_of_an_amount_typed_as_people_do(roast, browser):
    order, alice = mugs(), browser.as_(cast.ALICE)
    form = {**form_of(alice, order), "mode": "amount", "amount": "5,50", "expected": "550"}
    assert alice.post(f"/admin/orders/{order.id}/refund", data=form).status_code == 303
    assert fresh(order).refunded_total == 550
    assert "€29.40 of €34.90 left to refund" in alice.get(f"/admin/orders/{order.id}/refund").text


def test_what_can_not_be_refunded_changes_nothing(roast, browser, everything):
    order, alice = mugs(), browser.as_(cast.ALICE)
    hidden = form_of(alice, order)
    del hidden["expected"]
    url, item = f"/admin/orders/{order.id}/refund", f"quantity-{order.items[0].id}"
    before = everything()
    for data, code in (
        ({"mode": "amount", "amount": "34.91"}, 409),
        ({"mode": "amount", "amount": ""}, 422),
        ({"mode": "amount", "amount": "-5"}, 422),
        ({"mode": "items"}, 422),
        ({"mode": "items", item: "4"}, 422),
        ({"mode": "items", "quantity-nonsense": "1"}, 422),
        ({"mode": "all", "expected": "1"}, 409),  # the button said another sum
    ):
        answer = alice.post(url, data={**hidden, **data})
        assert answer.status_code == code and 'role="alert"' in answer.text, (data, answer.status_code)
    after = everything()
    before.pop("idempotency_records"), after.pop("idempotency_records")
    assert after == before


def test_the_same_form_twice_is_one_refund(roast, browser):
    order, alice = mugs(), browser.as_(cast.ALICE)
    form = {**form_of(alice, order), "mode": "amount", "amount": "10.00", "expected": "1000"}
    first, second = (alice.post(f"/admin/orders/{order.id}/refund", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert len(refunds.list_refunds(order.id)) == 1 and fresh(order).refunded_total == 1000


def test_two_tabs_do_not_refund_twice(roast, browser):
    """The second tab shows what is left now, and asks again."""
    order, alice = mugs(), browser.as_(cast.ALICE)
    forms = [
        {**form_of(alice, order), "mode": "amount", "amount": "10.00", "expected": "1000"}
        for _tab in range(2)
    ]
    first, second = (alice.post(f"/admin/orders/{order.id}/refund", data=form) for form in forms)
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Something was refunded meanwhile" in second.text and "€24.90 of €34.90" in second.text
    assert fresh(order).refunded_total == 1000


def test_without_scripts_the_sum_is_worked_out_on_a_page(roast, browser):
    order, alice = mugs(), browser.as_(cast.ALICE)
    hidden = form_of(alice, order)
    page = alice.post(
        f"/admin/orders/{order.id}/refund/preview", data={**hidden, "mode": "amount", "amount": "12"}
    )
    assert (
        page.status_code == 200
        and "Refund €12.00" in page.text
        and f'value="{hidden["idempotency_key"]}"' in page.text
    )

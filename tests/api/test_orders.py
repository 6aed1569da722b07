"""Orders over the API: who may, what is answered, what is refused, and that the other store sees nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kit.db import db
from models.orders import Order, OrderStatus, PaymentMethod
from services import fulfilment, tenants
from services.orders import access, holds, tagging
from services.orders.holds import HoldDraft
from services.orders.tagging import TagsDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA, MIA, RITA, RIVAL, STAN
from tests.make import Line
from tests.queries import count_queries

LISBON = ZoneInfo("Europe/Lisbon")


@pytest.fixture
def order(roast) -> Order:
    """As it was made, apart from the session: what happens later does not show here."""
    made = make.paid_order(
        Line(make.product("Mug", stock=10), quantity=3, price=1000, tax=561), customer_id=CARLA.id
    )
    db.session.expunge_all()
    return made


def problem(answer) -> str:
    assert answer.mimetype == "application/problem+json"
    return answer.json["type"].rpartition("/")[2]


def test_an_order_as_json(api, order):
    body = api.as_(STAN).get(f"/api/orders/{order.id}").json
    assert (body["order_number"], body["status"], body["payment_status"]) == (
        order.order_number,
        "confirmed",
        "paid",
    )
    assert (body["total"], body["currency"], body["items"][0]["line_total"]) == ("30.00", "EUR", "30.00")
    assert (body["fulfillments"], body["refunds"]) == ([], [])


def test_by_number_is_the_owners_the_links_or_staffs(api, order):
    path = f"/api/orders/by-number/{order.order_number}"
    token = access.issue_token(order)
    for face in (api.as_(CARLA), api.as_(STAN), api.with_token(token)):
        assert face.get(path).json["id"] == str(order.id)
    assert api.get(path).status_code == 401
    assert api.as_(CARL).get(path).status_code == 404
    assert api.as_(RITA).get(path).status_code == 404
    with tenants.in_store(order.tenant_id):
        other = make.order()
        other_token = access.issue_token(other)
    assert api.with_token(other_token).get(path).status_code == 404
    assert api.with_token(token).get("/api/orders").status_code == 403
    assert api.with_token(token + "x").get(path).status_code == 401


def test_the_list_is_filtered_searched_and_newest_first(roast, api):
    day = datetime(2026, 3, 10, 23, 30, tzinfo=LISBON)
    first = make.order(placed_at=day, customer_name="Ana Sousa", payment_method=PaymentMethod.BANK_TRANSFER)
    second = make.order(placed_at=day.replace(day=11, hour=0, minute=10), email="Rui@Example.test")
    third = make.order(placed_at=day.replace(day=12), status=OrderStatus.EXPIRED)
    numbers = {first.order_number: "first", second.order_number: "second", third.order_number: "third"}

    def found(query: str) -> list[str]:
        answer = api.as_(STAN).get("/api/orders" + query)
        assert answer.status_code == 200, answer.text
        return [numbers[item["order_number"]] for item in answer.json["items"]]

    assert found("") == ["third", "second", "first"]
    assert found("?status=pending") == ["second", "first"]
    assert found("?date_to=2026-03-10") == ["first"]
    assert found("?date_from=2026-03-11&date_to=2026-03-11") == ["second"]
    assert found("?date_from=2026-03-10T23:30:00Z&date_to=2026-03-10T23:30:00Z") == ["first"]
    assert found("?search=sousa") == ["first"]
    assert found("?search=RUI@example") == ["second"]
    assert found(f"?search={third.order_number}") == ["third"]
    assert found("?search=%25") == []
    assert found("?payment_status=unpaid&fulfillment_status=unfulfilled&page_size=2") == ["third", "second"]
    assert found("?page=2&page_size=2") == ["first"]
    assert found("?page=99") == []


@pytest.mark.parametrize(
    "query", ["status=lost", "payment_status=x", "fulfillment_status=", "date_from=yesterday", "date_to=2026-02-30",
              "date_to=9999-12-31", "page=0", "page_size=101", "sort=x", "customer=1"],
)  # fmt: skip
def test_a_wrong_query_is_named(roast, api, query):
    answer = api.as_(STAN).get("/api/orders?" + query)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


def test_a_list_asks_the_database_no_more_for_more_orders(roast, api):
    staff = api.as_(STAN)

    def queries(count: int) -> int:
        for _ in range(count):
            make.paid_order()
        with count_queries() as seen:
            assert staff.get("/api/orders?page_size=100").status_code == 200
        return len(seen)

    assert queries(1) == queries(9) <= 9


def test_an_illegal_move_names_the_legal_ones(api, order, everything):
    mia = api.as_(MIA)
    before = everything()
    answer = mia.put(f"/api/orders/{order.id}/status", json={"status": "pending"})
    assert (answer.status_code, problem(answer)) == (409, "illegal-transition")
    assert answer.json["allowed"] == ["processing", "completed", "cancelled"]
    assert (answer.json["status"], answer.json["current"]) == (409, "confirmed"), (
        "the standard members stay theirs"
    )
    assert mia.put(f"/api/orders/{order.id}/status", json={"status": "refunded"}).status_code == 409
    for body in ({"status": "lost"}, {}, {"status": "completed", "nots": "x"}, {"status": 1}):
        assert mia.put(f"/api/orders/{order.id}/status", json=body).status_code == 422
    assert (
        mia.put(f"/api/orders/{order.id}/status", json={"status": "completed", "version": 0}).status_code
        == 409
    )
    assert everything() == before


def test_a_move_answers_the_order(api, order):
    answer = api.as_(MIA).put(f"/api/orders/{order.id}/status", json={"status": "delivered"})
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["display_status"]) == ("completed", "delivered")
    assert len(answer.json["fulfillments"]) == 1


def test_fulfil_in_parts_once_per_key(api, order):
    path = f"/api/orders/{order.id}/fulfill"
    body = {"items": [{"order_item_id": str(order.items[0].id), "quantity": 1}], "carrier": "CTT",
            "tracking_number": "RR1", "tracking_url": "https://ctt.pt/RR1"}  # fmt: skip
    stan = api.as_(STAN)
    first = stan.post(path, json=body, headers={"Idempotency-Key": "a"})
    again = stan.post(path, json=body, headers={"Idempotency-Key": "a"})
    assert first.json == again.json
    assert first.json["fulfillment_status"] == "partial"
    assert first.json["fulfillments"][0]["shipped_at"].endswith("Z")
    assert first.json["fulfillments"][0] | {"id": "", "created_at": "", "shipped_at": ""} == {
        "id": "", "created_at": "", "shipped_at": "", "status": "shipped", "carrier": "CTT", "tracking_number": "RR1",
        "tracking_url": "https://ctt.pt/RR1",
        "items": [{"order_item_id": str(order.items[0].id), "quantity": 1}]}  # fmt: skip
    other = stan.post(path, json={}, headers={"Idempotency-Key": "a"})
    assert (other.status_code, problem(other)) == (422, "idempotency-key-reused")
    assert stan.post(path).json["fulfillment_status"] == "fulfilled"
    assert problem(stan.post(path)) == "not-fulfillable"


def test_refund_by_items_and_by_amount_once_per_key(api, order):
    path = f"/api/orders/{order.id}/refund"
    alice = api.as_(ALICE)
    body = {"items": [{"order_item_id": str(order.items[0].id), "quantity": 1}], "reason": "Scratched"}
    for _ in range(3):
        answer = alice.post(path, json=body, headers={"Idempotency-Key": "r"})
        assert (answer.status_code, answer.json["refunded_total"]) == (200, "10.00")
    assert answer.json["refunds"][0]["amount"] == "10.00"
    assert answer.json["items"][0]["refunded_quantity"] == 1
    assert alice.post(path, json={"amount": 5}).json["refunded_total"] == "15.00"
    too_much = alice.post(path, json={"amount": "15.01"})
    assert (too_much.status_code, problem(too_much), too_much.json["refundable"]) == (
        409,
        "refund-too-large",
        "15.00",
    )
    assert alice.post(path, json={}).json["payment_status"] == "refunded"
    assert problem(alice.post(path, json={})) == "nothing-to-refund"


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [("GET", "", None), ("GET", "/timeline", None), ("PUT", "/status", {"status": "completed"}),
     ("POST", "/fulfill", {}), ("POST", "/refund", {}), ("POST", "/resend-email", None)],
)  # fmt: skip
def test_the_other_store_finds_nothing(api, order, everything, method, what, body):
    rita = api.as_(RITA)
    before = everything()
    answer = rita.request(method, f"/api/orders/{order.id}{what}", json=body)
    assert answer.status_code == 404
    stolen = api.as_(RITA, host="roast.localhost").request(method, f"/api/orders/{order.id}{what}", json=body)
    assert stolen.status_code == 401
    assert everything() == before


@pytest.mark.parametrize(
    ("who", "method", "what"),
    [(CARLA, "GET", ""), (CARLA, "GET", "/timeline"), (STAN, "PUT", "/status"), (CARLA, "POST", "/fulfill"),
     (MIA, "POST", "/refund"), (CARLA, "POST", "/resend-email")],
)  # fmt: skip
def test_a_role_too_low_changes_nothing(api, order, everything, who, method, what):
    face = api.as_(who)
    before = everything()
    assert face.request(method, f"/api/orders/{order.id}{what}", json={}).status_code == 403
    assert everything() == before


def test_the_timeline_tells_who_did_what_oldest_first(api, order):
    api.as_(MIA).put(f"/api/orders/{order.id}/status", json={"status": "processing", "note": "On it"})
    items = api.as_(STAN).get(f"/api/orders/{order.id}/timeline").json["items"]
    assert [item["type"] for item in items] == ["payment.recorded", "order.confirmed", "order.processing"]
    assert all(item["message"] for item in items)
    assert (items[-1]["message"], items[-1]["actor"]["id"], items[-1]["actor"]["role"]) == (
        "On it", str(MIA.id), "manager")  # fmt: skip


def test_the_mail_is_sent_again(api, order):
    answer = api.as_(STAN).post(f"/api/orders/{order.id}/resend-email")
    assert (answer.status_code, answer.json) == (202, {"sent_to": "carla@roast.test"})


def test_a_number_of_the_other_store_is_unknown(roast, api):
    with tenants.in_store(RIVAL):
        number = make.order(order_number="R-1").order_number
    assert api.as_(STAN).get(f"/api/orders/by-number/{number}").status_code == 404
    assert db.session.is_active


def test_the_list_stands_in_the_order_that_is_asked_for(roast, api):
    for number, total in (("R-9", 300), ("R-10", 100), ("R-11", 200)):
        make.order(order_number=number, total=total)
    stan = api.as_(STAN)

    def numbers(query: str) -> list[str]:
        return [item["order_number"] for item in stan.get(f"/api/orders?{query}").json["items"]]

    assert numbers("") == ["R-11", "R-10", "R-9"]
    assert numbers("sort_by=total&sort_dir=asc") == ["R-10", "R-11", "R-9"]
    assert numbers("sort_by=order_number&sort_dir=asc") == ["R-9", "R-10", "R-11"]
    assert stan.get("/api/orders?sort_by=email").status_code == 422


def test_every_event_of_staff_has_its_words(api, order):
    holds.hold_order(order.id, HoldDraft(reason="Odd"), actor=STAN.actor)
    holds.release_order(order.id, actor=STAN.actor)
    tagging.set_tags(order.id, TagsDraft(tags=["gift"]), actor=STAN.actor)
    fulfilment.pack_order(order.id, fulfilment.ParcelDraft(), actor=STAN.actor)
    items = api.as_(STAN).get(f"/api/orders/{order.id}/timeline").json["items"]
    assert {item["type"] for item in items} >= {
        "order.held",
        "order.released",
        "order.tagged",
        "parcel.packed",
    }
    assert all(item["message"] != item["type"] for item in items)


def test_what_a_hold_is_for_is_told_to_nobody_outside(api, order):
    """The order's link may be anybody's; why staff keep it back is theirs."""
    holds.hold_order(order.id, HoldDraft(reason="Suspicious"), actor=STAN.actor)
    assert "Suspicious" not in api.as_(STAN).get(f"/api/orders/{order.id}").text

"""Groups of customers by rules, the list as CSV, merging and erasing, in the back office."""

import csv
import io

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from models.accounts import User
from models.customers import Segment
from services import customers, tenants
from tests import cast, make
from tests.cast import ALICE, CARL, CARLA, MIA, RITA, RUDI, STAN
from tests.queries import count_queries

GROUPS = "/admin/customers/groups"
BUYERS = {
    "name": "Buyers",
    "matches": "all",
    "rule-0": "orders_at_least",
    "value-0": "1",
    "rule-3": "no_marketing",
}


def made() -> Segment:
    return db.session.scalars(select(Segment)).one()


def test_a_group_is_counted_made_used_changed_and_deleted(roast, browser):
    make.paid_order(customer_id=CARLA.id)
    mia = browser.as_(MIA)
    assert "No groups yet" in mia.get(GROUPS).text
    counted = mia.post(f"{GROUPS}/new", data={**BUYERS, "do": "count"})
    assert counted.status_code == 200 and "1 customer is in it now." in counted.text
    assert db.session.scalars(select(Segment)).all() == []
    assert mia.post(f"{GROUPS}/new", data={**BUYERS, "do": "save"}).location == GROUPS
    assert [rule["rule"] for rule in made().rules] == ["orders_at_least", "no_marketing"], (
        "empty lines are left out"
    )
    listed = mia.get(GROUPS).text
    assert "Buyers" in listed and "Orders: at least 1; Did not agree to offers" in listed
    found = mia.get(f"/admin/customers?group={made().id}").text
    assert CARLA.email in found and CARL.email not in found
    url = f"{GROUPS}/{made().id}"
    assert 'value="Buyers"' in mia.get(url).text
    stale = mia.post(url, data={**BUYERS, "name": "Others", "version": "0", "do": "save"})
    assert stale.status_code == 409 and "Somebody else has changed this" in stale.text
    assert mia.post(url, data={**BUYERS, "name": "Others", "version": "1", "do": "save"}).status_code == 303
    assert db.session.get(Segment, made().id, populate_existing=True).name == "Others"
    assert mia.post(f"{url}/delete").location == GROUPS
    assert db.session.scalars(select(Segment)).all() == []


@pytest.mark.parametrize(
    ("change", "place"),
    [({"name": ""}, "#name"), ({"value-0": "many"}, "#value-0"), ({"rule-0": "", "rule-3": ""}, "Choose at least one"),
     ({"rule-0": "nonsense"}, "There is no such rule"), ({"name": "x" * 61}, "#name")],
)  # fmt: skip
def test_what_is_wrong_with_a_group_is_said_in_its_place(roast, browser, everything, change, place):
    mia, before = browser.as_(MIA), everything()
    answer = mia.post(f"{GROUPS}/new", data={**BUYERS, **change, "do": "save"})
    assert answer.status_code == 422 and place in answer.text
    assert everything() == before


def test_the_list_as_csv_is_an_admins(roast, browser, everything):
    make.paid_order(customer_id=CARLA.id)
    alice, mia = browser.as_(ALICE), browser.as_(MIA)
    mia.post(f"{GROUPS}/new", data={**BUYERS, "do": "save"})
    rows = list(
        csv.DictReader(
            io.StringIO(alice.get(f"/admin/customers/export?group={made().id}").text.lstrip("\ufeff"))
        )
    )
    assert [row["email"] for row in rows] == [CARLA.email]
    everybody = alice.get("/admin/customers/export").text
    assert CARL.email in everybody and STAN.email not in everybody and RUDI.email not in everybody
    assert mia.get("/admin/customers/export").status_code == 403
    assert 'href="/admin/customers/export' not in mia.get("/admin/customers").text


def test_merging_from_the_customers_page(roast, browser, everything):
    order = make.paid_order(customer_id=CARL.id)
    alice, mia = browser.as_(ALICE), browser.as_(MIA)
    url, order_id = f"/admin/customers/{CARLA.id}/merge", order.id
    assert alice.get(f"/admin/customers/{CARLA.id}").status_code == 200  # which is noted
    before = everything()
    wrong = alice.post(url, data={"email": "nobody@roast.test"})
    assert wrong.status_code == 422 and 'id="email-error"' in wrong.text
    assert alice.post(url, data={"email": STAN.email}).status_code == 409
    assert mia.post(url, data={"email": CARL.email}).status_code == 403
    assert everything() == before
    assert alice.post(url, data={"email": CARL.email}).status_code == 303
    assert [one.id for one in customers.latest_orders(CARLA.id)] == [order_id]
    assert alice.get(f"/admin/customers/{CARL.id}").status_code == 404


def test_erasing_asks_first(roast, browser, everything):
    alice, mia = browser.as_(ALICE), browser.as_(MIA)
    url = f"/admin/customers/{CARLA.id}/erase"
    before = everything()
    page = alice.get(url)
    assert page.status_code == 200 and "Carla Test" in page.text
    assert mia.get(url).status_code == mia.post(url).status_code == 403
    assert alice.post(f"/admin/customers/{STAN.id}/erase").status_code == 303
    assert "Make them a customer first" in alice.get("/admin").text
    assert everything() == before
    assert alice.post(url).location == "/admin/customers"
    assert db.session.get(User, CARLA.id, populate_existing=True).erased_at is not None
    assert CARLA.email not in alice.get("/admin/customers").text


def test_an_open_order_keeps_the_customer(roast, browser, everything):
    make.paid_order(customer_id=CARLA.id)
    alice, before = browser.as_(ALICE), everything()
    alice.post(f"/admin/customers/{CARLA.id}/erase")
    assert "is still open" in alice.get("/admin").text
    assert everything() == before


def test_the_other_stores_groups_and_customers_are_unknown(roast, browser, everything):
    browser.as_(MIA).post(f"{GROUPS}/new", data={**BUYERS, "do": "save"})
    group_id = made().id
    rita, before = browser.as_(RITA), everything()
    assert rita.get(f"{GROUPS}/{group_id}").status_code == 404
    assert rita.get(f"/admin/customers/export?group={group_id}").status_code == 404
    assert rita.get(f"/admin/customers?group={group_id}").status_code == 200, (
        "an unknown filter filters nothing"
    )
    for path in (f"{GROUPS}/{group_id}", f"{GROUPS}/{group_id}/delete", f"/admin/customers/{CARLA.id}/merge",
                 f"/admin/customers/{CARLA.id}/erase"):  # fmt: skip
        assert rita.post(path, data={**BUYERS, "email": RUDI.email}).status_code == 404, path
    assert everything() == before
    with tenants.in_store(cast.RIVAL):
        assert db.session.scalars(select(Segment)).all() == []


def test_what_was_agreed_to_stands_on_the_page(roast, browser):
    browser.as_(CARLA).post(
        "/account/preferences", data={"newsletter": "y", "order_updates": "y", "back_in_stock": "y"}
    )
    html = browser.as_(MIA).get(f"/admin/customers/{CARLA.id}").text
    assert "The newsletter: yes" in html and "In the account" in html


def test_who_opens_a_customer_is_noted_and_a_list_is_none(roast, browser):
    mia, path = browser.as_(MIA), f"/admin/customers/{CARLA.id}"
    assert mia.get("/admin/customers").status_code == 200
    assert "<td>Personal data read" not in browser.as_(ALICE).get(f"/admin/audit?who={MIA.id}").text
    with count_queries() as first:
        assert mia.get(path).status_code == 200
    with count_queries() as again:
        assert mia.get(path).status_code == 200
    assert len(again) < len(first)
    page = browser.as_(ALICE).get("/admin/audit")
    assert "<td>Personal data read" in page.text and MIA.email in page.text


def test_lists_ask_as_often_for_many_as_for_few(roast, browser):
    mia = browser.as_(MIA)
    mia.post(f"{GROUPS}/new", data={**BUYERS, "do": "save"})
    few = {path: asked(mia, path) for path in ("/admin/customers", GROUPS)}
    with transaction() as session:
        session.add_all(
            User(email=f"{n}@x.test", email_key=f"{n}@x.test", first_name=f"N{n}") for n in range(15)
        )
    for n in range(5):
        mia.post(f"{GROUPS}/new", data={**BUYERS, "name": f"Group {n}", "do": "save"})
    assert {path: asked(mia, path) for path in few} == few


def asked(face, path: str) -> int:
    with count_queries() as queries:
        assert face.get(path).status_code == 200
    return len(queries)

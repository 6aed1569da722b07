"""The shopper's own rooms: only their own, and every refusal leaves all as it was."""

import json
import re
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from models.accounts import User
from models.addresses import Address
from services import addresses
from services.accounts import people
from services.addresses import AddressDraft
from tests.cast import CARL, CARLA, PASSWORD

HOME = {
    "first_name": "Carla", "last_name": "Test", "line1": "Rua Augusta 1", "city": "Lisboa", "postal_code": "1100-048",
    "country": "PT",
}  # fmt: skip
PAGES = ["/account", "/account/orders", "/account/addresses", "/account/addresses/new", "/account/details",
         "/account/preferences", "/account/data", "/account/sessions"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_the_account_is_for_who_is_signed_in(browser, path):
    assert browser.get(path).location.startswith("/login?next=")
    answer = browser.as_(CARLA).get(path)
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]


@pytest.fixture
def carlas(roast) -> UUID:
    return addresses.create_address(AddressDraft(**HOME), actor=CARLA.actor).id


def test_an_address_is_saved_changed_and_deleted(roast, browser):
    carla = browser.as_(CARLA)
    assert carla.post("/account/addresses/new", data=HOME).status_code == 303
    address = db.session.scalars(select(Address)).one()
    assert (address.user_id, address.postal_code, address.is_default_shipping) == (CARLA.id, "1100-048", True)
    assert "Rua Augusta 1" in carla.get("/account/addresses").text
    url = f"/account/addresses/{address.id}"
    assert 'value="Lisboa"' in carla.get(url).text
    changed = {**HOME, "city": "Porto", "postal_code": "4000-001", "is_default_shipping": "y"}
    assert carla.post(url, data=changed).status_code == 303
    assert "Porto" in carla.get("/account/addresses").text
    assert carla.post(f"{url}/delete").status_code == 303
    assert db.session.scalars(select(Address)).all() == []


def test_a_wrong_address_comes_back_with_its_errors(browser, everything):
    carla = browser.as_(CARLA)
    before = everything()
    answer = carla.post("/account/addresses/new", data={**HOME, "postal_code": "99", "city": ""})
    assert answer.status_code == 422
    assert 'value="Rua Augusta 1"' in answer.text
    assert 'href="#postal_code"' in answer.text or 'href="#city"' in answer.text
    assert everything() == before


def test_somebody_elses_address_is_unknown(carlas, browser, everything):
    carl = browser.as_(CARL)
    before = everything()
    url = f"/account/addresses/{carlas}"
    assert carl.get(url).status_code == 404
    assert carl.post(url, data=HOME).status_code == 404
    assert carl.post(f"{url}/delete").status_code == 404
    assert carl.post(f"{url}/default").status_code == 404
    assert everything() == before


def test_details_are_changed(roast, browser):
    carla = browser.as_(CARLA)
    data = {"first_name": "Carlota", "last_name": "Test", "phone": "+351 912 345 678", "locale": "en"}
    assert carla.post("/account/details", data=data).status_code == 303
    user = people.get_user(CARLA.id)
    assert (user.first_name, user.phone) == ("Carlota", "+351 912 345 678")
    assert user.email == CARLA.email


def test_a_new_password_keeps_this_session_and_ends_the_others(browser):
    here, there = browser.as_(CARLA), browser.as_(CARLA)
    wrong = here.post(
        "/account/password", data={"current_password": "Not-This-1", "new_password": "Fresh-Pass-9"}
    )
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.text
    assert there.get("/account").status_code == 200
    right = here.post(
        "/account/password", data={"current_password": PASSWORD, "new_password": "Fresh-Pass-9"}
    )
    assert right.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_choices_are_kept_and_an_absent_tick_is_a_no(roast, browser):
    carla = browser.as_(CARLA)
    carla.post("/account/preferences", data={"newsletter": "y"})
    user = people.get_user(CARLA.id)
    assert user.preferences["newsletter"] is True
    assert user.preferences["order_updates"] is False
    assert user.accepts_marketing is False


def test_the_copy_of_ones_data_is_a_file_with_all_of_it(carlas, browser):
    answer = browser.as_(CARLA).get("/account/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(answer.data)
    assert data["account"]["email"] == CARLA.email
    assert data["addresses"][0]["line1"] == "Rua Augusta 1"
    assert "password" not in answer.text


def test_an_account_is_deleted_only_with_its_password(roast, browser, everything):
    carla = browser.as_(CARLA)
    before = everything()
    refused = carla.post("/account/delete", data={"password": "Wrong-Pass-1"})
    assert refused.status_code == 422
    assert everything() == before
    assert carla.post("/account/delete", data={"password": PASSWORD}).status_code == 303
    assert carla.get("/account").status_code == 303
    user = db.session.get(User, CARLA.id)
    assert user is not None
    assert user.erased_at is not None
    assert CARLA.email not in user.email


def test_sessions_are_shown_and_ended(browser, api):
    carla, other, carl = browser.as_(CARLA), browser.as_(CARLA), browser.as_(CARL)
    app = api.as_(CARLA)
    html = carla.get("/account/sessions").text
    assert html.count("This one") == 1 and ">App<" in html.replace("</svg>", ">")
    ids = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", html)
    assert len(ids) == 2
    assert carl.post(f"/account/sessions/{ids[0]}/end").status_code == 404
    assert other.get("/account").status_code == 200
    for one in ids:
        assert carla.post(f"/account/sessions/{one}/end").status_code == 303
    assert other.get("/account").status_code == 303 and app.get("/api/auth/me").status_code == 401
    assert carla.get("/account").status_code == carl.get("/account").status_code == 200
    assert browser.at("roast.localhost").post("/account/sessions/end-others").status_code == 401


def test_another_address_is_asked_for_with_the_password(roast, browser, everything):
    carla = browser.as_(CARLA)
    before = everything()
    wrong = carla.post("/account/email", data={"email": "new@example.test", "password": "Wrong-Pass-1"})
    assert wrong.status_code == 422 and 'id="password-error"' in wrong.text
    assert carla.post("/account/email", data={"email": "nonsense", "password": PASSWORD}).status_code == 422
    assert everything() == before
    answers = {carla.post("/account/email", data={"email": email, "password": PASSWORD}).location
               for email in ("new@example.test", CARL.email)}  # fmt: skip
    assert answers == {"/account/details"}, "free or taken, the answer is one"


def test_the_link_that_confirms_an_address_can_be_had_again(roast, browser):
    carla = browser.as_(CARLA)
    assert "Send the link again" in carla.get("/account").text
    assert carla.post("/account/confirm").location == "/account"
    assert "The link is on its way." in carla.get("/account").text
    with transaction():
        db.session.get(User, CARLA.id).email_verified_at = clock.now()
    assert "Send the link again" not in carla.get("/account").text
    carla.post("/account/confirm")
    assert "is confirmed already" in carla.get("/account").text


def test_what_was_chosen_stands_with_its_moment(roast, browser):
    carla = browser.as_(CARLA)
    assert "What you chose" not in carla.get("/account/preferences").text
    carla.post("/account/preferences", data={"newsletter": "y", "order_updates": "y", "back_in_stock": "y"})
    assert "The newsletter: yes" in carla.get("/account/preferences").text

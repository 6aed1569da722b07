"""Signing in, registering and forgotten passwords, as a browser without JavaScript does them."""

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from models.accounts import User
from models.carts import CartItem
from models.outbox import OutboxMessage
from models.tenants import TenantStatus
from services import tenants
from services.accounts import passwords, people
from tests import cast, make
from tests.cast import CARLA, PASSWORD, RUDI

NEW = {"first_name": "Nora", "last_name": "New", "email": "nora@example.test", "password": "Demo-Pass-1"}


def test_sign_in_leads_to_the_account(browser):
    answer = browser.post("/login", data={"email": CARLA.email, "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.location == "/account"
    assert browser.get("/account").status_code == 200


def test_sign_in_leads_back_to_where_one_was(browser):
    asked = browser.get("/account/addresses")
    assert (asked.status_code, asked.location) == (303, "/login?next=/account/addresses")
    assert 'value="/account/addresses"' in browser.get(asked.location).text
    data = {"email": CARLA.email, "password": PASSWORD, "next": "/account/addresses"}
    assert browser.post("/login", data=data).location == "/account/addresses"


@pytest.mark.parametrize("url", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)",
                                 "/\t/evil.test", "/\r/evil.test", "/\n/evil.test"])  # fmt: skip
def test_sign_in_never_leads_to_another_site(browser, url):
    answer = browser.post("/login", data={"email": CARLA.email, "password": PASSWORD, "next": url})
    assert answer.location == "/account"


@pytest.mark.parametrize(
    ("email", "password"),
    [(CARLA.email, "Wrong-Pass-1"), ("nobody@roast.test", PASSWORD), (RUDI.email, PASSWORD)],
)
def test_one_refusal_for_a_wrong_password_and_an_unknown_address(browser, email, password):
    answer = browser.post("/login", data={"email": email, "password": password})
    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong." in answer.text
    assert f'value="{email}"' in answer.text
    assert password not in answer.text
    assert browser.get("/account").status_code == 303


def test_signing_out_ends_the_session(browser):
    carla = browser.as_(CARLA)
    assert carla.post("/logout").status_code == 303
    assert carla.get("/account").location.startswith("/login")


def test_a_request_from_another_site_is_refused(browser):
    answer = browser.post(
        "/login", data={"email": CARLA.email, "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_registering_opens_an_account(roast, browser):
    answer = browser.post("/register", data=NEW)
    assert answer.status_code == 200
    assert "nora@example.test" in answer.text
    user = people.find_by_email("nora@example.test")
    assert isinstance(user, User)
    assert user.name == "Nora New"
    assert (
        browser.post("/login", data={"email": NEW["email"], "password": NEW["password"]}).status_code == 303
    )


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(roast, browser):
    fresh = browser.post("/register", data=NEW).text
    taken = browser.post("/register", data={**NEW, "password": "Other-Pass-1"})
    assert taken.status_code == 200
    assert taken.text == fresh
    topics = [m.topic for m in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
    assert topics[-2:] == ["account.registered", "account.register_repeated"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"password": "short"}, "At least 8 characters."),
        ({"password": "alllowercase1"}, "a capital letter"),
        ({"email": "no-address"}, "Must be an e-mail address"),
        ({"first_name": ""}, "This field is required."),
    ],
)
def test_register_says_what_is_wrong_and_keeps_what_was_typed(browser, everything, change, message):
    before = everything()
    answer = browser.post("/register", data={**NEW, **change})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="New"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "data-focus" in answer.text  # the summary takes the focus
    assert everything() == before


def test_forgotten_password_answers_everybody_alike(browser):
    known = browser.post("/password/forgot", data={"email": CARLA.email})
    unknown = browser.post("/password/forgot", data={"email": "nobody@roast.test"})
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text


def test_a_reset_link_works_once_and_ends_all_sessions(roast, browser):
    carla = browser.as_(CARLA)
    token = passwords.open_reset(people.get_user(CARLA.id))
    assert browser.get(f"/password/reset/{token}").status_code == 200
    assert browser.post(f"/password/reset/{token}", data={"password": "weak"}).status_code == 422
    assert browser.post(f"/password/reset/{token}", data={"password": "Better-Pass-2"}).status_code == 303
    assert browser.post(f"/password/reset/{token}", data={"password": "Third-Pass-3"}).status_code == 422
    assert "no longer works" in browser.get(f"/password/reset/{token}").text
    assert carla.get("/account").status_code == 303
    assert browser.post("/login", data={"email": CARLA.email, "password": PASSWORD}).status_code == 422
    assert browser.post("/login", data={"email": CARLA.email, "password": "Better-Pass-2"}).status_code == 303


def test_a_reset_link_of_another_store_is_unknown(roast, browser):
    token = passwords.open_reset(people.get_user(CARLA.id))
    assert "no longer works" in browser.at("rival.localhost").get(f"/password/reset/{token}").text


def test_signing_in_brings_the_guests_cart_along(roast, browser):
    mug = make.product("Mug", stock=9)
    browser.post("/cart/items", data={"product_id": str(mug.id), "quantity": "2"})
    browser.post("/login", data={"email": CARLA.email, "password": PASSWORD})
    assert "Cart" in browser.get("/cart").text
    items = db.session.scalars(select(CartItem)).all()
    assert [(item.quantity, item.cart_id is not None) for item in items] == [(2, True)]
    elsewhere = browser.at("roast.localhost").as_(CARLA)
    assert "Mug" in elsewhere.get("/cart").text


def test_signing_in_from_the_checkout_keeps_the_cart(shelf, browser):
    browser.htmx().post("/cart/items", data={"product_id": str(shelf.mug)})
    assert browser.get("/checkout").status_code == 200
    answer = browser.post("/login", data={"email": CARLA.email, "password": PASSWORD, "next": "/checkout"})
    assert answer.location == "/checkout"
    assert "Blue mug" in browser.get("/checkout").text


def test_sign_in_pages_are_no_ones_to_keep(browser):
    for path in ("/login", "/register", "/password/forgot"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "private" in answer.headers["Cache-Control"]


def test_a_customer_of_a_suspended_store_stays_out(app, browser):
    with tenants.in_store(cast.ROAST), transaction():
        tenants.row().status = TenantStatus.SUSPENDED
    answer = browser.post("/login", data={"email": CARLA.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]

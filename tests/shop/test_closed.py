"""A shop that is worked on: closed to shoppers, open to staff and to who has its password. And the holiday notice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from models.tenants import TenantStatus
from services import opening, tenants
from services.opening import OpeningDraft
from tests.browser_client import Browser
from tests.cast import ALICE, CARLA, STAN
from web.limits import limiter


def change(**sent) -> None:
    opening.update_opening(read(OpeningDraft, {**OpeningDraft.of(tenants.row()), **sent}), actor=ALICE.actor)


@pytest.fixture
def worked_on(shelf):
    change(maintenance_mode=True, maintenance_password="open sesame")
    return shelf


def test_shoppers_find_a_note_and_nothing_of_the_goods(worked_on, browser):
    for path in ("/", "/products", "/products/blue-mug", "/sitemap.xml"):
        answer = browser.get(path)
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "3600"
        assert "no-store" in answer.headers["Cache-Control"] and "Blue mug" not in answer.text
    assert 'action="/closed"' in answer.text and "We are back soon" in answer.text
    change(drop_password=True)
    assert 'action="/closed"' not in browser.get("/").text


def test_the_password_opens_the_shop_for_this_browser_only(worked_on, browser):
    visitor = Browser(browser.app)
    answer = visitor.post("/closed", data={"password": "open sesame", "next": "/products?sort=newest"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/products?sort=newest"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    page = visitor.get("/products")
    assert page.status_code == 200 and "Blue mug" in page.text
    assert page.headers["Cache-Control"] == "private, no-store" and "ETag" not in page.headers
    assert (
        visitor.post("/cart/items", data={"product_id": str(worked_on.mug), "quantity": "1"}).status_code
        < 400
    )
    assert browser.get("/products").status_code == 503
    assert Browser(browser.app).get("/products").status_code == 503


def test_what_a_visitor_saw_is_kept_for_nobody(worked_on, browser):
    visitor = Browser(browser.app)
    visitor.post("/closed", data={"password": "open sesame"})
    visitor.get("/")
    assert browser.get("/").status_code == 503
    change(maintenance_mode=False)
    page = browser.get("/")
    assert page.status_code == 200 and page.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("typed", ["", "wrong", "open sesame!", "x" * 5000])
def test_a_wrong_password_opens_nothing(worked_on, browser, everything, typed):
    before = everything()
    answer = browser.post("/closed", data={"password": typed})
    assert answer.status_code == 403 and "This is not the password." in answer.text
    assert "Set-Cookie" not in answer.headers and "no-store" in answer.headers["Cache-Control"]
    assert browser.get("/").status_code == 503
    assert everything() == before


def test_a_key_ends_with_its_password_after_a_day_and_at_the_stores_door(worked_on, browser):
    visitor = Browser(browser.app)
    visitor.post("/closed", data={"password": "open sesame"})
    key = visitor.client.get_cookie("open-door", domain="roast.localhost").value
    with tenants.in_store(tenants.find_by_host("rival.localhost")):
        change(maintenance_mode=True, maintenance_password="open sesame")
    elsewhere = Browser(browser.app, "rival.localhost")
    elsewhere.client.set_cookie("open-door", key, domain="rival.localhost")
    assert elsewhere.get("/").status_code == 503
    forged = Browser(browser.app)
    forged.client.set_cookie("open-door", key[:-3] + "abc", domain="roast.localhost")
    assert forged.get("/").status_code == 503
    change(maintenance_password="another one")
    assert visitor.get("/").status_code == 503


def test_a_key_is_no_way_into_a_suspended_store(worked_on, browser):
    visitor = Browser(browser.app)
    visitor.post("/closed", data={"password": "open sesame"})
    with transaction():
        tenants.row().status = TenantStatus.SUSPENDED
    answer = visitor.get("/")
    assert answer.status_code == 503 and 'action="/closed"' not in answer.text
    assert visitor.post("/closed", data={"password": "open sesame"}).headers["Location"] == "/"


def test_the_door_leads_to_no_other_site(worked_on, browser):
    for wanted in ("https://spy.test/", "//spy.test", "/\\spy.test"):
        answer = browser.post("/closed", data={"password": "open sesame", "next": wanted})
        assert answer.headers["Location"] == "/"


def test_staff_work_on_and_the_api_is_closed_but_for_them(worked_on, browser, api):
    assert browser.as_(STAN).get("/products").status_code == 200
    assert browser.as_(CARLA).get("/products").status_code == 503
    refused = api.get("/api/products")
    assert refused.status_code == 503 and refused.json["type"].endswith("/store-in-maintenance")
    assert refused.headers["Retry-After"] == "3600"
    assert api.as_(ALICE).get("/api/products").status_code == 200


def test_an_open_shop_asks_for_no_password(shelf, browser):
    assert browser.post("/closed", data={"password": "x"}).headers["Location"] == "/"


@pytest.fixture
def strict(worked_on, app, config, database):
    """The same app with its limits on. The limiter is one for the process, and goes back to what it was."""
    made = create_app(replace(config, database_url=database.url, rate_limits=True))
    limiter.reset()
    yield made
    limiter.reset()
    limiter.enabled = False
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def test_guesses_are_counted(strict):
    guesser = Browser(strict)
    codes = [guesser.post("/closed", data={"password": f"guess {n}"}).status_code for n in range(7)]
    assert codes == [403] * 5 + [429] * 2


def test_the_holiday_notice_comes_and_goes_on_its_day(shelf, browser):
    change(holiday_notice="Away <until> the 20th", holiday_from="2030-08-01", holiday_until="2030-08-20")
    shown = "Away &lt;until&gt; the 20th"
    before = datetime(2030, 7, 31, 22, 58, tzinfo=UTC)
    for later, is_there in ((0, False), (3, True), (60 * 24 * 20 + 3, False)):
        with clock.at(before + timedelta(minutes=later)):
            for path in ("/", "/products", "/cart"):
                assert (shown in browser.get(path).text) is is_there, (later, path)

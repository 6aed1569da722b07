"""The console's pages of plans and addons, and of the stores that ask for others."""

import re

import pytest

from kit.ids import uuid7
from services import offers, plan_requests, tenants
from services.plan_requests import RequestDraft
from tests.cast import ALICE, CARLA, PAT, RITA, ROAST
from tests.queries import count_queries

PLANS, REQUESTS = "/platform/plans", "/platform/plans/requests"
PAGES = (
    PLANS,
    f"{PLANS}/new",
    f"{PLANS}/growth",
    f"{PLANS}/addons/wishlist",
    REQUESTS,
    f"{REQUESTS}?view=answered",
)
TERMS = {"name": "Grown", "price": "50,00", "fee": "1.25", "products": "12", "staff": "", "features": ["wishlist"],
         "is_sold": "y"}  # fmt: skip


@pytest.fixture
def pat(app, browser):
    return browser.as_(PAT)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def ask(plan="growth", addons=(), **more):
    with tenants.in_store(ROAST):
        return plan_requests.ask(RequestDraft(plan=plan, addons=list(addons), **more), actor=ALICE.actor).id


def test_pages_are_the_platforms_own(app, browser, pat):
    path = f"{REQUESTS}/{ask()}"
    nobody, alice = browser.at("localhost"), browser.as_(ALICE)
    for page in (*PAGES, path):
        html = pat.get(page)
        assert html.status_code == 200 and html.text.count("<h1") == 1, page
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", html.text), page
        assert nobody.get(page).location.startswith("/platform/login"), page
        assert alice.get(page).status_code == 404, page


def test_strangers_change_nothing(app, browser, everything):
    ident = ask()
    faces = [(browser.at("localhost"), 401), *((browser.as_(who), 404) for who in (ALICE, RITA, CARLA))]
    before = everything()
    for path in (f"{PLANS}/new", f"{PLANS}/growth", f"{PLANS}/addons/wishlist", f"{REQUESTS}/{ident}/grant",
                 f"{REQUESTS}/{ident}/decline"):  # fmt: skip
        for face, status in faces:
            assert face.post(path, data={**TERMS, "slug": "mine"}).status_code == status, path
    assert everything() == before


def test_terms_are_changed_and_seen_by_the_stores(pat, browser):
    assert pat.post(f"{PLANS}/starter", data={**TERMS, "version": "0"}).location == PLANS
    page = text_of(pat.get(PLANS))
    assert "Grown starter €50.00 1.25 % 12 without limit" in page
    assert "Grown" in browser.as_(ALICE).get("/admin/settings/plan").text
    with tenants.in_store(ROAST):
        assert tenants.current().offer.limits["products"] == 12


def test_how_long_the_audit_log_is_kept_is_a_term_of_the_plan(pat, browser):
    page = text_of(pat.get(PLANS))
    assert "365 days" in page and "for ever" in page
    assert "Your plan keeps it for 365 days." in browser.as_(ALICE).get("/admin/audit").text
    assert 'value="365"' in pat.get(f"{PLANS}/starter").text
    for days in ("29", "-1", "x", "36501"):
        answer = pat.post(f"{PLANS}/starter", data={**TERMS, "audit_days": days, "version": "0"})
        assert answer.status_code == 422 and 'id="audit_days-error"' in answer.text, days
    assert offers.get_plan("starter").audit_days == 365
    assert pat.post(f"{PLANS}/starter", data={**TERMS, "audit_days": "90", "version": "0"}).status_code == 303
    assert offers.get_plan("starter").audit_days == 90
    assert "Audit log: 90 days" in browser.as_(ALICE).get("/admin/settings/plan").text
    assert pat.post(f"{PLANS}/starter", data={**TERMS, "audit_days": "", "version": "1"}).status_code == 303
    assert offers.get_plan("starter").audit_days is None
    assert "Your plan keeps it" not in browser.as_(ALICE).get("/admin/audit").text


def test_a_plan_is_made_and_an_addon_changed(pat):
    assert pat.post(f"{PLANS}/new", data={**TERMS, "slug": "tiny"}).location == PLANS
    assert offers.get_plan("tiny").extras == ["wishlist"]
    data = {"name": "Hearts", "description": "Kept", "price": "1.00", "version": "0"}
    assert pat.post(f"{PLANS}/addons/wishlist", data=data).location == PLANS
    assert (offers.get_addon("wishlist").price, offers.get_addon("wishlist").is_sold) == (100, False)
    assert "Not on sale" in text_of(pat.get(PLANS))


@pytest.mark.parametrize(("path", "change", "status"), [
    ("starter", {"name": ""}, 422), ("starter", {"price": "much"}, 422), ("starter", {"fee": "101"}, 422),
    ("starter", {"products": "-3"}, 422), ("starter", {"version": "7"}, 409), ("gold", {}, 404),
    ("addons/gold", {}, 404), ("addons/wishlist", {"price": ""}, 422), ("addons/wishlist", {"version": "7"}, 409),
    ("new", {"slug": "starter"}, 409), ("new", {"slug": "Ärger"}, 422), ("new", {"slug": "requests"}, 422),
])  # fmt: skip
def test_what_is_wrong_is_said_and_changes_nothing(pat, everything, path, change, status):
    before = everything()
    answer = pat.post(f"{PLANS}/{path}", data={**TERMS, "version": "0", **change})
    assert answer.status_code == status
    if status != 404:
        assert "Grown" in answer.text or "name" in change, "what was typed is kept"
    assert everything() == before


def test_a_request_is_looked_at_and_granted(pat):
    ident = ask("growth", ["wishlist"], note="We <grow>")
    assert "1 store asks for another plan" in text_of(pat.get(PLANS))
    page = text_of(pat.get(f"{REQUESTS}/{ident}"))
    assert "We &lt;grow&gt;" in page and "Starter → Growth + Wishlist" in page and "€54.00 (+€35.00)" in page
    assert pat.post(f"{REQUESTS}/{ident}/grant", data={"answer": "x" * 501}).status_code == 422
    assert pat.post(f"{REQUESTS}/{ident}/grant", data={"answer": "Enjoy"}).location == REQUESTS
    assert tenants.find_by_host("roast.localhost").plan == "growth"
    assert "Granted" in text_of(pat.get(f"{REQUESTS}?view=answered"))
    again = pat.post(f"{REQUESTS}/{ident}/decline")
    assert (
        again.location == f"{REQUESTS}/{ident}" and tenants.find_by_host("roast.localhost").plan == "growth"
    )
    for act in ("", "/grant", "/decline"):
        assert (pat.post if act else pat.get)(f"{REQUESTS}/{uuid7()}{act}").status_code == 404


def test_lists_take_few_queries(pat):
    for path in (PLANS, REQUESTS):
        pat.get(path)
        with count_queries() as queries:
            pat.get(path)
        assert len(queries) <= 9, queries

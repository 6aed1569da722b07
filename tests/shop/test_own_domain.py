"""A store with a domain of its own: one address, to which its other hosts lead."""

import pytest

from kit import clock
from kit.db import transaction
from models.tenants import TenantDomain
from services import domains, tenants
from tests.browser_client import Browser
from tests.cast import ALICE


@pytest.fixture
def domain(shelf) -> TenantDomain:
    with transaction() as session:
        made = TenantDomain(tenant_id=tenants.current().id, host="shop.example.com", is_primary=False,
                            verified_at=clock.now())  # fmt: skip
        session.add(made)
        session.flush()
    return made


def test_a_proven_domain_answers_beside_the_address(domain, browser):
    answer = browser.at("shop.example.com").get("/products?page=1")
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        "http://roast.localhost:8000/products?page=1",
    )
    assert browser.get("/products").status_code == 200


def test_the_other_hosts_lead_to_the_primary_domain(domain, browser):
    kept = browser.get("/products")  # in the cache, and not to come out at the old host
    assert kept.status_code == 200
    domains.make_primary(domain.id, actor=ALICE.actor)
    for _time in range(2):
        answer = browser.get("/products?sort=newest")
        assert answer.status_code == 301
        assert answer.headers["Location"] == "http://shop.example.com:8000/products?sort=newest"
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert browser.at("shop.example.com").get("/products").status_code == 200
    assert (
        'rel="canonical" href="http://shop.example.com:8000/products"'
        in browser.at("shop.example.com").get("/products").text
    )
    assert browser.get("/products").status_code == 301  # not the page that the other host has just kept


def test_only_pages_are_led_on(domain, browser, api):
    domains.make_primary(domain.id, actor=ALICE.actor)
    assert browser.as_(ALICE).get("/admin/settings/domains").status_code == 200
    assert api.get("/api/products").status_code == 200
    assert browser.post("/cart/items", data={"product_id": "x"}).status_code != 301
    assert browser.htmx().get("/products").status_code == 200
    assert browser.get("/healthz").status_code == 200


def test_an_unproven_domain_answers_nothing(shelf, browser):
    with transaction() as session:
        session.add(TenantDomain(tenant_id=tenants.current().id, host="shop.example.com", is_primary=True))
    assert Browser(browser.app, "shop.example.com").get("/").status_code == 404
    assert browser.get("/").status_code == 200

"""A draft is seen by who has its link: for some days, until it is withdrawn, and by nobody else."""

import re
from datetime import timedelta

import pytest

from kit import clock
from kit.db import transaction
from kit.errors import Conflict, NotFound
from services import tenants
from services.catalog import archive, draft_links, products
from services.catalog.draft_links import LinkDraft
from tests import cast
from tests.cast import MIA, RITA, STAN
from tests.shop.shelf import product


def lamp(**fields):
    return product("Secret lamp", "50.00", is_active=False, **fields)


def link(browser, ident):
    """The path of the link that the back office shows."""
    answer = browser.as_(MIA).post(f"/admin/products/{ident}/draft-link", data={"days": "7"})
    assert answer.status_code == 200, answer.text
    shown = re.search(r'id="link" value="(https?://[^"/]+)([^"]+)"', answer.text)
    assert shown, answer.text
    return shown[2]


def test_who_has_the_link_sees_the_draft_and_nobody_keeps_it(shelf, browser):
    ident = lamp()
    assert browser.get("/products/secret-lamp").status_code == 404
    answer = browser.get(link(browser, ident))
    assert answer.status_code == 200 and "<h1>Secret lamp</h1>" in answer.text
    assert "This is a draft." in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store" and "ETag" not in answer.headers
    assert answer.headers["X-Robots-Tag"] == "noindex" and 'name="robots"' in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.get("/products/secret-lamp").status_code == 404
    assert "Secret lamp" not in browser.get("/products").text


def test_the_link_ends_by_its_days_by_being_withdrawn_and_with_the_product(shelf, browser):
    ident = lamp()
    mia = MIA.actor
    short, long = (draft_links.make(ident, LinkDraft(days=days), actor=mia) for days in (1, 30))
    with clock.at(clock.now() + timedelta(days=2)):
        assert browser.get(f"/products/draft/{short}").status_code == 404
        assert browser.get(f"/products/draft/{long}").status_code == 200
    done = browser.as_(MIA).post(f"/admin/products/{ident}/draft-link/withdraw")
    assert done.status_code == 303
    assert browser.get(f"/products/draft/{long}").status_code == 404
    again = draft_links.make(ident, LinkDraft(), actor=mia)
    assert browser.get(f"/products/draft/{again}").status_code == 200
    assert browser.get(f"/products/draft/{long}").status_code == 404, "withdrawn is withdrawn"
    products.delete_product(ident, actor=mia)
    assert browser.get(f"/products/draft/{again}").status_code == 404
    archive.restore_product(ident, actor=mia)


def test_in_the_shop_the_link_leads_there_and_no_new_one_is_made(shelf, browser):
    ident = lamp()
    token = draft_links.make(ident, LinkDraft(), actor=MIA.actor)
    with transaction():
        products.lock_product(ident).is_active = True
        tenants.touch_catalog()
    answer = browser.get(f"/products/draft/{token}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/products/secret-lamp")
    assert "no-store" in answer.headers["Cache-Control"]
    with pytest.raises(Conflict):
        draft_links.make(ident, LinkDraft(), actor=MIA.actor)
    refused = browser.as_(MIA).post(f"/admin/products/{ident}/draft-link", data={"days": "7"})
    assert refused.status_code == 409


@pytest.mark.parametrize("days", ["0", "31", "soon"])
def test_bad_days_are_named(shelf, browser, everything, days):
    ident, mia = lamp(), browser.as_(MIA)
    before = everything()
    answer = mia.post(f"/admin/products/{ident}/draft-link", data={"days": days})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert everything() == before


def test_only_managers_make_links_and_only_of_their_own_store(shelf, browser, everything):
    ident = lamp()
    token = draft_links.make(ident, LinkDraft(), actor=MIA.actor)
    stan = browser.as_(STAN)
    before = everything()
    for path in (f"/admin/products/{ident}/draft-link", f"/admin/products/{ident}/draft-link/withdraw"):
        assert stan.post(path, data={"days": "7"}).status_code == 403
    assert everything() == before
    with tenants.in_store(cast.RIVAL), pytest.raises(NotFound):
        draft_links.read(token)
    with tenants.in_store(cast.RIVAL), pytest.raises(NotFound):
        draft_links.make(ident, LinkDraft(), actor=RITA.actor)
    assert browser.get("/products/draft/nonsense").status_code == 404

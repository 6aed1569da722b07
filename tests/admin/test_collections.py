"""Collections in the back office, and in the shop like any category."""

from services import tenants
from services.catalog import categories, collections
from tests import make
from tests.cast import ALICE, MIA, RITA, RIVAL, STAN
from tests.services.test_collections import collect

HOME = "/admin/products/collections"


def test_a_collection_is_made_changed_and_let_go(roast, browser):
    make.product("Mug", price=800)
    make.product("Vase", price=9000)
    mia = browser.as_(MIA)
    assert "No collections yet" in mia.get(HOME).text
    answer = mia.post(f"{HOME}/new", data={"name": "Under ten", "max_price": "10,00"})
    assert (answer.status_code, answer.location) == (303, HOME)
    (row,) = collections.list_collections()
    html = mia.get(HOME).text
    assert "Under ten" in html and "up to €10.00" in html
    page = browser.get("/categories/under-ten").text
    assert ">Mug<" in page and ">Vase<" not in page
    assert "/categories/under-ten" in browser.get("/sitemap-pages.xml").text
    path = f"{HOME}/{row.id}"
    assert 'value="10.00"' in mia.get(path).text
    assert mia.post(path, data={"min_price": "50", "version": row.version}).status_code == 303
    page = browser.get("/categories/under-ten").text
    assert ">Vase<" in page and ">Mug<" not in page
    assert mia.post(path, data={"max_price": "50", "version": "1"}).status_code == 409
    assert mia.post(f"{path}/clear").status_code == 303
    assert "There is nothing here yet" in browser.get("/categories/under-ten").text


def test_the_count_follows_with_scripts_and_by_a_button(roast, browser, everything):
    make.product("Mug", price=800)
    mia = browser.as_(MIA)
    before = everything()
    data = {"name": "", "max_price": "10", "count": "1"}
    whole = mia.post(f"{HOME}/new", data=data)
    assert whole.status_code == 200 and "1 product fits now" in whole.text and "<html" in whole.text
    piece = mia.htmx(**{"HX-Target": "p#rule-count"}).post(f"{HOME}/new", data=data)
    assert "1 product fits now" in piece.text and "<html" not in piece.text
    for wrong in ({"max_price": "x"}, {}):
        answer = mia.htmx(**{"HX-Target": "p#rule-count"}).post(f"{HOME}/new", data={**wrong, "count": "1"})
        assert answer.status_code == 200 and 'id="rule-count"' in answer.text and "fit" not in answer.text
    assert everything() == before


def test_what_is_wrong_is_said(roast, browser, everything):
    mia = browser.as_(MIA)
    before = everything()
    for data in (
        {"name": ""},
        {"name": "X"},
        {"name": "X", "new_days": "many"},
        {"name": "X", "tag_ids": "x"},
    ):
        assert mia.post(f"{HOME}/new", data=data).status_code == 422, data
    assert everything() == before


def test_staff_may_not_and_the_other_store_is_another(roast, browser, everything):
    row = collect(on_sale=True)
    with tenants.in_store(RIVAL):
        foreign = collect("Foreign", actor=RITA.actor, on_sale=True)
    stan, alice = browser.as_(STAN), browser.as_(ALICE)
    before = everything()
    for path in (HOME, f"{HOME}/new", f"{HOME}/{row}"):
        assert stan.get(path).status_code == 403
    for path in (f"{HOME}/new", f"{HOME}/{row}", f"{HOME}/{row}/clear"):
        assert stan.post(path, data={"name": "X", "featured": "1"}).status_code == 403
    assert alice.get(f"{HOME}/{foreign}").status_code == 404
    for path in (f"{HOME}/{foreign}", f"{HOME}/{foreign}/clear"):
        assert alice.post(path, data={"featured": "1"}).status_code == 404
    assert everything() == before
    assert categories.find_node(foreign, include_inactive=True) is None

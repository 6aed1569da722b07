"""The store's plan in the back office: how much is used, what another one would bring, and asking for it."""

import re

import pytest

from kit import clock
from kit.drafts import read
from services import offers, plan_requests, plans, tenants
from services.platform import plan_requests as answers
from services.platform import terms
from services.platform.plan_requests import AnswerDraft
from services.platform.terms import PlanDraft
from tests import cast, make
from tests.admin.test_drafts import PLACE
from tests.queries import count_queries
from web.plan_words import FEATURE_NAMES

PATH = "/admin/settings/plan"
CHANGE = f"{PATH}/change"


def limit(slug="starter", **limits):
    draft = {**PlanDraft.of(offers.get_plan(slug)), **{name: str(value) for name, value in limits.items()}}
    terms.update_plan(slug, read(PlanDraft, draft, form=True), actor=cast.PAT.actor)


@pytest.fixture
def alice(app, browser):
    return browser.as_(cast.ALICE)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_page_says_how_much_is_used(alice):
    limit(products=2, staff=3)
    with tenants.in_store(cast.ROAST):
        make.product("A")
        make.product("B")
        make.product("C")
    page = text_of(alice.get(PATH))
    assert re.search(r"Products 1 over 3 / 2", page) and re.search(r"Colleagues Used up 3 / 3", page)
    assert "€19.00 a month, and 2 % of each card payment" in page
    assert '<progress class="progress" value="2" max="2"' in alice.get(PATH).text
    assert re.search(r"Wishlist with the addon for €5.00 a month Off", page)


def test_the_page_names_what_is_there_only(alice):
    page = text_of(alice.get(PATH))
    assert "Coupons and offers" in page and "Moloni" not in page
    with tenants.in_store(cast.ROAST):
        assert set(plans.features_of(tenants.current())) <= set(FEATURE_NAMES)


def test_a_smaller_plan_is_previewed_with_the_numbers_that_no_longer_fit(alice):
    limit("scale", products=1)
    with tenants.in_store(cast.ROAST):
        make.product("A")
        make.product("B")
    page = text_of(alice.get(f"{CHANGE}?plan=scale&addons=wishlist&addons=gold"))
    assert "What no longer fits" in page and re.search(r"Products 1 over 2 / 1", page)
    assert "€154.00 (now €19.00, +€135.00)" in page and "You gain Own domain, Wishlist" in page
    fits = text_of(alice.get(f"{CHANGE}?plan=growth"))
    assert "What no longer fits" not in fits
    assert "This is what your store has already" in text_of(alice.get(f"{CHANGE}?plan=starter"))
    assert alice.get(f"{CHANGE}?plan=gold").status_code == 404
    assert alice.get(CHANGE).status_code == 404


def test_asking_taking_back_and_the_answer(alice):
    sent = {"plan": "growth", "addons": ["wishlist"], "note": "Please <b>soon</b>"}
    assert alice.post(CHANGE, data=sent).location == PATH
    assert "You asked for the plan Growth" in text_of(alice.get(PATH))
    assert alice.post(f"{PATH}/withdraw").location == PATH
    assert "You asked for the plan" not in text_of(alice.get(PATH))
    assert "Taken back" in text_of(alice.get(PATH))
    alice.post(CHANGE, data=sent)
    (asked,) = answers.list_requests().items
    answers.grant(asked.request.id, AnswerDraft(answer="Enjoy it"), actor=cast.PAT.actor)
    page = text_of(alice.get(PATH))
    assert "€54.00 a month, and 1 % of each card payment" in page and "Enjoy it" in page


def test_what_can_not_be_asked_for_changes_nothing(alice, everything):
    before = everything()
    assert alice.post(CHANGE, data={"plan": "starter"}).status_code == 409
    assert alice.post(CHANGE, data={"plan": "growth", "note": "x" * 501}).status_code == 422
    assert alice.post(CHANGE, data={"plan": "growth", "addons": "gold"}).status_code == 422
    assert alice.post(CHANGE, data={"plan": "gold"}).location == PATH
    assert alice.post(CHANGE, data={}).location == PATH
    assert everything() == before


def test_only_admins_ask(app, browser, everything):
    faces = [browser.as_(who) for who in (cast.MIA, cast.STAN, cast.CARLA)]
    before = everything()
    for face in faces:
        assert face.post(CHANGE, data={"plan": "growth"}).status_code == 403
        assert face.post(f"{PATH}/withdraw").status_code == 403
    assert browser.post(CHANGE, data={"plan": "growth"}).status_code == 401
    assert everything() == before


def test_the_other_store_sees_nothing_of_it(app, browser, alice):
    alice.post(CHANGE, data={"plan": "growth", "note": "secret of roast"})
    rita = browser.as_(cast.RITA)
    assert "You asked" not in rita.get(PATH).text
    rita.post(f"{PATH}/withdraw")
    with tenants.in_store(cast.ROAST):
        assert plan_requests.find_waiting() is not None


def test_the_page_takes_few_queries_however_much_there_is(alice):
    alice.get(PATH)
    counts = []
    for _n in range(2):
        with tenants.in_store(cast.ROAST):
            for n in range(4):
                make.product(f"P{n}{_n}")
        with count_queries() as queries:
            alice.get(PATH)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16, queries


def test_a_form_at_the_limit_keeps_what_was_typed(app, browser):
    limit(products=0)
    mia = browser.as_(cast.MIA)
    answer = mia.post("/admin/products/new", data={"name": "Too many", "price": "3.00"})
    assert answer.status_code == 403 and "Too many" in answer.text
    assert "room for 0 products" in text_of(answer) and "Settings, Plan" in text_of(answer)


def test_copying_and_bringing_back_say_what_is_full(app, browser):
    with tenants.in_store(cast.ROAST):
        mug = make.product("Mug").id
        old = make.product("Old", is_active=False, archived_at=clock.now()).id
    limit(products=1)
    mia = browser.as_(cast.MIA)
    for path, ident in (("duplicate", mug), ("restore", old)):
        answer = mia.post(f"/admin/products/{ident}/{path}")
        assert answer.location == f"/admin/products/{ident}"
        assert "room for 1 products" in text_of(mia.get(answer.location)), path
    with tenants.in_store(cast.ROAST):
        assert plans.usage()["products"] == 1


def test_a_draft_that_finds_the_month_full_stays_a_draft(app, browser):
    with tenants.in_store(cast.ROAST):
        way, mug = str(make.shipping(490).id), str(make.product("Mug", stock=5).id)
    limit(orders_per_month=0)
    stan = browser.as_(cast.STAN)
    url = new_draft(stan)
    stan.post(f"{url}/lines", data={"product_id": mug, "variant_id": "", "quantity": "1"})
    stan.post(f"{url}/buyer", data={"customer_id": str(cast.CARLA.id)})
    stan.post(f"{url}/place", data=PLACE)
    stan.post(f"{url}/terms", data={"shipping_method_id": way, "payment_method": "bank_transfer"})
    assert stan.post(f"{url}/send", data={"days": "7"}).location == url
    assert "room for 0 orders a month" in text_of(stan.get(url))
    limit(orders_per_month=1)
    assert stan.post(f"{url}/send", data={"days": "7"}).location != url


def new_draft(face):
    return face.post("/admin/orders/drafts").location

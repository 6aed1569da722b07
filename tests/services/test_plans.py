"""Room and features: what a plan allows, what it refuses, what another one would bring; and asking for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound, PlanLimit
from models.outbox import OutboxMessage
from models.plans import PlanTerms, RequestState
from services import audit, branding, notifications, offers, plan_requests, plans, platform, tenants
from services.catalog import category_pictures, images
from services.catalog.categories import CategoryDraft, create_category
from services.catalog.products import ProductDraft, create_product
from services.plan_requests import RequestDraft
from services.platform import plan_requests as answers
from services.platform import terms
from services.platform.plan_requests import AnswerDraft
from services.platform.terms import AddonDraft, NewPlanDraft, PlanDraft
from tests import make
from tests.cast import ALICE, MIA, PAT, RITA, RIVAL, ROAST
from tests.queries import count_queries
from tests.services.test_images import picture
from tests.services.test_mail import text_of
from tests.services.test_placing import place, put


def change(slug="starter", **sent):
    draft = read(PlanDraft, {**PlanDraft.of(offers.get_plan(slug)), **sent}, form=True)
    return terms.update_plan(slug, draft, actor=PAT.actor)


def full(**limits):
    """The plan of the stores has room for no more than this."""
    change(**{name: str(limit) for name, limit in limits.items()})


def messages(topic):
    query = select(OutboxMessage).where(OutboxMessage.topic == topic).order_by(OutboxMessage.id)
    return [message.payload for message in db.session.scalars(query)]


# --- room ---------------------------------------------------------------------------------------------------------


def test_products_stop_at_the_limit_and_stay(app, everything):
    full(products=1)
    with tenants.in_store(ROAST):
        create_product(read(ProductDraft, {"name": "Mug", "price": "1.00"}), actor=MIA.actor)
    before = everything()
    with tenants.in_store(ROAST):
        with pytest.raises(PlanLimit) as refusal:
            create_product(read(ProductDraft, {"name": "Two", "price": "1.00"}), actor=MIA.actor)
        assert refusal.value.extra == {"limit": 1, "used": 1, "resource": "products"}
        assert "1 products" in refusal.value.message and "Settings" in refusal.value.message
    assert everything() == before


def test_files_stop_where_they_no_longer_fit(app, everything):
    full(storage_mb=0)
    with tenants.in_store(ROAST):
        mug = make.product("Mug")
        shelf = create_category(read(CategoryDraft, {"name": "Shelf"}), actor=MIA.actor)
    before = everything()
    with tenants.in_store(ROAST):
        for act in (
            lambda: images.add_image(mug.id, picture(), images.ImageDraft(), actor=MIA.actor),
            lambda: category_pictures.set_picture(shelf.id, picture(), actor=MIA.actor),
            lambda: branding.upload_image("logo", picture(), actor=ALICE.actor),
        ):
            with pytest.raises(PlanLimit):
                act()
    assert everything() == before
    full(storage_mb=1)
    with tenants.in_store(ROAST):
        images.add_image(mug.id, picture(), images.ImageDraft(), actor=MIA.actor)
        assert plans.usage()["storage_mb"] == 1


def test_orders_stop_at_the_months_limit(app, everything):
    full(orders_per_month=5)
    with tenants.in_store(ROAST):
        method, mug = make.shipping(490).id, SimpleNamespace(id=make.product("Mug", stock=5).id)
        for _n in range(3):
            make.order(placed_at=clock.now())
        make.order(placed_at=clock.now() - timedelta(days=40))
        place(put(mug), method)  # the fourth of five
        place(put(mug), method)
        assert messages("plan.nearly_used") == [{"used": 4, "limit": 5}, {"used": 5, "limit": 5}]
        token = put(mug)
        before = everything()
        with pytest.raises(PlanLimit) as refusal:
            place(token, method)
        assert refusal.value.extra == {} and "this month" in refusal.value.message
        assert everything() == before
        with clock.at(clock.now() + timedelta(days=32)):
            place(put(mug), method)


def test_the_store_is_told_before_its_orders_are_used_up(mailbox):
    notifications.send_plan_nearly_used(used=80, limit=100)
    notifications.send_plan_nearly_used(used=100, limit=100)
    nearly, done = mailbox.wait_for(2)
    assert "nearly" in nearly["Subject"] and "80 of the 100" in text_of(nearly)
    assert "/admin/settings/plan" in text_of(nearly)
    assert "used up" in done["Subject"] and "no more" in text_of(done)


# --- terms --------------------------------------------------------------------------------------------------------


def test_changed_terms_count_for_the_stores_that_have_the_plan(app):
    before = tenants.find_by_host("roast.localhost")
    assert before.offer == offers.PLANS["starter"] and "wishlist" not in before.features
    change(name="Small", price="25.00", fee="1.50", products="7", staff=None, features=["wishlist"])
    store = tenants.find_by_host("roast.localhost")
    assert (store.offer.name, store.offer.price, store.offer.fee) == ("Small", 2500, 150)
    assert (store.offer.limits["products"], store.offer.limits["staff"]) == (7, None)
    assert plans.has_feature("wishlist", store) and store.catalog_version > before.catalog_version
    with tenants.in_store(ROAST):
        assert plans.plan_of().fee == 150
    assert offers.PLANS["starter"].price == 1900


def test_a_plan_no_longer_sold_stays_with_who_has_it(app):
    change(is_sold="")
    assert "starter" not in [plan.slug for plan in offers.book().sold_plans]
    assert tenants.find_by_host("roast.localhost").offer.slug == "starter"
    change("growth", is_sold="")
    with pytest.raises(Conflict) as refusal:
        change("scale", is_sold="")
    assert refusal.value.code == "none-sold"


def test_a_new_plan_and_one_that_is_there(app, everything):
    fields = {"slug": "tiny", "name": "Tiny", "price": "5.00", "fee": "3.00", "products": "10"}
    made = terms.create_plan(read(NewPlanDraft, fields, form=True), actor=PAT.actor)
    assert offers.list_plans()[0].slug == made.slug == "tiny"
    before = everything()
    for slug in ("tiny", "starter"):
        with pytest.raises(Conflict):
            terms.create_plan(read(NewPlanDraft, {**fields, "slug": slug}, form=True), actor=PAT.actor)
    assert everything() == before


@pytest.mark.parametrize("sent", [{"name": ""}, {"price": "-1"}, {"price": "1.999"}, {"fee": "100.01"}, {"fee": "x"},
                                  {"products": "-1"}, {"products": "1.5"}, {"features": ["reports"]}])  # fmt: skip
def test_wrong_terms_change_nothing(app, everything, sent):
    before = everything()
    with pytest.raises(Invalid):
        change(**sent)
    assert everything() == before


def test_two_people_at_one_plan(app, everything):
    draft = read(PlanDraft, PlanDraft.of(offers.get_plan("growth")), form=True)
    terms.update_plan("growth", draft, actor=PAT.actor, version=0)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        terms.update_plan("growth", draft, actor=PAT.actor, version=0)
    assert refusal.value.code == "stale-version"
    with pytest.raises(NotFound):
        terms.update_plan("gold", draft, actor=PAT.actor)
    assert everything() == before


@pytest.mark.parametrize("version", [0, 1])
def test_of_two_who_change_the_same_terms_at_once_one_is_told(app, monkeypatch, version):
    """Also where nobody has changed what is shipped before: there is no row yet that one could wait for."""
    if version:
        change()
    draft = read(PlanDraft, PlanDraft.of(offers.get_plan("starter")), form=True)
    compare = terms._check_version
    monkeypatch.setattr(terms, "_check_version", lambda *given: (compare(*given), time.sleep(0.3)))

    def keep(_n):
        with app.app_context():
            try:
                return str(terms.update_plan("starter", draft, actor=PAT.actor, version=version).version)
            except Conflict as refusal:
                return refusal.code

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(keep, range(2))) == [str(version + 1), "stale-version"]


def test_addons_change_their_price_and_words(app):
    draft = read(
        AddonDraft, {"name": "Wish list", "description": "100 % hearts", "price": "7.00", "is_sold": False}
    )
    terms.update_addon("wishlist", draft, actor=PAT.actor)
    addon = offers.get_addon("wishlist")
    assert (addon.title, addon.text, addon.price, addon.is_sold) == ("Wish list", "100 % hearts", 700, False)
    assert addon.feature == "wishlist" and offers.book().sold_addons == [offers.ADDONS["custom-domain"]]
    with pytest.raises(NotFound):
        terms.update_addon("gold", draft, actor=PAT.actor)


def test_holders_are_counted_in_one_query(app):
    platform.update_store(RIVAL, {"plan": "growth", "addons": ["wishlist"]}, actor=PAT.actor)
    with count_queries() as queries:
        held = terms.count_holders()
    assert (held.plans, held.addons) == ({"starter": 1, "growth": 1}, {"wishlist": 1})
    assert len(queries) == 1, queries


@pytest.mark.postgres_only
def test_a_store_reads_terms_and_can_not_write_them(roast):
    assert offers.get_plan("starter").price == 1900
    with pytest.raises(ProgrammingError), transaction() as session:
        session.add(PlanTerms(slug="mine", name="Mine", price=0, fee=0))
        session.flush()


# --- another plan -------------------------------------------------------------------------------------------------


def test_a_preview_names_what_no_longer_fits(app):
    change("scale", products="1", staff="1")
    platform.update_store(ROAST, {"addons": ["custom-domain"]}, actor=PAT.actor)
    with tenants.in_store(ROAST):
        make.product("A")
        make.product("B")
        found = plans.preview("scale", ["wishlist"])
        assert [(m.name, m.used, m.limit, m.excess) for m in found.over] == [
            ("products", 2, 1, 1), ("staff", 3, 1, 2)]  # fmt: skip
        assert (found.gained, found.lost, found.fits) == (("wishlist",), (), False)
        assert found.difference == (14900 + 500) - (1900 + 400)
        assert plans.preview("starter", []).lost == ("custom_domain",)
        with pytest.raises(NotFound):
            plans.preview("gold", [])


def ask(plan="growth", addons=(), **more):
    return plan_requests.ask(RequestDraft(plan=plan, addons=list(addons), **more), actor=ALICE.actor)


def test_a_request_waits_until_it_is_granted(app):
    with tenants.in_store(ROAST):
        ask("scale")
        request = ask("growth", ["wishlist"], note="Soon, please")
        assert plan_requests.find_waiting().id == request.id
        assert [row.state for row in plan_requests.list_latest()] == [RequestState.WITHDRAWN]
        ident = request.id
    (asked,) = answers.list_requests().items
    assert (asked.tenant.slug, asked.request.note, answers.count_waiting()) == ("roast", "Soon, please", 1)
    assert answers.preview(asked)[0].plan.slug == "growth"
    answers.grant(ident, AnswerDraft(answer="Have fun"), actor=PAT.actor)
    store = tenants.find_by_host("roast.localhost")
    assert (store.plan, store.addons, plans.has_feature("wishlist", store)) == ("growth", ("wishlist",), True)
    assert (answers.count_waiting(), answers.list_requests(waiting=False).total) == (0, 1)
    with tenants.in_store(ROAST):
        assert messages("plan.answered") == [{"granted": True, "plan": "growth", "answer": "Have fun"}]
        (update,) = audit.list_entries(audit.AuditFilter(action="update")).items
        assert update.changes["plan"] == ["starter", "growth"] and update.actor_email == PAT.email


def test_a_declined_request_changes_no_plan(app, everything):
    with tenants.in_store(ROAST):
        ident = ask().id
    answers.decline(ident, AnswerDraft(answer="Not yet"), actor=PAT.actor)
    assert tenants.find_by_host("roast.localhost").plan == "starter"
    before = everything()
    for act in (answers.grant, answers.decline):
        with pytest.raises(Conflict) as refusal:
            act(ident, AnswerDraft(), actor=PAT.actor)
        assert refusal.value.code == "request-answered"
    with pytest.raises(NotFound):
        answers.grant(ALICE.id, AnswerDraft(), actor=PAT.actor)
    assert everything() == before


def test_what_is_not_sold_can_not_be_asked_for(app, everything):
    change("growth", is_sold="")
    before = everything()
    with tenants.in_store(ROAST):
        for plan, addons in (("growth", []), ("gold", []), ("scale", ["gold"])):
            with pytest.raises(Invalid):
                ask(plan, addons)
        with pytest.raises(Conflict) as refusal:
            ask("starter")
        assert refusal.value.code == "plan-unchanged"
    assert everything() == before


def test_a_request_is_taken_back_by_its_own_store_only(app):
    with tenants.in_store(ROAST):
        ask()
    with tenants.in_store(RIVAL):
        assert plan_requests.find_waiting() is None and plan_requests.list_latest() == []
        plan_requests.withdraw(actor=RITA.actor)
    assert answers.count_waiting() == 1
    with tenants.in_store(ROAST):
        plan_requests.withdraw(actor=ALICE.actor)
        plan_requests.withdraw(actor=ALICE.actor)
    assert answers.count_waiting() == 0


def test_the_answer_goes_to_the_stores_desk(mailbox):
    notifications.send_plan_answered(granted=True, plan="growth", answer="Enjoy")
    notifications.send_plan_answered(granted=False, plan="growth", answer="Later")
    yes, no = mailbox.wait_for(2)
    assert "Growth" in yes["Subject"] and "Enjoy" in text_of(yes)
    assert "declined" in no["Subject"] and "Later" in text_of(no) and "Starter" in text_of(no)

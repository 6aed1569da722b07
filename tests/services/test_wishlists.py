"""Wishlists: one's own, each product once, shown by a link that says nothing of the person and can be taken back."""

import threading

import pytest
from sqlalchemy import func, select

from kit.db import db, transaction
from kit.errors import Conflict, FeatureOff, Invalid, NotFound
from kit.ids import uuid7
from models.wishlists import WishlistItem, WishlistShare
from services import plans, privacy, tenants, wishlists
from services.catalog import products
from services.privacy import EraseDraft
from services.wishlists import WishDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA, PASSWORD, PAT, RIVAL, ROAST, RUDI
from tests.queries import count_queries


def switch_on(store=ROAST) -> None:
    with tenants.in_store(store):
        with transaction():
            tenants.row().addons = ["wishlist"]
        tenants.forget()
    tenants.forget()


@pytest.fixture
def wishing(roast):
    switch_on()
    yield tenants.current()


def wish(product, who=CARLA) -> WishlistItem:
    return wishlists.add_item(WishDraft(product_id=product.id), actor=who.actor)


def names(who=CARLA) -> list[str]:
    return [item.product.name for item in wishlists.list_items(actor=who.actor).items]


def test_the_latest_comes_first_and_each_product_once(wishing):
    mug, pot = make.product("Mug"), make.product("Pot")
    first = wish(mug)
    wish(pot)
    assert wish(mug).id == first.id
    assert names() == ["Pot", "Mug"]
    assert names(CARL) == []
    assert wishlists.has_item(mug.id, actor=CARLA.actor)
    assert not wishlists.has_item(mug.id, actor=CARL.actor)
    assert wishlists.wished_ids(actor=CARLA.actor) == {mug.id, pot.id}
    wishlists.remove_item(mug.id, actor=CARLA.actor)
    assert names() == ["Pot"]


def test_what_goes_off_sale_while_the_list_is_read_is_left_out(wishing, monkeypatch):
    mug, pot = make.product("Mug"), make.product("Pot")
    wish(mug)
    wish(pot)
    token = wishlists.share(actor=CARLA.actor).token
    reading = wishlists.read_cards

    def without_mug(*asked, **how):
        return [card for card in reading(*asked, **how) if card.id != mug.id]

    monkeypatch.setattr(wishlists, "read_cards", without_mug)
    for found in (wishlists.list_wishes(actor=CARLA.actor), wishlists.list_shared_wishes(token)):
        assert [one.card.name for one in found.items] == ["Pot"]


def test_two_clicks_at_once_are_one(wishing, the_app):
    mug = make.product("Mug")
    failures: list[BaseException] = []

    def click() -> None:
        try:
            with the_app.app_context(), tenants.in_store(ROAST):
                wish(mug)
                wishlists.share(actor=CARLA.actor)
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(WishlistItem)) == 1
    assert db.session.scalar(select(func.count()).select_from(WishlistShare)) == 1


def test_what_cannot_be_put_there(wishing, everything, monkeypatch):
    mug, pot, gone = make.product("Mug"), make.product("Pot"), make.product("Gone", is_active=False)
    wish(mug)
    monkeypatch.setattr(wishlists, "ITEMS_MAX", 1)
    before = everything()
    for unknown in (gone.id, uuid7()):
        with pytest.raises(Invalid) as refused:
            wishlists.add_item(WishDraft(product_id=unknown), actor=CARLA.actor)
        assert refused.value.errors[0].field == "product_id"
    with pytest.raises(NotFound):
        wishlists.remove_item(gone.id, actor=CARLA.actor)
    with pytest.raises(NotFound):
        wishlists.add_item(WishDraft(product_id=mug.id), actor=PAT.actor)
    with pytest.raises(Conflict) as full:
        wish(pot)
    assert full.value.code == "wishlist-full"
    assert everything() == before


def test_what_is_not_sold_is_kept_but_not_shown(wishing):
    mug = make.product("Mug")
    wish(mug)
    with transaction():
        products.lock_product(mug.id).is_active = False
    assert names() == []
    with transaction():
        products.lock_product(mug.id).is_active = True
    assert names() == ["Mug"]
    products.delete_product(mug.id, actor=ALICE.actor)
    assert names() == []


def test_a_lower_price_is_told(wishing):
    mug = make.product("Mug", price=1000)
    wish(mug)
    assert not wishlists.is_cheaper(wishlists.list_items(actor=CARLA.actor).items[0])
    with transaction():
        products.lock_product(mug.id).price_from = 900
    assert wishlists.is_cheaper(wishlists.list_items(actor=CARLA.actor).items[0])


def test_the_link_stays_until_it_is_taken_back(wishing):
    wish(make.product("Mug"))
    token = wishlists.share(actor=CARLA.actor).token
    assert wishlists.share(actor=CARLA.actor).token == token
    assert [item.product.name for item in wishlists.list_shared(token).items] == ["Mug"]
    wishlists.stop_sharing(actor=CARLA.actor)
    for wrong in (token, "", "x" * 43, "é" * 43, token[:-1]):
        with pytest.raises(NotFound):
            wishlists.list_shared(wrong)
    assert wishlists.share(actor=CARLA.actor).token != token


def test_who_leaves_takes_list_and_link_along(wishing):
    wish(make.product("Mug"))
    token = wishlists.share(actor=CARLA.actor).token
    copy = privacy.export_me(actor=CARLA.actor)
    assert len(copy["wishlist_items"]) == 1
    assert token not in repr(copy)
    privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)
    with pytest.raises(NotFound):
        wishlists.list_shared(token)
    for kind in (WishlistItem, WishlistShare):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 0


def test_without_the_addon_nothing_goes_and_nothing_is_lost(wishing, everything):
    mug = make.product("Mug")
    wish(mug)
    token = wishlists.share(actor=CARLA.actor).token
    with transaction():
        tenants.row().addons = []
    tenants.forget()
    assert not plans.has_feature("wishlist")
    before = everything()
    calls = [
        lambda: wishlists.list_items(actor=CARLA.actor),
        lambda: wish(mug),
        lambda: wishlists.remove_item(mug.id, actor=CARLA.actor),
        lambda: wishlists.has_item(mug.id, actor=CARLA.actor),
        lambda: wishlists.share(actor=CARLA.actor),
        lambda: wishlists.stop_sharing(actor=CARLA.actor),
        lambda: wishlists.list_shared(token),
    ]
    for call in calls:
        with pytest.raises(FeatureOff):
            call()
    assert everything() == before
    assert wishlists.wished_ids(actor=CARLA.actor) == set()
    switch_on()
    assert names() == ["Mug"]


def test_the_other_store_sees_nothing_of_it(wishing, everything):
    mug = make.product("Mug")
    wish(mug)
    token = wishlists.share(actor=CARLA.actor).token
    switch_on(RIVAL)
    before = everything()
    with tenants.in_store(RIVAL):
        with pytest.raises(NotFound):
            wishlists.list_shared(token)
        with pytest.raises(Invalid):
            wish(mug, who=RUDI)
        with pytest.raises(NotFound):
            wishlists.remove_item(mug.id, actor=RUDI.actor)
        with pytest.raises(NotFound):
            wishlists.list_items(actor=CARLA.actor)
    assert everything() == before


def test_a_guests_list_is_taken_over_in_a_few_queries_however_long_it_is(wishing):
    products_ = [make.product(f"Thing {n}") for n in range(12)]
    hidden = make.product("Hidden", is_active=False)
    wish(products_[3])
    ids = [product.id for product in products_]
    counts = []
    for some in (ids[:2], ids + [hidden.id, uuid7(), ids[0]]):
        with count_queries() as queries:
            added = wishlists.merge_guest(some, actor=CARLA.actor)
        counts.append((added, len(queries)))
    assert counts[0][0] == 2 and counts[1][0] == 9
    assert counts[1][1] <= counts[0][1] + 1, counts
    assert names()[:2] == ["Thing 2", "Thing 4"] and len(names()) == 12
    assert wishlists.merge_guest(ids, actor=CARLA.actor) == 0


def test_a_guests_list_fills_what_room_there_is(wishing, monkeypatch):
    monkeypatch.setattr(wishlists, "ITEMS_MAX", 3)
    wish(make.product("First"))
    ids = [make.product(f"Thing {n}").id for n in range(4)]
    assert wishlists.merge_guest(ids, actor=CARLA.actor) == 2
    assert names() == ["Thing 0", "Thing 1", "First"]

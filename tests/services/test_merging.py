"""Two accounts of one person become one."""

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from models.accounts import User
from models.addresses import Address
from models.audit import AuditEntry
from models.orders import Order
from models.reviews import Review
from models.wishlists import WishlistItem
from services import addresses, consents, customers, merging
from services.addresses import AddressDraft
from services.customers import PreferencesDraft
from services.merging import MergeDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA, MIA, PASSWORD, RUDI, STAN
from tests.services.test_addresses import HOME
from tests.services.test_customers import bought
from tests.services.test_wishlists import switch_on, wish


def merge(email: str = CARL.email, who=ALICE, keep=CARLA) -> User:
    return merging.merge_customer(keep.id, MergeDraft(email=email), actor=who.actor)


def test_everything_comes_along_and_the_other_account_is_gone(roast):
    from services.accounts import signing_in

    switch_on()
    mug, pot = make.product("Mug"), make.product("Pot")
    bought(CARLA, days_ago=5, total=1000)
    bought(CARL, days_ago=2, total=2500)
    addresses.create_address(read(AddressDraft, HOME), actor=CARLA.actor)
    addresses.create_address(read(AddressDraft, {**HOME, "line1": "Rua Dois 2"}), actor=CARL.actor)
    wish(mug), wish(mug, CARL), wish(pot, CARL)
    customers.update_preferences(read(PreferencesDraft, {"newsletter": True}), actor=CARL.actor)
    with transaction() as session:
        for who, product in ((CARLA, mug), (CARL, mug), (CARL, pot)):
            session.add(Review(product_id=product.id, user_id=who.id, author_name="C.", rating=5))
        session.get(User, CARL.id).note = "Rings twice"

    kept = merge()
    assert kept.id == CARLA.id and kept.note == "Rings twice"
    one = customers.get_customer(CARLA.id)
    assert (one.orders_count, one.total_spent) == (2, 3500)
    assert db.session.scalars(select(Order.id).where(Order.customer_id == CARL.id)).all() == []
    book = addresses.list_of(CARLA.id)
    assert len(book) == 2 and sum(a.is_default_shipping for a in book) == 1
    wishes = db.session.execute(select(WishlistItem.user_id, WishlistItem.product_id)).all()
    assert sorted(map(tuple, wishes)) == sorted([(CARLA.id, mug.id), (CARLA.id, pot.id)])
    authors = db.session.execute(select(Review.product_id, Review.user_id)).all()
    assert sorted(map(repr, authors)) == sorted(
        map(repr, [(mug.id, CARLA.id), (mug.id, None), (pot.id, CARLA.id)])
    )
    assert [c.purpose for c in consents.history_of(CARLA.id)] == ["newsletter"]

    gone = db.session.get(User, CARL.id, populate_existing=True)
    assert gone.erased_at is not None and CARL.email not in gone.email
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(CARL.email, PASSWORD)
    assert signing_in.sign_in(CARLA.email, PASSWORD).id == CARLA.id
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.merged")).one()
    assert (entry.resource_id, entry.changes["orders"]) == (str(CARLA.id), [0, 1])


def test_the_address_book_takes_as_many_as_it_holds(roast, monkeypatch):
    monkeypatch.setattr(Address, "PER_CUSTOMER", 2)
    for who in (CARLA, CARL, CARL):
        addresses.create_address(read(AddressDraft, HOME), actor=who.actor)
    merge()
    assert len(addresses.list_of(CARLA.id)) == 2
    assert db.session.scalars(select(Address).where(Address.user_id == CARL.id)).all() == []


@pytest.mark.parametrize(
    ("email", "who", "keep", "kind"),
    [(CARL.email, MIA, CARLA, Forbidden), (CARLA.email, ALICE, CARLA, Invalid),
     ("nobody@x.test", ALICE, CARLA, Invalid), (RUDI.email, ALICE, CARLA, Invalid),
     (STAN.email, ALICE, CARLA, Conflict), (CARL.email, ALICE, STAN, Conflict), (STAN.email, ALICE, MIA, Conflict),
     (CARL.email, ALICE, RUDI, NotFound)],
    ids=("a manager", "itself", "nobody", "another store's", "a colleague", "into a colleague", "two colleagues",
         "into another store's"),
)  # fmt: skip
def test_what_can_not_be_merged_stays(roast, everything, email, who, keep, kind):
    before = everything()
    with pytest.raises(kind):
        merge(email, who, keep)
    assert everything() == before

"""A person sees all that is held on them, and can be forgotten without a hole in the books."""

import json

import pytest
from sqlalchemy import select, text

from kit.db import Base, db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.tenancy import every_tenant
from models.accounts import User
from models.addresses import Address
from models.orders import Order, OrderStatus
from models.reviews import Review
from services import addresses, privacy, tenants
from services.addresses import AddressDraft
from services.privacy import EraseDraft
from tests import make
from tests.cast import ALICE, CARLA, PASSWORD, PAT, RIVAL, RUDI
from tests.services.test_addresses import HOME
from tests.services.test_customers import bought

SECRET_PLACE = "Travessa do Segredo 7"


def live_a_little(**order):
    home = read(AddressDraft, {**HOME, "line1": SECRET_PLACE, "phone": "+351 912 000 987"})
    addresses.create_address(home, actor=CARLA.actor)
    made = bought(CARLA, days_ago=3, **order)
    with transaction() as session:
        made.shipping_address = {**HOME, "line1": SECRET_PLACE}
        made.customer_name, made.customer_note = "Carla Test", "ring twice"
        session.add(made)
        product = make.product()
        session.add(
            Review(product_id=product.id, user_id=CARLA.id, author_name="Carla T.", rating=5, body="Nice")
        )
        session.get(User, CARLA.id).note = "likes blue"
    return made.id


def test_the_copy_is_complete_and_has_no_secrets(roast):
    live_a_little()
    found = json.dumps(privacy.export_me(actor=CARLA.actor))
    for part in (CARLA.email, SECRET_PLACE, "ring twice", "Nice", "likes blue", "+351 912 000 987"):
        assert part in found
    assert "argon2" not in found
    assert "password" not in found
    with tenants.in_store(RIVAL):
        assert SECRET_PLACE not in json.dumps(privacy.export_me(actor=RUDI.actor))


def test_a_forgotten_person_is_nowhere_and_the_order_stays(roast):
    order_id = live_a_little(total=4990)
    privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)

    with every_tenant():
        everything = {
            table.name: str(db.session.execute(text(f"SELECT * FROM {table.name}")).all())
            for table in Base.metadata.sorted_tables
            if table.name != "outbox_messages"  # the farewell still has to find its way
        }
    for trace in (CARLA.email, SECRET_PLACE, "Carla", "ring twice", "likes blue", "+351 912 000 987"):
        assert [name for name, rows in everything.items() if trace in rows] == [], trace
    order = db.session.get(Order, order_id)
    assert (order.total, order.customer_id, order.shipping_address["country"]) == (4990, None, "PT")
    assert db.session.scalar(select(Review.body)) == "Nice"
    assert db.session.scalars(select(Address)).all() == []
    with pytest.raises(NotFound):
        privacy.export_me(actor=CARLA.actor)


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING])
def test_an_open_order_keeps_the_account(roast, everything, status):
    live_a_little(status=status)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)
    assert refusal.value.code == "open-orders"
    assert everything() == before


@pytest.mark.parametrize(("who", "password", "kind"), [(CARLA, "Wrong-Pass-1", Invalid), (ALICE, PASSWORD, Conflict),
                                                      (PAT, PASSWORD, NotFound)])  # fmt: skip
def test_who_may_not_go_stays(roast, everything, who, password, kind):
    live_a_little()
    before = everything()
    with pytest.raises(kind):
        privacy.erase_me(EraseDraft(password=password), actor=who.actor)
    assert everything() == before


def test_the_address_is_free_again(roast):
    from services.accounts import registering
    from services.accounts.registering import RegisterDraft

    privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)
    again = registering.register(
        RegisterDraft(email=CARLA.email, password=PASSWORD, first_name="C", last_name="T"), actor=CARLA.actor
    )
    assert again.id != CARLA.id

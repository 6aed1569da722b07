"""A person sees all that is held on them, and can be forgotten without a hole in the books."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select, text

from kit import clock, otp
from kit.actor import Role
from kit.db import Base, db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.tenancy import every_tenant
from models.accounts import Invitation, User
from models.addresses import Address
from models.audit import AuditEntry
from models.orders import Order, OrderStatus
from models.reviews import Review
from services import addresses, customers, privacy, tenants
from services.accounts import sessions, two_factor
from services.accounts.two_factor import CodeDraft
from services.addresses import AddressDraft
from services.customers import PreferencesDraft
from services.privacy import EraseDraft
from tests import make
from tests.cast import ALICE, CARLA, MIA, PASSWORD, PAT, RIVAL, RUDI, STAN
from tests.services.test_addresses import HOME
from tests.services.test_customers import bought

SECRET_PLACE = "Travessa do Segredo 7"


# What a column says of people by its name, and the tables that have such a column, each with what becomes of it.
OF_PEOPLE = re.compile(
    r"email|phone|customer_id|customer_n|actor_|author|first_name|user_id|user_agent|_address$|^ip$|^note$"
)
NOT_OF_A_CUSTOMER = {
    "tenants": "the store's own",
    "platform_users": "the platform's people",
    "platform_refresh_families": "theirs",
    "platform_second_factors": "theirs",
    "audit_entries": "what the staff did; kept by law, and a customer's own acts name the id alone",
    "batches": "who of the staff began it",
    "stock_movements": "who of the staff counted",
    "payment_findings": "the staff's note on a payment",
    "plan_requests": "the staff's note to the platform",
    "coupon_uses": "scrubbed with its order",
    "order_events": "told with the order; the name goes",
}
BY_HAND = {"users": "account", "orders": "orders", "refresh_families": "sessions", "carts": "cart"}


def test_no_table_that_knows_people_is_forgotten(roast):
    """A new table with a column like these fails here until it is told and erased, or named above with its reason."""
    with transaction():
        db.session.get(User, CARLA.id).email_verified_at = clock.now()
    told = set(privacy.export_me(actor=CARLA.actor))
    assert untold(Base.metadata.sorted_tables, told) == []
    for name in privacy.SECRETS:
        assert Base.metadata.tables[name].c.user_id.info["cascade"], name


def untold(tables, told: set[str]) -> list[str]:
    """Tables that know people, and are neither in the copy of a person's data nor named above."""
    return [
        table.name
        for table in tables
        if any(OF_PEOPLE.search(column.name) for column in table.c)
        and table.name not in {*NOT_OF_A_CUSTOMER, *privacy.SECRETS}
        and BY_HAND.get(table.name, table.name) not in told
    ]


@pytest.mark.parametrize("column", ["user_id", "customer_id", "email", "customer_email", "email_key", "phone",
                                    "author_name", "shipping_address", "ip", "user_agent", "note"])  # fmt: skip
def test_a_new_table_that_knows_people_is_noticed(column):
    new = Table("letters", MetaData(), Column("id", Integer), Column(column, String))
    assert untold([*Base.metadata.sorted_tables, new], {*Base.metadata.tables, *BY_HAND.values()}) == [
        "letters"
    ]


def test_what_belongs_to_a_person_goes_with_them_whichever_table_it_is(roast):
    """Erasing finds the tables by their columns, as telling does; only these it knows by name."""
    found = {kind.__tablename__ for kind in (*privacy._owned_by_people(), *privacy._left_under_an_address())}
    known = {"users", "orders", "coupons", *NOT_OF_A_CUSTOMER}
    people = {t.name for t in Base.metadata.sorted_tables if any(OF_PEOPLE.search(c.name) for c in t.c)}
    assert people - found - known == set()


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
        make.coupon("FORCARLA", emails=[CARLA.email.upper()])
        carla = session.get(User, CARLA.id)
        carla.note, carla.email_verified_at = "likes blue", clock.now()
        session.add(Invitation(email=CARLA.email, email_key=CARLA.email, role=Role.STAFF, created_at=clock.now(),
                               expires_at=clock.now(), invited_by="Alice"))  # fmt: skip
    customers.update_preferences(read(PreferencesDraft, {"newsletter": True}), actor=CARLA.actor)
    sessions.open_browser(
        session.get(User, CARLA.id), actor=replace(CARLA.actor, ip="203.0.113.7", user_agent="Toaster/1")
    )
    setup = two_factor.begin(actor=CARLA.actor)
    now = clock.now()
    two_factor.confirm(CodeDraft(code=otp.code_of(setup.secret, otp.step_at(now))), actor=CARLA.actor)
    return made.id


def test_the_copy_is_complete_and_has_no_secrets(roast):
    live_a_little()
    found = json.dumps(privacy.export_me(actor=CARLA.actor))
    for part in (CARLA.email, SECRET_PLACE, "ring twice", "Nice", "likes blue", "+351 912 000 987", "Toaster/1",
                 "203.0.113.7", "The newsletter", "Alice", "FORCARLA"):  # fmt: skip
        assert part in found
    assert "argon2" not in found
    assert not re.search("password|secret|recovery|_hash|token", found)
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
    for trace in (CARLA.email, SECRET_PLACE, "Carla", "ring twice", "likes blue", "+351 912 000 987", "Toaster/1",
                  "203.0.113.7"):  # fmt: skip
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


def test_an_admin_forgets_who_asked_the_store(roast, everything):
    live_a_little()
    before = everything()
    for who, whose, kind in ((MIA, CARLA, Forbidden), (ALICE, STAN, Conflict), (ALICE, RUDI, NotFound)):
        with pytest.raises(kind):
            privacy.erase_customer(whose.id, actor=who.actor)
    assert everything() == before
    privacy.erase_customer(CARLA.id, actor=ALICE.actor)
    assert db.session.get(User, CARLA.id, populate_existing=True).erased_at is not None
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "user.erased")).one()
    assert (entry.actor_email, entry.resource_id) == (ALICE.email, str(CARLA.id))


def test_what_lies_under_an_unconfirmed_address_is_not_handed_out(roast):
    live_a_little()
    with transaction():
        db.session.get(User, CARLA.id).email_verified_at = None
    assert "invitations" not in privacy.export_me(actor=CARLA.actor)


def test_the_address_is_free_again(roast):
    from services.accounts import registering
    from services.accounts.registering import RegisterDraft

    privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)
    again = registering.register(
        RegisterDraft(email=CARLA.email, password=PASSWORD, first_name="C", last_name="T"), actor=CARLA.actor
    )
    assert again.id != CARLA.id

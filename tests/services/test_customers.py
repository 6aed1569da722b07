from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import Role
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, NotFound
from models.accounts import User
from models.audit import AuditEntry
from models.orders import Order, OrderStatus, PaymentMethod
from services import audit, consents, customers, segments, tenants
from services.accounts import roles
from services.accounts.roles import InviteDraft, RoleDraft
from services.customers import CustomerDraft, PreferencesDraft, ProfileDraft
from tests.cast import ALICE, CARL, CARLA, MIA, PAT, RIVAL, RUDI, STAN


@transaction()
def bought(who, *, days_ago, total=1000, refunded=0, status=OrderStatus.COMPLETED, **fields):
    placed = clock.now() - timedelta(days=days_ago)
    order = Order(
        order_number=f"T{db.session.query(Order).count() + 1}", status=status, customer_id=who and who.id,
        email=who.email if who else fields["email"], email_key=who.email if who else fields["email"], currency="EUR",
        prices_include_tax=True, subtotal=total, total=total, captured_total=total, refunded_total=refunded,
        payment_method=PaymentMethod.CARD, placed_at=placed,
    )  # fmt: skip
    db.session.add(order)
    return order


@transaction()
def registered(who, *, days_ago):
    db.session.get(User, who.id).created_at = clock.now() - timedelta(days=days_ago)


def segment_of(who=CARLA):
    return customers.get_customer(who.id).segment


def test_numbers_count_what_was_bought_and_kept(roast):
    bought(CARLA, days_ago=3, total=1000)
    bought(CARLA, days_ago=2, total=1501, refunded=500)
    bought(CARLA, days_ago=1, total=9999, status=OrderStatus.CANCELLED)
    bought(CARLA, days_ago=1, total=9999, status=OrderStatus.PENDING)

    customer = customers.get_customer(CARLA.id)
    assert (customer.orders_count, customer.total_spent, customer.average_order_value) == (2, 2001, 1001)
    assert clock.now() - customer.last_order_at >= timedelta(days=2)


@pytest.mark.parametrize(("orders", "known_for", "expected"), [
    ([], 0, "new"), ([], 29, "new"), ([], 31, "inactive"), ([5], 400, "new"), ([400], 500, "inactive"),
    ([10, 100], 400, "returning"), ([179, 300], 400, "returning"), ([181, 300], 400, "at_risk"),
    ([364, 400], 400, "at_risk"), ([366, 400], 500, "inactive"),
])  # fmt: skip
def test_segments_follow_the_days(roast, orders, known_for, expected):
    registered(CARLA, days_ago=known_for)
    bought(CARL, days_ago=1, total=999_999)  # the best customer is somebody else
    for days_ago in orders:
        bought(CARLA, days_ago=days_ago)
    assert segment_of() == expected


def test_a_vip_spends_most_and_comes_often(roast):
    for days_ago in (1, 50, 300):
        bought(CARLA, days_ago=days_ago, total=50_000)
    bought(CARL, days_ago=1)
    assert segment_of(CARLA) == "vip"
    assert segment_of(CARL) == "new"


def test_three_orders_long_ago_make_no_vip(roast):
    for days_ago in (1, 370, 380):
        bought(CARLA, days_ago=days_ago, total=50_000)
    assert segment_of() == "returning"


def test_the_list_filters_and_sorts(roast):
    bought(CARLA, days_ago=1, total=5000)
    page = customers.list_customers(sort_by="total_spent")
    assert [c.user.email for c in page.items] == [CARLA.email, CARL.email]
    assert customers.list_customers(search="CARLA test").total == 1
    assert customers.list_customers(search="%").total == 0
    assert customers.list_customers(search="_").total == 0
    assert customers.list_customers(segment="new").total == 2
    assert customers.list_customers(segment="vip").total == 0
    assert customers.list_customers(role=None).total == 5
    first, second = (customers.list_customers(page=n, page_size=1) for n in (1, 2))
    assert {first.items[0].user.id, second.items[0].user.id} == {CARLA.id, CARL.id}


def test_the_list_knows_nobody_of_another_store(roast):
    assert customers.list_customers(search="rudi", role=None).total == 0
    with pytest.raises(NotFound):
        customers.get_customer(RUDI.id)


def test_the_overview_counts_new_and_returning_per_day(roast):
    bought(CARLA, days_ago=40)
    bought(CARLA, days_ago=1)
    bought(CARL, days_ago=1)
    bought(None, days_ago=1, email="guest@x.test")
    overview = segments.overview()
    assert len(overview["trend"]) == 30
    assert overview["trend"][-2] | {"date": None} == {"date": None, "new": 2, "returning": 1}
    assert overview["top_customers"][0]["email"] == CARLA.email
    assert sum(overview["segments"].values()) == 2


def test_a_role_is_granted_and_old_sessions_end(roast):
    before = db.session.get(User, CARLA.id).token_version
    user = roles.change_role(CARLA.id, RoleDraft(role=Role.STAFF), actor=ALICE.actor)
    assert (user.role, user.token_version) == (Role.STAFF, before + 1)


@pytest.mark.parametrize(("actor", "target", "role"), [
    (MIA, STAN, Role.ADMIN), (MIA, STAN, Role.CUSTOMER), (STAN, CARLA, Role.STAFF), (MIA, ALICE, Role.CUSTOMER),
])  # fmt: skip
def test_nobody_grants_what_is_not_theirs(roast, everything, actor, target, role):
    before = everything()
    with pytest.raises(Forbidden):
        roles.change_role(target.id, RoleDraft(role=role), actor=actor.actor)
    assert everything() == before


@pytest.mark.parametrize("actor", [ALICE, PAT])
def test_a_store_keeps_one_admin(roast, everything, actor):
    before = everything()
    with pytest.raises(Conflict) as refusal:
        roles.change_role(ALICE.id, RoleDraft(role=Role.MANAGER), actor=actor.actor)
    assert refusal.value.code == "last-admin"
    with pytest.raises(Conflict):
        customers.update_customer(ALICE.id, read(CustomerDraft, {"is_active": False}), actor=actor.actor)
    assert everything() == before


def test_an_admin_may_go_when_there_is_another(roast):
    roles.change_role(MIA.id, RoleDraft(role=Role.ADMIN), actor=ALICE.actor)
    mia = replace(MIA.actor, role=Role.ADMIN)
    assert roles.change_role(ALICE.id, RoleDraft(role=Role.STAFF), actor=mia).role is Role.STAFF


def test_a_manager_does_not_disable_an_admin(roast, everything):
    before = everything()
    with pytest.raises(Forbidden):
        customers.update_customer(ALICE.id, read(CustomerDraft, {"is_active": False}), actor=MIA.actor)
    assert everything() == before


def test_a_full_plan_takes_no_more_colleagues(roast, everything):
    for name in ("one", "two"):
        roles.add_colleague(InviteDraft(email=f"{name}@roast.test"), actor=ALICE.actor)
    before = everything()
    with pytest.raises(Forbidden) as refusal:
        roles.change_role(CARLA.id, RoleDraft(role=Role.STAFF), actor=ALICE.actor)
    assert refusal.value.code == "plan-limit-reached"
    assert everything() == before


def test_preferences_start_from_defaults_and_note_when_they_were_chosen(roast):
    assert PreferencesDraft.of(db.session.get(User, CARLA.id))["marketing"] is False
    user = customers.update_preferences(read(PreferencesDraft, {"marketing": True, "back_in_stock": False}),
                                        actor=CARLA.actor)  # fmt: skip
    assert user.accepts_marketing is True
    assert PreferencesDraft.of(user) == {"order_updates": True, "marketing": True, "newsletter": False,
                                         "review_reminders": False, "back_in_stock": False}  # fmt: skip
    noted = consents.history_of(user.id)
    assert {(one.purpose, one.granted) for one in noted} == {("marketing", True), ("back_in_stock", False)}
    assert {one.source for one in noted} == {"account"}
    assert {one.wording for one in noted} >= {"Offers and recommendations"}


def test_a_profile_is_ones_own(roast):
    customers.update_me(read(ProfileDraft, {"first_name": "Carlota", "locale": "pt"}), actor=CARLA.actor)
    assert db.session.get(User, CARLA.id).first_name == "Carlota"
    with pytest.raises(NotFound):
        customers.update_me(read(ProfileDraft, {"first_name": "x"}), actor=PAT.actor)


def test_the_export_defuses_formulas_and_names_everybody(roast):
    with transaction() as session:
        session.get(User, CARL.id).first_name = "=HYPERLINK(1)"
    text = "".join(customers.export_customers(actor=ALICE.actor))
    assert text.startswith("\ufeffid,email,")
    assert "'=HYPERLINK(1)" in text
    assert text.count("\r\n") == 3
    assert RUDI.email not in text
    with tenants.in_store(RIVAL):
        assert RUDI.email in "".join(customers.export_customers(actor=RUDI.actor))


def readings():
    query = select(AuditEntry).where(AuditEntry.action == "view").order_by(AuditEntry.number)
    return [(entry.actor_email, entry.resource_id, entry.changes) for entry in db.session.scalars(query)]


def test_who_looks_at_a_customer_stands_in_the_log_once_for_a_while(roast, everything):
    customers.open_customer(CARLA.id, actor=MIA.actor)
    assert customers.open_customer(CARLA.id, actor=MIA.actor).user.email == CARLA.email
    seen = (MIA.email, str(CARLA.id), {})
    assert readings() == [seen]
    customers.open_customer(CARLA.id, actor=ALICE.actor)
    customers.open_customer(CARL.id, actor=MIA.actor)
    others = [(ALICE.email, str(CARLA.id), {}), (MIA.email, str(CARL.id), {})]
    assert readings() == [seen, *others]
    with clock.at(clock.now() + timedelta(minutes=16)):
        customers.open_customer(CARLA.id, actor=MIA.actor)
    assert readings() == [seen, *others, seen]
    assert audit.verify().is_intact
    before = everything()
    with pytest.raises(NotFound):
        customers.open_customer(RUDI.id, actor=MIA.actor)
    assert everything() == before


def test_what_is_held_on_oneself_is_no_reading_but_for_somebody_who_acts_as_one(roast):
    customers.open_customer(MIA.id, actor=MIA.actor)
    assert readings() == []
    customers.open_customer(MIA.id, actor=replace(MIA.actor, impersonator=PAT.email))
    assert readings() == [(MIA.email, str(MIA.id), {})]

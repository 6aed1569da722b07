"""Asking somebody to work in the store, and their answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import GUEST, Role
from kit.db import db, transaction
from kit.errors import Conflict, Forbidden, Invalid, NotFound, PlanLimit
from kit.tenancy import every_tenant
from models.accounts import Invitation, User
from models.audit import AuditEntry
from models.outbox import OutboxMessage
from services import tenants
from services.accounts import invitations, people, roles, signing_in
from services.accounts.invitations import AcceptDraft
from services.accounts.roles import InviteDraft, RoleDraft
from tests.cast import ALICE, CARLA, MIA, PASSWORD, RIVAL, STAN

NEW = "nora@roast.test"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def invite(email: str = NEW, role: Role = Role.MANAGER, **names) -> Invitation:
    return invitations.invite(InviteDraft(email=email, role=role, **names), actor=ALICE.actor)


def link_of(invitation: Invitation) -> str:
    """As the worker makes it for the mail."""
    opened = invitations.open_link(invitation.id)
    assert opened is not None
    return opened[1]


def accept(token: str, password: str = "Fresh-Pass-7", **names) -> User:
    return invitations.accept(token, AcceptDraft(password=password, **names), actor=GUEST)


def test_somebody_new_chooses_a_password_and_is_a_colleague_only_then(roast):
    found = invite(first_name="Nora")
    assert people.find_by_email(NEW) is None
    assert [m.topic for m in db.session.scalars(select(OutboxMessage))] == ["account.invitation_sent"]
    user = accept(link_of(found), last_name="New")
    assert (user.name, user.role, user.email_verified_at is not None) == ("Nora New", Role.MANAGER, True)
    assert signing_in.sign_in(NEW, "Fresh-Pass-7", least=Role.STAFF).id == user.id
    assert invitations.list_open() == []
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions[:2] == ["invitation.sent", "invitation.accepted"]


def test_a_customer_accepts_with_the_password_they_have(roast, everything):
    token = link_of(invite(CARLA.email, Role.STAFF))
    assert db.session.get(User, CARLA.id).role is Role.CUSTOMER
    before = everything()
    with pytest.raises(Invalid):
        accept(token, "Fresh-Pass-7")
    assert everything() == before
    user = accept(token, PASSWORD)
    assert (user.id, user.role) == (CARLA.id, Role.STAFF)
    assert signing_in.sign_in(CARLA.email, PASSWORD, least=Role.STAFF)


@pytest.mark.parametrize("password", ["short", "Password1", "alllowercase1", PASSWORD.lower()])
def test_a_weak_password_is_refused(roast, everything, password):
    token = link_of(invite())
    before = everything()
    with pytest.raises(Invalid) as refusal:
        accept(token, password)
    assert refusal.value.errors[0].field == "password"
    assert everything() == before


def test_a_link_works_once_for_a_week_in_its_store_and_until_it_is_taken_back(roast, everything):
    with clock.at(START):
        found = invite()
        token = link_of(found)
    with clock.at(START + timedelta(days=7)):
        before = everything()
        with pytest.raises(Invalid):
            accept(token)
        assert everything() == before
    with clock.at(START + timedelta(days=6)):
        with tenants.in_store(RIVAL):
            assert invitations.find_by_token(token) is None
        second = link_of(invitations.resend(found.id, actor=ALICE.actor))
        assert invitations.find_by_token(token) is None, "only the last mail's link works"
    with clock.at(START + timedelta(days=12)):
        accept(second)
        with pytest.raises(Invalid):
            accept(second)
    other = invite("olga@roast.test")
    token = link_of(other)
    invitations.revoke(other.id, actor=ALICE.actor)
    assert invitations.find_by_token(token) is None
    assert invitations.open_link(other.id) is None


def test_who_is_asked_already_and_who_works_here_is_not_asked_again(roast, everything):
    invite()
    before = everything()
    for email, code in ((NEW.upper(), "invited"), (STAN.email, "email-taken")):
        with pytest.raises(Conflict) as refusal:
            invite(email)
        assert refusal.value.code == code
    with pytest.raises(Conflict) as refusal:
        invitations.resend(invitations.list_open()[0].id, actor=ALICE.actor)
    assert refusal.value.code == "too-soon"
    assert everything() == before


@pytest.mark.parametrize("who", [MIA, STAN, CARLA], ids=lambda who: who.role)
def test_only_an_admin_asks(roast, everything, who):
    found = invite()
    before = everything()
    with pytest.raises(Forbidden):
        invitations.invite(InviteDraft(email="x@roast.test"), actor=who.actor)
    for act in (invitations.resend, invitations.revoke):
        with pytest.raises(Forbidden):
            act(found.id, actor=who.actor)
    assert everything() == before


def test_another_stores_invitation_is_unknown(roast, everything):
    found = invite()
    before = everything()
    with tenants.in_store(RIVAL):
        rita = replace(ALICE.actor, email="rita@rival.test")
        for act in (invitations.resend, invitations.revoke):
            with pytest.raises(NotFound):
                act(found.id, actor=rita)
    assert everything() == before


def test_the_plans_places_are_counted_when_asked_and_when_answered(roast):
    found = invite()
    token = link_of(found)
    for name in ("one", "two"):
        accept(link_of(invite(f"{name}@roast.test")))
    with pytest.raises(PlanLimit):
        accept(token)
    assert people.find_by_email(NEW) is None
    with pytest.raises(PlanLimit):
        invite("three@roast.test")


def test_a_colleague_is_kept_out_and_let_in_again(roast, everything):
    roles.switch(STAN.id, on=False, actor=ALICE.actor)
    assert not db.session.get(User, STAN.id).is_active
    roles.switch(STAN.id, on=True, actor=ALICE.actor)
    assert signing_in.sign_in(STAN.email, PASSWORD).id == STAN.id
    before = everything()
    for who, whose, kind in ((MIA, STAN, Forbidden), (ALICE, ALICE, Forbidden), (ALICE, CARLA, NotFound)):
        with pytest.raises(kind):
            roles.switch(whose.id, on=False, actor=who.actor)
    assert everything() == before


def test_the_last_admin_stays_whoever_asks(roast):
    roles.change_role(MIA.id, RoleDraft(role=Role.ADMIN), actor=ALICE.actor)
    mia = replace(MIA.actor, role=Role.ADMIN)
    roles.switch(ALICE.id, on=False, actor=mia)
    with pytest.raises(Conflict) as refusal:
        roles.change_role(MIA.id, RoleDraft(role=Role.STAFF), actor=mia)
    assert refusal.value.code == "last-admin"


def test_a_disabled_account_accepts_nothing(roast, everything):
    token = link_of(invite(CARLA.email))
    with transaction():
        db.session.get(User, CARLA.id).is_active = False
    before = everything()
    with pytest.raises(Invalid):
        accept(token, PASSWORD)
    assert everything() == before


def test_old_invitations_are_forgotten_and_those_that_wait_are_not(roast):
    invite("waits@roast.test")
    run_out = invite("late@roast.test")
    accept(link_of(invite("done@roast.test")))
    with transaction():
        db.session.get_one(Invitation, run_out.id).expires_at = clock.now() - timedelta(days=3)
    with every_tenant():
        assert invitations.forget_old() == 0
    with clock.at(clock.now() + timedelta(days=29)), every_tenant():
        assert invitations.forget_old() == 1  # the one that had run out
    with clock.at(clock.now() + timedelta(days=38)), every_tenant():
        assert invitations.forget_old() == 2
    assert db.session.scalars(select(Invitation)).all() == []
    assert people.find_by_email("done@roast.test") is not None

import pytest
from argon2 import PasswordHasher

from kit.actor import GUEST
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, Unauthenticated, Unavailable
from models.accounts import User
from models.outbox import OutboxMessage
from models.tenants import Tenant, TenantStatus
from services import tenants
from services.accounts import common_passwords, passwords, registering, signing_in
from services.accounts.passwords import ChangePasswordDraft
from services.accounts.registering import RegisterDraft
from tests.cast import ALICE, CARLA, PASSWORD, PAT, RIVAL, ROAST
from tests.conftest import STRENGTH

NEW = {"email": "nina@roast.test", "password": "Fresh-Pass-7", "first_name": "Nina", "last_name": "Nova"}


def topics():
    return db.session.scalars(db.select(OutboxMessage.topic)).all()


def test_signing_in_notes_when_it_was(roast):
    assert db.session.get(User, CARLA.id).last_login_at is None
    signing_in.sign_in(CARLA.email.upper(), PASSWORD)
    assert db.session.get(User, CARLA.id).last_login_at is not None


@pytest.mark.parametrize("email", [CARLA.email, "nobody@roast.test", PAT.email, "x" * 200])
def test_a_wrong_password_and_no_account_cost_the_same_work(roast, everything, monkeypatch, email):
    """A clock would be unsure on a busy machine; what takes the time is the one hash, so these are counted."""
    hashed = []
    real = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, *args: hashed.append(args) or real(self, *args)
    )
    before = everything()
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(email, "Wrong-Pass-1")
    assert len(hashed) == 1
    assert everything() == before


def test_an_account_without_a_password_cannot_be_entered(roast):
    with transaction() as session:
        session.get(User, CARLA.id).password_hash = ""
    for attempt in ("", PASSWORD):
        with pytest.raises(Unauthenticated):
            signing_in.sign_in(CARLA.email, attempt)


def test_a_suspended_store_lets_only_its_staff_in(roast):
    with transaction() as session:
        session.get(Tenant, ROAST).status = TenantStatus.SUSPENDED
    tenants.forget()
    assert signing_in.sign_in(ALICE.email, PASSWORD).id == ALICE.id
    with pytest.raises(Unavailable):
        signing_in.sign_in(CARLA.email, PASSWORD)


def test_registering_opens_an_account_and_posts_the_welcome(roast):
    user = registering.register(read(RegisterDraft, NEW), actor=GUEST)
    assert user.password_hash.startswith("$argon2id$")
    assert topics() == ["account.registered"]


def test_a_taken_address_is_a_conflict_for_machines(roast, everything):
    before = everything()
    with pytest.raises(Conflict):
        registering.register(read(RegisterDraft, {**NEW, "email": "Carla@ROAST.test"}), actor=GUEST)
    assert everything() == before


def test_a_taken_address_is_told_to_its_owner_only(roast):
    registering.register_or_tell_owner(read(RegisterDraft, {**NEW, "email": CARLA.email}), actor=GUEST)
    assert topics() == ["account.register_repeated"]
    assert signing_in.sign_in(CARLA.email, PASSWORD).id == CARLA.id


def test_ones_own_password_is_changed_with_the_old_one(roast, everything):
    before = everything()
    with pytest.raises(Invalid):
        passwords.change_password(
            ChangePasswordDraft(current_password="Wrong-Pass-1", new_password="Other-Pass-2"),
            actor=CARLA.actor,
        )
    assert everything() == before
    passwords.change_password(
        ChangePasswordDraft(current_password=PASSWORD, new_password="Other-Pass-2"), actor=CARLA.actor
    )
    assert signing_in.sign_in(CARLA.email, "Other-Pass-2").id == CARLA.id
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(CARLA.email, PASSWORD)
    assert topics() == ["password.changed"]


def test_the_platforms_people_change_theirs_on_any_host(app):
    draft = ChangePasswordDraft(current_password=PASSWORD, new_password="Other-Pass-2")
    with tenants.in_store(RIVAL):
        passwords.change_password(draft, actor=PAT.actor)
    assert signing_in.sign_in(PAT.email, "Other-Pass-2").id == PAT.id


@pytest.mark.parametrize(
    "password", ["Password1", "PASSWORD1", "Qwerty123", "P@ssw0rd1", "Benfica2024", "Summer2025!"]
)
def test_what_everybody_tries_first_is_common(password):
    assert common_passwords.is_common(password)


@pytest.mark.parametrize("password", ["Demo-Pass-1", "Fresh-Bread-1", "correct Horse 9"])
def test_what_nobody_tries_first_is_not(password):
    assert not common_passwords.is_common(password)


def test_the_list_of_common_passwords_is_long():
    assert len(common_passwords.COMMON) > 1000


def test_the_hashes_of_a_real_shop_are_strong():
    """What OWASP asks of argon2id at least; the tests themselves use a cheaper one."""
    assert (STRENGTH.time_cost, STRENGTH.memory_cost, STRENGTH.parallelism) == (2, 19_456, 1)

"""The second factor: set up, asked for, used once, lost and taken away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from kit import clock, otp
from kit.actor import Role
from kit.db import db, transaction
from kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from kit.tenancy import every_tenant
from models.accounts import SecondFactor, User
from models.audit import AuditEntry
from models.outbox import OutboxMessage
from services import tenants
from services.accounts import people, sessions, signing_in, tokens, two_factor
from services.accounts.signing_in import CodeNeeded
from services.accounts.two_factor import CodeDraft
from tests.cast import ALICE, CARLA, MIA, PASSWORD, PAT, RITA, RIVAL, STAN

START = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)


def code_at(secret: str, moment: datetime) -> str:
    return otp.code_of(secret, otp.step_at(moment))


def switch_on(who, at: datetime = START) -> tuple[str, list[str]]:
    """The secret and the recovery codes of somebody who has just set it up."""
    with clock.at(at):
        setup = two_factor.begin(actor=who.actor)
        codes = two_factor.confirm(CodeDraft(code=code_at(setup.secret, at)), actor=who.actor)
    return setup.secret, codes


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def test_it_is_asked_for_once_it_is_confirmed(roast):
    setup = two_factor.begin(actor=STAN.actor)
    assert setup.secret in setup.address and "Roast:stan@roast.test" in setup.address.replace("%3A", ":")
    assert signing_in.sign_in(STAN.email, PASSWORD).id == STAN.id, "not confirmed yet"
    assert two_factor.begin(actor=STAN.actor).secret == setup.secret, "the same one until it is confirmed"

    with clock.at(START):
        codes = two_factor.confirm(CodeDraft(code=code_at(setup.secret, START)), actor=STAN.actor)
    assert len(set(codes)) == 10
    with pytest.raises(CodeNeeded):
        signing_in.sign_in(STAN.email, PASSWORD)
    later = START + timedelta(minutes=1)
    with clock.at(later):
        person = signing_in.sign_in(STAN.email, PASSWORD, code=code_at(setup.secret, later))
    assert person.id == STAN.id
    assert "two_factor.enabled" in actions() and actions()[-1] == "login"
    assert "account.security_changed" in db.session.scalars(select(OutboxMessage.topic)).all()
    with pytest.raises(Conflict):
        two_factor.begin(actor=STAN.actor)


def test_the_secret_stands_sealed_and_the_codes_as_hashes(roast):
    secret, codes = switch_on(STAN)
    row = db.session.scalars(select(SecondFactor)).one()
    assert secret not in row.sealed_secret
    assert not set(codes) & set(row.recovery_hashes)


def test_setting_it_up_ends_every_session(roast):
    session_id = sessions.open_browser(db.session.get(User, STAN.id), actor=STAN.actor)
    assert sessions.holder_of("user", STAN.id, "1", session_id) is not None
    switch_on(STAN)
    assert sessions.holder_of("user", STAN.id, "1", session_id) is None


@pytest.mark.parametrize(("off", "taken"), [(-30, True), (0, True), (30, True), (-61, False), (61, False)])
def test_a_phone_may_be_half_a_minute_off(roast, off, taken):
    secret, _codes = switch_on(STAN)
    later = START + timedelta(minutes=10)
    with clock.at(later):
        person = db.session.get(User, STAN.id)
        code = code_at(secret, later + timedelta(seconds=off))
        if taken:
            two_factor.check(person, code, actor=STAN.actor)
        else:
            with pytest.raises(Invalid):
                two_factor.check(person, code, actor=STAN.actor)


def test_a_code_is_good_once_also_the_one_that_confirmed(roast):
    secret, _codes = switch_on(STAN)
    person = db.session.get(User, STAN.id)
    with clock.at(START), pytest.raises(Invalid):
        two_factor.check(person, code_at(secret, START), actor=STAN.actor)
    later = START + timedelta(minutes=1)
    with clock.at(later):
        two_factor.check(person, code_at(secret, later), actor=STAN.actor)
        with pytest.raises(Invalid):
            two_factor.check(person, code_at(secret, later), actor=STAN.actor)
        with pytest.raises(Invalid):  # nor one that is older
            two_factor.check(person, code_at(secret, later - timedelta(seconds=30)), actor=STAN.actor)


def test_a_recovery_code_is_good_once_however_it_is_written(roast):
    _secret, codes = switch_on(STAN)
    person = db.session.get(User, STAN.id)
    two_factor.check(person, codes[0].replace("-", " ").upper(), actor=STAN.actor)
    assert two_factor.state_of(actor=STAN.actor).codes_left == 9
    with pytest.raises(Invalid):
        two_factor.check(person, codes[0], actor=STAN.actor)
    assert "two_factor.recovery_used" in actions()

    fresh = two_factor.new_recovery_codes(actor=STAN.actor)
    with pytest.raises(Invalid):
        two_factor.check(person, codes[1], actor=STAN.actor)
    two_factor.check(person, fresh[0], actor=STAN.actor)


def test_after_five_wrong_codes_none_is_looked_at_for_a_while(roast):
    secret, codes = switch_on(STAN)
    person = db.session.get(User, STAN.id)
    later = START + timedelta(hours=1)
    with clock.at(later):
        for _n in range(5):
            with pytest.raises(Invalid):
                two_factor.check(person, "000000", actor=STAN.actor)
        for code in (code_at(secret, later), codes[0]):
            with pytest.raises(TooMany) as refusal:
                two_factor.check(person, code, actor=STAN.actor)
            assert 0 < refusal.value.extra["retry_after"] <= 901
    over = later + timedelta(minutes=15, seconds=1)
    with clock.at(over):
        two_factor.check(person, code_at(secret, over), actor=STAN.actor)


def test_a_wrong_code_signs_nobody_in_and_leaves_no_trace_of_a_sign_in(roast):
    switch_on(STAN)
    before = db.session.get(User, STAN.id).last_login_at
    with pytest.raises(Unauthenticated) as refusal:
        signing_in.sign_in(STAN.email, PASSWORD, code="123456")
    assert refusal.value.code == "wrong-code"
    assert db.session.get(User, STAN.id, populate_existing=True).last_login_at == before
    assert "login" not in actions()


def test_the_password_is_asked_first(roast):
    secret, _codes = switch_on(STAN)
    with clock.at(START + timedelta(minutes=1)), pytest.raises(Unauthenticated) as refusal:
        signing_in.sign_in(STAN.email, "Wrong-Pass-1", code=code_at(secret, START + timedelta(minutes=1)))
    assert refusal.value.code == "invalid-credentials"


def test_it_is_switched_off_by_a_code_and_not_where_the_store_insists(roast, everything):
    secret, codes = switch_on(STAN)
    before = everything()
    with transaction():
        tenants.row().require_two_factor = True
    tenants.forget()
    with pytest.raises(Conflict):
        two_factor.switch_off(CodeDraft(code=codes[0]), actor=STAN.actor)
    with transaction():
        tenants.row().require_two_factor = False
    tenants.forget()
    assert {**everything(), "tenants": ()} == {**before, "tenants": ()}
    two_factor.switch_off(CodeDraft(code=codes[0]), actor=STAN.actor)
    assert signing_in.sign_in(STAN.email, PASSWORD).two_factor_since is None
    assert db.session.scalars(select(SecondFactor)).all() == []


def test_an_admin_takes_a_lost_one_away(roast):
    switch_on(STAN)
    two_factor.reset(STAN.id, actor=ALICE.actor)
    assert signing_in.sign_in(STAN.email, PASSWORD).id == STAN.id
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "two_factor.reset")).one()
    assert (entry.actor_email, entry.resource_id) == (ALICE.email, str(STAN.id))


@pytest.mark.parametrize(
    ("who", "whose", "kind"),
    [(MIA, STAN, Forbidden), (ALICE, ALICE, Forbidden), (ALICE, CARLA, NotFound), (ALICE, MIA, Conflict),
     (ALICE, RITA, NotFound)],
    ids=("a manager", "oneself", "a customer", "without one", "another store's"),
)  # fmt: skip
def test_who_may_not_take_it_away(roast, everything, who, whose, kind):
    switch_on(ALICE)
    before = everything()
    with pytest.raises(kind):
        two_factor.reset(whose.id, actor=who.actor)
    assert everything() == before


def test_an_admin_asks_it_of_everybody_only_with_their_own(roast, everything):
    before = everything()
    with pytest.raises(Conflict):
        two_factor.require_of_staff(True, actor=ALICE.actor)
    assert everything() == before
    two_factor.require_of_staff(True, actor=replace(ALICE.actor, has_second_factor=True))
    assert tenants.current().require_two_factor
    assert two_factor.is_required_of(db.session.get(User, STAN.id))
    assert not two_factor.is_required_of(db.session.get(User, CARLA.id))


def test_the_platforms_people_have_it_too(app):
    with clock.at(START):
        setup = two_factor.begin(actor=PAT.actor)
        codes = two_factor.confirm(CodeDraft(code=code_at(setup.secret, START)), actor=PAT.actor)
    assert "Vitrine" in setup.address
    with pytest.raises(CodeNeeded):
        signing_in.sign_in(PAT.email, PASSWORD)
    person = signing_in.sign_in(PAT.email, PASSWORD, code=codes[0])
    assert (person.id, person.role) == (PAT.id, Role.SYSADMIN)
    with every_tenant(), pytest.raises(Conflict):  # the platform always insists
        two_factor.switch_off(CodeDraft(code=codes[1]), actor=PAT.actor)


def test_one_stores_factor_is_nothing_to_another(roast):
    switch_on(STAN)
    with tenants.in_store(RIVAL):
        assert db.session.scalars(select(SecondFactor)).all() == []
        assert signing_in.sign_in(RITA.email, PASSWORD).id == RITA.id


def test_once_more_before_something_that_matters(roast):
    signing_in.prove_again(signing_in.ProofDraft(password=PASSWORD), actor=STAN.actor)
    with pytest.raises(Invalid):
        signing_in.prove_again(signing_in.ProofDraft(password="Wrong-Pass-1"), actor=STAN.actor)
    _secret, codes = switch_on(STAN)
    with pytest.raises(Invalid):
        signing_in.prove_again(signing_in.ProofDraft(password=PASSWORD), actor=STAN.actor)
    signing_in.prove_again(signing_in.ProofDraft(password=PASSWORD, code=codes[0]), actor=STAN.actor)


def test_an_actor_knows_of_it(roast):
    switch_on(STAN)
    user = db.session.get(User, STAN.id, populate_existing=True)
    assert people.as_actor(user, STAN.actor).has_second_factor
    assert tokens.issue(user).person.two_factor_since is not None

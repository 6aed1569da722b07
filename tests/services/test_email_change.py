"""Moving an account to another address: nothing happens before the link there is used."""

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import GUEST
from kit.db import db, transaction
from kit.errors import Conflict, Invalid
from models.accounts import User
from models.orders import Order
from models.outbox import OutboxMessage
from services import tenants
from services.accounts import email_change, passwords, signing_in, tokens
from services.accounts.email_change import EmailDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA, PASSWORD, RIVAL, RUDI

NEW = "carla.new@example.test"


def messages() -> list[tuple[str, dict]]:
    return [
        (m.topic, m.payload) for m in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]


def link(email: str = NEW) -> str:
    return email_change.change_link_token(db.session.get(User, CARLA.id), email)


@pytest.mark.parametrize("email", [NEW, CARL.email], ids=("free", "taken"))
def test_the_answer_is_the_same_for_a_free_and_a_taken_address(roast, email):
    assert email_change.ask_for_change(EmailDraft(email=email, password=PASSWORD), actor=CARLA.actor) is None
    assert messages() == [("account.email_change_requested", {"user_id": str(CARLA.id), "email": email})]
    assert db.session.get(User, CARLA.id).email == CARLA.email


@pytest.mark.parametrize(("email", "password", "field"), [(NEW, "Wrong-Pass-1", "password"),
                                                          (CARLA.email.upper(), PASSWORD, "email")])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_sent(roast, everything, email, password, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        email_change.ask_for_change(EmailDraft(email=email, password=password), actor=CARLA.actor)
    assert refusal.value.errors[0].field == field
    assert everything() == before


def test_the_link_moves_the_account_once(roast, everything):
    order = make.order(email=NEW)
    token = link()
    assert email_change.find_change(token) == NEW
    user = email_change.confirm_change(token, actor=GUEST)
    assert (user.email, user.email_verified_at is not None) == (NEW, True)
    assert signing_in.sign_in(NEW, PASSWORD).id == CARLA.id
    assert ("account.email_changed", {"user_id": str(CARLA.id), "old": CARLA.email}) in messages()
    assert db.session.get(Order, order.id).customer_id is None, "the worker claims them"
    before = everything()
    with pytest.raises(Invalid):
        email_change.confirm_change(token, actor=GUEST)
    assert email_change.find_change(token) is None
    assert everything() == before


def test_links_that_went_to_the_old_mailbox_die(roast):
    reset = passwords.open_reset(db.session.get(User, CARLA.id))
    email_change.confirm_change(link(), actor=GUEST)
    assert passwords.find_reset(reset) is None


def test_a_taken_address_is_refused_at_the_end_too(roast, everything):
    token = link(CARL.email)
    before = everything()
    with pytest.raises(Conflict):
        email_change.confirm_change(token, actor=GUEST)
    assert everything() == before


def test_a_link_dies_with_a_new_password_and_is_nothing_elsewhere(roast, everything):
    token = link()
    with tenants.in_store(RIVAL):
        assert email_change.find_change(token) is None
        with pytest.raises(Invalid):
            email_change.confirm_change(token, actor=GUEST)
        foreign = email_change.change_link_token(db.session.get(User, RUDI.id), NEW)
    with transaction():
        tokens.end_all(db.session.get(User, CARLA.id))
    before = everything()
    for bad in (
        token,
        foreign,
        "nonsense",
        tokens.sign("confirm-email", email_change.CHANGE_FOR, CARLA.id, email=NEW),
    ):
        assert email_change.find_change(bad) is None
        with pytest.raises(Invalid):
            email_change.confirm_change(bad, actor=GUEST)
    assert everything() == before


def test_the_link_that_confirms_an_address_is_sent_again(roast):
    email_change.ask_for_confirmation(actor=CARLA.actor)
    assert messages() == [("account.confirmation_requested", {"user_id": str(CARLA.id)})]
    with transaction():
        db.session.get(User, ALICE.id).email_verified_at = clock.now()
    with pytest.raises(Conflict):
        email_change.ask_for_confirmation(actor=ALICE.actor)

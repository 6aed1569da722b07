"""Mails about one's account: links that work, both addresses told, nothing said to somebody else."""

import re

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from models.accounts import User
from services import notifications
from services.accounts import email_change, invitations, registering
from services.accounts.roles import InviteDraft
from tests.cast import ALICE, CARL, CARLA, STAN
from tests.services.test_mail import html_of, only, text_of

NEW = "carla.new@example.test"


def link_in(message, path: str) -> str:
    """The token of the link, the same in both parts."""
    found = {re.search(rf"https?://roast\.localhost[:0-9]*{path}/([\w.-]+)", body).group(1)
             for body in (text_of(message), html_of(message))}  # fmt: skip
    assert len(found) == 1
    return found.pop()


def test_an_invitation_brings_a_link_that_is_accepted(mailbox):
    found = invitations.invite(InviteDraft(email="nora@roast.test", first_name="Nora"), actor=ALICE.actor)
    notifications.send_invitation(invitation_id=str(found.id))
    message = only(mailbox)
    assert message["To"].endswith("<nora@roast.test>") and ALICE.email in text_of(message)
    assert invitations.find_by_token(link_in(message, "/admin/invitation")).id == found.id


def test_a_revoked_invitation_sends_nothing(mailbox):
    found = invitations.invite(InviteDraft(email="nora@roast.test"), actor=ALICE.actor)
    invitations.revoke(found.id, actor=ALICE.actor)
    notifications.send_invitation(invitation_id=str(found.id))
    notifications.send_invitation(invitation_id="nonsense")
    assert mailbox.wait_for(0) == []


def test_the_link_that_confirms_is_sent_to_who_has_not(mailbox):
    notifications.send_confirmation(user_id=str(CARLA.id))
    token = link_in(only(mailbox), "/confirm-email")
    assert registering.confirm_email(token).id == CARLA.id
    mailbox.clear()
    notifications.send_confirmation(user_id=str(CARLA.id))
    assert mailbox.wait_for(0) == []


def test_a_new_address_gets_the_link_and_the_old_one_word_of_it(mailbox):
    notifications.send_email_change(user_id=str(CARLA.id), email=NEW)
    first, second = mailbox.wait_for(2)
    assert NEW in first["To"] and CARLA.email in second["To"]
    assert email_change.find_change(link_in(first, "/change-email")) == NEW
    assert "/change-email/" not in text_of(second), "the link is for the new address alone"
    assert NEW not in text_of(second)


def test_a_taken_address_gets_no_mail_and_the_owner_hears_the_same(mailbox):
    notifications.send_email_change(user_id=str(CARLA.id), email=CARL.email)
    assert CARLA.email in only(mailbox)["To"]


def test_both_addresses_are_told_of_the_move(mailbox):
    with transaction():
        user = db.session.get(User, CARLA.id)
        user.email = user.email_key = NEW
    notifications.send_email_changed(user_id=str(CARLA.id), old=CARLA.email)
    new, old = mailbox.wait_for(2)
    assert (NEW in new["To"], CARLA.email in old["To"]) == (True, True)
    assert "/password/forgot" in text_of(new) and "/password/forgot" not in text_of(old)
    assert new["Message-ID"] != old["Message-ID"]


@pytest.mark.parametrize("what", sorted(notifications.accounts.SECURITY))
def test_what_happened_to_the_second_factor_is_told(mailbox, what):
    notifications.send_security_notice(user_id=str(STAN.id), what=what, left=9)
    message = only(mailbox)
    assert message["Subject"] == "About the security of your account"
    assert "/admin/password/forgot" in text_of(message)


def test_somebody_who_is_gone_hears_nothing(mailbox):
    with transaction():
        db.session.get(User, STAN.id).erased_at = clock.now()
    notifications.send_security_notice(user_id=str(STAN.id), what="two_factor.enabled")
    notifications.send_email_change(user_id=str(STAN.id), email=NEW)
    notifications.send_confirmation(user_id=str(STAN.id))
    assert mailbox.wait_for(0) == []
    assert db.session.scalars(select(User.id).where(User.email_key == NEW)).all() == []

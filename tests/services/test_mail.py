"""Mails go through a real SMTP server and are read as their reader gets them."""

import re
from dataclasses import replace

import pytest

from gateways import mail
from gateways.mail import Letter
from kit import clock
from kit.actor import GUEST
from kit.db import db, transaction
from kit.errors import Invalid, Unavailable
from models.accounts import User
from models.orders import Order, OrderItem, PaymentMethod
from models.outbox import OutboxMessage
from models.tenants import Tenant
from services import notifications, outbox, tenants
from services.accounts import passwords, registering, signing_in
from services.accounts.passwords import ForgotDraft, ResetDraft
from tests.cast import ALICE, CARLA, PASSWORD, RIVAL, ROAST, RUDI
from tests.services.test_customers import bought


def text_of(message):
    return message.get_body(("plain",)).get_content()


def html_of(message):
    return message.get_body(("html",)).get_content()


def only(mailbox):
    (message,) = mailbox.wait_for(1)
    return message


@transaction()
def an_order(method=PaymentMethod.BANK_TRANSFER, locale="en", **fields):
    made = bought(CARLA, days_ago=0, total=4990)
    order = db.session.merge(made)
    order.payment_method, order.locale, order.customer_name = method, locale, "Carla Test"
    order.payment_due_at = clock.now()
    order.shipping_address = {"first_name": "Carla", "last_name": "Test", "line1": "Rua <Um> 1", "city": "Lisboa",
                              "postal_code": "1050-100", "country": "PT"}  # fmt: skip
    order.captured_total = fields.pop("captured_total", 0)
    db.session.add(OrderItem(order_id=order.id, position=0, name="Mug <b>", unit_price=2495, quantity=2,
                             line_total=4990, tax_class="standard", tax_rate=2300, tax_amount=933,
                             options=[{"attribute": "Size", "value": "L"}]))  # fmt: skip
    order.tax_total = 933
    return order.id


def test_how_to_pay_reaches_the_shopper_in_text_and_html(mailbox):
    notifications.send_order_received(order_id=str(an_order()))
    message = only(mailbox)

    assert message["To"] == "Carla Test <carla@roast.test>"
    assert message["From"] == "Roast <no-reply@platform.test>"
    assert message["Reply-To"] == "Roast <hello@roast.test>"
    for body in (text_of(message), html_of(message)):
        assert "IBAN PT50" in body
        assert "€49.90" in body
        assert "http://roast.localhost:" in body
    assert "Mug <b>" in text_of(message)
    assert "Mug &lt;b&gt;" in html_of(message)
    assert "<b>" not in html_of(message)
    assert "%(" not in text_of(message)
    assert re.search(r'<h1 style="[^"]*font-size', html_of(message))


@pytest.mark.parametrize("method", [PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.PAY_IN_SHOP])
def test_the_other_ways_to_pay_later(mailbox, method):
    notifications.send_order_received(order_id=str(an_order(method)))
    assert "€49.90" in text_of(only(mailbox))


def test_a_card_order_is_not_told_how_to_pay(mailbox):
    notifications.send_order_received(order_id=str(an_order(PaymentMethod.CARD)))
    assert mailbox.messages == []


@pytest.mark.parametrize("name", ["confirmed", "cancelled", "expired"])
def test_what_becomes_of_an_order_is_told(mailbox, name):
    order_id = an_order()
    getattr(notifications, f"send_order_{name}")(order_id=str(order_id))
    message = only(mailbox)
    assert db.session.get(Order, order_id).order_number in message["Subject"]
    assert "Rua <Um> 1" in text_of(message)


def test_an_order_is_written_about_in_its_own_language(mailbox):
    notifications.send_order_confirmed(order_id=str(an_order(locale="pt")))
    assert "49,90" in text_of(only(mailbox))
    assert 'lang="pt"' in html_of(only(mailbox))


@pytest.mark.parametrize(
    ("method", "when"), [(PaymentMethod.BANK_TRANSFER, "placed"), (PaymentMethod.CARD, "confirmed")]
)
def test_staff_hear_of_a_new_order_once(mailbox, method, when):
    order_id = str(an_order(method))
    notifications.send_new_unpaid_order(order_id=order_id)
    assert len(mailbox.messages) == (1 if when == "placed" else 0)
    notifications.send_new_order(order_id=order_id)
    assert mailbox.recipients == [["orders@roast.test"]]


def test_a_mail_about_an_order_of_another_store_is_not_sent(mailbox):
    order_id = an_order()
    with tenants.in_store(RIVAL):
        notifications.send_order_confirmed(order_id=str(order_id))
        notifications.send_new_order(order_id=str(order_id))
    assert mailbox.messages == []


def deliver_reset(email, at=None):
    notifications.send_password_reset(email=email, requested_at=(at or clock.now()).isoformat())


def token_in(message):
    return re.search(r"/password/reset/([\w-]+)", text_of(message)).group(1)


def test_a_forgotten_password_goes_by_mail_and_works_once(mailbox):
    passwords.ask_for_reset(ForgotDraft(email=CARLA.email))
    posted = db.session.query(OutboxMessage).one()
    assert posted.topic == "password.reset_requested"
    notifications.send_password_reset(**posted.payload)
    token = token_in(only(mailbox))
    version = db.session.get(User, CARLA.id).token_version

    user = passwords.reset_password(ResetDraft(token=token, password="Brand-New-3"), actor=GUEST)
    assert user.token_version == version + 1
    assert user.email_verified_at is not None
    assert signing_in.sign_in(CARLA.email, "Brand-New-3").id == CARLA.id
    with pytest.raises(Invalid):
        passwords.reset_password(ResetDraft(token=token, password="Other-New-4"), actor=GUEST)
    assert signing_in.sign_in(CARLA.email, "Brand-New-3").id == CARLA.id


def test_the_link_is_too_old_after_an_hour_and_worth_nothing_elsewhere(mailbox, everything):
    deliver_reset(CARLA.email)
    token = token_in(only(mailbox))
    assert token not in str(everything())
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(Invalid):
        passwords.reset_password(ResetDraft(token=token, password="Brand-New-3"), actor=GUEST)
    with clock.at(clock.now() + passwords.RESET_FOR), pytest.raises(Invalid):
        passwords.reset_password(ResetDraft(token=token, password="Brand-New-3"), actor=GUEST)
    assert everything() == before


def test_one_used_link_ends_the_others(mailbox):
    deliver_reset(CARLA.email)
    deliver_reset(
        CARLA.email, clock.now() - passwords.ASK_AGAIN_AFTER
    )  # posted before the first was worked off
    first, second = (token_in(message) for message in mailbox.wait_for(2))
    passwords.reset_password(ResetDraft(token=second, password="Brand-New-3"), actor=GUEST)
    with pytest.raises(Invalid):
        passwords.reset_password(ResetDraft(token=first, password="Other-New-4"), actor=GUEST)


def test_asking_again_at_once_sends_no_second_mail(mailbox):
    deliver_reset(CARLA.email)
    deliver_reset(CARLA.email)
    assert len(mailbox.wait_for(1)) == 1


@pytest.mark.parametrize("email", ["nobody@roast.test", RUDI.email])
def test_an_unknown_address_gets_nothing(mailbox, email):
    deliver_reset(email)
    assert mailbox.messages == []


def test_staff_choose_their_password_in_the_back_office(mailbox):
    deliver_reset(ALICE.email)
    assert "http://roast.localhost" in text_of(only(mailbox))
    assert "/admin/password/reset/" in text_of(only(mailbox))


def test_the_welcome_carries_the_confirmation_that_brings_guest_orders(mailbox):
    order_id = bought(None, days_ago=2, email=CARLA.email).id
    notifications.send_welcome(user_id=str(CARLA.id))
    token = re.search(r"/confirm-email/(\S+)", text_of(only(mailbox))).group(1)
    with tenants.in_store(RIVAL), pytest.raises(Invalid):
        registering.confirm_email(token)
    registering.confirm_email(token)
    assert db.session.get(Order, order_id).customer_id == CARLA.id
    with pytest.raises(Invalid):
        registering.confirm_email(token + "x")


def test_guest_orders_are_not_given_before_the_address_is_confirmed(mailbox):
    order_id = bought(None, days_ago=2, email=CARLA.email).id
    assert registering.claim_orders(CARLA.id) == 0
    assert db.session.get(Order, order_id).customer_id is None


def test_account_mails_render(mailbox):
    with transaction() as session:
        session.get(User, CARLA.id).password_hash = ""
    notifications.send_password_changed(user_id=str(CARLA.id))
    notifications.send_register_repeated(email=CARLA.email)
    notifications.send_invite(user_id=str(CARLA.id))
    notifications.send_erased(email="gone@x.test", name="Gone", locale="de")
    assert len(mailbox.wait_for(4)) == 4


def test_nothing_typed_adds_a_header(mailbox):
    with transaction() as session:
        session.get(Tenant, ROAST).name = 'Roast"\r\nBcc: thief@evil.test'
        tenants.forget()
    notifications.send_password_changed(user_id=str(CARLA.id))
    message = only(mailbox)
    assert message["Bcc"] is None
    assert mailbox.recipients == [[CARLA.email]]
    with pytest.raises(Unavailable):
        mail.compose(Letter(to="a@b.test\r\nBcc: x@evil.test", subject="s", text="t", html="h"))


def test_a_mail_keeps_its_key_when_it_is_sent_again(mailbox):
    message_id = db.session.query(OutboxMessage.id).scalar() or CARLA.id
    for _n in range(2):
        with outbox.delivering(message_id):
            notifications.send_password_changed(user_id=str(CARLA.id))
    first, second = mailbox.wait_for(2)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].strip() == f"<password_changed.{message_id}@platform.test>"


def test_a_server_that_refuses_is_an_error_to_try_again(mailbox):
    mailbox.refuse = "451 try later"
    with pytest.raises(Unavailable):
        notifications.send_password_changed(user_id=str(CARLA.id))


def test_no_mail_leaves_inside_a_transaction(mailbox):
    with pytest.raises(RuntimeError), transaction():
        mail.send(Letter(to="a@b.test", subject="s", text="t", html="h"))
    assert mailbox.messages == []


def test_without_a_server_mails_become_files(roast, config, tmp_path):
    mail.configure(replace(config, mail_url=tmp_path.as_uri()))
    try:
        notifications.send_password_changed(user_id=str(CARLA.id))
    finally:
        mail.configure(config)
    (kept,) = tmp_path.glob("*.eml")
    assert b"multipart/alternative" in kept.read_bytes()
    assert PASSWORD.encode() not in kept.read_bytes()

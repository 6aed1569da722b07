"""The newsletter: asked for by a form, confirmed by a mail, left by one press; nobody learns who is on the list."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs import outbox as deliverer
from kit import clock
from kit.db import db, transaction
from models.accounts import User
from models.newsletter import Subscriber, SubscriberChoice
from models.outbox import OutboxMessage
from services import newsletter, notifications, privacy, tenants
from tests import cast

ANA = "Ana.Silva@example.test"


def ask(browser, email: str = ANA):
    return browser.post("/newsletter", data={"email": email})


def deliver() -> None:
    """What the worker does with the newsletter's messages."""
    waiting = db.session.scalars(
        select(OutboxMessage.id)
        .where(OutboxMessage.done_at.is_(None), OutboxMessage.topic.startswith("newsletter."))
        .order_by(OutboxMessage.id)
    ).all()
    db.session.rollback()
    for ident in waiting:
        held = deliverer.claim(ident)
        assert held is not None and deliverer.deliver(held)
    db.session.expire_all()


def rows() -> list[Subscriber]:
    db.session.expire_all()
    return list(db.session.scalars(select(Subscriber).order_by(Subscriber.id)))


def said() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(SubscriberChoice.what).order_by(SubscriberChoice.id)))


def link_in(message, which: str) -> str:
    text = message.get_body(("plain",)).get_content()
    return re.findall(rf"http://roast[^/\s]*(/{which}\S+)", text)[0]


def on_the_list(browser, mailbox, email: str = ANA) -> None:
    ask(browser, email)
    deliver()
    browser.post(link_in(mailbox.messages[-1], "newsletter"))
    deliver()


def test_an_address_counts_once_it_has_said_yes(mailbox, browser):
    assert ask(browser).status_code == 303
    deliver()
    (question,) = mailbox.messages
    assert question["To"] == ANA and "List-Unsubscribe" not in question
    link = link_in(question, "newsletter")
    assert "Yes, send it to me" in browser.get(link).text
    assert rows()[0].confirmed_at is None  # looking confirms nothing
    for _again in range(2):
        assert "You are on the list" in browser.post(link).text
    assert rows()[0].confirmed_at is not None and said() == ["asked", "confirmed"]
    deliver()
    welcome = mailbox.messages[-1]
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and len(mailbox.messages) == 2


def test_a_mail_program_takes_the_address_off_the_list_with_one_press(mailbox, browser):
    on_the_list(browser, mailbox)
    stop = re.search(r"<http://roast[^/]*(/[^>]+)>", mailbox.messages[-1]["List-Unsubscribe"]).group(1)
    assert "Yes, unsubscribe" in browser.get(stop).text and rows()[0].left_at is None
    for _again in range(2):
        answer = browser.post(
            stop, data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 200
    assert rows()[0].left_at is not None and said() == ["asked", "confirmed", "left"]


def test_the_answer_is_the_same_for_every_address(mailbox, browser):
    on_the_list(browser, mailbox)
    known, new = ask(browser), ask(browser, "new@example.test")
    assert (known.status_code, known.headers["Location"]) == (new.status_code, new.headers["Location"])
    pieces = [
        browser.htmx().post("/newsletter", data={"email": email}).text for email in (ANA, "x@example.test")
    ]
    assert pieces[0] == pieces[1]


def test_asking_again_and_again_sends_one_mail(mailbox, browser):
    for email in (ANA, ANA.upper(), ANA):
        ask(browser, email)
    deliver()
    assert len(mailbox.messages) == 1 and len(rows()) == 1


def test_who_left_may_come_back_by_a_new_mail_and_not_by_the_old_one(mailbox, browser, monkeypatch):
    on_the_list(browser, mailbox)
    old = link_in(mailbox.messages[0], "newsletter")
    browser.post(link_in(mailbox.messages[-1], "unsubscribe"))
    assert browser.post(old).status_code == 404 and rows()[0].left_at is not None
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    ask(browser)
    deliver()
    browser.post(link_in(mailbox.messages[-1], "newsletter"))
    assert rows()[0].left_at is None and rows()[0].confirmed_at is not None


@pytest.mark.parametrize("email", ["", "nonsense", "a@b", "x" * 300 + "@example.test"])
def test_a_bad_address_is_named_and_nothing_is_kept(roast, browser, everything, email):
    before = everything()
    answer = ask(browser, email)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    piece = browser.htmx().post("/newsletter", data={"email": email})
    assert piece.status_code == 422 and 'id="newsletter-error"' in piece.text
    assert everything() == before


def test_dead_links_and_those_of_another_store_do_nothing(mailbox, browser, everything, monkeypatch):
    on_the_list(browser, mailbox)
    confirm, stop = link_in(mailbox.messages[0], "newsletter"), link_in(mailbox.messages[-1], "unsubscribe")
    rival, before = browser.as_(cast.RITA), everything()
    for path in (confirm, stop):
        for face, address in ((rival, path), (browser, path[:-4] + "abcd")):
            assert face.get(address).status_code == 404, address
            assert face.post(address).status_code == 404, address
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert browser.post(confirm).status_code == 404
    assert everything() == before


def test_who_never_says_yes_is_forgotten(roast, browser, monkeypatch):
    ask(browser)
    assert newsletter.forget_old() == 0
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert newsletter.forget_old() == 1 and rows() == [] and said() == []


def test_what_an_address_has_said_stays_when_it_is_asked_again_and_does_not_answer(
    mailbox, browser, monkeypatch
):
    on_the_list(browser, mailbox)
    browser.post(link_in(mailbox.messages[-1], "unsubscribe"))
    left = rows()[0].left_at
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    ask(browser)
    deliver()
    question = link_in(mailbox.messages[-1], "newsletter")
    assert rows()[0].left_at == left and said() == ["asked", "confirmed", "left", "asked"]
    with transaction():  # as it was kept before: waiting, as if nothing had been said
        rows()[0].confirmed_at = rows()[0].left_at = None
    for row_left in (None, left):
        with transaction():
            rows()[0].left_at = row_left
        far = later + timedelta(days=8)
        monkeypatch.setattr(clock, "now", lambda far=far: far)
        assert newsletter.forget_old() == 0
        assert said() == ["asked", "confirmed", "left", "asked"]
    monkeypatch.setattr(clock, "now", lambda: later)
    browser.post(question)
    assert rows()[0].left_at is None and said()[-1] == "confirmed"


def test_who_leaves_again_before_the_answer_has_left(mailbox, browser, monkeypatch):
    on_the_list(browser, mailbox)
    stop = link_in(mailbox.messages[-1], "unsubscribe")
    browser.post(stop)
    for hours in (1, 2):
        later = clock.now() + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        if hours == 1:
            ask(browser)
            deliver()
    question = link_in(mailbox.messages[-1], "newsletter")
    browser.post(stop)
    assert said() == ["asked", "confirmed", "left", "asked", "left"]
    assert browser.post(question).status_code == 404 and rows()[0].left_at is not None


def test_the_form_stands_at_the_foot_of_each_page(roast, browser):
    assert 'id="newsletter-email"' in browser.get("/").text
    assert "<h1>Newsletter</h1>" in browser.get("/newsletter").text


def test_a_mail_that_is_late_is_not_sent(mailbox, browser):
    ask(browser)
    ident = str(rows()[0].id)
    with tenants.in_store(cast.RIVAL):
        notifications.send_newsletter_question(ident)
    notifications.send_newsletter_welcome(ident)
    assert mailbox.messages == []


# --- with an account ------------------------------------------------------------------------------------------------


def choose(browser, wanted: bool) -> None:
    browser.as_(cast.CARLA).post("/account/preferences", data={"newsletter": "1"} if wanted else {})


def carla() -> User:
    db.session.expire_all()
    return db.session.get_one(User, cast.CARLA.id)


def test_the_account_and_the_list_say_the_same(mailbox, browser):
    with transaction():
        carla().email_verified_at = clock.now()
    choose(browser, True)
    assert rows()[0].confirmed_at is not None and said() == ["confirmed"]
    choose(browser, False)
    assert rows()[0].left_at is not None
    choose(browser, True)
    token = newsletter.stop_token(rows()[0])
    browser.post(f"/unsubscribe/newsletter/{token}")
    assert carla().preferences["newsletter"] is False


def test_an_account_without_a_proven_address_is_asked_by_mail(mailbox, browser):
    with transaction():
        carla().email_verified_at = None
    choose(browser, True)
    assert rows()[0].confirmed_at is None
    deliver()
    browser.post(link_in(mailbox.messages[-1], "newsletter"))
    assert rows()[0].confirmed_at is not None


def test_what_is_kept_is_told_and_erased_with_the_person(mailbox, browser):
    on_the_list(browser, mailbox, cast.CARLA.email)
    with transaction():
        carla().email_verified_at = clock.now()
    told = privacy.export_me(actor=cast.CARLA.actor)
    assert "confirmed" in str(told) and "The newsletter: news and offers" in str(told)
    privacy.erase_customer(cast.CARLA.id, actor=cast.ALICE.actor)
    assert rows() == [] and said() == []


# --- the back office ------------------------------------------------------------------------------------------------


def test_the_list_shows_who_gets_it_and_how_that_came_about(mailbox, browser):
    on_the_list(browser, mailbox)
    ask(browser, "waiting@example.test")
    ident = rows()[0].id
    mia = browser.as_(cast.MIA)
    listed = mia.get("/admin/customers/newsletter").text
    assert ANA in listed and "waiting@example.test" not in listed
    assert "waiting@example.test" in mia.get("/admin/customers/newsletter?state=waiting").text
    assert "Nobody here" in mia.get("/admin/customers/newsletter?q=%25").text
    one = mia.get(f"/admin/customers/newsletter/{ident}").text
    assert "Confirmed" in one and "The newsletter: news and offers" in one


def test_the_file_has_those_who_get_it_with_their_way_out(mailbox, browser):
    on_the_list(browser, mailbox)
    ask(browser, "waiting@example.test")
    answer = browser.as_(cast.ALICE).get("/admin/customers/newsletter/export")
    assert answer.status_code == 200, answer.headers
    (line,) = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert line["email"] == ANA
    browser.post(re.search(r"(/unsubscribe/\S+)", line["unsubscribe_url"]).group(1))
    assert rows()[0].left_at is not None
    assert browser.as_(cast.MIA).get("/admin/customers/newsletter/export").status_code == 403


def test_forgetting_takes_the_history_along(mailbox, browser):
    on_the_list(browser, mailbox)
    ident = rows()[0].id
    browser.as_(cast.MIA).post(f"/admin/customers/newsletter/{ident}/delete")
    assert rows() == [] and said() == []


def test_the_other_stores_list_is_not_here(mailbox, browser, everything):
    on_the_list(browser, mailbox)
    ident = rows()[0].id
    rita, stan, before = browser.as_(cast.RITA), browser.as_(cast.STAN), everything()
    assert ANA not in rita.get("/admin/customers/newsletter").text
    assert rita.get(f"/admin/customers/newsletter/{ident}").status_code == 404
    assert rita.post(f"/admin/customers/newsletter/{ident}/delete").status_code == 404
    assert stan.post(f"/admin/customers/newsletter/{ident}/delete").status_code == 403
    assert everything() == before

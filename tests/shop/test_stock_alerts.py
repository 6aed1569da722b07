"""“Tell me when it is back”: asked by a form, confirmed by a mail, answered once; nobody learns who asked before."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs import outbox as deliverer
from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.drafts import read
from models.catalog import Product, StockStatus
from models.outbox import OutboxMessage
from models.search import StockAlert
from services import notifications, stock, stock_alerts, tenants
from services.catalog import products
from services.catalog.products import ProductDraft
from tests.cast import CARLA, RIVAL
from tests.shop.shelf import BOSS, product

ANA = "Ana.Silva@example.test"


@pytest.fixture
def lamp(shelf):
    return product("Lamp", "40.00", stock_quantity=0)


def ask(browser, product_id, email: str = ANA, variant_id="", **headers: str):
    data = {"product_id": str(product_id), "variant_id": str(variant_id), "email": email}
    return (browser.htmx(**headers) if headers else browser).post("/stock-alerts", data=data)


def deliver() -> None:
    """What the worker does, in order, until nothing is left."""
    while waiting := db.session.scalars(
        select(OutboxMessage.id).where(
            OutboxMessage.done_at.is_(None),
            OutboxMessage.topic.in_(("stock.back", "stock_alert.asked", "stock_alert.due")),
        )
    ).all():
        db.session.rollback()
        for ident in waiting:
            held = deliverer.claim(ident)
            assert held is not None and deliverer.deliver(held)
        db.session.expire_all()


def alerts() -> list[StockAlert]:
    db.session.expire_all()
    return list(db.session.scalars(select(StockAlert).order_by(StockAlert.id)))


def link_in(message) -> str:
    text = message.get_body(("plain",)).get_content()
    return re.findall(r"http://roast[^/\s]*(/\S+)", text)[0]


def topics() -> Counter[str]:
    db.session.expire_all()
    return Counter(db.session.scalars(select(OutboxMessage.topic)))


def confirmed(browser, mailbox, product_id, variant_id="", email: str = ANA) -> None:
    ask(browser, product_id, email, variant_id)
    deliver()
    path = link_in(mailbox.wait_for(1)[-1])
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 200
    deliver()
    mailbox.clear()


def test_a_sold_out_product_offers_it_and_one_in_stock_does_not(shelf, lamp, browser):
    html = browser.get("/products/lamp").text
    assert "Tell me when it is back" in html
    assert f'name="product_id" value="{lamp}"' in html.split('id="alert"')[1]
    assert "Tell me when it is back" not in browser.get(f"/products/{shelf.mug_slug}").text
    chosen = browser.get(f"/products/{shelf.shirt_slug}?o1=blue&o2=m").text
    assert f'name="variant_id" value="{shelf.blue_m}"' in chosen.split('id="alert"')[1]


def test_from_the_question_to_the_one_mail(lamp, browser, mailbox):
    answer = ask(browser, lamp)
    assert (answer.status_code, answer.location) == (303, "/products/lamp")
    assert "look into your mailbox" in browser.get("/products/lamp").text
    deliver()
    (question,) = mailbox.wait_for(1)
    assert question["To"] == ANA
    assert "Lamp" in question["Subject"]
    path = link_in(question)
    for _time in range(2):  # looking changes nothing
        assert "Yes, tell me" in browser.get(path).text
    assert alerts()[0].confirmed_at is None
    for _time in range(2):
        assert "We will tell you" in browser.post(path).text
    deliver()
    assert len(mailbox.messages) == 1
    stock.set_on_hand(lamp, None, 3, actor=SYSTEM)
    deliver()
    told = mailbox.wait_for(2)[-1]
    assert "is back" in told["Subject"]
    assert link_in(told) == "/products/lamp"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(
        r"<http://roast\S+>", told["List-Unsubscribe"]
    )  # in one piece, as mail programs read it
    for left in (0, 5):  # gone and back again: it was one mail
        stock.set_on_hand(lamp, None, left, actor=SYSTEM)
        deliver()
    stock_alerts.tell_overlooked()
    deliver()
    assert len(mailbox.messages) == 2


def test_who_does_not_confirm_hears_nothing(lamp, browser, mailbox):
    ask(browser, lamp)
    deliver()
    mailbox.clear()
    stock.set_on_hand(lamp, None, 3, actor=SYSTEM)
    deliver()
    assert mailbox.messages == []


def test_a_variant_is_waited_for_by_itself(shelf, browser, mailbox):
    confirmed(browser, mailbox, shelf.shirt, shelf.blue_m)
    stock.set_on_hand(shelf.shirt, shelf.red_s, 9, actor=SYSTEM)
    deliver()
    assert mailbox.messages == []
    stock.set_on_hand(shelf.shirt, shelf.blue_m, 1, actor=SYSTEM)
    deliver()
    (told,) = mailbox.wait_for(1)
    assert link_in(told) == f"/products/{shelf.shirt_slug}?variant={shelf.blue_m}"
    assert "Blue" in told.get_body(("plain",)).get_content()


def test_what_comes_back_before_the_answer_is_told_at_the_answer(lamp, browser, mailbox):
    ask(browser, lamp)
    deliver()
    path = link_in(mailbox.wait_for(1)[0])
    stock.set_on_hand(lamp, None, 3, actor=SYSTEM)
    deliver()
    browser.post(path)
    deliver()
    assert "is back" in mailbox.wait_for(2)[-1]["Subject"]


def test_what_is_hidden_is_told_when_it_is_shown_again(lamp, browser, mailbox):
    confirmed(browser, mailbox, lamp)
    row = products.get_product(lamp)
    for values in ({"is_active": False}, {"stock_quantity": 4}, {"is_active": True}):
        if values == {"is_active": True}:
            deliver()
            assert mailbox.messages == []
        row = products.get_product(lamp)
        products.update_product(lamp, read(ProductDraft, {**ProductDraft.of(row), **values}), actor=BOSS)
    assert stock_alerts.tell_overlooked() == 1
    deliver()
    assert len(mailbox.wait_for(1)) == 1


def test_of_many_who_were_overlooked_the_longest_waiting_are_told_first_and_the_others_next_time(shelf, lamp):
    towel = product("Towel", "9.00", stock_quantity=0)
    now = clock.now()
    with transaction():
        for place, thing in enumerate((lamp, towel, lamp, towel, lamp)):
            db.session.add(
                StockAlert(product_id=thing, email=f"{place}@example.test", email_key=f"{place}@example.test",
                           asked_at=now, confirmed_at=now + timedelta(seconds=place))
            )  # fmt: skip
        for thing in (lamp, towel):
            db.session.get_one(Product, thing).stock_status = StockStatus.ON_BACKORDER
    before = topics()
    rounds = []
    for _round in range(4):
        told = stock_alerts.tell_overlooked(limit=2)
        rounds.append((told, sorted(row.email[0] for row in alerts() if row.notified_at is not None)))
    assert rounds == [(2, ["0", "1"]), (2, list("0123")), (1, list("01234")), (0, list("01234"))]
    assert topics() - before == {
        "stock_alert.due": 5
    }  # and none that would tell the others before their turn


def test_the_answer_is_the_same_whoever_asks_and_no_flood_of_mails(lamp, browser, mailbox):
    answers = {re.sub(r"\s+", " ", ask(browser, lamp, email, **{"HX-Target": "form#alert"}).text)
               for email in (ANA, ANA.upper(), CARLA.email, ANA)}  # fmt: skip
    assert len(answers) == 1
    deliver()
    assert sorted(m["To"] for m in mailbox.messages) == sorted([ANA, CARLA.email])
    with clock.at(clock.now() + timedelta(minutes=11)):
        ask(browser, lamp)
        deliver()
    assert len(mailbox.messages) == 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"email": "nonsense"}, 422), ({"email": ""}, 422), ({"variant_id": "x"}, 422), ({"product_id": "x"}, 404),
     ({"product_id": "mug"}, 409), ({"variant_id": "mug"}, 422)],
)  # fmt: skip
@pytest.mark.parametrize("scripts", [False, True])
def test_what_is_wrong_is_said_beside_the_field(shelf, lamp, browser, everything, sent, status, scripts):
    names = {"mug": str(shelf.mug)}
    data = {"product_id": str(lamp), "variant_id": "", "email": ANA} | {
        k: names.get(v, v) for k, v in sent.items()
    }
    before = everything()
    face = browser.htmx(**{"HX-Target": "form#alert"}) if scripts else browser
    answer = face.post("/stock-alerts", data=data)
    assert answer.status_code == status
    if "email" in sent:
        assert 'id="alert-error"' in answer.text and "Must be an e-mail" in answer.text or sent["email"] == ""
        assert ("<html" in answer.text) is not scripts
    assert everything() == before


def test_an_address_can_not_be_buried(lamp, browser, monkeypatch, mailbox):
    monkeypatch.setattr(stock_alerts, "PER_ADDRESS", 1)
    other = product("Bell", "5.00", stock_quantity=0)
    assert ask(browser, lamp).status_code == ask(browser, other).status_code == 303
    assert len(alerts()) == 1


def test_the_way_out_works_once_and_again(lamp, browser, mailbox):
    confirmed(browser, mailbox, lamp)
    stock.set_on_hand(lamp, None, 3, actor=SYSTEM)
    deliver()
    path = re.findall(r"(/unsubscribe/\S+)", mailbox.wait_for(1)[0].get_body(("plain",)).get_content())[0]
    assert "Yes, forget it" in browser.get(path).text
    assert len(alerts()) == 1
    for _time in range(2):
        assert "nothing more" in browser.post(path).text
    assert alerts() == []


def test_links_of_another_store_or_kind_or_too_old_are_dead(lamp, browser, mailbox, everything):
    ask(browser, lamp)
    (row,) = alerts()
    good, stop = stock_alerts.confirm_token(row), stock_alerts.stop_token(row)
    with clock.at(clock.now() - timedelta(days=8)):
        old = stock_alerts.confirm_token(row)
    before = everything()
    rival = browser.at("rival.localhost")
    for face, path in ((rival, f"/stock-alerts/confirm/{good}"), (rival, f"/unsubscribe/stock-alerts/{stop}"),
                       (browser, f"/stock-alerts/confirm/{stop}"), (browser, f"/unsubscribe/stock-alerts/{good}"),
                       (browser, f"/stock-alerts/confirm/{old}"),
                       (browser, "/stock-alerts/confirm/x.y.z")):  # fmt: skip
        for method in ("get", "post"):
            answer = getattr(face, method)(path)
            assert answer.status_code == 404 and "no longer works" in answer.text, path
    assert everything() == before
    with tenants.in_store(RIVAL):
        assert alerts() == []
        assert stock_alerts.tell_waiting(lamp) == 0
    assert ask(rival, lamp).status_code == 404


def test_old_ones_are_forgotten(lamp, browser, mailbox):
    ask(browser, lamp)
    now = clock.now()
    with clock.at(now + timedelta(days=6)):
        assert stock_alerts.forget_old() == 0
    with clock.at(now + timedelta(days=8)):
        assert stock_alerts.forget_old() == 1
    confirmed(browser, mailbox, lamp)
    with clock.at(now + timedelta(days=300)):
        assert stock_alerts.forget_old() == 0
    stock.set_on_hand(lamp, None, 3, actor=SYSTEM)
    deliver()
    with clock.at(now + timedelta(days=31)):
        assert stock_alerts.forget_old() == 1
    assert alerts() == []


def test_many_are_told_in_portions(lamp, roast, monkeypatch):
    monkeypatch.setattr(stock_alerts, "AT_ONCE", 2)
    now = clock.now()
    with transaction() as session:
        session.add_all(
            StockAlert(
                product_id=lamp,
                email=f"p{n}@x.test",
                email_key=f"p{n}@x.test",
                asked_at=now,
                confirmed_at=now,
            )
            for n in range(5)
        )
    stock.set_on_hand(lamp, None, 9, actor=SYSTEM)
    told = [stock_alerts.tell_waiting(lamp) for _time in range(4)]
    assert told == [2, 2, 1, 0]


def test_a_deleted_product_takes_its_alerts_along(lamp, browser, mailbox):
    ask(browser, lamp)
    products.delete_product(lamp, actor=BOSS)
    stock_alerts.forget_old()
    assert alerts() == []
    notifications.send_alert_question(alert_id=str(lamp))
    assert mailbox.messages == []
    assert db.session.scalar(select(Product.id).where(Product.id == lamp, Product.is_active)) is None

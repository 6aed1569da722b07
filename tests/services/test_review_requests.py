"""Asking for reviews: once for each order, some days after it is done, of those who want it, about what they have not
reviewed."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.drafts import read
from models.accounts import User
from models.customers import Consent
from models.orders import Order
from models.outbox import OutboxMessage
from models.reviews import Review
from models.tenants import TenantStatus
from services import notifications, review_requests, reviews, tenants
from services.fulfilment import ParcelDraft, deliver_parcel, fulfil_order
from services.notifications import letters
from tests import cast, make
from tests.make import Line

WEEK = timedelta(days=7)
FORM = {"rating": "4", "title": "Warm", "body": "It keeps warm."}


def wants(wanted: bool = True, person=cast.CARLA) -> None:
    with transaction():
        user = db.session.get(User, person.id)
        user.preferences = {**user.preferences, "review_reminders": wanted}


def arrived(*names: str, customer=cast.CARLA.id, **fields) -> UUID:
    """An order that has arrived just now."""
    products = [make.product(name) for name in names or ("Mug",)]
    order = make.paid_order(*(Line(product) for product in products), customer_id=customer, **fields)
    parcel = fulfil_order(order.id, ParcelDraft(), actor=SYSTEM)
    deliver_parcel(parcel.id, actor=SYSTEM)
    return order.id


def posted() -> list[dict]:
    db.session.expire_all()
    found = select(OutboxMessage).where(OutboxMessage.topic == "review.requested").order_by(OutboxMessage.id)
    return [message.payload for message in db.session.scalars(found)]


def after(span: timedelta = WEEK + timedelta(minutes=1)) -> int:
    with clock.at(clock.now() + span):
        return review_requests.ask_due()


def drawn(order_id: UUID) -> list:
    with letters.drawing() as made:
        notifications.send_review_request(str(order_id))
    return made


def links(letter, what: str) -> list[str]:
    return re.findall(rf"http://roast[^/\s]*(/{what}/\S+)", letter.text)


def test_a_week_after_it_arrived_the_customer_is_asked_once(roast):
    wants()
    ident = arrived()
    assert after(WEEK - timedelta(minutes=5)) == 0 and posted() == []
    assert after() == 1
    assert after() == 0 and after(WEEK * 2) == 0
    assert posted() == [{"order_id": str(ident)}]
    assert review_requests.ask(ident) is False and len(posted()) == 1


def test_the_claim_changes_nothing_else_of_the_order(roast):
    wants()
    ident = arrived()
    before = db.session.get(Order, ident).updated_at
    after()
    db.session.expire_all()
    order = db.session.get(Order, ident)
    assert order.review_asked_at is not None and order.updated_at == before


@pytest.mark.parametrize("case", ["no wish", "wish taken back", "no account", "off", "not arrived", "long ago",
                                  "refunded", "suspended", "disabled"])  # fmt: skip
def test_who_is_not_asked(roast, case):
    wants()
    if case == "not arrived":
        make.paid_order(customer_id=cast.CARLA.id)
    else:
        ident = arrived(customer=None if case == "no account" else cast.CARLA.id)
    with transaction():
        user = db.session.get(User, cast.CARLA.id)
        if case == "no wish":
            user.preferences = {}
        if case == "wish taken back":
            user.preferences = {"review_reminders": False}
        if case == "disabled":
            user.is_active = False
        if case == "off":
            tenants.row().review_request_days = 0
        if case == "suspended":
            tenants.row().status = TenantStatus.SUSPENDED
        if case == "refunded":
            db.session.get(Order, ident).payment_status = "refunded"
    span = timedelta(days=7 + 31) if case == "long ago" else WEEK + timedelta(minutes=1)
    assert after(span) == 0 and posted() == []


def test_each_store_has_its_own_days(roast):
    wants()
    with transaction():
        tenants.row().review_request_days = 20
    arrived()
    assert after() == 0
    assert after(timedelta(days=20, minutes=1)) == 1


def test_what_is_reviewed_is_not_asked_about(roast):
    wants()
    ident = arrived("Mug", "Bowl")
    mug = db.session.scalars(select(Order).where(Order.id == ident)).one().items[0].product_id
    reviews.submit_review(mug, read(reviews.ReviewDraft, {"rating": 5}), actor=cast.CARLA.actor)
    after()
    text = drawn(ident)[0].text
    assert "Bowl" in text and "Mug" not in text


def test_where_all_is_reviewed_nothing_is_sent(roast):
    wants()
    ident = arrived("Mug")
    product = db.session.get(Order, ident).items[0].product_id
    reviews.submit_review(product, read(reviews.ReviewDraft, {"rating": 5}), actor=cast.CARLA.actor)
    assert after() == 1 and posted() == [] and drawn(ident) == []


def test_who_says_no_before_the_mail_goes_out_gets_none(roast):
    wants()
    ident = arrived()
    after()
    assert len(drawn(ident)) == 1
    wants(False)
    assert drawn(ident) == []


def test_the_mail_has_a_link_for_each_thing_and_a_way_out(roast):
    wants()
    ident = arrived("Mug", "Bowl", locale="pt")
    letter = drawn(ident)[0]
    assert letter.to == cast.CARLA.email and 'lang="pt"' in letter.html
    assert len(links(letter, "reviews")) == 2
    stop = links(letter, "unsubscribe/review-requests")[0]
    assert letter.headers["List-Unsubscribe"].endswith(f"{stop}>")
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_link_leads_to_the_form_and_the_review_is_the_customers(roast, browser):
    wants()
    ident = arrived("Mug")
    path = links(drawn(ident)[0], "reviews")[0]
    answer = browser.get(path)
    assert answer.status_code == 200 and "Mug" in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.post(path, data=FORM).status_code == 303
    db.session.expire_all()
    row = db.session.scalars(select(Review)).one()
    assert (row.user_id, row.rating, row.is_verified_purchase) == (cast.CARLA.id, 4, True)
    again = browser.post(path, data=FORM)
    assert again.status_code == 409 and "already" in again.text


def test_a_wrong_review_is_named_and_writes_nothing(roast, browser, everything):
    wants()
    path = links(drawn(arrived())[0], "reviews")[0]
    before = everything()
    answer = browser.post(path, data={"rating": "6"})
    assert answer.status_code == 422 and "field__error" in answer.text
    assert everything() == before


def test_a_link_is_good_for_its_order_and_time_and_store_alone(roast, browser, everything):
    wants()
    ident, other = arrived("Mug"), make.product("Other")
    path = links(drawn(ident)[0], "reviews")[0]
    stop = links(drawn(ident)[0], "unsubscribe/review-requests")[0]
    product = path.rsplit("/", 1)[1]
    elsewhere = path.replace(product, str(other.id))
    before = everything()
    for wrong in (
        elsewhere,
        path.replace("/reviews/", "/reviews/x"),
        f"/reviews/{stop.rsplit('/', 1)[1]}/{product}",
    ):
        assert browser.get(wrong).status_code == 404, wrong
        assert browser.post(wrong, data=FORM).status_code == 404, wrong
    for way in (path, stop):
        assert browser.at("rival.localhost").post(way, data=FORM).status_code == 404
    with clock.at(clock.now() + timedelta(days=61)):
        assert browser.at("roast.localhost").post(path, data=FORM).status_code == 404
    assert everything() == before


def test_one_press_ends_the_reminders_and_is_noted(roast, browser):
    wants()
    stop = links(drawn(arrived())[0], "unsubscribe/review-requests")[0]
    assert "Ask you for reviews no more?" in browser.get(stop).text
    assert db.session.get(User, cast.CARLA.id).preferences["review_reminders"] is True
    for _time in range(2):
        assert browser.post(stop).status_code == 200
    db.session.expire_all()
    assert db.session.get(User, cast.CARLA.id).preferences["review_reminders"] is False
    noted = db.session.scalars(select(Consent)).all()
    assert [(row.purpose, row.granted, row.source) for row in noted] == [
        ("review_reminders", False, "unsubscribe")
    ]
    arrived("Bowl")
    assert after() == 0

"""Many shoppers at once, in real processes on one database: what runs out is sold once."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from config import ROOT
from kit import clock, drafts
from kit.actor import GUEST
from kit.db import db, transaction
from models.orders import Order
from models.promotions import Coupon, CouponCode, CouponUse, Offered
from models.stock import StockItem
from services import carts
from tests import make

PROCESSES = 4
ADDRESS = {
    "first_name": "Ana", "last_name": "Sousa", "line1": "Rua Augusta 1", "city": "Lisboa",
    "postal_code": "1100-048", "country": "PT",
}  # fmt: skip


class Crowd:
    """Processes that are started once and sent out together, round after round."""

    def __init__(self, database_url, config):
        command = [sys.executable, "-m", "tests.concurrency.shoppers"]
        self.processes = [
            subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(PROCESSES)
        ]
        order = {"database_url": database_url, "instance": str(config.instance), "secret": config.secret_key}
        for process in self.processes:
            self._tell(process, json.dumps(order))

    def _tell(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def _hear(self, process):
        for line in process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        raise AssertionError(f"a shopper died: {process.wait()}")

    def send(self, errands):
        for i, process in enumerate(self.processes):
            self._tell(process, json.dumps(errands[i::PROCESSES]))
        assert [self._hear(process) for process in self.processes] == ["ready"] * PROCESSES
        start = time.time() + 0.2
        for process in self.processes:
            self._tell(process, str(start))
        return [answer for process in self.processes for answer in self._hear(process)]

    def go_home(self):
        for process in self.processes:
            process.stdin.close()
            process.stdout.close()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def crowd(database, config):
    crowd = Crowd(database.url, config)
    yield crowd
    crowd.go_home()


@pytest.fixture
def rush(crowd):
    """Send these requests at the same moment from four processes; answers [status, body] for each."""

    def run(errands):
        db.session.rollback()
        answers = crowd.send(errands)
        db.session.rollback()
        db.session.expire_all()
        return answers

    return run


def filled_cart(product, coupon=""):
    draft = drafts.read(carts.ItemDraft, {"product_id": str(product.id)})
    token = carts.add_item(draft, actor=GUEST, token=None).session_id
    if coupon:
        carts.apply_coupon(coupon, actor=GUEST, token=token)
    return token


def checkout(token, method_id, n=0, **headers):
    body = {"email": f"shopper{n}@example.test", "shipping_address": ADDRESS, "shipping_method_id": str(method_id),
            "payment_method": "bank_transfer"}  # fmt: skip
    return {"path": "/api/orders/checkout", "json": body, "headers": {"X-Session-ID": token, **headers}}


def kinds(answers):
    return Counter((status, (body or {}).get("type", "").rpartition("/")[2]) for status, body in answers)


def test_forty_shoppers_and_ten_units_make_ten_orders(roast, rush):
    mug, post = make.product(stock=10), make.shipping().id
    tokens = [filled_cart(mug) for _ in range(40)]
    answers = rush([checkout(token, post, n) for n, token in enumerate(tokens)])
    assert kinds(answers) == {(201, ""): 10, (409, "out-of-stock"): 30}
    assert db.session.scalar(select(func.count()).select_from(Order)) == 10
    item = db.session.scalar(select(StockItem).where(StockItem.product_id == mug.id))
    assert (item.on_hand, item.allocated) == (10, 10)
    numbers = [body["order"]["order_number"] for status, body in answers if status == 201]
    assert sorted(map(int, numbers)) == list(range(1001, 1011))
    assert sum(carts.view(actor=GUEST, token=token).item_count for token in tokens) == 30


def test_forty_shoppers_and_a_coupon_for_five_make_five_orders_with_it(roast, rush):
    mug, post = make.product(stock=100), make.shipping().id
    coupon = make.coupon("FIVE", usage_limit=5)
    tokens = [filled_cart(mug, "FIVE") for _ in range(40)]
    answers = rush([checkout(token, post, n) for n, token in enumerate(tokens)])
    assert kinds(answers) == {(201, ""): 5, (409, "coupon-unavailable"): 35}
    assert db.session.scalar(select(Coupon.usage_count).where(Coupon.id == coupon.id)) == 5
    assert db.session.scalar(select(func.count()).select_from(CouponUse)) == 5
    assert db.session.scalar(select(func.sum(StockItem.allocated))) == 5


def test_one_customer_at_once_uses_a_coupon_as_often_as_it_allows(roast, rush):
    mug, post = make.product(stock=100), make.shipping().id
    make.coupon("ONCE", usage_limit_per_customer=1)
    tokens = [filled_cart(mug, "ONCE") for _ in range(12)]
    answers = rush([checkout(token, post) for token in tokens])
    assert kinds(answers) == {(201, ""): 1, (409, "coupon-unavailable"): 11}


def test_an_offer_for_five_orders_that_applies_by_itself_is_given_five_times(roast, rush):
    mug, post = make.product(price=1000, stock=100), make.shipping().id
    offer = make.coupon("", offered=Offered.AUTOMATIC, name="The first five", usage_limit=5)
    tokens = [filled_cart(mug) for _ in range(30)]
    answers = rush([checkout(token, post, n) for n, token in enumerate(tokens)])
    found = kinds(
        answers
    )  # who looked before the fifth and came after it is refused, who looked after it pays in full
    assert set(found) <= {(201, ""), (409, "coupon-unavailable")}
    reduced = [
        body["order"]
        for status, body in answers
        if status == 201 and body["order"]["discount_total"] != "0.00"
    ]
    assert len(reduced) == 5
    assert db.session.scalar(select(Coupon.usage_count).where(Coupon.id == offer.id)) == 5
    assert db.session.scalar(select(func.count()).select_from(CouponUse)) == 5
    assert db.session.scalar(select(func.count()).select_from(Order)) == found[201, ""]


def test_one_of_many_codes_typed_by_twelve_at_once_makes_one_order(roast, rush):
    mug, post = make.product(stock=100), make.shipping().id
    rule = make.coupon("", offered=Offered.CODES, name="Letter")
    with transaction() as session:
        session.add(CouponCode(coupon_id=rule.id, code="ABC", code_key="abc", created_at=clock.now()))
    tokens = [filled_cart(mug, "ABC") for _ in range(12)]
    answers = rush([checkout(token, post, n) for n, token in enumerate(tokens)])
    assert kinds(answers) == {(201, ""): 1, (409, "coupon-unavailable"): 11}
    assert db.session.scalar(select(Coupon.usage_count).where(Coupon.id == rule.id)) == 1


def test_the_same_key_ten_times_at_once_is_one_order(roast, rush):
    mug, post = make.product(stock=100), make.shipping().id
    errand = checkout(filled_cart(mug), post, **{"Idempotency-Key": "one-click"})
    answers = rush([errand] * 10)
    assert set(kinds(answers)) <= {(201, ""), (409, "request-in-progress")}
    assert len({body["order"]["id"] for status, body in answers if status == 201}) == 1
    assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_one_cart_sent_ten_times_without_a_key_is_one_order(roast, rush):
    mug, post = make.product(stock=100), make.shipping().id
    answers = rush([checkout(filled_cart(mug), post)] * 10)
    assert kinds(answers) == {(201, ""): 1, (409, "cart-empty"): 9}


def test_two_first_clicks_at_once_make_one_cart(roast, rush):
    mug = make.product(stock=100)
    token = carts.view(actor=GUEST, token=None).session_id
    errand = {
        "path": "/api/cart/items",
        "json": {"product_id": str(mug.id)},
        "headers": {"X-Session-ID": token},
    }
    answers = rush([errand] * 20)
    assert kinds(answers) == {(200, ""): 20}
    assert carts.view(actor=GUEST, token=token).item_count == 20

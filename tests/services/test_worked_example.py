"""The worked example of the order of computation, through the real services: rules, cart, order, page, refunds."""

import pytest

from kit import drafts
from kit.actor import GUEST
from kit.db import db, transaction
from models.catalog import Category, TaxClass, product_categories
from models.orders import Order
from models.promotions import CouponType, Offered, Stacking
from services import carts, explained, tenants
from services.orders import access, effects
from services.orders.making import OrderDraft
from services.orders.placing import place_order
from services.payments import offline
from services.payments.refunds import RefundDraft, list_refunds, refund_order
from tests import cast, make
from tests.services.test_placing import ADDRESS

ALICE = cast.ALICE.actor


@pytest.fixture
def order(roast) -> Order:
    make.tax(2300)
    make.tax(600, name="IVA 6 %", tax_class=TaxClass.REDUCED)
    post = make.shipping(490).id
    vest = make.product("Vest", price=4990)
    book = make.product("Book", price=1299, tax_class=TaxClass.REDUCED)
    mug = make.product("Mug", price=900, sale_price=750)
    with transaction() as session:
        apparel = Category(name="Apparel", slug="apparel")
        session.add(apparel)
        session.flush()
        row = {"tenant_id": cast.ROAST, "product_id": vest.id, "category_id": apparel.id}
        session.execute(product_categories.insert().values(**row))
        tenants.touch_catalog()
    make.coupon("", offered=Offered.AUTOMATIC, name="10 % on Apparel", stacking=Stacking.PRODUCT,
                category_ids=[str(apparel.id)], combines_with=["order", "shipping"])  # fmt: skip
    make.coupon("TEN", type=CouponType.FIXED_AMOUNT, value=1000, exclude_sale_items=True)
    token = None
    for product, quantity in ((vest, 1), (book, 3), (mug, 2)):
        wanted = {"product_id": str(product.id), "quantity": quantity}
        token = carts.add_item(drafts.read(carts.ItemDraft, wanted), actor=GUEST, token=token).session_id
    carts.apply_coupon("ten", actor=GUEST, token=token)
    body = {"email": "ana@example.test", "shipping_address": ADDRESS, "shipping_method_id": str(post),
            "payment_method": "bank_transfer", "expected_total": "93.78"}  # fmt: skip
    return place_order(drafts.read(OrderDraft, body), actor=GUEST, token=token)


def test_the_order_is_right_to_the_cent(order):
    assert (order.subtotal, order.discount_total, order.shipping_total) == (10387, 1499, 490)
    assert (order.total, order.tax_total, order.shipping_tax) == (9378, 1306, 92)
    assert [item.discount_amount for item in order.items] == [1034, 465, 0]
    assert [item.tax_amount for item in order.items] == [740, 194, 280]
    assert [(off["name"], off["code"], off["amount"]) for off in order.discounts] == [
        ("10 % on Apparel", "", 499), ("TEN", "TEN", 1000)]  # fmt: skip


def test_it_explains_itself(order):
    account = explained.of_order(order)
    assert account is not None and account.holds
    vest, book, mug = account.lines
    assert [(off.name, off.amount) for off in vest.offs] == [("10 % on Apparel", 499), ("TEN", 535)]
    assert [(off.name, off.amount) for off in book.offs] == [("TEN", 465)]
    assert (mug.offs, mug.amount, mug.paid) == ((), 1500, 1500)
    (tax,) = book.taxes
    assert (tax.base, tax.amount, round(float(tax.exact), 2)) == (3432, 194, 194.26)
    with transaction() as session:
        session.get_one(Order, order.id).items[0].discount_amount -= 1
    assert not explained.of_order(db.session.get_one(Order, order.id)).holds


def test_the_books_come_back_one_at_a_time(order):
    with transaction():
        offline.record_payment(effects.lock_order(order.id), actor=ALICE)
    for _n in range(3):
        items = [{"order_item_id": str(order.items[1].id), "quantity": 1}]
        refund_order(order.id, drafts.read(RefundDraft, {"items": items}), actor=ALICE)
    refunds = list_refunds(order.id)
    assert [(refund.amount, refund.tax_amount) for refund in refunds] == [(1144, 65), (1144, 64), (1144, 65)]
    account = explained.of_order(order, refunds)
    assert (account.lines[1].refunded, account.lines[1].refunded_quantity, account.refunded) == (
        3432,
        3,
        3432,
    )


def test_the_shopper_reads_it_with_the_order(order, browser):
    page = browser.get(f"/orders/{access.issue_token(order)}").text
    for part in ("How this total was reached", "10 % on Apparel", "−€4.99", "Discount TEN", "−€10.00", "€93.78",
                 "in €34.32: 1.9426, rounded"):  # fmt: skip
        assert part in page, part

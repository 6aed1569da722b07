"""Customers, coupons and reviews."""

from kit.db import db, transaction
from models.accounts import User
from models.reviews import Review
from services import search
from services.promotions import coupons
from tests import cast, make


def test_customers_are_found_and_changed(roast, browser):
    make.paid_order(customer_id=cast.CARLA.id)
    mia = browser.as_(cast.MIA)
    assert "carla@roast.test" in mia.get("/admin/customers?q=carla").text
    assert "Nobody matches" in mia.get("/admin/customers?q=nobody-here").text
    url = f"/admin/customers/{cast.CARLA.id}"
    page = mia.get(url).text
    assert "€10.00" in page and "carla@roast.test" in page
    data = {
        "first_name": "Clara",
        "last_name": "Test",
        "phone": "",
        "locale": "",
        "note": "Likes mugs",
        "is_active": "y",
    }
    assert mia.post(url, data=data).status_code == 303
    carla = db.session.get(User, cast.CARLA.id, populate_existing=True)
    assert (carla.first_name, carla.note) == ("Clara", "Likes mugs")
    refused = mia.post(url, data={**data, "first_name": "x" * 200})
    assert refused.status_code == 422 and 'id="first_name-error"' in refused.text
    shopper = browser.as_(cast.CARLA)
    mia.post(url, data={name: value for name, value in data.items() if name != "is_active"})
    assert shopper.get("/account").status_code == 303, "a disabled account is signed out at once"


COUPON = {"code": "spring", "type": "percentage", "value": "12,5", "minimum_amount": "30", "usage_limit": "100",
          "starts_at": "2026-03-01T00:00", "ends_at": "2026-04-01T00:00", "is_active": "y"}  # fmt: skip


def test_coupons(roast, browser, everything):
    mia = browser.as_(cast.MIA)
    assert mia.post("/admin/coupons/new", data=COUPON).status_code == 303
    made = coupons.list_coupons().items[0]
    assert (made.code, made.value, made.minimum_amount, made.usage_limit) == ("spring", 1250, 3000, 100)
    assert "12.5" in mia.get("/admin/coupons").text
    url = f"/admin/coupons/{made.id}"
    before = everything()
    for bad, field in (
        ({"value": "120"}, "value"),
        ({"code": ""}, "code"),
        ({"ends_at": "2026-02-01T00:00"}, "ends_at"),
    ):
        answer = mia.post(url, data=COUPON | bad)
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, bad
    taken = mia.post("/admin/coupons/new", data=COUPON | {"code": "SPRING"})
    assert taken.status_code == 409 and 'id="code-error"' in taken.text
    assert everything() == before
    stale = mia.post(url, data=COUPON | {"value": "10", "version": "0"})
    assert stale.status_code == 409 and "Somebody else has saved" in stale.text
    assert (
        mia.post(url, data=COUPON | {"type": "fixed_amount", "value": "5", "version": "1"}).status_code == 303
    )
    assert coupons.get_coupon(coupons.list_coupons().items[0].id).value == 500
    assert mia.get(f"{url}/delete").status_code == 200
    mia.post(f"{url}/delete")
    assert coupons.list_coupons().total == 0


@transaction()
def review(**fields):
    product = make.product("Mug")
    row = Review(
        product_id=product.id,
        author_name="Carla T.",
        rating=4,
        title="Good",
        body="<i>Keeps</i> warm",
        **fields,
    )
    db.session.add(row)
    db.session.flush()
    return row.id, product.id


def test_reviews_are_read_shown_or_deleted(roast, browser):
    (one, _product), (two, _other) = review(), review()
    stan = browser.as_(cast.STAN)
    html = stan.get("/admin/reviews").text
    assert html.count("Show it") == 2 and "&lt;i&gt;Keeps&lt;/i&gt;" in html
    answer = stan.post(f"/admin/reviews/{one}/approve", data={"back": "/admin/reviews?page=1"})
    assert answer.headers["Location"] == "/admin/reviews?page=1"
    assert db.session.get(Review, one, populate_existing=True).is_approved
    stan.post(f"/admin/reviews/{two}/delete")
    assert stan.get("/admin/reviews").text.count("Show it") == 0
    assert "Shown" in stan.get("/admin/reviews?status=all").text


def test_the_search_looks_where_one_may(roast, browser):
    order, product = make.paid_order(customer_name="Zoe Quill").id, make.product("Zoetrope").id
    search.rebuild()
    staff, manager = (browser.as_(who).get("/admin/search?q=zoe").text for who in (cast.STAN, cast.MIA))
    for html in (staff, manager):
        assert f"/admin/orders/{order}" in html and f"/admin/products/{product}" in html
    carla = browser.as_(cast.MIA).get("/admin/search?q=carla@").text
    assert f"/admin/customers/{cast.CARLA.id}" in carla
    assert str(cast.CARLA.id) not in browser.as_(cast.STAN).get("/admin/search?q=carla@").text
    assert "Nothing found" in browser.as_(cast.MIA).get("/admin/search?q=%25%5F%27").text

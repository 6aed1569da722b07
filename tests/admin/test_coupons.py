"""The editor of coupons and promotions: three kinds, a sentence, a sample cart, files of codes."""

import pytest
from sqlalchemy import func, select

from admin.coupon_view import PRESETS, preset_values
from kit.db import db, transaction
from models.promotions import Coupon, CouponCode, CouponType, Offered, Stacking
from services import tenants
from services.promotions import codes
from tests import cast, make

RULE = {"type": "percentage", "value": "10", "is_active": "y"}
NEW = {"automatic": {"name": "Ten off"}, "codes": {"name": "Letter"}}


@pytest.fixture
def mia(roast, browser):
    return browser.as_(cast.MIA)


def only() -> Coupon:
    return db.session.scalars(select(Coupon).execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("kind", NEW)
def test_what_has_no_code_is_made_and_changed_under_its_name(mia, kind):
    assert mia.get(f"/admin/coupons/new/{kind}").status_code == 200
    assert mia.post(f"/admin/coupons/new/{kind}", data=RULE | NEW[kind]).status_code == 303
    made = only()
    assert (made.offered, made.code, made.value) == (Offered(kind), None, 1000)
    assert made.combines_with == ["product", "shipping"]
    url = f"/admin/coupons/{made.id}"
    page = mia.get(url).text
    assert NEW[kind]["name"] in page and "10\N{NO-BREAK SPACE}% off the order" in page
    changed = {"version": "1", "value": "15", "combines_with": "none", "stacking": "product"}
    assert mia.post(url, data=RULE | NEW[kind] | changed).status_code == 303
    made = only()
    assert (made.value, made.combines_with, made.stacking) == (1500, [], Stacking.PRODUCT)
    assert 'value="none" selected' in mia.get(url).text.replace(
        'selected value="none"', 'value="none" selected'
    )


def test_products_are_named_by_sku_or_address_and_shown_so(mia, everything):
    mug, vest = make.product("Mug", sku="MUG-1"), make.product("Vest")
    data = RULE | {"code": "GIFT", "type": "gift", "get_product_ids": f"MUG-1\n{vest.slug}"}
    before = everything()
    wrong = mia.post("/admin/coupons/new", data=data | {"get_product_ids": "MUG-1\nnothing"})
    assert wrong.status_code == 422 and "There is no product “nothing”." in wrong.text
    assert everything() == before
    assert mia.post("/admin/coupons/new", data=data).status_code == 303
    made = only()
    assert (made.type, made.get_product_ids) == (CouponType.GIFT, [str(mug.id), str(vest.id)])
    page = mia.get(f"/admin/coupons/{made.id}").text
    assert mug.slug in page and "Mug, Vest as a gift" in page


def test_a_rule_is_tried_and_nothing_is_saved(mia, everything):
    mug = make.product("Mug", price=1000)
    before = everything()
    sent = RULE | {"action": "try", "code": "X", "value": "25", "things": f"{mug.slug} 4", "country": ""}
    page = mia.post("/admin/coupons/new", data=sent)
    assert page.status_code == 200
    for part in ("4 × Mug", "€40.00", "−€10.00", "€30.00", "25\N{NO-BREAK SPACE}% off the order"):
        assert part in page.text, part
    short = mia.post("/admin/coupons/new", data=sent | {"minimum_amount": "50"}).text
    assert "Add €10.00 more" in short
    unknown = mia.post("/admin/coupons/new", data=sent | {"things": "nothing 2"})
    assert unknown.status_code == 422 and 'id="things-error"' in unknown.text
    assert mia.post("/admin/coupons/new", data=sent | {"value": "101"}).status_code == 422
    assert everything() == before


def test_codes_are_ordered_made_and_downloaded(mia, everything):
    mia.post("/admin/coupons/new/codes", data=RULE | NEW["codes"])
    url = f"/admin/coupons/{only().id}"
    before = everything()
    for bad, field in (
        ({"count": "0"}, "count"),
        ({"count": "1000000"}, "count"),
        ({"count": "5", "prefix": "a b"}, "prefix"),
    ):
        answer = mia.post(f"{url}/codes", data=bad)
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, bad
    assert everything() == before
    assert mia.post(f"{url}/codes", data={"count": "12", "prefix": "MAIL"}).status_code == 303
    assert "Being made" in mia.get(url).text
    with transaction():
        codes.make_codes(str(only().id), "MAIL")
    answer = mia.get(f"{url}/codes.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = answer.text.splitlines()
    assert rows[0].endswith("code,used_at") and len(rows) == 13 and rows[1].startswith("MAIL-")


def test_a_coupon_of_one_code_has_no_file_of_codes(mia, everything):
    coupon = make.coupon("TEN")
    before = everything()
    assert mia.get(f"/admin/coupons/{coupon.id}/codes.csv").status_code == 404
    assert mia.post(f"/admin/coupons/{coupon.id}/codes", data={"count": "5"}).status_code == 404
    assert everything() == before


def test_the_list_filters_by_how_it_comes(mia):
    make.coupon("TEN")
    make.coupon("", offered=Offered.AUTOMATIC, name="By itself so")
    all_, one = mia.get("/admin/coupons").text, mia.get("/admin/coupons?offered=automatic").text
    assert "TEN" in all_ and "By itself so" in all_
    assert ">TEN<" not in one and "By itself so" in one
    assert "Nothing of this kind" in mia.get("/admin/coupons?offered=codes").text
    assert mia.get("/admin/coupons?offered=nonsense").status_code == 200


def test_staff_and_another_store_change_nothing(app, browser, everything):
    with tenants.in_store(cast.ROAST):
        rule = make.coupon("", offered=Offered.CODES, name="Letter")
    faces = ((browser.as_(cast.STAN), 403), (browser.as_(cast.RITA), 404))
    before = everything()
    for face, refused in faces:
        assert face.get(f"/admin/coupons/{rule.id}/codes.csv").status_code == refused
        assert face.post(f"/admin/coupons/{rule.id}/codes", data={"count": "5"}).status_code == refused
        assert face.post(f"/admin/coupons/{rule.id}", data=RULE | NEW["codes"]).status_code == refused
    assert everything() == before
    with tenants.in_store(cast.ROAST):
        assert db.session.scalar(select(func.count()).select_from(CouponCode)) == 0


def test_presets_fill_the_form_and_can_be_saved_as_they_are(mia):
    page = mia.get("/admin/coupons/new/automatic?preset=three").text
    assert 'value="3 for 2"' in page and "/admin/coupons/new/automatic?preset=gift" in page
    assert mia.get("/admin/coupons/new?preset=nonsense").status_code == 200
    for name, (label, values) in PRESETS.items():
        data = {key: str(value) for key, value in preset_values(name).items() if value is not True}
        data |= {key: "y" for key, value in values.items() if value is True} | {"is_active": "y"}
        if name == "gift":
            data["get_product_ids"] = make.product("Mug").slug
        assert mia.post("/admin/coupons/new/automatic", data=data).status_code == 303, label

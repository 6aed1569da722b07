"""What the store needs to sell, set up through the forms."""

import io
import re

from PIL import Image

from services import tenants
from services.shipping import zones
from services.taxes import list_rules
from tests import cast, make


def hidden(face, path) -> dict[str, str]:
    html = face.get(path).text
    return {"version": re.search(r'name="version"[^>]*value="(\d+)"', html)[1]}


def store():
    tenants.forget()
    return tenants.current()


IDENTITY = {"name": "Roast & Co", "contact_email": "hi@roast.test", "contact_phone": "+351 210 000 000",
            "notification_email": "", "legal_name": "Roast Lda", "legal_address": "Rua 1\nLisboa", "country": "PT",
            "vat_number": "PT500", "order_number_prefix": "RO-"}  # fmt: skip


def test_identity_leaves_the_other_settings_alone(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/store"
    before = store().payment_methods
    assert alice.post(url, data={**hidden(alice, url), **IDENTITY}).status_code == 303
    now = store()
    assert (now.name, now.legal_name, now.contact_email, now.order_number_prefix) == (
        "Roast & Co",
        "Roast Lda",
        "hi@roast.test",
        "RO-",
    )
    assert now.payment_methods["bank_transfer"]["instructions"] == before["bank_transfer"]["instructions"]
    assert now.guest_checkout is True and now.currency == "EUR"


def test_a_refused_form_keeps_what_was_typed(roast, browser, everything):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/store"
    data, before = {**hidden(alice, url), **IDENTITY, "contact_email": "nonsense", "name": ""}, everything()
    answer = alice.post(url, data=data)
    assert answer.status_code == 422 and 'value="nonsense"' in answer.text and "Roast Lda" in answer.text
    assert 'href="#contact_email"' in answer.text and 'id="name-error"' in answer.text
    assert everything() == before


def test_two_admins_at_once(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/store"
    old = hidden(alice, url)
    alice.post(url, data={**old, **IDENTITY})
    answer = alice.post(url, data={**old, **IDENTITY, "name": "Mine"})
    assert (
        answer.status_code == 409
        and "Somebody else has saved" in answer.text
        and "Roast &amp; Co" in answer.text
    )
    assert store().name == "Roast & Co"
    fresh = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)[1]
    assert alice.post(url, data={**IDENTITY, "name": "Mine", "version": fresh}).status_code == 303
    assert store().name == "Mine"


def test_the_currency_is_fixed_with_the_first_order(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/place"
    place = {"currency": "USD", "timezone": "Europe/Madrid", "locale": "pt", "languages": ["pt", "en"]}
    assert alice.post(url, data={**hidden(alice, url), **place}).status_code == 303
    now = store()
    assert (now.currency, now.prices_include_tax, now.timezone, now.languages) == (
        "USD",
        False,
        "Europe/Madrid",
        ("pt", "en"),
    )
    make.order()
    answer = alice.post(url, data={**hidden(alice, url), **place, "currency": "EUR"})
    assert answer.status_code == 409 and store().currency == "USD"


def test_ways_to_pay(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/payments"
    data = {
        **hidden(alice, url),
        "bank_transfer": "y",
        "bank_instructions": "IBAN PT50",
        "cash_on_delivery": "y",
        "cash_fee": "1,50",
    }
    assert alice.post(url, data=data).status_code == 303
    now = store()
    assert now.payment_methods["cash_on_delivery"] == {"enabled": True, "fee": "1.50"}
    assert now.offers("bank_transfer") and not now.offers("pay_in_shop")
    bad = alice.post(url, data={**hidden(alice, url), **data, **hidden(alice, url), "cash_fee": "much"})
    assert bad.status_code == 422 and 'id="cash_fee-error"' in bad.text
    card = alice.post(url, data={**data, **hidden(alice, url), "card": "y"})
    assert card.status_code == 409 and "Connect the store" in card.text and not store().offers("card")


def test_checkout_and_stock(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/checkout"
    data = {
        **hidden(alice, url),
        "stock_reservation_minutes": "30",
        "low_stock_threshold": "3",
        "show_stock": "y",
    }
    assert alice.post(url, data=data).status_code == 303
    now = store()
    assert (now.stock_reservation_minutes, now.low_stock_threshold, now.guest_checkout, now.show_stock) == (
        30,
        3,
        False,
        True,
    )


def test_zones_and_methods(roast, browser):
    alice = browser.as_(cast.ALICE)
    answer = alice.post(
        "/admin/settings/shipping/zones/new",
        data={"name": "Iberia", "countries": ["PT", "ES"], "is_active": "y"},
    )
    zone = zones.list_zones()[0]
    assert answer.headers["Location"] == f"/admin/settings/shipping/zones/{zone.id}/methods/new"
    method = {
        "name": "By weight",
        "type": "weight_based",
        "rates": "2 = 4,90\n5 = 7,50",
        "free_above": "50",
        "tax_class": "standard",
        "is_active": "y",
    }
    assert alice.post(answer.headers["Location"], data=method).status_code == 303
    made = zones.list_zones()[0].methods[0]
    assert (
        made.rates == [{"up_to": 2000, "price": 490}, {"up_to": 5000, "price": 750}]
        and made.free_above == 5000
    )
    page = alice.get(f"/admin/settings/shipping/methods/{made.id}").text
    assert "2.000 = 4.90" in page or "2 = 4.90" in page
    bad = alice.post(f"/admin/settings/shipping/methods/{made.id}", data={**method, "rates": "heavy = dear"})
    assert bad.status_code == 422 and "heavy" in bad.text and 'id="rates-error"' in bad.text
    tried = alice.get("/admin/settings/shipping?country=PT&weight=1,5&total=10").text
    assert "is the first zone with this country" in tried and "€4.90" in tried
    alice.post(
        "/admin/settings/shipping/zones/new", data={"name": "World", "countries": ["*"], "is_active": "y"}
    )
    world = next(z for z in zones.list_zones() if z.name == "World")
    alice.post(f"/admin/settings/shipping/zones/{world.id}/move", data={"to": "up"})
    assert [z.name for z in zones.list_zones()] == ["World", "Iberia"]
    assert alice.get(f"/admin/settings/shipping/zones/{world.id}/delete").status_code == 200
    alice.post(f"/admin/settings/shipping/zones/{world.id}/delete")
    alice.post(f"/admin/settings/shipping/methods/{made.id}/delete")
    assert [(z.name, len(z.methods)) for z in zones.list_zones()] == [("Iberia", 0)]
    nowhere = alice.post("/admin/settings/shipping/zones/new", data={"name": "Nowhere"})
    assert nowhere.status_code == 422 and len(zones.list_zones()) == 1


def test_tax_rules(roast, browser):
    alice = browser.as_(cast.ALICE)
    rule = {
        "name": "IVA",
        "country": "PT",
        "tax_class": "standard",
        "rate": "23,00",
        "priority": "1",
        "is_active": "y",
        "applies_to_shipping": "y",
    }
    assert alice.post("/admin/settings/taxes/new", data=rule).status_code == 303
    made = list_rules().items[0]
    assert made.rate == 2300
    page = alice.get("/admin/settings/taxes?country=PT&tax_class=standard&amount=123").text
    assert "€100.00" in page and "€23.00" in page
    assert alice.post(f"/admin/settings/taxes/{made.id}", data={**rule, "rate": "230"}).status_code == 422
    assert (
        alice.post(
            f"/admin/settings/taxes/{made.id}",
            data={**rule, "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
        ).status_code
        == 422
    )
    assert alice.post(f"/admin/settings/taxes/{made.id}", data={**rule, "rate": "22"}).status_code == 303
    assert list_rules().items[0].rate == 2200
    alice.post(f"/admin/settings/taxes/{made.id}/delete")
    assert list_rules().total == 0


def test_appearance(roast, browser):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/appearance"
    alice.post(f"{url}/theme", data={"theme": "atelier"})
    assert store().theme == "atelier"
    alice.post(f"{url}/theme", data={"theme": "../../etc"})
    assert store().theme == "atelier"
    assert (
        alice.post(
            url, data={**hidden(alice, url), "primary_color": "#0e6264", "tagline": "Slow coffee"}
        ).status_code
        == 303
    )
    assert store().tagline == "Slow coffee" and store().contact_email == "hello@roast.test"
    pale = alice.post(url, data={**hidden(alice, url), "primary_color": "#ffffaa"})
    assert pale.status_code == 422 and 'id="primary_color-error"' in pale.text
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "PNG")
    for body, name in ((b"not a picture", "x.png"), (out.getvalue(), "logo.png")):
        alice.post(
            f"{url}/pictures/logo",
            data={"file": (io.BytesIO(body), name)},
            content_type="multipart/form-data",
        )
    assert store().logo_url.startswith("/media/")


def test_the_setup_list_ticks_itself(roast, browser):
    alice = browser.as_(cast.ALICE)
    assert "Get the shop ready" in alice.get("/admin").text
    assert "Get the shop ready" not in browser.as_(cast.MIA).get("/admin").text
    assert '<a href="/admin/products/new">Add the first product' in alice.get("/admin").text
    make.product("Mug")
    assert '<a href="/admin/products/new">Add the first product' not in alice.get("/admin").text
    alice.post("/admin/setup/dismiss")
    assert "Get the shop ready" not in alice.get("/admin").text


def test_the_rates_of_the_eu_by_one_press(roast, browser):
    alice = browser.as_(cast.ALICE)
    assert "There is no rule for your own country" in alice.get("/admin/settings/taxes").text
    assert alice.post("/admin/settings/taxes/eu").status_code == 303
    page = alice.get("/admin/settings/taxes").text
    assert "There is no rule for your own country" not in page and "France" in page
    count = list_rules().total
    alice.post("/admin/settings/taxes/eu")
    assert list_rules().total == count
    assert browser.as_(cast.MIA).post("/admin/settings/taxes/eu").status_code == 403


def test_across_borders(roast, browser):
    alice = browser.as_(cast.ALICE)
    page = alice.get("/admin/settings/place").text
    assert "What customers pay stays the same" in page
    form = {"currency": "EUR", "timezone": "Europe/Lisbon", "locale": "en", "languages": "en",
            "prices_include_tax": "y", "cross_border": "fixed_net", "shipping_tax": "proportional"}  # fmt: skip
    assert alice.post("/admin/settings/place", data=form).status_code == 303
    assert (tenants.row().cross_border, tenants.row().shipping_tax) == ("fixed_net", "proportional")
    assert alice.post("/admin/settings/place", data={**form, "cross_border": "none"}).status_code == 422


def test_a_store_names_its_own_carriers(roast, browser, everything):
    alice, url = browser.as_(cast.ALICE), "/admin/settings/shipping/carriers"
    assert "Mondial Relay" in alice.get(url).text
    line = "Bikers = https://bikers.test/?n={number}"
    assert alice.post(url, data={"carriers": line}).status_code == 303
    assert line in alice.get(url).text
    before = everything()
    for sent, said in (
        ("Bikers", "1 character"),
        ("A = http://a.test/{number}", "https://"),
        ("A = https://a.test", "{number}"),
    ):
        bad = alice.post(url, data={"carriers": sent})
        assert bad.status_code == 422 and sent in bad.text, said
    assert everything() == before
    assert alice.post(url, data={"carriers": ""}).status_code == 303
    assert line not in alice.get(url).text

"""Whose tax is in an order that crosses a border, and what proves that none is."""

import pytest
from sqlalchemy import func, select

from gateways import vies
from kit import clock, drafts
from kit.actor import GUEST
from kit.db import db, transaction
from models.taxes import CrossBorder, ShippingTax, TaxTreatment, VatCheck
from services import carts, taxes, tenants, vat_numbers
from services.orders import making, placing
from services.places import Place
from tests import cast, make

GERMAN, UNKNOWN, DOWN = "DE136695976", "DE136696049", "DK13585628"
ADDRESS = {"first_name": "Anna", "last_name": "Weber", "line1": "Hauptstraße 1", "city": "Berlin",
           "postal_code": "10115", "country": "DE"}  # fmt: skip

CODES = {"DE": "10115", "PT": "1100-048", "US": "10001", "GB": "SW1A 1AA", "DK": "1050"}


def settings(**values):
    with transaction():
        row = tenants.row(lock=True)
        for name, value in values.items():
            setattr(row, name, value)
    tenants.forget()


@pytest.fixture
def store(roast):
    """In Portugal, registered there, sends everywhere; prices with 23 % in them."""
    make.tax(2300)
    settings(vat_number="PT501964843")
    return make.shipping(492, ("*",)).id


@pytest.fixture
def register(running_sandbox, config):
    """The stand-in of the EU's register."""
    vies.configure(type("Settings", (), {"vies_url": running_sandbox.url + "/_vies"})())
    yield
    vies.configure(config)


def order(method, country="DE", number="", **fields):
    product = make.product(price=1230, stock=5, **fields)
    draft = drafts.read(carts.ItemDraft, {"product_id": str(product.id), "quantity": 2})
    token = carts.add_item(draft, actor=GUEST, token=None).session_id
    sent_to = {**ADDRESS, "country": country, "postal_code": CODES[country], "vat_number": number}
    if country == "US":
        sent_to |= {"region": "NY"}
    wish = {"email": "anna@example.test", "shipping_address": sent_to, "payment_method": "bank_transfer",
            "shipping_method_id": str(method)}  # fmt: skip
    return placing.place_order(drafts.read(making.OrderDraft, wish), actor=GUEST, token=token)


def sums(found):
    return found.tax_treatment, found.subtotal, found.shipping_total, found.tax_total, found.total


def test_a_country_with_rules_has_its_rate_in_the_same_price(store):
    make.tax(1900, country="DE")
    found = order(store)
    assert sums(found) == (TaxTreatment.DESTINATION, 2460, 492, 393 + 79, 2952)
    assert found.items[0].tax_rate == 1900


def test_with_the_net_fixed_the_price_follows_the_rate(store):
    make.tax(1900, country="DE")
    settings(cross_border=CrossBorder.FIXED_NET)
    found = order(store)
    assert sums(found) == (TaxTreatment.DESTINATION, 2380, 476, 380 + 76, 2856)
    assert found.items[0].unit_price == 1190


def test_a_member_state_without_rules_pays_the_stores_own_rate(store):
    assert sums(order(store)) == (TaxTreatment.HOME, 2460, 492, 460 + 92, 2952)


def test_what_leaves_the_eu_has_the_home_tax_taken_out(store):
    found = order(store, "US")
    assert sums(found) == (TaxTreatment.EXPORT, 2000, 400, 0, 2400)
    assert (found.items[0].unit_price, found.items[0].tax_rate) == (1000, 0)


def test_where_the_store_is_registered_abroad_that_countrys_tax_holds(store):
    make.tax(2000, country="GB")
    found = order(store, "GB")
    assert (found.tax_treatment, found.total, found.tax_total) == (TaxTreatment.DESTINATION, 2952, 410 + 82)


def test_prices_without_tax_are_the_same_everywhere(store):
    settings(prices_include_tax=False)
    assert sums(order(store, "US")) == (TaxTreatment.EXPORT, 2460, 492, 0, 2952)
    assert sums(order(store, "PT")) == (TaxTreatment.HOME, 2460, 492, 566 + 113, 3631)


def test_shipping_may_take_the_rates_of_the_goods(store):
    make.tax(600, tax_class="reduced")
    settings(shipping_tax=ShippingTax.PROPORTIONAL)
    found = order(store, "PT", tax_class="reduced")
    assert (found.shipping_total, found.shipping_tax) == (492, 28)  # 6 % like the goods, not 23


# --- reverse charge -----------------------------------------------------------------------------------------------


def test_a_proven_business_elsewhere_in_the_eu_pays_no_tax(store, register):
    make.tax(1900, country="DE")
    found = order(store, number="de 136 695 976")
    assert sums(found) == (TaxTreatment.REVERSE_CHARGE, 2000, 400, 0, 2400)
    proof = found.vat_proof
    assert (proof["number"], proof["name"]) == (GERMAN, "Business 136695976 Ltd")
    assert proof["consultation"], "the register's own number of its answer is the proof"


@pytest.mark.parametrize("number", [UNKNOWN, DOWN, "DE123", "nonsense"])
def test_without_a_proof_the_tax_is_charged(store, register, number):
    country = "DK" if number == DOWN else "DE"
    found = order(store, country, number=number)
    assert (found.tax_treatment, found.tax_total, found.vat_proof) == (TaxTreatment.HOME, 552, None)
    assert vat_numbers.is_in_doubt(number, country)


def test_a_register_that_can_not_be_reached_proves_nothing(store):
    vies.configure(type("Settings", (), {"vies_url": "http://127.0.0.1:9"})())
    assert order(store, number=GERMAN).tax_treatment is TaxTreatment.HOME
    assert db.session.scalar(select(func.count()).select_from(VatCheck)) == 0, "no answer is not kept as one"


def test_a_number_of_the_stores_own_country_changes_nothing(store, register):
    assert order(store, "PT", number="PT501964843").tax_treatment is TaxTreatment.HOME


def test_who_is_not_registered_can_not_pass_the_tax_on(store, register):
    settings(vat_number="")
    assert order(store, number=GERMAN).tax_treatment is TaxTreatment.HOME


def test_the_register_is_asked_once_a_day(store, register):
    assert vat_numbers.prove(GERMAN) == vat_numbers.prove("136695976", "DE")
    assert db.session.scalar(select(func.count()).select_from(VatCheck)) == 1
    with clock.at(clock.now() + vat_numbers.GOOD_FOR * 1.01):
        assert vat_numbers.find_proof(GERMAN) is None
        assert vat_numbers.prove(GERMAN) is not None


def test_the_register_is_never_asked_inside_a_transaction(store, register):
    with pytest.raises(RuntimeError), transaction():
        vies.check("DE", "136695976")


def test_a_proof_is_the_stores_own(store, register):
    assert vat_numbers.prove(GERMAN)
    with tenants.in_store(cast.RIVAL):
        settings(vat_number="ESB58378431", country="ES")
        assert vat_numbers.find_proof(GERMAN) is None


def test_greece_is_called_otherwise_by_its_numbers(roast):
    assert vat_numbers.canonical("094259216", "GR") == "EL094259216"
    assert vat_numbers.country_of("EL094259216") == "GR"
    assert taxes.table_for(Place("GR"), "EL094259216").treatment is not TaxTreatment.REVERSE_CHARGE


def test_a_silent_register_is_let_alone_for_a_minute(store, register, running_sandbox, monkeypatch):
    asked = []
    check = vies.check
    monkeypatch.setattr(vies, "check", lambda *given, **more: asked.append(given) or check(*given, **more))
    with clock.at(clock.now()):
        assert vat_numbers.prove(DOWN) is None and vat_numbers.prove(DOWN) is None
        assert len(asked) == 1
    with clock.at(clock.now() + 2 * vat_numbers.SILENCE):
        assert vat_numbers.prove(DOWN) is None
    assert len(asked) == 2

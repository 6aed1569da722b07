import pytest

from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid
from models.audit import AuditEntry
from models.payments import StripeAccount
from models.tenants import Tenant
from services import branding, domains, settings, tenants, themes
from services.branding import BrandDraft, BrandingDraft
from services.platform import stores
from services.platform.stores import OwnStoreDraft
from services.settings import SettingsDraft
from services.themes import ThemeDraft
from tests.cast import ALICE, CARLA, PAT, RITA, RIVAL
from tests.services.test_customers import bought


def change(**sent):
    return settings.update_settings(
        read(SettingsDraft, SettingsDraft.merge(sent, tenants.row())), actor=ALICE.actor
    )


def test_what_is_not_sent_stays(roast):
    before = SettingsDraft.of(tenants.row())
    tenant = change(low_stock_threshold=9, legal_name="Roast, Lda.")
    assert {**before, "low_stock_threshold": 9, "legal_name": "Roast, Lda."} == SettingsDraft.of(tenant)
    assert tenants.current().low_stock_threshold == 9


def test_a_change_counts_on_is_logged_and_reaches_the_pages(roast):
    row = tenants.row()
    version, catalog = row.version, row.catalog_version
    change(show_stock=False)
    row = tenants.row()
    assert (row.version, row.catalog_version) == (version + 1, catalog + 1)
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.changes) == ("update", {"show_stock": [True, False]})
    change(show_stock=False)
    assert tenants.row().version == version + 1


def test_a_way_to_pay_is_switched_by_itself(roast):
    tenant = change(
        payment_methods={"cash_on_delivery": {"enabled": True, "fee": "2.50"}, "pay_in_shop": True}
    )
    assert tenant.payment_methods["cash_on_delivery"] == {"enabled": True, "fee": "2.50"}
    assert tenant.payment_methods["pay_in_shop"]["enabled"] is True
    assert tenant.payment_methods["bank_transfer"] == {"enabled": True, "instructions": "IBAN PT50 …"}
    again = change(payment_methods={"cash_on_delivery": {"enabled": False}})
    assert again.payment_methods["cash_on_delivery"] == {"enabled": False, "fee": "2.50"}
    assert (
        change(bank_transfer_instructions="IBAN X").payment_methods["bank_transfer"]["instructions"]
        == "IBAN X"
    )


def test_cards_need_a_connected_account(roast, everything):
    before = everything()
    with pytest.raises(Conflict) as refusal:
        change(payment_methods={"card": True})
    assert refusal.value.code == "stripe-not-connected"
    assert everything() == before
    with transaction() as session:
        session.add(StripeAccount(account_id="acct_1", charges_enabled=True, details_submitted=True))
    assert change(payment_methods={"card": True}).payment_methods["card"] == {"enabled": True}


def test_the_currency_is_fixed_by_the_first_order(roast, everything):
    assert change(currency="USD").currency == "USD"
    change(currency="EUR")
    bought(CARLA, days_ago=1)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        change(currency="USD")
    assert refusal.value.code == "currency-fixed"
    assert everything() == before


@pytest.mark.parametrize(("sent", "field"), [
    ({"currency": "XXZ"}, "currency"), ({"timezone": "Mars/One"}, "timezone"), ({"locale": "xx"}, "locale"),
    ({"languages": []}, "languages"), ({"languages": ["en", "en"]}, "languages"),
    ({"country": "Portugal"}, "country"),
    ({"stock_reservation_minutes": 4}, "stock_reservation_minutes"),
    ({"low_stock_threshold": -1}, "low_stock_threshold"),
    ({"cors_origins": ["https://a.test/path"]}, "cors_origins.0"),
    ({"notification_email": "x"}, "notification_email"),
    ({"order_number_prefix": "a b"}, "order_number_prefix"),
    ({"payment_methods": {"gold": True}}, "payment_methods.gold"),
    ({"payment_methods": {"cash_on_delivery": {"fee": "1.999"}}}, "payment_methods.cash_on_delivery.fee"),
    ({"payment_methods": 5}, "payment_methods"), ({"show_stock": "yes"}, "show_stock"),
    ({"terms_page_id": "018f0000-0000-7000-8000-0000000009ff"}, "terms_page_id"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_changes_nothing(roast, everything, sent, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        change(**sent)
    assert [e.field for e in refusal.value.errors] == [field]
    assert everything() == before


def test_the_stores_own_language_is_among_those_it_offers(roast):
    assert change(locale="pt").languages == ["pt", "en"]


def test_an_older_version_is_refused(roast, everything):
    version = tenants.row().version
    change(guest_checkout=False)
    before = everything()
    draft = read(SettingsDraft, SettingsDraft.merge({"guest_checkout": True}, tenants.row()))
    with pytest.raises(Conflict) as refusal:
        settings.update_settings(draft, actor=ALICE.actor, version=version)
    assert refusal.value.code == "stale-version"
    assert everything() == before


def look(kind=BrandingDraft, **sent):
    draft = read(kind, {**kind.of(tenants.row()), **sent})
    return branding.update_branding(draft, actor=ALICE.actor)


def test_branding_has_two_names_and_one_truth(roast):
    look(primary_color="#0E6264", tagline="Fresh", social={"instagram": "https://instagram.com/roast"})
    tenant = look(BrandDraft, brand_name="Roast & Co.", brand_footer_text="Since 1999")
    plain = branding.full(tenant)
    assert (plain["store_name"], plain["primary_color"], plain["tagline"]) == (
        "Roast & Co.",
        "#0e6264",
        "Fresh",
    )
    assert branding.brand_named(tenant)["brand_primary_color"] == "#0e6264"
    assert tenants.current().name == "Roast & Co."
    assert look(primary_color=None).branding.get("primary_color") is None


@pytest.mark.parametrize(("kind", "sent", "field"), [
    (BrandingDraft, {"primary_color": "#ffff00"}, "primary_color"), (BrandDraft, {"brand_accent_color": "#eeeeee"},
     "brand_accent_color"), (BrandingDraft, {"primary_color": "#0e6264",
     "primary_text_color": "#333333"}, "primary_color"),
    (BrandingDraft, {"primary_color": "red"}, "primary_color"), (BrandingDraft,
    {"logo_url": "javascript:x"}, "logo_url"),
    (BrandingDraft, {"social": {"x": "ftp://y"}}, "social"), (BrandingDraft, {"font": "Comic"}, "font"),
    (BrandingDraft, {"store_name": ""}, "store_name"), (BrandDraft, {"primary_color": "#0e6264"}, "primary_color"),
])  # fmt: skip
def test_a_look_that_cannot_be_read_is_refused(roast, everything, kind, sent, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        look(kind, **sent)
    assert [e.field for e in refusal.value.errors] == [field]
    assert everything() == before


def test_a_light_colour_is_fine_with_dark_text(roast):
    assert look(primary_color="#ffff00", primary_text_color="#000000").branding["primary_color"] == "#ffff00"


def test_a_theme_is_put_on_and_taken_off(roast, everything):
    assert themes.wear(ThemeDraft(template_slug="atelier"), actor=ALICE.actor).theme == "atelier"
    assert themes.wear(ThemeDraft(template_slug="market"), actor=ALICE.actor).theme == "market"
    before = everything()
    with pytest.raises(Invalid):
        themes.wear(ThemeDraft(template_slug="nothing"), actor=ALICE.actor)
    assert everything() == before


def own(actor=ALICE, **sent):
    draft = read(OwnStoreDraft, OwnStoreDraft.merge(sent, tenants.row()))
    stores.update_current(draft, actor=actor.actor)
    return domains.find_domain()


@pytest.fixture
def growing(roast):
    with transaction() as session:
        session.get(Tenant, roast.id).plan = "growth"
    tenants.forget()


def test_an_own_domain_needs_the_plan(roast, everything):
    before = everything()
    with pytest.raises(Forbidden) as refusal:
        own(custom_domain="shop.example.com")
    assert refusal.value.code == "feature-not-active"
    assert everything() == before


def test_an_own_domain_answers_once_it_is_proven(growing, monkeypatch):
    records: dict[str, list[str]] = {}
    monkeypatch.setattr("gateways.dns.find_txt", lambda name: records.get(name, []))
    domain = own(custom_domain="Shop.Example.com")
    assert (domain.host, domain.verified_at) == ("shop.example.com", None)
    assert tenants.find_by_host("shop.example.com") is None
    with pytest.raises(Conflict):
        domains.verify_domain(actor=ALICE.actor)
    proof = domains.proof_for("shop.example.com")
    records[proof.name] = [proof.value]
    domains.verify_domain(actor=ALICE.actor)
    found = tenants.find_by_host("shop.example.com")
    assert found is not None
    assert found.slug == "roast"


def test_a_domain_belongs_to_one_store(growing, everything):
    own(custom_domain="shop.example.com")
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(Conflict) as refusal:
        own(PAT, custom_domain="shop.example.com")
    assert refusal.value.code == "domain-taken"
    assert everything() == before
    own(custom_domain=None)
    with tenants.in_store(RIVAL):
        assert own(PAT, custom_domain="shop.example.com").verified_at is not None
    assert RITA.tenant_id == RIVAL


@pytest.mark.parametrize(
    "host", ["localhost", "x.localhost", "no spaces.com", "-a.com", "example", "a..b.com", "http://a.com"]
)
def test_what_is_no_domain_is_refused(growing, everything, host):
    before = everything()
    with pytest.raises(Invalid):
        own(custom_domain=host)
    assert everything() == before

import json

import pytest
from sqlalchemy import func, select

from kit import clock
from kit.actor import Role
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.tenancy import every_tenant
from models.accounts import PlatformUser, User
from models.audit import AuditEntry
from models.catalog import Product
from models.outbox import OutboxMessage
from models.shipping import ShippingZone
from models.taxes import TaxRule
from models.tenants import TenantStatus
from services import offers, plans, platform, tenants
from services.accounts import signing_in
from services.platform import ProvisionDraft, SuspendDraft, places
from services.platform.provisioning import SLUG_KEPT_FOR
from services.platform.stores import RESTORE_FOR
from tests.cast import CARLA, PAT, RIVAL, ROAST
from tests.services.test_customers import bought

BAKERY = {"slug": "bakery", "name": "Bäckerei", "country": "DE",
          "admin": {"email": "anna@bakery.test", "first_name": "Anna", "password": "Fresh-Bread-1"}}  # fmt: skip


def open_store(**changes):
    return platform.provision(read(ProvisionDraft, {**BAKERY, **changes}), actor=PAT.actor)


def test_a_store_opens_with_what_its_country_needs(app):
    tenant = open_store()
    assert (tenant.currency, tenant.locale, tenant.timezone) == ("EUR", "de", "Europe/Berlin")
    with tenants.in_store(tenant.id) as store:
        assert store.host == "bakery.localhost"
        assert signing_in.sign_in("anna@bakery.test", "Fresh-Bread-1").role is Role.ADMIN
        assert {rule.rate for rule in db.session.scalars(select(TaxRule))} == {1900, 700}
        zone = db.session.scalars(select(ShippingZone)).one()
        assert (zone.countries, zone.name) == (["DE"], "Deutschland")
        assert db.session.scalar(select(func.count()).select_from(Product)) == 0
        created = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "create")).one()
        assert created.actor_email == PAT.email
        assert "Fresh-Bread-1" not in json.dumps([e.changes for e in db.session.scalars(select(AuditEntry))])


def test_without_a_password_the_admin_is_invited(app):
    tenant = open_store(admin={"email": "anna@bakery.test"})
    with tenants.in_store(tenant.id):
        assert db.session.scalars(select(OutboxMessage.topic)).all() == ["account.invited"]
        assert db.session.scalars(select(User)).one().password_hash == ""


def test_samples_come_only_when_asked_for(app):
    tenant = open_store(demo_content=True, country="JP")
    assert tenant.currency == "JPY"
    with tenants.in_store(tenant.id):
        assert db.session.scalar(select(func.count()).select_from(Product).where(Product.is_active)) == 3


@pytest.mark.parametrize(
    "slug", ["www", "admin", "api", "ab", "a" * 41, "-bad", "bad-", "Bad", "xn--abc", "two words", ""]
)
def test_a_name_that_is_no_label_or_reserved_is_refused(app, everything, slug):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        open_store(slug=slug)
    assert [e.field for e in refusal.value.errors] == ["slug"]
    assert everything() == before


@pytest.mark.parametrize(("changes", "field"), [
    ({"plan": "gold"}, "plan"), ({"country": "XX"}, "country"), ({"currency": "ABC"}, "currency"),
    ({"admin": {"email": "a@b.test", "password": "weak"}}, "admin.password"), ({"admin": {}}, "admin.email"),
    ({"locale": "xx"}, "locale"), ({"name": " "}, "name"),
])  # fmt: skip
def test_what_is_wrong_is_named(app, everything, changes, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        open_store(**changes)
    assert [e.field for e in refusal.value.errors] == [field]
    assert everything() == before


def test_a_store_opens_wholly_or_not_at_all(app, everything, monkeypatch):
    def fail(*_args, **_kw):
        raise RuntimeError("power cut")

    monkeypatch.setattr("services.platform.provisioning.roles.add_colleague", fail)
    before = everything()
    with pytest.raises(RuntimeError):
        open_store()
    assert everything() == before


def test_a_name_is_taken_while_its_store_lives_and_90_days_longer(app, everything):
    tenant = open_store()
    before = everything()
    with pytest.raises(Conflict) as refusal:
        open_store()
    assert refusal.value.code == "slug-taken"
    assert everything() == before
    platform.delete_store(tenant.id, actor=PAT.actor)
    with pytest.raises(Conflict):
        open_store()
    with clock.at(clock.now() + SLUG_KEPT_FOR * 2):
        again = open_store()
    assert again.id != tenant.id
    assert platform.get_store(tenant.id).tenant.slug.startswith("deleted-")


def update(tenant_id=ROAST, **sent):
    platform.update_store(tenant_id, sent, actor=PAT.actor)
    return platform.get_store(tenant_id)


def test_the_platform_changes_everything(app):
    view = update(name="Roasters", plan="growth", addons=["wishlist"], custom_domain="roast.example.com",
                  slug="roasters", low_stock_threshold=2)  # fmt: skip
    assert (view.tenant.name, view.tenant.plan, view.tenant.addons) == ("Roasters", "growth", ["wishlist"])
    assert (view.tenant.slug, view.tenant.low_stock_threshold) == ("roasters", 2)
    for host in ("roast.example.com", "roasters.localhost"):
        found = tenants.find_by_host(host)
        assert found is not None
        assert plans.has_feature("wishlist", found)
    assert tenants.find_by_host("roast.localhost") is None
    with tenants.in_store(ROAST):
        assert {e.actor_email for e in db.session.scalars(select(AuditEntry))} == {PAT.email}


@pytest.mark.parametrize("sent", [{"plan": "gold"}, {"addons": ["gold"]}, {"slug": "www"},
    {"custom_domain": "localhost"},
                                  {"status": "active"}, {"name": ""}])  # fmt: skip
def test_a_wrong_change_changes_nothing(app, everything, sent):
    before = everything()
    with pytest.raises(Invalid):
        update(**sent)
    assert everything() == before


def test_a_slug_of_another_store_is_refused(app, everything):
    before = everything()
    with pytest.raises(Conflict):
        update(slug="rival", name="Other")
    assert everything() == before


def test_suspend_and_activate_bear_repetition(app):
    for _n in range(2):
        platform.suspend(ROAST, SuspendDraft(reason="unpaid"), actor=PAT.actor)
    store = tenants.find_by_host("roast.localhost")
    assert store is not None
    assert (store.is_open, store.suspended_reason) == (False, "unpaid")
    for _n in range(2):
        platform.activate(ROAST, actor=PAT.actor)
    assert tenants.find_by_host("roast.localhost").is_open
    with tenants.in_store(ROAST):
        assert [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
            "suspend",
            "activate",
        ]


def test_a_deleted_store_answers_nowhere_and_keeps_its_books(app):
    update(custom_domain="roast.example.com")
    with tenants.in_store(ROAST):
        bought(CARLA, days_ago=1)
    for _n in range(2):
        platform.delete_store(ROAST, actor=PAT.actor)
    assert tenants.find_by_host("roast.localhost") is None
    assert tenants.find_by_host("roast.example.com") is None
    assert update(RIVAL, custom_domain="roast.example.com").domain.host == "roast.example.com"
    view = platform.get_store(ROAST)
    assert (view.tenant.status, view.stats.orders) == (TenantStatus.DELETED, 1)
    assert [v.tenant.slug for v in platform.list_stores().items] == ["rival"]
    with pytest.raises(Conflict):
        platform.suspend(ROAST, SuspendDraft(), actor=PAT.actor)
    platform.activate(ROAST, actor=PAT.actor)
    assert tenants.find_by_host("roast.localhost").is_open


def test_a_store_comes_back_within_30_days(app):
    platform.delete_store(ROAST, actor=PAT.actor)
    with clock.at(clock.now() + RESTORE_FOR * 2), pytest.raises(Conflict):
        platform.activate(ROAST, actor=PAT.actor)


def test_the_list_is_searched_and_has_numbers(app):
    with tenants.in_store(ROAST):
        bought(CARLA, days_ago=1, total=4990)
    (view,) = platform.list_stores(search="ROAS").items
    assert (view.stats.orders, view.stats.revenue, view.stats.customers, view.stats.users) == (1, 4990, 2, 5)
    assert platform.list_stores(search="%").total == 0
    assert platform.list_stores(plan="scale").total == 0
    assert [v.tenant.slug for v in platform.list_stores(sort_by="name", descending=False).items] == [
        "rival",
        "roast",
    ]
    assert platform.list_users(ROAST).total == 5
    with pytest.raises(NotFound):
        platform.list_users(CARLA.id)


def test_the_platforms_numbers_are_real(app):
    update(plan="growth", addons=["wishlist"])
    with tenants.in_store(ROAST):
        bought(CARLA, days_ago=0, total=4990)
        bought(CARLA, days_ago=70, total=1000)
    with tenants.in_store(RIVAL), transaction():
        order = bought(None, days_ago=0, total=700, email="x@x.test")
        order.currency = "USD"
    numbers = platform.dashboard()
    assert (
        numbers["mrr"]
        == offers.PLANS["growth"].price + offers.ADDONS["wishlist"].price + offers.PLANS["starter"].price
    )
    assert numbers["tenants"] == {"total": 2, "active": 2, "suspended": 0, "deleted": 0, "new_this_month": 2}
    assert numbers["orders"] == {"total": 3, "this_month": 2}
    assert numbers["revenue"] == {"total": 5990, "this_month": 4990, "other_currencies": {"USD": 700}}
    assert len(numbers["points"]) == 12
    assert (numbers["points"][-1]["revenue"], sum(p["revenue"] for p in numbers["points"])) == (4990, 5990)
    platform.suspend(RIVAL, SuspendDraft(), actor=PAT.actor)
    assert platform.dashboard()["mrr"] == numbers["mrr"] - offers.PLANS["starter"].price


def test_the_first_sysadmin_is_made_once(app):
    with every_tenant(), transaction() as session:
        session.query(PlatformUser).delete()
    for password in ("First-Pass-1", "Second-Pass-2"):
        platform.ensure_first_sysadmin("Root@platform.test", password)
    assert signing_in.sign_in("root@platform.test", "First-Pass-1").role is Role.SYSADMIN


@pytest.mark.parametrize(("country", "expected"), [
    ("PT", ("EUR", "pt", "Europe/Lisbon")), ("FR", ("EUR", "fr", "Europe/Paris")),
    ("US", ("USD", "en", "America/New_York")),
    ("SE", ("SEK", "en", "Europe/Stockholm")), ("AT", ("EUR", "de", "Europe/Vienna")),
    ("BR", ("BRL", "pt", "America/Sao_Paulo")),
])  # fmt: skip
def test_what_is_usual_in_a_country(country, expected):
    assert (places.currency_of(country), places.language_of(country), places.zone_of(country)) == expected

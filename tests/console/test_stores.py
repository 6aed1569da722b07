"""The platform's stores: found, opened, changed, suspended, deleted and brought back."""

import re
from datetime import timedelta

import pytest

from kit import clock
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.accounts import User
from models.audit import AuditEntry
from models.outbox import OutboxMessage
from models.tenants import Tenant, TenantDomain, TenantStatus
from services import tenants
from services.platform import TenantDraft
from tests import cast, make
from tests.cast import PAT
from tests.queries import count_queries

STORES = "/platform/stores"
STORE = f"{STORES}/{cast.ROAST}"


@pytest.fixture
def face(browser):
    return browser.as_(PAT)


def names(page):
    return re.findall(r'<th scope="row"><a class="thing__name" [^>]+>([^<]+)</a>', page.text)


def add_stores(count: int, **fields):
    with every_tenant(), transaction() as session:
        rows = [Tenant(slug=f"shop-{n:03}", name=f"Shop {n:03}", **fields) for n in range(count)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def row_of(tenant_id=cast.ROAST):
    with every_tenant():
        return db.session.get(Tenant, tenant_id, populate_existing=True)


def log_of(tenant_id=cast.ROAST):
    with tenants.in_store(tenant_id):
        query = db.session.query(AuditEntry).order_by(AuditEntry.number)
        return [(entry.action, entry.actor_email, entry.changes) for entry in query]


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_searches_filters_and_sorts(face):
    add_stores(2, plan="growth", contact_email="owner@elsewhere.test")
    with every_tenant(), transaction():
        db.session.get(Tenant, cast.RIVAL).status = TenantStatus.SUSPENDED
    assert set(names(face.get(STORES))) == {"Roast", "Rival", "Shop 000", "Shop 001"}
    assert names(face.get(f"{STORES}?q=roast")) == ["Roast"]
    assert names(face.get(f"{STORES}?q=elsewhere.test&sort=name&dir=desc")) == ["Shop 001", "Shop 000"]
    assert names(face.get(f"{STORES}?plan=growth&sort=name")) == ["Shop 000", "Shop 001"]
    assert names(face.get(f"{STORES}?state=suspended")) == ["Rival"]
    assert names(face.get(f"{STORES}?sort=name")) == ["Rival", "Roast", "Shop 000", "Shop 001"]
    empty = face.get(f"{STORES}?q=nothing-like-it")
    assert names(empty) == [] and "No store matches" in empty.text
    assert names(face.get(f"{STORES}?state=deleted")) == []


def test_each_row_says_people_usage_and_health(face, roast):
    make.product()
    make.paid_order(make.Line(price=1500))
    with every_tenant(), transaction() as session:
        session.add(OutboxMessage(tenant_id=cast.ROAST, topic="order.placed", created_at=clock.now(),
                                  run_at=clock.now(), dead_at=clock.now()))  # fmt: skip
        session.get(Tenant, cast.ROAST).maintenance_mode = True
    text = face.get(f"{STORES}?q=roast").text
    assert re.search(r">3</span> <span class=\"muted\">\+ 2</span>", text), "three colleagues, two customers"
    assert "1 / 1,000" in text and "€15.00" in text
    assert "1 job failed" in text and "Maintenance" in text
    assert "Well" in face.get(f"{STORES}?q=rival").text


def test_the_list_asks_as_often_for_many_stores_as_for_two(face):
    face.get(STORES)
    with count_queries() as few:
        face.get(STORES)
    add_stores(60)
    with count_queries() as many:
        assert len(names(face.get(f"{STORES}?size=50"))) == 50
    assert len(many) == len(few), f"{few}\n---\n{many}"
    assert len(many) <= 11, many


def test_pages_of_the_list(face):
    add_stores(30)
    first, second = face.get(f"{STORES}?sort=name"), face.get(f"{STORES}?sort=name&page=2")
    assert len(names(first)) == 25 and len(names(second)) == 7
    assert "1–25 of 32" in first.text and not set(names(first)) & set(names(second))


# --- a new one ----------------------------------------------------------------------------------------------------


def test_a_store_in_a_minute(face, browser):
    answer = face.post(f"{STORES}/new", data={
        "name": "Café Ultramarino", "slug": "", "country": "ES", "plan": "growth", "email": "ana@ultra.test",
        "first_name": "Ana", "password": "Demo-Pass-1", "demo_content": "y"})  # fmt: skip
    assert answer.status_code == 303 and answer.location.startswith(f"{STORES}/")
    with every_tenant():
        row = db.session.query(Tenant).filter_by(slug="cafe-ultramarino").one()
        kept = (row.country, row.currency, row.locale, row.timezone, row.plan)
    assert kept == ("ES", "EUR", "es", "Europe/Madrid", "growth")
    assert "is open" in face.get(answer.location).text
    there = browser.at("cafe-ultramarino.localhost")
    assert there.get("/").status_code == 200
    sent = {"email": "ana@ultra.test", "password": "Demo-Pass-1"}
    assert there.post("/admin/login", data=sent).location == "/admin"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"name": ""}, "Name of the store"), ({"slug": "roast"}, "There is a store with this name already."),
     ({"slug": "www"}, "This name is reserved"), ({"slug": "A b"}, "Use 3 to 40 lower-case letters"),
     ({"email": "nonsense"}, "E-mail"), ({"password": "weak"}, "Password"), ({"country": "XX"}, "Country"),
     ({"plan": "gold"}, "Must be one of"), ({"currency": "EURO"}, "Must be a currency code")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_opens_nothing(face, everything, change, said):
    good = {"name": "New", "slug": "new-one", "country": "PT", "plan": "starter", "email": "ana@new.test"}
    before = everything()
    answer = face.post(f"{STORES}/new", data={**good, **change})
    assert answer.status_code in {409, 422} and said in answer.text, answer.text
    assert "Please check the form" in answer.text and "field__error" in answer.text
    assert 'value="ana@new.test"' in answer.text or change.get("email")
    assert everything() == before


# --- one store ----------------------------------------------------------------------------------------------------


def test_the_page_of_a_store_shows_it_whole(face, roast):
    make.product()
    make.paid_order(make.Line(quantity=2, price=1500))
    face.post(f"{STORE}/suspend", data={"reason": "Unpaid bills"})
    text = face.get(STORE).text
    assert f'href="/platform/jobs?store={cast.ROAST}"' in text
    for part in ("roast.localhost", "Suspended", "Unpaid bills", "Starter", "€30.00", "€19.00", "alice@roast.test",
                 "Customer", "pat@platform.test", "No domain of its own.", "Europe/Lisbon"):  # fmt: skip
        assert part in text, part
    assert "rita@rival.test" not in text


def test_of_several_domains_the_primary_one_counts(face, roast):
    hosts = ("a.example.com", "m.example.com", "z.example.com")
    with every_tenant(), transaction() as session:
        for host in hosts:
            session.add(TenantDomain(tenant_id=cast.ROAST, host=host, is_primary=False,
                                     verified_at=clock.now() if host < "z" else None))  # fmt: skip
    text = face.get(STORE).text
    assert 'href="http://roast.localhost' in text, "proven is not yet the address"
    assert "a.example.com" in text and "Not proven" not in text and "Domain not proven" not in text
    with every_tenant(), transaction() as session:
        session.query(TenantDomain).filter_by(host="m.example.com").one().is_primary = True
    assert 'href="http://m.example.com' in face.get(STORE).text
    assert "m.example.com" in face.get(STORES).text and "z.example.com" not in face.get(STORES).text


def test_people_come_in_pages_by_a_constant_number_of_queries(face, roast):
    with count_queries() as few:
        face.get(STORE)
    with transaction() as session:
        session.add_all(User(email=f"c{n}@x.test", email_key=f"c{n}@x.test") for n in range(30))
    with count_queries() as many:
        assert "c12@x.test" in face.get(f"{STORE}?page=1").text
    assert len(many) == len(few), f"{few}\n---\n{many}"
    assert "21–35 of 35" in face.get(f"{STORE}?page=2").text


def test_suspending_asks_why_and_activating_opens_again(face, browser, everything):
    before = everything()
    refused = face.post(f"{STORE}/suspend", data={"reason": "  "})
    assert refused.status_code == 422 and "This field is required." in refused.text
    too_long = face.post(f"{STORE}/suspend", data={"reason": "x" * 501})
    assert too_long.status_code == 422 and "At most 500 characters." in too_long.text
    assert everything() == before
    assert face.post(f"{STORE}/suspend", data={"reason": "Unpaid"}).location == STORE
    assert row_of().status is TenantStatus.SUSPENDED and browser.get("/").status_code == 503
    assert log_of()[-1] == (
        "suspend",
        PAT.email,
        {"status": ["active", "suspended"], "reason": ["", "Unpaid"]},
    )
    assert face.post(f"{STORE}/activate").location == STORE
    assert row_of().status is TenantStatus.ACTIVE and browser.get("/").status_code == 200
    assert log_of()[-1][0] == "activate"


def test_deleting_wants_the_name_and_can_be_undone_for_thirty_days(face, browser, everything):
    before = everything()
    refused = face.post(f"{STORE}/delete", data={"name": "Rival"})
    assert refused.status_code == 422 and "Type the name as it is written here: Roast" in refused.text
    assert face.post(f"{STORE}/delete", data={}).status_code == 422
    assert everything() == before
    assert face.post(f"{STORE}/delete", data={"name": "roast"}).location == STORE
    assert browser.get("/").status_code == 404
    page = face.get(STORE)
    assert "Restore" in page.text and "Delete…" not in page.text and "Act for a colleague…" not in page.text
    assert names(face.get(STORES)) == ["Rival"] and names(face.get(f"{STORES}?state=deleted")) == ["Roast"]
    assert face.post(f"{STORE}/activate").location == STORE
    assert browser.get("/").status_code == 200 and row_of().deleted_at is None


def test_after_thirty_days_it_is_gone_and_the_page_says_so(face, everything):
    face.post(f"{STORE}/delete", data={"name": "Roast"})
    with clock.at(clock.now() + timedelta(days=31)):
        late = face.__class__(face.app).as_(PAT)
        before = everything()
        assert late.post(f"{STORE}/activate").location == STORE
        assert "This store was deleted more than 30 days ago." in late.get(STORE).text
        assert "Restore" not in late.get(STORE).text
        after = everything()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


def test_a_deleted_store_is_not_suspended(face, everything):
    face.post(f"{STORE}/delete", data={"name": "Roast"})
    before = everything()
    answer = face.post(f"{STORE}/suspend", data={"reason": "x"})
    assert answer.status_code == 409 and "This store was deleted." in answer.text
    assert everything() == before


# --- changing it --------------------------------------------------------------------------------------------------


def form_of(page):
    """What a browser would send back of the form as it stands."""
    sent: dict[str, list[str]] = {}
    form = re.search(r'<form method="post" data-save-bar.*?</form>', page.text, re.S).group(0)
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if found.get("type") == "checkbox" and " checked" not in tag:
            continue
        if "name" in found:
            sent.setdefault(found["name"], []).append(found.get("value", "y"))
    for name, text in re.findall(r'<textarea[^>]*name="([a-z_]+)"[^>]*>\r?\n?(.*?)</textarea>', form, re.S):
        sent[name] = [text]
    for name, options in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.findall(r'<option selected value="([^"]*)"', options)[:1]
    return sent


def test_the_form_has_every_field_of_the_draft(face):
    sent = form_of(face.get(f"{STORE}/edit"))
    ways = {"payment_methods", "bank_transfer_instructions"}  # stand there one by one
    there = set(sent) | set(re.findall(r'name="([a-z_]+)"', face.get(f"{STORE}/edit").text))
    assert set(TenantDraft.model_fields) - ways <= there
    assert {
        "card",
        "bank_transfer",
        "bank_instructions",
        "cash_on_delivery",
        "cash_fee",
        "pay_in_shop",
    } <= there


def test_saving_the_form_as_it_stands_changes_nothing(face, everything):
    sent = form_of(face.get(f"{STORE}/edit"))
    assert sent["slug"] == ["roast"] and sent["plan"] == ["starter"] and sent["country"] == ["PT"]
    face.post(f"{STORE}/edit", data=sent)  # ways to pay that were never said are said now, as switched off
    assert row_of().version == 1 and log_of() == []
    before = everything()
    assert face.post(f"{STORE}/edit", data=sent).location == STORE
    assert everything() == before


def test_everything_of_a_store_can_be_changed(face, browser):
    sent = form_of(face.get(f"{STORE}/edit"))
    change = {
        "name": "Roastery", "slug": "roastery", "plan": "growth", "addons": ["wishlist"],
        "custom_domain": "shop.roast.test", "contact_email": "", "contact_phone": "+351 1",
        "legal_name": "Roast Lda", "legal_address": "Rua 1",
        "country": "ES", "vat_number": "", "currency": "USD", "prices_include_tax": [], "cross_border": "fixed_net",
        "shipping_tax": "proportional", "timezone": "Europe/Madrid", "locale": "es", "languages": ["es", "pt"],
        "notification_email": "new@roast.test", "order_number_prefix": "R-", "guest_checkout": [],
        "stock_reservation_minutes": "20", "low_stock_threshold": "7", "show_stock": [], "reviews_require_approval": [],
        "review_request_days": "0",
        "bank_transfer": [], "cash_on_delivery": "y", "cash_fee": "1.50", "cors_origins": "https://a.test\nhttps://b.test",
        "maintenance_mode": "y",
    }  # fmt: skip
    answer = face.post(f"{STORE}/edit", data={**sent, **change})
    assert answer.location == STORE, answer.text
    row = row_of()
    kept = {name: getattr(row, name) for name in change if hasattr(row, name)}
    assert kept == {
        "name": "Roastery", "slug": "roastery", "plan": "growth", "addons": ["wishlist"], "contact_email": "",
        "contact_phone": "+351 1", "legal_name": "Roast Lda", "legal_address": "Rua 1",
        "country": "ES", "vat_number": "",
        "currency": "USD", "prices_include_tax": False, "cross_border": "fixed_net", "shipping_tax": "proportional",
        "timezone": "Europe/Madrid", "locale": "es", "languages": ["es", "pt"], "notification_email": "new@roast.test",
        "order_number_prefix": "R-", "guest_checkout": False, "stock_reservation_minutes": 20, "low_stock_threshold": 7,
        "show_stock": False, "reviews_require_approval": False, "review_request_days": 0, "maintenance_mode": True,
        "cors_origins": ["https://a.test", "https://b.test"],
    }  # fmt: skip
    assert row.payment_methods["cash_on_delivery"] == {"enabled": True, "fee": "1.50"}
    assert not row.payment_methods["bank_transfer"]["enabled"]
    assert browser.at("roast.localhost").get("/").status_code == 404
    assert browser.at("shop.roast.test").get("/healthz").status_code == 200
    assert tenants.find_by_host("shop.roast.test").slug == "roastery"
    assert {who for _action, who, _changes in log_of()} == {PAT.email}


@pytest.mark.parametrize(
    ("change", "said"),
    [({"name": ""}, "This field is required."), ({"slug": "rival"}, "There is a store with this name already."),
     ({"custom_domain": "nonsense"}, "Must be a domain of your own"), ({"plan": "gold"}, "Must be one of"),
     ({"addons": ["gold"]}, "Must be one of"), ({"timezone": "Mars/Base"}, "Must be a time zone"),
     ({"low_stock_threshold": "many"}, "field__error"), ({"cash_fee": "1.999"}, "field__error"),
     ({"cors_origins": "ftp://x"}, "Must be an origin"), ({"contact_email": "x"}, "field__error"),
     ({"card": "y"}, "Connect the store")],
)  # fmt: skip
def test_a_wrong_change_is_told_and_changes_nothing(face, everything, change, said):
    sent = {**form_of(face.get(f"{STORE}/edit")), **change}
    before = everything()
    answer = face.post(f"{STORE}/edit", data=sent)
    assert answer.status_code in {409, 422} and said in answer.text, answer.text
    assert everything() == before


def test_who_comes_second_sees_what_the_first_has_saved(face, everything):
    sent = form_of(face.get(f"{STORE}/edit"))
    face.post(f"{STORE}/edit", data={**sent, "name": "First"})
    before = everything()
    answer = face.post(f"{STORE}/edit", data={**sent, "name": "Second"})
    assert answer.status_code == 409 and "Somebody else has saved this meanwhile" in answer.text
    assert "<td>Second</td><td>First</td>" in answer.text and everything() == before
    again = form_of(answer)
    assert face.post(f"{STORE}/edit", data=again).location == STORE and row_of().name == "Second"

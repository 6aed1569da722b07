"""Somebody of the platform works as a store's colleague: asked why, for a while, named everywhere, and never more."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from kit import clock
from kit.actor import Role
from kit.db import db, transaction
from kit.errors import Forbidden
from kit.tenancy import every_tenant
from models.accounts import Impersonation, PlatformUser, User
from models.audit import AuditEntry
from models.catalog import Category
from models.tenants import Tenant
from services import addresses, audit, tenants
from services.accounts import hand_over, impersonating, passwords, people, sessions, signing_in, two_factor
from services.accounts.impersonating import STAYS_FOR, ImpersonationDraft
from services.accounts.passwords import ChangePasswordDraft
from services.accounts.signing_in import ProofDraft
from services.batches import running, starting
from tests import cast
from tests.cast import ALICE, CARLA, MIA, PASSWORD, PAT, RITA

PATH = f"/platform/stores/{cast.ROAST}/impersonate"
WHY = "Ticket 812: the tax page looks odd"


def way_in(face, who=ALICE, reason=WHY):
    """The path on the store's host."""
    answer = face.post(PATH, data={"user_id": str(who.id), "reason": reason})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store", answer.text
    by_itself, link = re.findall(r'(?:url=|href=")(http://[^"]+/admin/impersonate/[^"]+)"', answer.text)
    assert by_itself == link and urlsplit(link).hostname == "roast.localhost"
    return urlsplit(link).path


@pytest.fixture
def pat(browser):
    return browser.as_(PAT)


@pytest.fixture
def inside(pat, browser):
    """A browser on the store's host, in which Pat is there as Alice."""
    path, there = way_in(pat), browser.at("roast.localhost")
    page = there.get(path)
    assert page.status_code == 200 and WHY in page.text and ALICE.email in page.text
    assert there.post(path).location == "/admin"
    return there


def entries():
    with tenants.in_store(cast.ROAST):
        return list(db.session.query(AuditEntry).order_by(AuditEntry.number))


# --- coming in ----------------------------------------------------------------------------------------------------


def test_the_stores_log_says_who_came_as_whom_why_and_until_when(inside):
    (entry,) = entries()
    assert (entry.action, entry.actor_kind, entry.actor_email) == (
        "impersonation.started",
        "platform",
        PAT.email,
    )
    assert entry.resource_id == str(ALICE.id) and entry.changes["reason"] == ["", WHY]
    assert entry.changes["until"] == ["", (entry.created_at + STAYS_FOR).isoformat(timespec="minutes")]
    page = inside.get("/admin/audit")
    assert "<td>Began to act as somebody" in page.text and WHY in page.text


def test_every_page_says_so_and_has_the_way_out(inside, browser):
    for path in (
        "/admin",
        "/admin/orders",
        "/admin/products",
        "/admin/settings/store",
        "/admin/audit",
        "/admin/search?q=x",
    ):
        text = inside.get(path).text
        assert f"{PAT.email} of the platform acts here as {ALICE.email} until" in text and WHY in text, path
        assert 'action="/admin/impersonate/end"' in text, path
    assert "acts here as" not in browser.as_(ALICE).get("/admin").text


def test_what_is_done_names_both(inside):
    assert inside.post("/admin/products/categories/new", data={"name": "Teas"}).status_code == 303
    entry = entries()[-1]
    assert (entry.action, entry.resource_type) == ("create", "category")
    assert (entry.actor_email, entry.actor_id, entry.impersonator) == (ALICE.email, ALICE.id, PAT.email)
    assert f"By {PAT.email} of the platform" in inside.get("/admin/audit").text
    with tenants.in_store(cast.ROAST):
        assert audit.verify().is_intact


def test_the_hash_covers_the_impersonator(inside, app):
    inside.post("/admin/products/categories/new", data={"name": "Teas"})
    entry = entries()[-1]
    plain = {name: getattr(entry, name) for name in (*audit._CONTENT, "impersonator", "entry_hash")}
    row = type("Row", (), plain)
    assert audit.hash_of(row) == entry.entry_hash
    row.impersonator = ""
    assert audit.hash_of(row) != entry.entry_hash
    row.impersonator = "somebody@else.test"
    assert audit.hash_of(row) != entry.entry_hash


def test_the_way_in_is_good_once_for_a_minute_and_in_its_store(pat, browser, everything):
    path, there = way_in(pat), browser.at("roast.localhost")
    before = everything()
    rival = browser.at("rival.localhost")
    assert rival.get(path).status_code == 404 and rival.post(path).location == "/admin/login"
    assert there.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert there.get(path).status_code == 404 and there.post(path).location == "/admin/login"
    assert everything() == before
    assert there.post(path).location == "/admin"
    second = browser.at("roast.localhost")
    before = everything()
    assert second.get(path).status_code == 404 and second.post(path).location == "/admin/login"
    assert second.get("/admin").location.startswith("/admin/login") and everything() == before


OVER = "You no longer act for a colleague here"


def test_a_visit_that_is_over_is_said_once_at_the_door(inside, browser):
    assert inside.get("/account").location.startswith("/login") and OVER not in inside.get("/login").text
    assert inside.get("/admin").status_code == 200, "the visit goes on"
    with clock.at(clock.now() + STAYS_FOR + timedelta(seconds=1)):
        there = inside.get("/admin/orders")
        assert there.location == "/admin/login?next=/admin/orders"
        page = inside.get(there.location)
        assert OVER in page.text and "The console lets you in again." in page.text
        inside.get("/admin/orders")
        assert OVER not in inside.get("/admin/login").text
        stranger = browser.at("roast.localhost")
        stranger.get("/admin/orders")
        assert OVER not in stranger.get("/admin/login").text


def test_a_form_sent_too_late_says_so_too(inside):
    with clock.at(clock.now() + STAYS_FOR + timedelta(seconds=1)):
        assert inside.post("/admin/products/tags", data={"name": "New"}).status_code == 401
        assert OVER in inside.get("/admin/login").text


def test_the_token_is_kept_as_a_hash_only(pat):
    token = way_in(pat).rpartition("/")[2]
    with every_tenant():
        (row,) = db.session.query(Impersonation)
        assert token not in repr(vars(row)) and (row.by_id, row.reason) == (PAT.id, WHY)


@pytest.mark.parametrize(
    ("data", "said"),
    [({"user_id": str(ALICE.id), "reason": " "}, "This field is required."),
     ({"user_id": str(ALICE.id), "reason": "x" * 301}, "At most 300 characters."),
     ({"user_id": str(RITA.id), "reason": "x"}, "Nobody of that name works in this store."),
     ({"user_id": str(CARLA.id), "reason": "x"}, "Nobody of that name works in this store."),
     ({"user_id": "nonsense", "reason": "x"}, "field__error"), ({}, "This field is required.")],
)  # fmt: skip
def test_without_reason_or_colleague_there_is_no_way(pat, everything, data, said):
    before = everything()
    answer = pat.post(PATH, data=data)
    assert answer.status_code == 422 and said in answer.text, answer.text
    assert everything() == before


def test_only_the_platforms_people_begin(app, everything):
    before = everything()
    for who in (ALICE, MIA, RITA):
        with pytest.raises(Forbidden):
            impersonating.begin(cast.ROAST, ImpersonationDraft(user_id=ALICE.id, reason="x"), actor=who.actor)
    assert everything() == before


def test_a_deleted_store_is_not_entered(pat, everything):
    pat.post(f"/platform/stores/{cast.ROAST}/delete", data={"name": "Roast"})
    before = everything()
    assert pat.get(PATH).status_code == 409
    assert pat.post(PATH, data={"user_id": str(ALICE.id), "reason": "x"}).status_code == 409
    assert everything() == before


def test_a_suspended_store_is_entered_to_read(pat, browser, everything):
    pat.post(f"/platform/stores/{cast.ROAST}/suspend", data={"reason": "x"})
    path, there = way_in(pat), browser.at("roast.localhost")
    assert there.post(path).location == "/admin" and there.get("/admin").status_code == 200
    before = everything()
    assert there.post("/admin/products/categories/new", data={"name": "Teas"}).status_code == 403
    assert everything() == before
    assert there.post("/admin/impersonate/end").status_code == 200
    assert there.get("/admin").status_code == 303


def test_a_store_that_asks_for_codes_lets_them_work(pat, browser):
    with tenants.in_store(cast.ROAST), transaction():
        tenants.row().require_two_factor = True
    path, there = way_in(pat), browser.at("roast.localhost")
    there.post(path)
    assert there.get("/admin").status_code == 200


# --- how long -----------------------------------------------------------------------------------------------------


def test_it_ends_by_itself(inside):
    assert timedelta(minutes=30) == STAYS_FOR
    now = clock.now()
    with clock.at(now + timedelta(minutes=29)):
        assert inside.get("/admin").status_code == 200
    with clock.at(now + timedelta(minutes=30, seconds=1)):
        assert inside.get("/admin").location.startswith("/admin/login")
        assert inside.post("/admin/products/categories/new", data={"name": "Late"}).status_code == 401
    with tenants.in_store(cast.ROAST):
        assert db.session.query(Category).count() == 0


@pytest.mark.parametrize("path", ("/admin/impersonate/end", "/admin/logout"))
def test_it_ends_by_a_button_and_is_told_in_the_log(inside, path):
    answer = inside.post(path)
    if path.endswith("end"):
        assert f'href="http://localhost:8000/platform/stores/{cast.ROAST}"' in answer.text
    assert inside.get("/admin").location.startswith("/admin/login")
    assert [(e.action, e.actor_email) for e in entries()] == [
        ("impersonation.started", PAT.email), ("impersonation.ended", PAT.email)]  # fmt: skip
    assert inside.post("/admin/impersonate/end").location == "/admin/login"
    assert len(entries()) == 2


def test_a_copied_cookie_is_worth_nothing_after_the_end(inside, browser):
    thief = browser.at("roast.localhost")
    cookie = inside.client.get_cookie("session", domain="roast.localhost")
    thief.client.set_cookie("session", cookie.value, domain="roast.localhost")
    assert thief.get("/admin").status_code == 200
    inside.post("/admin/impersonate/end")
    assert thief.get("/admin").location.startswith("/admin/login")


@pytest.mark.parametrize("which", ("platform", "role", "active", "version"))
def test_it_ends_where_one_of_the_two_may_no_longer_come_in(inside, which):
    with every_tenant(), transaction() as session:
        alice = session.get(User, ALICE.id)
        if which == "platform":
            session.get(PlatformUser, PAT.id).is_active = False
        elif which == "role":
            alice.role = Role.CUSTOMER
        elif which == "active":
            alice.is_active = False
        else:
            alice.token_version += 1
    assert inside.get("/admin").location.startswith("/admin/login")


def test_the_cookie_is_no_good_elsewhere(inside, browser):
    cookie = inside.client.get_cookie("session", domain="roast.localhost").value
    for host, path in (("rival.localhost", "/admin"), ("localhost", "/platform/dashboard")):
        face = browser.at(host)
        face.client.set_cookie("session", cookie, domain=host)
        assert face.get(path).status_code == 303, host


def test_old_rows_are_forgotten(inside):
    with every_tenant():
        assert impersonating.forget_old() == 0
    with clock.at(clock.now() + timedelta(days=8)), every_tenant():
        assert impersonating.forget_old() == 1


# --- its limits ---------------------------------------------------------------------------------------------------

OWN = (
    ("GET", "/admin/account", {}),
    ("POST", "/admin/account", {"current_password": PASSWORD, "new_password": "Better-Pass-9"}),
    ("POST", "/admin/account/email", {"email": "mine@evil.test", "password": PASSWORD}),
    ("POST", "/admin/account/confirm", {}),
    ("GET", "/admin/account/sessions", {}),
    ("POST", "/admin/account/sessions/end-others", {}),
    ("GET", "/admin/account/two-factor", {}),
    ("POST", "/admin/account/two-factor/begin", {}),
    ("POST", "/admin/account/two-factor/confirm", {"code": "000000"}),
    ("POST", "/admin/account/two-factor/codes", {"code": "000000"}),
    ("POST", "/admin/account/two-factor/off", {"code": "000000"}),
    ("POST", "/admin/prove", {"password": PASSWORD}),
    ("GET", "/admin/stores", {}),
    ("POST", f"/admin/stores/{cast.RIVAL}", {}),
    ("GET", "/admin/customers/export", {}),
)


@pytest.mark.parametrize(("method", "path", "data"), OWN)
def test_what_is_the_persons_own_stays_theirs(inside, browser, everything, method, path, data):
    alice = browser.as_(ALICE)
    before = everything()
    answer = inside.request(method, path, data=data or None)
    assert answer.status_code == 403 and "only they can see or change it" in answer.text, answer.text
    assert everything() == before
    assert alice.get("/admin").status_code == 200, "their own session goes on"


def test_the_services_refuse_whatever_the_page(roast, everything):
    who = replace(ALICE.actor, impersonator=PAT.email)
    acts = [
        lambda: people.get_self(who), lambda: two_factor.begin(actor=who), lambda: sessions.list_sessions(actor=who),
        lambda: sessions.end_others(actor=who, this=None), lambda: hand_over.list_others(actor=who),
        lambda: passwords.change_password(
            ChangePasswordDraft(current_password=PASSWORD, new_password="Better-Pass-9"), actor=who),
        lambda: signing_in.prove_again(ProofDraft(password=PASSWORD), actor=who), lambda: addresses.owner_of(who),
    ]  # fmt: skip
    before = everything()
    for act in acts:
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "impersonated"
    assert everything() == before


def test_their_sessions_do_not_count_it_and_the_menu_hides_their_account(inside, browser):
    text = inside.get("/admin").text
    assert 'href="/admin/account"' not in text and 'href="/admin/stores"' not in text
    alice = browser.as_(ALICE)
    assert alice.get("/admin/account/sessions").text.count('<th scope="row">') == 1


def test_in_the_shop_and_the_api_one_is_nobody(inside):
    assert inside.get("/account").location.startswith("/login")
    assert ALICE.email not in inside.get("/").text
    assert inside.get("/api/auth/me").status_code == 401


def test_a_job_that_is_started_meanwhile_still_names_both(roast):
    who = replace(ALICE.actor, impersonator=PAT.email)
    with transaction():
        batch = starting.new_batch("anything", {}, actor=who)
        assert running.actor_of(batch).impersonator == PAT.email


def test_the_other_store_sees_nothing_of_it(inside, browser):
    text = browser.as_(RITA).get("/admin/audit").text
    assert PAT.email not in text and not re.search("<td>[^<]*act as somebody", text)
    with every_tenant():
        assert db.session.get(Tenant, cast.RIVAL).version == 1

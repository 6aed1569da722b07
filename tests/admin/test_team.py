"""The team's page, invitations by link, and coming over from another store."""

import re
from datetime import timedelta

import pytest

from kit import clock
from kit.actor import Role
from kit.db import db, transaction
from kit.ids import uuid7
from models.accounts import HandOver, User
from models.tenants import TenantStatus
from services import tenants
from services.accounts import hand_over, invitations, people, two_factor
from services.accounts.two_factor import CodeDraft
from tests import cast
from tests.admin.test_account import code_of
from tests.cast import ALICE, CARLA, MIA, PASSWORD, RITA, STAN

TEAM = "/admin/settings/team"


def invited(alice, email="nora@roast.test", role="manager") -> str:
    """The link's path, as it stands in the mail."""
    answer = alice.post(TEAM, data={"email": email, "role": role, "first_name": "Nora"})
    assert answer.location == TEAM
    (found,) = [one for one in invitations.list_open() if one.email == email]
    return f"/admin/invitation/{invitations.open_link(found.id)[1]}"


def test_an_invitation_from_the_form_to_the_first_page(roast, browser):
    alice = browser.as_(ALICE)
    path = invited(alice)
    assert "nora@roast.test" in alice.get(TEAM).text and "alice@roast.test" in alice.get(TEAM).text
    nora = browser.at("roast.localhost")
    page = nora.get(path)
    assert page.status_code == 200 and "Manager" in page.text and 'value="Nora"' in page.text
    weak = nora.post(path, data={"password": "weak"})
    assert weak.status_code == 422 and 'id="password-error"' in weak.text
    assert nora.post(path, data={"password": "Fresh-Pass-7", "last_name": "New"}).location == "/admin"
    assert nora.get("/admin/customers").status_code == 200
    assert nora.get(TEAM).status_code == 403
    assert browser.get(path).status_code == 404
    assert browser.at("rival.localhost").get(path).status_code == 404


def test_a_customer_accepts_with_their_password(roast, browser):
    path = invited(browser.as_(ALICE), CARLA.email, "staff")
    carla = browser.at("roast.localhost")
    assert "Give its password" in carla.get(path).text
    assert carla.post(path, data={"password": "Other-Pass-7"}).status_code == 422
    assert carla.post(path, data={"password": PASSWORD}).location == "/admin"
    assert db.session.get(User, CARLA.id, populate_existing=True).role is Role.STAFF


def test_a_customers_page_leads_to_the_invitation(roast, browser):
    alice, mia = browser.as_(ALICE), browser.as_(MIA)
    path = f"/admin/customers/{CARLA.id}"
    (url,) = re.findall(r'href="(/admin/settings/team\?email=[^"]+)"', alice.get(path).text)
    assert f'value="{CARLA.email}"' in alice.get(url).text
    assert "Invite to the team" not in mia.get(path).text


def test_what_is_wrong_with_an_invitation_is_said(roast, browser, everything):
    alice = browser.as_(ALICE)
    invited(alice)
    before = everything()
    cases = (("nonsense", "staff", 422), ("x@roast.test", "owner", 422), (MIA.email, "staff", 409),
             ("nora@roast.test", "staff", 409), ("", "", 422))  # fmt: skip
    for email, role, status in cases:
        data = {"email": email, "role": role}
        answer = alice.post(TEAM, data=data)
        assert answer.status_code == status and "Please check the form" in answer.text, data
    assert everything() == before


def test_resend_and_take_back(roast, browser):
    alice = browser.as_(ALICE)
    path = invited(alice)
    (found,) = invitations.list_open()
    assert alice.post(f"{TEAM}/invitations/{found.id}/send").status_code == 303
    assert "Give it a minute" in alice.get(TEAM).text
    with clock.at(clock.now() + timedelta(minutes=2)):
        alice.post(f"{TEAM}/invitations/{found.id}/send")
    assert browser.get(path).status_code == 404, "the link before is worth nothing"
    alice.post(f"{TEAM}/invitations/{found.id}/revoke")
    assert invitations.list_open() == []
    assert alice.post(f"{TEAM}/invitations/{found.id}/revoke").status_code == 404


def test_roles_are_changed_and_colleagues_kept_out(roast, browser):
    alice, stan = browser.as_(ALICE), browser.as_(STAN)
    alice.post(f"{TEAM}/{STAN.id}/role", data={"role": "manager"})
    assert db.session.get(User, STAN.id, populate_existing=True).role is Role.MANAGER
    assert stan.get("/admin").status_code == 303, "their sessions end"
    alice.post(f"{TEAM}/{MIA.id}/switch", data={"on": "0"})
    assert not db.session.get(User, MIA.id, populate_existing=True).is_active
    assert "Let in again" in alice.get(TEAM).text
    alice.post(f"{TEAM}/{MIA.id}/switch", data={"on": "1"})
    alice.post(f"{TEAM}/{ALICE.id}/role", data={"role": "staff"})
    assert "A store always keeps one admin" in alice.get(TEAM).text
    assert db.session.get(User, ALICE.id, populate_existing=True).role is Role.ADMIN
    assert alice.post(f"{TEAM}/{STAN.id}/role", data={"role": "sysadmin"}).status_code == 422


def test_a_lost_phone(roast, browser):
    setup = two_factor.begin(actor=STAN.actor)
    two_factor.confirm(CodeDraft(code=code_of(setup.secret)), actor=STAN.actor)
    alice = browser.as_(ALICE)
    assert "Phone lost" in alice.get(TEAM).text
    alice.post(f"{TEAM}/{STAN.id}/two-factor/reset")
    answer = browser.at("roast.localhost").post(
        "/admin/login", data={"email": STAN.email, "password": PASSWORD}
    )
    assert answer.location == "/admin"


def paths_of(user_id, invitation_id) -> list[str]:
    return [f"{TEAM}/{user_id}/role", f"{TEAM}/{user_id}/switch", f"{TEAM}/{user_id}/two-factor/reset",
            f"{TEAM}/invitations/{invitation_id}/send", f"{TEAM}/invitations/{invitation_id}/revoke"]  # fmt: skip


def test_who_may_not_touch_the_team(roast, browser, everything):
    invited(browser.as_(ALICE))
    paths = (TEAM, f"{TEAM}/two-factor", *paths_of(STAN.id, invitations.list_open()[0].id))
    mia, before = browser.as_(MIA), everything()
    for path in paths:
        assert mia.post(path, data={"role": "admin", "on": "0"}).status_code == 403, path
        assert browser.post(path, data={"role": "admin", "on": "0"}).status_code == 401, path
    assert everything() == before


def test_the_other_stores_people_and_invitations_are_unknown(roast, browser, everything):
    invited(browser.as_(ALICE))
    paths = (*paths_of(STAN.id, invitations.list_open()[0].id), *paths_of(uuid7(), uuid7()))
    rita, before = browser.as_(RITA), everything()
    for path in paths:
        assert rita.post(path, data={"role": "customer", "on": "0"}).status_code == 404, path
    assert everything() == before


# --- several stores -------------------------------------------------------------------------------------------------


@pytest.fixture
def both(roast):
    """Mia works in the rival store too, and has confirmed her address in both."""
    with transaction():
        db.session.get(User, MIA.id).email_verified_at = clock.now()
    with tenants.in_store(cast.RIVAL), transaction():
        twin = User(
            email=MIA.email,
            email_key=MIA.email,
            role=Role.STAFF,
            first_name="Mia",
            email_verified_at=clock.now(),
        )
        db.session.add(twin)
        db.session.flush()
        return twin.id


def way_over(mia) -> str:
    answer = mia.post(f"/admin/stores/{cast.RIVAL}")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
    by_itself, link = re.findall(
        r'(?:url=|href=")http://rival\.localhost[:0-9]*(/admin/arrive/[^"]+)"', answer.text
    )
    assert by_itself == link
    return link


def test_over_to_the_other_store_by_one_button(both, browser):
    mia = browser.as_(MIA)
    assert "Rival" in mia.get("/admin/stores").text
    path = way_over(mia)
    there = browser.at("rival.localhost")
    page = there.get(path)
    assert page.status_code == 200 and "You come from Roast" in page.text
    assert there.get("/admin").status_code == 303, "looking signs nobody in"
    assert there.post(path).location == "/admin"
    assert there.get("/admin").status_code == 200 and there.get("/admin/customers").status_code == 403
    assert there.post("/admin/account/two-factor/begin").location.startswith("/admin/prove"), (
        "no password was given"
    )
    again = browser.at("rival.localhost")
    assert again.get(path).status_code == 404 and again.post(path).location == "/admin/login"
    assert again.get("/admin").status_code == 303


def test_a_second_factor_over_there_is_asked_for(both, browser):
    from dataclasses import replace

    with tenants.in_store(cast.RIVAL):
        twin = replace(MIA.actor, id=both)
        setup = two_factor.begin(actor=twin)
        codes = two_factor.confirm(CodeDraft(code=code_of(setup.secret)), actor=twin)
    path, there = way_over(browser.as_(MIA)), browser.at("rival.localhost")
    assert there.post(path).location == "/admin/login/code"
    assert there.get("/admin").status_code == 303
    assert there.post("/admin/login/code", data={"code": codes[0]}).location == "/admin"
    assert there.post("/admin/account/two-factor/begin").location.startswith("/admin/prove"), (
        "a code is no password, and none was given here"
    )


def test_the_way_over_is_good_for_a_minute_and_in_its_store(both, browser, everything):
    path = way_over(browser.as_(MIA))
    before = everything()
    assert browser.get(path).status_code == 404 and browser.post(path).location == "/admin/login"
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert browser.at("rival.localhost").post(path).location == "/admin/login"
    assert everything() == before


def test_only_who_has_confirmed_and_works_there_goes_over(both, browser, everything):
    stan = browser.as_(STAN)
    assert stan.post(f"/admin/stores/{cast.RIVAL}").status_code == 404
    assert "No other store" in stan.get("/admin/stores").text
    mia = browser.as_(MIA)
    for change in ({"email_verified_at": None}, {"role": Role.CUSTOMER}, {"is_active": False}):
        with tenants.in_store(cast.RIVAL), transaction():
            row = db.session.get(User, both)
            kept = {name: getattr(row, name) for name in change}
            for name, value in change.items():
                setattr(row, name, value)
        assert mia.post(f"/admin/stores/{cast.RIVAL}").status_code == 404, change
        with tenants.in_store(cast.RIVAL), transaction():
            for name, value in kept.items():
                setattr(db.session.get(User, both), name, value)
    with transaction():
        db.session.get(User, MIA.id).email_verified_at = None
    before = everything()
    assert mia.post(f"/admin/stores/{cast.RIVAL}").status_code == 404
    assert mia.post(f"/admin/stores/{uuid7()}").status_code == 404
    assert everything() == before
    with tenants.in_store(cast.RIVAL):
        assert db.session.query(HandOver).count() == 0


def test_another_site_can_not_make_somebody_arrive(both, browser):
    path, there = way_over(browser.as_(MIA)), browser.at("rival.localhost")
    assert there.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert there.get("/admin").status_code == 303


def test_old_ways_over_are_forgotten(both, browser):
    from kit.tenancy import every_tenant

    way_over(browser.as_(MIA))
    with every_tenant():
        assert hand_over.forget_old() == 0
    with clock.at(clock.now() + timedelta(minutes=2)), every_tenant():
        assert hand_over.forget_old() == 1
    assert people.find_by_email(MIA.email) is not None


def test_a_suspended_store_is_entered_to_read(both, browser):
    path = way_over(browser.as_(MIA))
    with tenants.in_store(cast.RIVAL), transaction():
        tenants.row().status = TenantStatus.SUSPENDED
    there = browser.at("rival.localhost")
    assert there.get(path).status_code == 200
    assert there.post(path).location == "/admin"
    assert there.get("/admin/orders").status_code == 200

"""One's own account in the back office: sessions, the second factor, another address; and proving who one is."""

import re
from datetime import timedelta

import pytest

from kit import clock, otp
from kit.db import db, transaction
from models.accounts import User
from services import tenants
from services.accounts import email_change, sessions, two_factor
from services.accounts.two_factor import CodeDraft
from tests import cast
from tests.cast import ALICE, CARLA, MIA, PASSWORD, STAN

PATH = "/admin/account/two-factor"


def sign_in(face, who, path="/admin/login", **more):
    return face.post(path, data={"email": who.email, "password": PASSWORD, **more})


def code_of(secret: str, ahead: int = 0) -> str:
    return otp.code_of(secret, otp.step_at(clock.now()) + ahead)


def set_up(face) -> tuple[str, list[str]]:
    """Through the pages, as a person does it."""
    face.post(f"{PATH}/begin")
    html = face.get(PATH).text
    secret = re.search(r'<p class="mono">([A-Z2-7]{32})</p>', html).group(1)
    assert "<svg" in html and 'class="qr"' in html
    wrong = face.post(f"{PATH}/confirm", data={"code": "000000"})
    assert wrong.status_code == 422 and secret in wrong.text
    answer = face.post(f"{PATH}/confirm", data={"code": code_of(secret)})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
    codes = re.findall(r'<li class="mono">([a-z0-9-]+)</li>', answer.text)
    assert len(codes) == 10
    return secret, codes


def test_the_second_factor_from_setting_up_to_signing_in(roast, browser):
    stan, elsewhere = browser.as_(STAN), browser.as_(STAN)
    secret, codes = set_up(stan)
    assert stan.get("/admin").status_code == 200, "this session goes on"
    assert elsewhere.get("/admin").status_code == 303, "the others have ended"
    assert secret not in stan.get(PATH).text and codes[0] not in stan.get(PATH).text

    face = browser.at("roast.localhost")
    answer = sign_in(face, STAN, next="/admin/orders")
    assert answer.location == "/admin/login/code?next=/admin/orders"
    assert face.get("/admin").status_code == 303, "the password alone opens nothing"
    assert face.get(answer.location).status_code == 200
    wrong = face.post("/admin/login/code", data={"code": "123456"})
    assert wrong.status_code == 422 and 'id="code-error"' in wrong.text
    right = face.post("/admin/login/code", data={"code": code_of(secret, 1), "next": "/admin/orders"})
    assert right.location == "/admin/orders" and face.get("/admin").status_code == 200

    again = browser.at("roast.localhost")
    sign_in(again, STAN)
    reused = again.post("/admin/login/code", data={"code": code_of(secret, 1)})
    assert reused.status_code == 422, "a code is good once"
    assert again.post("/admin/login/code", data={"code": codes[0]}).status_code == 303


def test_the_shops_door_asks_for_the_code_too_and_so_does_the_api(roast, browser, api):
    secret, codes = set_up(browser.as_(STAN))
    face = browser.at("roast.localhost")
    assert sign_in(face, STAN, "/login").location.startswith("/login/code")
    assert face.get("/account").status_code == 303
    assert face.post("/login/code", data={"code": codes[0]}).location == "/account"
    body = {"email": STAN.email, "password": PASSWORD}
    asked = api.post("/api/auth/login", json=body)
    assert (asked.status_code, asked.json["type"].rpartition("/")[2]) == (401, "second-factor-required")
    wrong = api.post("/api/auth/login", json={**body, "code": "123456"})
    assert (wrong.status_code, wrong.json["type"].rpartition("/")[2]) == (401, "wrong-code")
    assert api.post("/api/auth/login", json={**body, "code": codes[1]}).status_code == 200
    bad = api.post("/api/auth/login", json={**body, "password": "Wrong-Pass-1", "code": codes[2]})
    assert bad.json["type"].endswith("invalid-credentials")


def test_the_second_step_ends_after_ten_minutes_and_with_the_sessions(roast, browser):
    _secret, codes = set_up(browser.as_(STAN))
    slow, other = browser.at("roast.localhost"), browser.at("roast.localhost")
    sign_in(slow, STAN)
    sign_in(other, STAN)
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert slow.post("/admin/login/code", data={"code": codes[0]}).location == "/admin/login"
    with transaction():
        db.session.get(User, STAN.id).token_version += 1
    assert other.post("/admin/login/code", data={"code": codes[0]}).location == "/admin/login"
    assert browser.post("/admin/login/code", data={"code": codes[0]}).location == "/admin/login"


def test_new_recovery_codes_and_switching_off(roast, browser):
    stan = browser.as_(STAN)
    _secret, codes = set_up(stan)
    fresh = re.findall(r'<li class="mono">([a-z0-9-]+)</li>', stan.post(f"{PATH}/codes").text)
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    assert stan.post(f"{PATH}/off", data={"code": codes[0]}).status_code == 422
    assert stan.post(f"{PATH}/off", data={"code": fresh[0]}).location == "/admin/account"
    assert sign_in(browser.at("roast.localhost"), STAN).location == "/admin"


def test_a_store_that_asks_it_of_everybody_leads_there_first(roast, browser, api):
    alice, mia, carla = browser.as_(ALICE), browser.as_(MIA), browser.as_(CARLA)
    token = api.as_(MIA)
    assert alice.post("/admin/settings/team/two-factor", data={"required": "1"}).location == PATH, (
        "one's own first"
    )
    set_up(alice)
    assert alice.post("/admin/settings/team/two-factor", data={"required": "1"}).status_code == 303
    for path in ("/admin", "/admin/orders", "/admin/customers"):
        assert mia.get(path).location == PATH, path
    assert token.get("/api/customers").json["type"].endswith("second-factor-required")
    assert token.get("/api/auth/me").status_code == 200
    assert mia.get(PATH).status_code == 200 and mia.get("/admin/account").status_code == 200
    assert carla.get("/account").status_code == 200, "customers are not asked"
    set_up(mia)
    assert mia.get("/admin/orders").status_code == 200
    assert "Switch it off" not in mia.get(PATH).text
    assert alice.get("/admin/orders").status_code == 200


def test_before_something_that_matters_the_password_is_asked_once_more(roast, browser, everything):
    alice = browser.as_(ALICE)
    assert alice.get("/admin/settings/team").status_code == 200
    before = everything()
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert alice.get("/admin/settings/team").location == "/admin/prove?next=/admin/settings/team"
        for path in ("/admin/customers/export", "/admin/settings/payments"):
            assert alice.get(path).location == f"/admin/prove?next={path}"
    with clock.at(clock.now() + timedelta(minutes=31)):
        data = {"email": "x@roast.test", "role": "staff"}
        assert (
            alice.post("/admin/settings/team", data=data).location == "/admin/prove?next=/admin/settings/team"
        )
        back = {"Referer": "http://roast.localhost/admin/settings/team"}
        answer = alice.post(f"/admin/settings/team/{STAN.id}/switch", data={"on": "0"}, headers=back)
        assert answer.location == "/admin/prove?next=/admin/settings/team"
        assert everything() == before
        wrong = alice.post("/admin/prove", data={"password": "Wrong-Pass-1"})
        assert wrong.status_code == 422 and 'id="password-error"' in wrong.text
        right = alice.post("/admin/prove", data={"password": PASSWORD, "next": "https://evil.test/"})
        assert right.location == "/admin"
        assert alice.get("/admin/settings/team").status_code == 200


def test_sessions_are_shown_and_ended(roast, browser, api):
    stan, other = browser.as_(STAN), browser.as_(STAN)
    app, mia = api.as_(STAN), browser.as_(MIA)
    html = stan.get("/admin/account/sessions").text
    assert html.count("This one") == 1 and html.count("App") == 1
    ids = re.findall(r"/admin/account/sessions/([0-9a-f-]{36})/end", html)
    assert len(ids) == 2
    assert mia.post(f"/admin/account/sessions/{ids[0]}/end").status_code == 404
    assert other.get("/admin").status_code == 200
    for one in ids:
        assert stan.post(f"/admin/account/sessions/{one}/end").status_code == 303
    assert other.get("/admin").status_code == 303 and app.get("/api/auth/me").status_code == 401
    assert stan.get("/admin").status_code == 200
    third = browser.as_(STAN)
    assert stan.post("/admin/account/sessions/end-others").status_code == 303
    assert third.get("/admin").status_code == 303 and mia.get("/admin").status_code == 200


def test_signing_out_ends_the_session_and_not_only_the_cookie(roast, browser):
    stan = browser.as_(STAN)
    (this,) = sessions.list_sessions(actor=STAN.actor)
    stan.post("/admin/logout")
    assert sessions.holder_of("user", STAN.id, "1", this.id) is None


def test_another_address_by_a_link(roast, browser):
    stan = browser.as_(STAN)
    answers = []
    for email in ("stan.new@roast.test", CARLA.email):
        answer = stan.post("/admin/account/email", data={"email": email, "password": PASSWORD})
        answers.append((answer.status_code, answer.location))
    assert answers == [(303, "/admin/account")] * 2, "free or taken, the answer is one"
    wrong = stan.post("/admin/account/email", data={"email": "x@roast.test", "password": "Wrong-Pass-1"})
    assert wrong.status_code == 422 and 'id="password-error"' in wrong.text
    token = email_change.change_link_token(db.session.get(User, STAN.id), "stan.new@roast.test")
    url = f"/change-email/{token}"
    assert "stan.new@roast.test" in browser.get(url).text
    assert db.session.get(User, STAN.id, populate_existing=True).email == STAN.email, "looking moves nothing"
    assert browser.post(url).status_code == 303
    assert db.session.get(User, STAN.id, populate_existing=True).email == "stan.new@roast.test"
    for answer in (browser.get(url), browser.post(url), browser.at("rival.localhost").get(url)):
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "path",
    ["/admin/account/email", f"{PATH}/begin", f"{PATH}/confirm", f"{PATH}/codes", f"{PATH}/off",
     "/admin/account/sessions/end-others", f"/admin/stores/{cast.RIVAL}"],
)  # fmt: skip
def test_customers_and_strangers_change_nothing_here(roast, browser, everything, path):
    carla, before = browser.as_(CARLA), everything()
    assert carla.post(path, data={"code": "1"}).status_code == 403
    assert browser.post(path, data={"code": "1"}).status_code == 401
    assert everything() == before


def test_a_code_of_the_other_store_is_nothing_here(roast, browser):
    with tenants.in_store(cast.RIVAL):
        setup = two_factor.begin(actor=cast.RITA.actor)
        codes = two_factor.confirm(CodeDraft(code=code_of(setup.secret)), actor=cast.RITA.actor)
    face = browser.at("rival.localhost")
    assert sign_in(face, cast.RITA).location.startswith("/admin/login/code")
    face.host = "roast.localhost"
    assert face.post("/admin/login/code", data={"code": codes[0]}).location == "/admin/login"


def test_an_address_is_confirmed_from_here_too(roast, browser):
    stan = browser.as_(STAN)
    assert "not confirmed yet" in stan.get("/admin/account").text
    assert stan.post("/admin/account/confirm").location == "/admin/account"
    assert "The link is on its way." in stan.get("/admin/account").text
    with transaction():
        db.session.get(User, STAN.id).email_verified_at = clock.now()
    assert "not confirmed yet" not in stan.get("/admin/account").text

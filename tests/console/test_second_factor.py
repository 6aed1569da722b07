"""The platform asks its people for a second factor, where the installation says so; a lost one is taken away by the
terminal."""

import re
from dataclasses import replace

import pytest

from config import Config
from kit import clock, otp
from kit.db import db
from kit.tenancy import every_tenant
from models.accounts import PlatformUser
from services.accounts import two_factor
from services.accounts.two_factor import CodeDraft
from tests.cast import ALICE, PAT

ACCOUNT = "/platform/account"


@pytest.fixture
def asking(app):
    """An installation that asks, as in production."""
    kept = app.config["VITRINE"]
    app.config["VITRINE"] = replace(kept, platform_two_factor=True)
    yield
    app.config["VITRINE"] = kept


def set_up():
    setup = two_factor.begin(actor=PAT.actor)
    return two_factor.confirm(
        CodeDraft(code=otp.code_of(setup.secret, otp.step_at(clock.now()))), actor=PAT.actor
    )


def test_production_asks_and_development_does_not(tmp_path):
    common = {"INSTANCE_DIR": str(tmp_path)}
    needed = {"SECRET_KEY": "x" * 40, "CREDENTIALS_KEY": "y" * 40, "PLATFORM_DOMAIN": "shops.example",
              "PUBLIC_URL": "https://shops.example", "MAIL_URL": "smtp://mail"}  # fmt: skip
    production = {**common, **needed, "APP_ENV": "production"}
    assert Config.from_env(production).platform_two_factor
    assert not Config.from_env({**production, "PLATFORM_TWO_FACTOR": "0"}).platform_two_factor
    for env in ("development", "testing"):
        assert not Config.from_env({**common, "APP_ENV": env}).platform_two_factor
        assert Config.from_env({**common, "APP_ENV": env, "PLATFORM_TWO_FACTOR": "1"}).platform_two_factor


def test_where_it_is_asked_everything_leads_to_setting_it_up(asking, browser, everything):
    face = browser.as_(PAT)
    before = everything()
    for path in ("/platform/dashboard", "/platform/stores", "/platform/stores/new"):
        assert face.get(path).location == ACCOUNT, path
    answer = face.post("/platform/stores/new", data={"name": "New"})
    assert answer.location == ACCOUNT and everything() == before
    page = face.get(ACCOUNT)
    assert page.status_code == 200 and "asks everybody who works on it for a code" in page.text
    face.post(f"{ACCOUNT}/two-factor/begin")
    secret = re.search(r'<p class="mono">([A-Z2-7]{32})</p>', face.get(ACCOUNT).text).group(1)
    assert face.get("/platform/dashboard").location == ACCOUNT, "begun is not done"
    code = otp.code_of(secret, otp.step_at(clock.now()))
    assert "Recovery codes" in face.post(f"{ACCOUNT}/two-factor/confirm", data={"code": code}).text
    assert face.get("/platform/dashboard").status_code == 200
    assert "asks everybody" not in face.get(ACCOUNT).text


def test_the_api_asks_as_well(asking, api):
    face = api.as_(PAT)
    for path in ("/api/sysadmin/dashboard", "/api/sysadmin/tenants"):
        answer = face.get(path)
        assert answer.status_code == 403 and answer.json["type"].endswith("/second-factor-required")
    assert api.as_(ALICE).get("/api/tenant").status_code in {200, 404}, "stores have a rule of their own"


def test_elsewhere_the_password_is_enough(browser):
    assert browser.as_(PAT).get("/platform/dashboard").status_code == 200


def run(app, *words):
    return app.test_cli_runner().invoke(args=["users", "reset-platform-two-factor", *words])


def test_the_terminal_takes_a_lost_one_away_and_ends_every_session(app, browser):
    face = browser.as_(PAT)
    set_up()
    assert run(app, PAT.email.upper()).exit_code == 0
    with every_tenant():
        person = db.session.get(PlatformUser, PAT.id, populate_existing=True)
        assert person.two_factor_since is None
    assert face.get(ACCOUNT).status_code == 303
    assert browser.as_(PAT).get(ACCOUNT).status_code == 200
    assert not two_factor.state_of(actor=PAT.actor).is_on


@pytest.mark.parametrize("who", (PAT.email, ALICE.email, "nobody@platform.test"))
def test_the_terminal_says_why_not(app, everything, who):
    before = everything()
    result = run(app, who)
    assert result.exit_code == 1 and "Error:" in result.output and "Traceback" not in result.output
    assert everything() == before

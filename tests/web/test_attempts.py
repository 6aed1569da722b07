"""Many wrong passwords for one account, from wherever: the attacker gets no further, the owner does."""

from dataclasses import replace

import pytest

from app import create_app
from kit.db import db
from services import tenants
from services.accounts import passwords, people, tokens
from tests import cast
from tests.browser_client import Api, Browser
from tests.cast import CARL, CARLA, PASSWORD, STAN
from web import attempts
from web.limits import limiter


@pytest.fixture
def strict(app, config, database, monkeypatch):
    """The app with its limits on, and those per client out of the way."""
    made = create_app(replace(config, database_url=database.url, rate_limits=True))
    limiter.reset()
    with made.app_context():
        monkeypatch.setattr("web.limits._who", lambda: "everybody")
        yield made
        limiter.reset()
        db.session.remove()
        db.engine.dispose()
    limiter.enabled = False


def from_(address: str) -> dict:
    return {"environ_base": {"REMOTE_ADDR": address}}


def wrong(face, who=CARLA, n=10, path="/login"):
    for at in range(n):
        face.post(path, data={"email": who.email, "password": "Wrong-Pass-1"}, **from_(f"203.0.113.{at}"))


def right(face, who=CARLA, path="/login"):
    return face.post(
        path, data={"email": who.email, "password": PASSWORD}, **from_("198.51.100.1")
    ).status_code


def test_strangers_are_stopped_and_a_known_browser_is_not(strict):
    owner = Browser(strict)
    assert right(owner) == 303
    owner.post("/logout")
    wrong(Browser(strict))
    stranger = Browser(strict)
    answer = stranger.post(
        "/login", data={"email": CARLA.email, "password": PASSWORD}, **from_("198.51.100.2")
    )
    assert answer.status_code == 429 and "Too many wrong passwords" in answer.text
    assert right(owner) == 303, "who was here before comes in"
    assert right(Browser(strict), CARL) == 303, "another account is not touched"


def test_an_unknown_address_is_counted_alike(strict):
    face = Browser(strict)
    seen = []
    for email in (CARLA.email, "nobody@roast.test"):
        body = {"email": email, "password": "Wrong-Pass-1"}
        answers = [face.post("/login", data=body, **from_(f"203.0.113.{n}")).status_code for n in range(12)]
        seen.append(answers)
    assert seen[0] == seen[1] == [422] * 10 + [429] * 2


def test_a_new_password_by_mail_opens_the_door_again(strict):
    wrong(Browser(strict))
    owner = Browser(strict)
    assert right(owner) == 429
    with tenants.in_store(cast.ROAST):
        token = passwords.open_reset(people.find_by_email(CARLA.email))
    assert owner.post(f"/password/reset/{token}", data={"password": "Fresh-Pass-7"}).status_code == 303
    answer = owner.post(
        "/login", data={"email": CARLA.email, "password": "Fresh-Pass-7"}, **from_("198.51.100.1")
    )
    assert answer.status_code == 303


def test_the_back_offices_door_counts_the_same(strict):
    wrong(Browser(strict), STAN, path="/admin/login")
    assert right(Browser(strict), STAN, "/admin/login") == 429
    assert right(Browser(strict), STAN, "/login") == 429, "the doors share the count"


def test_an_app_is_known_by_where_it_signed_in_from(strict):
    body = {"email": CARLA.email, "password": PASSWORD}
    with tenants.in_store(cast.ROAST):
        tokens.issue(people.find_by_email(CARLA.email), actor=replace(CARLA.actor, ip="198.51.100.1"))
    for n in range(10):
        Api(strict).post(
            "/api/auth/login", json={**body, "password": "Wrong-Pass-1"}, **from_(f"203.0.113.{n}")
        )
    stranger = Api(strict).post("/api/auth/login", json=body, **from_("198.51.100.9"))
    assert stranger.status_code == 429 and int(stranger.headers["Retry-After"]) > 0
    assert Api(strict).post("/api/auth/login", json=body, **from_("198.51.100.1")).status_code == 200


def test_a_made_up_cookie_makes_nobody_known(strict):
    wrong(Browser(strict))
    face = Browser(strict)
    face.client.set_cookie("device", "eyJuIjoiMSJ9.nonsense", domain="roast.localhost")
    assert right(face) == 429


def test_a_counter_that_is_away_closes_no_door(strict, monkeypatch):
    def away(*_args):
        raise ConnectionError

    monkeypatch.setattr(limiter.limiter, "hit", away)
    monkeypatch.setattr(limiter.limiter, "test", away)
    assert attempts.WRONG.amount == 10
    wrong(Browser(strict), n=1)
    assert right(Browser(strict)) == 303


def test_invitations_go_out_so_fast_and_no_faster_and_the_page_stays_open(strict):
    alice = Browser(strict).as_(cast.ALICE)
    invite = {"role": "staff", "email": "nonsense"}
    answers = [alice.post("/admin/settings/team", data=invite).status_code for _n in range(31)]
    assert 429 not in answers[:30] and answers[30] == 429
    assert alice.get("/admin/settings/team").status_code == 200

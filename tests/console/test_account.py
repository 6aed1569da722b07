"""The platform's own door and its people's accounts."""

import re

import pytest

from kit import clock, otp
from services.accounts import sessions
from tests.cast import ALICE, PASSWORD, PAT

PATH = "/platform/account"
HOME = "/platform/dashboard"


def sign_in(face, who=PAT, password=PASSWORD, **more):
    return face.post("/platform/login", data={"email": who.email, "password": password, **more})


def test_the_platforms_people_come_in_by_their_own_door(app, browser):
    face = browser.at("localhost")
    assert face.get("/platform/login").status_code == 200
    assert face.get(PATH).location == "/platform/login?next=/platform/account"
    assert sign_in(face).location == HOME
    page = face.get(PATH)
    assert (
        page.status_code == 200
        and PAT.email in page.text
        and page.headers["Cache-Control"] == "private, no-store"
    )
    (this,) = sessions.list_sessions(actor=PAT.actor)
    assert face.post("/platform/logout").location == "/platform/login"
    assert face.get(PATH).status_code == 303
    assert sessions.holder_of("platform", PAT.id, "1", this.id) is None


def test_every_failure_has_the_same_answer(app, browser):
    texts = set()
    for who, password in ((PAT, "Wrong-Pass-1"), (ALICE, PASSWORD)):
        answer = sign_in(browser.at("localhost"), who, password)
        assert answer.status_code == 422
        texts.add(answer.text.replace(who.email, ""))
    assert len(texts) == 1


def test_the_second_factor_from_setting_up_to_signing_in(app, browser):
    face, other = browser.as_(PAT), browser.as_(PAT)
    face.post(f"{PATH}/two-factor/begin")
    secret = re.search(r'<p class="mono">([A-Z2-7]{32})</p>', face.get(PATH).text).group(1)
    assert face.post(f"{PATH}/two-factor/confirm", data={"code": "000000"}).status_code == 422
    code = otp.code_of(secret, otp.step_at(clock.now()))
    answer = face.post(f"{PATH}/two-factor/confirm", data={"code": code})
    codes = re.findall(r'<li class="mono">([a-z0-9-]+)</li>', answer.text)
    assert len(codes) == 10 and face.get(PATH).status_code == 200 and other.get(PATH).status_code == 303
    assert codes[0] not in face.get(PATH).text

    late = browser.at("localhost")
    assert sign_in(late).location == "/platform/login/code"
    assert late.get(PATH).status_code == 303
    assert late.post("/platform/login/code", data={"code": "000000"}).status_code == 422
    assert late.post("/platform/login/code", data={"code": codes[0]}).location == HOME
    refused = late.post(f"{PATH}/two-factor/codes", data={"code": codes[0]})
    assert refused.status_code == 422
    renewed = late.post(f"{PATH}/two-factor/codes", data={"code": codes[1]}).text
    fresh = re.findall(r'<li class="mono">([a-z0-9-]+)</li>', renewed)
    assert len(fresh) == 10 and not set(fresh) & set(codes)


def test_sessions_and_the_password(app, browser):
    face, other = browser.as_(PAT), browser.as_(PAT)
    (ident,) = re.findall(r"/platform/account/sessions/([0-9a-f-]{36})/end", face.get(PATH).text)
    assert face.post(f"{PATH}/sessions/{ident}/end").status_code == 303
    assert other.get(PATH).status_code == 303
    assert face.post(f"{PATH}/sessions/{ident}/end").status_code == 404
    third = browser.as_(PAT)
    face.post(f"{PATH}/sessions/end-others")
    assert third.get(PATH).status_code == 303
    wrong = face.post(PATH, data={"current_password": "Nope-Nope-1", "new_password": "Better-Pass-9"})
    assert wrong.status_code == 422
    assert (
        face.post(PATH, data={"current_password": PASSWORD, "new_password": "Better-Pass-9"}).location == PATH
    )
    assert face.get(PATH).status_code == 200


@pytest.mark.parametrize("path", ["/platform/login", "/platform/login/code", PATH])
def test_on_a_stores_host_there_is_nothing(roast, browser, path):
    assert browser.get(path).status_code == 404
    assert browser.as_(ALICE).get(path).status_code == 404
    assert browser.post(path, data={"email": PAT.email, "password": PASSWORD}).status_code == 404


def test_strangers_change_nothing(app, browser, everything):
    before = everything()
    face = browser.at("localhost")
    for path in (PATH, f"{PATH}/two-factor/begin", f"{PATH}/two-factor/confirm", f"{PATH}/two-factor/codes",
                 f"{PATH}/sessions/end-others"):  # fmt: skip
        assert face.post(path, data={"code": "1"}).status_code == 401, path
    assert everything() == before

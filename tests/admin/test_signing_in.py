"""The back office's own door."""

import pytest

from tests import cast


def sign_in(face, email, password=cast.PASSWORD, **more):
    return face.post("/admin/login", data={"email": email, "password": password, **more})


@pytest.mark.parametrize("who", [cast.STAN, cast.MIA, cast.ALICE], ids=lambda w: w.role)
def test_staff_come_in_and_out(roast, browser, who):
    face = browser.at("roast.localhost")
    answer = sign_in(face, who.email)
    assert answer.status_code == 303 and answer.headers["Location"] == "/admin"
    assert face.get("/admin").status_code == 200
    assert face.post("/admin/logout").headers["Location"] == "/admin/login"
    assert face.get("/admin").status_code == 303


def test_every_failure_has_the_same_answer(roast, browser):
    cases = ((cast.STAN.email, "Wrong-Pass-1"), (cast.CARLA.email, cast.PASSWORD), ("no@one.test", cast.PASSWORD),
             (cast.RITA.email, cast.PASSWORD))  # fmt: skip
    texts = set()
    for email, password in cases:
        answer = sign_in(browser.at("roast.localhost"), email, password)
        assert answer.status_code == 422
        texts.add(answer.text.replace(email, ""))
    assert len(texts) == 1


def test_back_to_where_one_was_and_nowhere_else(roast, browser):
    assert (
        sign_in(browser.at("roast.localhost"), cast.STAN.email, next="/admin/orders?view=open").headers[
            "Location"
        ]
        == "/admin/orders?view=open"
    )
    assert (
        sign_in(browser.at("roast.localhost"), cast.STAN.email, next="https://evil.test/").headers["Location"]
        == "/admin"
    )


def test_a_customers_session_opens_nothing(roast, browser):
    assert browser.as_(cast.CARLA).get("/admin").status_code == 403


def test_forgotten_passwords_answer_the_same(roast, browser):
    face = browser.at("roast.localhost")
    assert face.get("/admin/password/forgot").status_code == 200
    known, unknown = (
        face.post("/admin/password/forgot", data={"email": e}) for e in (cast.STAN.email, "no@one.test")
    )
    assert known.status_code == unknown.status_code == 200 and known.text == unknown.text


def test_ones_own_password(roast, browser):
    face = browser.as_(cast.STAN)
    wrong = face.post(
        "/admin/account", data={"current_password": "Nope-Nope-1", "new_password": "Better-Pass-9"}
    )
    assert wrong.status_code == 422
    assert (
        face.post(
            "/admin/account", data={"current_password": cast.PASSWORD, "new_password": "Better-Pass-9"}
        ).status_code
        == 303
    )
    assert face.get("/admin").status_code == 200, "this session goes on"
    assert sign_in(browser.at("roast.localhost"), cast.STAN.email, "Better-Pass-9").status_code == 303


def test_the_language_of_the_back_office_is_ones_own(roast, browser):
    face = browser.as_(cast.STAN)
    answer = face.post("/admin/language", data={"language": "en", "next": "/admin/orders"})
    assert answer.headers["Location"] == "/admin/orders"
    assert (
        face.post("/admin/language", data={"language": "xx", "next": "//evil.test"}).headers["Location"]
        == "/admin"
    )


def test_the_language_comes_along_to_ones_other_devices(roast, browser):
    browser.as_(cast.STAN).post("/admin/language", data={"language": "de"})
    second, colleague = browser.at("roast.localhost"), browser.at("roast.localhost")
    sign_in(second, cast.STAN.email)
    assert '<html lang="de">' in second.get("/admin/orders").text
    sign_in(colleague, cast.MIA.email)
    assert '<html lang="en">' in colleague.get("/admin/orders").text
    third = browser.at("roast.localhost")
    third.get("/admin/login")
    third.client.set_cookie("admin_lang", "fr", domain="roast.localhost", path="/admin")
    sign_in(third, cast.STAN.email)
    assert '<html lang="fr">' in third.get("/admin/orders").text, "what this browser was told goes before"

"""Every page of the console, as nobody, as a store's people, as the platform's, and on a store's host."""

import pytest

from kit.ids import uuid7
from tests import cast
from tests.cast import ALICE, PAT

STORE = f"/platform/stores/{cast.ROAST}"
PAGES = (
    "/platform/dashboard",
    "/platform/stores",
    "/platform/stores?q=roast&plan=starter&state=active&sort=name&dir=desc&page=1&size=50",
    "/platform/stores?q=%25&plan=nonsense&state=nonsense&sort=nonsense&dir=x&page=-3&size=7",
    "/platform/stores?state=deleted",
    "/platform/stores/new",
    STORE,
    f"{STORE}?page=9",
    f"{STORE}/edit",
    f"{STORE}/suspend",
    f"{STORE}/delete",
    f"{STORE}/impersonate",
    "/platform/account",
)
ACTS = (
    "/platform/stores/new",
    f"{STORE}/edit",
    f"{STORE}/suspend",
    f"{STORE}/activate",
    f"{STORE}/delete",
    f"{STORE}/impersonate",
    "/platform/language",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_the_frame_and_is_kept_by_nobody(browser, path):
    answer = browser.as_(PAT).get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"].startswith("private, no-")
    assert 'aria-label="Main menu"' in answer.text and answer.text.count("<h1") == 1
    assert "style=" not in answer.text and "undefined" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_led_to_the_door(browser, path):
    answer = browser.at("localhost").get(path)
    assert answer.status_code == 303 and answer.location.startswith("/platform/login?next=/platform/")


@pytest.mark.parametrize("path", (*PAGES, *ACTS))
def test_on_a_stores_host_there_is_nothing(browser, path, everything):
    face = browser.as_(ALICE)
    before = everything()
    for send in (face.get, face.post, browser.at("rival.localhost").get):
        assert send(path).status_code in {404, 405}, path
    assert everything() == before


@pytest.mark.parametrize("path", ACTS)
def test_nobody_and_other_sites_change_nothing(browser, path, everything):
    signed_in = browser.as_(PAT)
    before = everything()
    data = {"reason": "x", "name": "Roast", "slug": "mine", "language": "pt"}
    assert browser.at("localhost").post(path, data=data).status_code == 401
    assert signed_in.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("rest", ("", "/edit", "/suspend", "/delete", "/impersonate"))
def test_an_unknown_store_is_not_found(browser, rest):
    answer = browser.as_(PAT).get(f"/platform/stores/{uuid7()}{rest}")
    assert answer.status_code == 404 and 'href="/platform/dashboard"' in answer.text


def test_the_menu_marks_where_one_is_and_speaks_ones_language(browser):
    face = browser.as_(PAT)
    assert '<a href="/platform/stores" aria-current="page">' in face.get("/platform/stores").text
    assert '<a href="/platform/stores" aria-current="true">' in face.get(STORE).text
    answer = face.post("/platform/language", data={"language": "pt", "next": "/platform/stores"})
    assert answer.location == "/platform/stores"
    assert '<html lang="pt">' in face.get("/platform/stores").text
    face.post("/platform/language", data={"language": "xx"})
    assert '<html lang="pt">' in face.get("/platform/stores").text

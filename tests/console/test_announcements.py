"""Announcements: written in the console, read at the top of every back office, put away by each reader."""

import re

import pytest

from kit.drafts import read
from kit.ids import uuid7
from services.platform import announcements
from services.platform.announcements import AnnouncementDraft
from tests.cast import ALICE, CARLA, PAT, RITA, STAN
from tests.queries import count_queries

PATH = "/platform/announcements"
WORDS = {"level": "warning", "text": "Closed <b>tonight</b>", "text_pt": "Fechado esta noite"}


@pytest.fixture
def pat(app, browser):
    return browser.as_(PAT)


def tell(text="Closed tonight", **sent):
    return announcements.announce(read(AnnouncementDraft, {"text": text, **sent}), actor=PAT.actor)


def test_it_is_written_changed_and_ended(pat):
    assert "Nothing was announced yet" in pat.get(PATH).text
    assert pat.post(f"{PATH}/new", data=WORDS).location == PATH
    assert "Closed &lt;b&gt;tonight&lt;/b&gt;" in pat.get(PATH).text and "Português" in pat.get(PATH).text
    (row,) = announcements.list_announcements().items
    ident = row.id
    form = pat.get(f"{PATH}/{ident}").text
    assert "Fechado esta noite" in form and 'name="version"' in form
    changed = {
        **WORDS,
        "text": "Closed tomorrow",
        "plans": ["growth"],
        "ends_at": "2099-01-01T10:00",
        "version": "1",
    }
    assert pat.post(f"{PATH}/{ident}", data=changed).location == PATH
    assert pat.post(f"{PATH}/{ident}", data=changed).status_code == 409
    row = announcements.get_announcement(ident)
    assert (row.text, row.plans, row.version, row.ends_at.year) == ("Closed tomorrow", ["growth"], 2, 2099)
    assert pat.post(f"{PATH}/{ident}/end").location == PATH
    assert "Over" in pat.get(PATH).text


@pytest.mark.parametrize("change", [{"text": ""}, {"level": "loud"}, {"ends_at": "2001-01-01T10:00"},
                                    {"starts_at": "soon"}, {"plans": ["gold"]}, {"text_de": "x" * 1001}])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_told(pat, everything, change):
    before = everything()
    answer = pat.post(f"{PATH}/new", data={**WORDS, **change})
    assert answer.status_code == 422 and "Fechado esta noite" in answer.text
    assert everything() == before


def test_every_back_office_shows_it_to_its_readers(app, browser):
    tell("Closed <tonight>", translations={"pt": "Fechado"})
    for who in (ALICE, STAN, RITA):
        assert "Closed &lt;tonight&gt;" in browser.as_(who).get("/admin").text
    alice = browser.as_(ALICE)
    assert "Fechado" in alice.get("/admin?lang=pt").text
    assert "Closed" not in browser.get("/admin/login").text
    assert "Closed" not in browser.as_(CARLA).get("/").text


def test_a_reader_puts_it_away_until_it_changes(app, browser):
    ident = tell()
    alice = browser.as_(ALICE)
    action = re.search(r'action="(/admin/announcements/[^"]+)"', alice.get("/admin/orders").text).group(1)
    assert alice.post(action, data={"next": "/admin/orders"}).location == "/admin/orders"
    assert "Closed tonight" not in alice.get("/admin/orders").text
    assert "Closed tonight" in browser.as_(STAN).get("/admin/orders").text
    draft = AnnouncementDraft.of(announcements.get_announcement(ident))
    announcements.update_announcement(
        ident, read(AnnouncementDraft, {**draft, "text": "Not closed"}), actor=PAT.actor
    )
    assert "Not closed" in alice.get("/admin/orders").text
    assert alice.post(action, data={"next": "https://evil.test/"}).location == "/admin"


def test_who_is_not_of_the_platform_tells_nothing(app, browser, everything):
    ident = tell()
    faces = [(browser.at("localhost"), 401), (browser.as_(ALICE), 404), (browser.as_(CARLA), 404)]
    put_away = f"/admin/announcements/{ident}/1/dismiss"
    before = everything()
    for face, status in faces:
        for path in (f"{PATH}/new", f"{PATH}/{ident}", f"{PATH}/{ident}/end"):
            assert face.post(path, data=WORDS).status_code == status
        assert face.get(PATH).status_code == (303 if status == 401 else 404)
    assert browser.as_(CARLA).post(put_away).status_code == 403
    assert browser.post(put_away).status_code == 401
    assert announcements.list_announcements().total == 1
    after = everything()
    assert after["announcements"] == before["announcements"]


def test_unknown_ones_are_not_here(pat, everything):
    before = everything()
    assert pat.get(f"{PATH}/{uuid7()}").status_code == 404
    for act in ("", "/end"):
        assert pat.post(f"{PATH}/{uuid7()}{act}", data=WORDS).status_code == 404
    assert everything() == before


def test_they_cost_one_query_however_many_and_none_on_the_next_pages(app, browser):
    alice = browser.as_(ALICE)
    alice.get("/admin/settings")
    counts = []
    for _n in range(2):
        tell()
        tell()
        with count_queries(announcements=True) as queries:
            alice.get("/admin/settings")
        counts.append(sum("announcements" in one for one in queries))
    with count_queries(announcements=True) as queries:
        alice.get("/admin/settings")
    counts.append(sum("announcements" in one for one in queries))
    assert counts == [1, 1, 0]

"""Appearance, first page, domains, and open or closed, through the back office."""

import io
import re

import pytest
from PIL import Image

from gateways import dns
from kit.db import transaction
from kit.ids import uuid7
from models.tenants import TenantDomain
from services import domains, home_sections, looks, opening, tenants
from services.themes import THEMES
from tests.cast import ALICE, MIA, RITA, RIVAL, ROAST

HOME = "/admin/settings/appearance/home"


def store() -> tenants.Store:
    tenants.forget()
    return tenants.current()


def version() -> str:
    return str(tenants.row().version)


def kinds() -> list[str]:
    return [one["kind"] for one in store().home_sections]


def fields(*sections: dict, act: str = "save") -> dict:
    data: dict = {"act": act, "version": version(), "order": [f"s{n}" for n in range(len(sections))]}
    for number, section in enumerate(sections):
        data |= {f"s{number}-{name}": value for name, value in {"on": "1", **section}.items()}
    return data


def test_the_page_shows_the_themes_own_sections_with_the_shop_beside(roast, browser):
    page = browser.as_(ALICE).get(HOME)
    assert re.findall(r'name="s\d-kind" value="(\w+)"', page.text) == list(THEMES["market"].layout)
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"] and "<iframe" in page.text


def test_sections_are_published(roast, browser):
    alice = browser.as_(ALICE)
    data = fields(
        {"kind": "newest", "title": "Fresh"}, {"kind": "text", "title": "Us", "text": "A\r\n\r\nB", "on": ""}
    )
    assert alice.post(HOME, data=data).status_code == 303
    assert store().home_sections == [
        {"kind": "newest", "is_on": True, "title": "Fresh"},
        {"kind": "text", "is_on": False, "title": "Us", "text": "A\n\nB"},
    ]
    alice.post(HOME, data={"act": "plain"})
    assert kinds() == []


def test_buttons_arrange_the_draft_and_the_shop_stays(roast, browser):
    alice = browser.as_(ALICE)
    two = ({"kind": "hero"}, {"kind": "newest"})
    for act, order in (("down:s0", ["newest", "hero"]), ("up:s1", ["newest", "hero"]), ("up:s0", ["hero", "newest"]),
                       ("remove:s0", ["newest"]), ("add:text", ["hero", "newest", "text"])):  # fmt: skip
        assert alice.post(HOME, data=fields(*two, act=act)).status_code == 303
        assert [one["kind"] for one in looks.draft()["home_sections"]] == order, act
    assert kinds() == []
    assert "Not published yet" in alice.get(HOME).text
    dragged = {**fields(*two), "order": ["s1", "s0"]}
    alice.post(HOME, data=dragged)
    assert kinds() == ["newest", "hero"] and looks.draft() == {}


def test_the_script_keeps_what_is_typed_as_a_draft(roast, browser, everything):
    alice = browser.as_(ALICE)
    answer = alice.post(HOME, data=fields({"kind": "hero", "title": "Typing"}, act="keep"))
    assert answer.status_code == 204 and looks.draft()["home_sections"][0]["title"] == "Typing"
    before = everything()
    answer = alice.post(HOME, data=fields({"kind": "text", "link": "javascript:x"}, act="keep"))
    assert answer.status_code == 422 and "Must be a path" in answer.text and "<html" not in answer.text
    assert everything() == before


def test_a_refused_page_keeps_what_was_typed_and_names_the_field(roast, browser, everything):
    alice = browser.as_(ALICE)
    data, before = (
        fields({"kind": "hero"}, {"kind": "text", "title": "Kept", "link": "ftp://x"}),
        everything(),
    )
    answer = alice.post(HOME, data=data)
    assert answer.status_code == 422 and 'value="Kept"' in answer.text and 'id="s1-link-error"' in answer.text
    assert 'href="#s1-link"' in answer.text
    answer = alice.post(HOME, data=fields({"kind": "hero"}, {"kind": "hero"}))
    assert answer.status_code == 422 and "too often" in answer.text
    stale = {**fields({"kind": "hero"}), "version": "0"}
    assert alice.post(HOME, data=stale).status_code == 409
    assert alice.post(HOME, data={"order": ["s0"], "s0-kind": "carousel", "act": "keep"}).status_code == 204
    looks.discard()
    assert {**everything(), "tenants": 0} == {**before, "tenants": 0}


def test_a_picture_comes_with_its_section(roast, browser, everything):
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(out, "JPEG")
    alice = browser.as_(ALICE)
    data = fields({"kind": "picture", "title": "Look", "file": (io.BytesIO(out.getvalue()), "x.jpg")})
    assert alice.post(HOME, data=data, content_type="multipart/form-data").status_code == 303
    url = store().home_sections[0]["picture"]
    assert url.startswith(f"/media/{ROAST.hex}/home-") and alice.get(url).status_code == 200
    before = everything()
    bad = fields({"kind": "picture", "file": (io.BytesIO(b"<svg/>"), "x.jpg")})
    assert alice.post(HOME, data=bad, content_type="multipart/form-data").status_code == 303
    assert "no JPEG" in alice.get(HOME).text
    assert everything() == before
    alice.post(HOME, data=fields({"kind": "picture", "title": "Look", "picture": url, "no-picture": "1"}))
    assert "picture" not in store().home_sections[0]


def test_themes_are_tried_worn_and_taken_back(roast, browser, everything):
    alice, base = browser.as_(ALICE), "/admin/settings/appearance"
    page = alice.get(base).text
    assert all(theme.name in page for theme in THEMES.values()) and "Worn now" in page
    alice.post(f"{base}/theme", data={"theme": "confetti"})
    assert "Back to the look before" in alice.get(base).text
    alice.post(f"{base}/restore")
    assert tenants.row().theme == "market"
    alice.post(f"{base}/try", data={"theme": "circuit"})
    assert "A look is tried on" in alice.get(base).text
    alice.post(f"{base}/discard")
    assert looks.draft() == {} and tenants.row().theme == "market"
    before = everything()
    for path, data in (
        ("try", {"theme": "gone"}),
        ("try-colours", {"primary_color": "#ffff00"}),
        ("publish", {}),
    ):
        assert alice.post(f"{base}/{path}", data=data).status_code == 303
    assert (
        alice.post(f"{base}/try-colours", data={"primary_color": "#ffff00", "act": "keep"}).status_code == 422
    )
    assert everything() == before


def test_contrast_is_shown_per_pair(roast, browser):
    alice, base = browser.as_(ALICE), "/admin/settings/appearance"
    alice.post(base, data={"version": version(), "primary_color": "#0e6264"})
    assert "Main colour: " in alice.get(base).text and re.search(r"\d[.,]\d:1", alice.get(base).text)
    refused = alice.post(base, data={"version": version(), "primary_color": "#ffff00"})
    assert refused.status_code == 422 and "4.5:1" in refused.text


@pytest.mark.parametrize("kind", ["favicon", "social_image"])
def test_small_sign_and_picture_for_other_sites(roast, browser, api, kind):
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(out, "PNG")
    browser.as_(ALICE).post(f"/admin/settings/appearance/pictures/{kind}",
                            data={"file": (io.BytesIO(out.getvalue()), "x.png")})  # fmt: skip
    url = store().branding[f"{kind}_url"]
    assert url in browser.get("/").text
    alice = api.as_(ALICE)
    assert alice.get("/api/branding").json[f"{kind}_url"] == url
    brand = alice.put("/api/tenants/current/branding", json={f"brand_{kind}_url": None})
    assert brand.json[f"brand_{kind}_url"] is None


def test_open_or_closed(roast, browser, everything):
    alice, url = browser.as_(ALICE), "/admin/settings/opening"
    data = {"version": version(), "maintenance_mode": "y", "maintenance_password": "open sesame",
            "holiday_notice": "Away", "holiday_from": "2030-08-01", "holiday_until": "2030-08-20"}  # fmt: skip
    assert alice.post(url, data=data).status_code == 303
    page = alice.get(url).text
    assert opening.is_password("open sesame") and "sesame" not in page
    assert 'value="2030-08-01"' in page and "Take the password away" in page
    before = everything()
    bad = alice.post(url, data={**data, "version": version(), "maintenance_password": "abc"})
    assert bad.status_code == 422 and 'id="maintenance_password-error"' in bad.text
    assert alice.post(url, data=data).status_code == 409  # the version from before
    assert everything() == before


@pytest.fixture
def zone(tmp_path, monkeypatch):
    path = tmp_path / "dns.txt"
    monkeypatch.setattr(dns, "_zone", path)
    return path


def test_a_domain_from_the_first_word_to_the_address(roast, browser, zone):
    alice, url = browser.as_(ALICE), "/admin/settings/domains"
    assert "part of a larger plan" in alice.get(url).text
    assert alice.post(url, data={"host": "shop.example.com"}).status_code in {402, 403, 409}
    with transaction():
        tenants.row().plan = "growth"
    assert alice.post(url, data={"host": "rival.localhost"}).status_code == 422
    assert alice.post(url, data={"host": "shop.example.com"}).status_code == 303
    domain, proof = domains.find_domain(), domains.proof_for("shop.example.com")
    page = alice.get(url).text
    assert proof.name in page and proof.value in page and "Waiting for the proof" in page
    alice.post(f"{url}/{domain.id}/check")
    assert "was not found yet" in alice.get(url).text
    alice.post(f"{url}/{domain.id}/primary")
    assert "Prove first" in alice.get(url).text
    zone.write_text(f"{proof.name} TXT {proof.value}\nshop.example.com CNAME roast.localhost\n")
    alice.post(f"{url}/{domain.id}/check")
    assert "is yours, and leads here" in alice.get(url).text
    alice.post(f"{url}/{domain.id}/primary")
    assert store().host == "shop.example.com"
    alice.post(f"{url}/own")
    alice.post(f"{url}/{domain.id}/remove")
    assert domains.list_domains() == []


def test_another_stores_domain_is_not_here(roast, browser, zone, everything):
    with tenants.in_store(RIVAL), transaction() as session:
        foreign = TenantDomain(tenant_id=RIVAL, host="rival.example.com")
        session.add(foreign)
        session.flush()
        ident = foreign.id
    with transaction():
        tenants.row().plan = "growth"
    alice, url, before = browser.as_(ALICE), "/admin/settings/domains", everything()
    for which in (ident, uuid7()):
        for act in ("check", "primary", "remove"):
            assert alice.post(f"{url}/{which}/{act}").status_code == 404
    taken = alice.post(url, data={"host": "rival.example.com"})
    assert taken.status_code == 409 and "belongs to another store" in taken.text
    assert everything() == before
    assert "rival.example.com" in browser.as_(RITA).get(url).text


def test_only_admins_change_the_look(roast, browser, everything):
    mia, before = browser.as_(MIA), everything()
    for path in ("appearance/try", "appearance/try-colours", "appearance/publish", "appearance/discard",
                 "appearance/restore", "appearance/home", "opening", "domains", "domains/own",
                 f"domains/{uuid7()}/remove"):  # fmt: skip
        assert mia.post(f"/admin/settings/{path}", data={"theme": "circuit"}).status_code == 403, path
    assert mia.post("/admin/settings/appearance/end").status_code == 303
    assert everything() == before
    assert home_sections.sections_of([], "market")

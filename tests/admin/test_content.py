"""The back office's pages and menus, by plain forms."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from models.pages import MenuName, Page
from services import menus, page_versions, pages, tenants
from services.menus import MenuItemDraft
from services.pages import PageDraft
from tests import cast
from tests.queries import count_queries

FORM = {
    "title": "About us",
    "content": "<p>We roast.</p>",
    "is_active": "1",
    "show_in_menu": "1",
    "position": "0",
}


@pytest.fixture
def mia(roast, browser):
    return browser.as_(cast.MIA)


def only_page() -> Page:
    db.session.expire_all()
    return db.session.scalars(select(Page)).one()


def made(**values) -> UUID:
    return pages.create_page(PageDraft(title="About us", **values), actor=cast.MIA.actor).id


def test_a_page_is_written_changed_and_read(mia, browser):
    answer = mia.post("/admin/pages/new", data=FORM)
    page = only_page()
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/admin/pages/{page.id}")
    assert "We roast." in browser.get("/pages/about-us").text
    mia.post(f"/admin/pages/{page.id}", data={**FORM, "slug": "us", "version": "1"})
    assert only_page().slug == "us" and browser.get("/pages/about-us").status_code == 301
    listed = mia.get("/admin/pages").text
    assert "About us" in listed and "/pages/us" in listed


def test_languages_of_the_store_have_fields_of_their_own(mia, browser):
    with transaction():
        tenants.row().languages = ["en", "pt"]
    mia.post("/admin/pages/new", data={**FORM, "pt_title": "Sobre nós", "pt_content": "<p>Torramos.</p>"})
    page = only_page()
    assert page.translations["pt"]["title"] == "Sobre nós"
    assert "Torramos." in mia.get(f"/admin/pages/{page.id}").text
    browser.post("/language", data={"language": "pt"})
    assert "Torramos." in browser.get("/pages/about-us").text


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"title": ""}, 422, "Title"),
        ({"slug": "new"}, 409, "kept for the shop itself"),
        ({"position": "x"}, 422, "Place"),
        ({"publish_at": "tomorrow"}, 422, "Show from"),
        (
            {"publish_at": "2027-02-02T10:00", "unpublish_at": "2027-02-01T10:00"},
            422,
            "Must be after the start",
        ),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(mia, everything, values, status, said):
    before = everything()
    answer = mia.post("/admin/pages/new", data={**FORM, **values})
    assert answer.status_code == status and said in answer.text
    assert "We roast." in answer.text
    assert everything() == before


def test_who_saved_too_late_sees_what_differs(mia, everything):
    page = made()
    mia.post(f"/admin/pages/{page}", data={**FORM, "title": "Theirs", "version": "1"})
    before = everything()
    answer = mia.post(f"/admin/pages/{page}", data={**FORM, "title": "Mine", "version": "1"})
    assert answer.status_code == 409 and "Theirs" in answer.text and 'value="Mine"' in answer.text
    assert everything() == before


def test_what_is_typed_can_be_looked_at_without_saving_it(mia, browser):
    page = made(content="<p>Saved.</p>", is_active=False)
    answer = mia.post(f"/admin/pages/{page}", data={**FORM, "content": "<p>Typed.</p>", "action": "preview"})
    assert answer.status_code == 303
    shown = browser.get(answer.headers["Location"])
    assert "Typed." in shown.text and 'content="noindex"' in shown.text
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert only_page().content == "<p>Saved.</p>" and browser.get("/pages/about-us").status_code == 404
    assert browser.get(answer.headers["Location"][:-3] + "xyz").status_code == 404
    new = mia.post("/admin/pages/new", data={**FORM, "action": "preview"})
    assert "We roast." in browser.get(new.headers["Location"]).text
    assert mia.post("/admin/pages/new", data={**FORM, "title": "", "action": "preview"}).status_code == 422


def test_versions_are_listed_compared_looked_at_and_restored(mia, browser):
    page = made(content="<p>One.</p>")
    mia.post(f"/admin/pages/{page}", data={**FORM, "title": "About", "content": "<p>Two.</p>"})
    assert f"/admin/pages/{page}/versions/1" in mia.get(f"/admin/pages/{page}/versions").text
    compared = mia.get(f"/admin/pages/{page}/versions/1").text
    assert "<del>One.</del>" in compared and "<ins>Two.</ins>" in compared
    seen = mia.post(f"/admin/pages/{page}/versions/1/preview")
    assert "One." in browser.get(seen.headers["Location"]).text
    mia.post(f"/admin/pages/{page}/versions/1/restore")
    assert (only_page().title, only_page().content) == ("About us", "<p>One.</p>")
    assert mia.get(f"/admin/pages/{page}/versions/9").status_code == 404


def test_deleting_asks_first(mia):
    page = made()
    assert "Delete “About us”?" in mia.get(f"/admin/pages/{page}/delete").text
    mia.post(f"/admin/pages/{page}/delete")
    assert db.session.scalars(select(Page)).all() == []


def test_legal_pages_begin_with_the_stores_data_and_say_what_is_missing(mia, browser):
    with transaction():
        tenants.row().legal_name = "Roast Lda"
    answer = mia.post(
        "/admin/pages/legal", data={"kinds": ["terms", "imprint"], "country": "PT", "language": "pt"}
    )
    assert answer.status_code == 303
    rows = db.session.scalars(select(Page).order_by(Page.id)).all()
    assert len(rows) == 2 and "Roast Lda" in rows[0].content and not rows[0].is_active
    assert mia.get("/admin/pages").text.count("Not finished") == 2
    assert "delete the line about the lawyer" in mia.get(f"/admin/pages/{rows[0].id}").text
    assert mia.post("/admin/pages/legal", data={"kinds": [], "language": "pt"}).status_code == 422


# --- menus ----------------------------------------------------------------------------------------------------------


def item(**values) -> UUID:
    return menus.add_item(MenuName.FOOTER, MenuItemDraft(**values), actor=cast.MIA.actor).id


def labels() -> list[str]:
    db.session.expire_all()
    return [row.label for row in menus.list_items(MenuName.FOOTER)]


def test_lines_are_added_moved_renamed_and_taken_out(mia, browser):
    page = made(show_in_menu=False)
    for target, address, label in (
        (f"page:{page}", "", "Who we are"),
        ("", "https://blog.roast.test", "Blog"),
    ):
        sent = {"footer-target": target, "footer-address": address, "footer-label": label}
        mia.post("/admin/pages/menus/footer/items", data=sent)
    assert labels() == ["Who we are", "Blog"]
    first, second = menus.list_items(MenuName.FOOTER)
    foot = browser.get("/").text
    assert foot.index("Who we are") < foot.index("https://blog.roast.test")
    mia.post(f"/admin/pages/menus/items/{second.id}/move", data={"to": "up"})
    assert labels() == ["Blog", "Who we are"]
    mia.post("/admin/pages/menus/footer/arrange", data={"ids": [str(first.id), str(second.id)]})
    assert labels() == ["Who we are", "Blog"]
    answer = mia.post(f"/admin/pages/menus/items/{second.id}",
                      data={"target": "", "address": "https://new.roast.test", "label": "News"})  # fmt: skip
    assert answer.status_code == 303 and labels() == ["Who we are", "News"]
    assert "https://new.roast.test" in mia.get(f"/admin/pages/menus/items/{second.id}").text
    mia.post(f"/admin/pages/menus/items/{first.id}/delete")
    assert labels() == ["News"]
    mia.post("/admin/pages/menus/footer/clear")
    assert labels() == []


def test_a_menu_that_makes_itself_is_taken_over(mia):
    made()
    assert "Arrange it myself" in mia.get("/admin/pages/menus").text
    mia.post("/admin/pages/menus/footer/begin")
    assert len(labels()) == 1
    assert "About us" in mia.get("/admin/pages/menus").text


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("footer/items", {"footer-target": "", "footer-address": "", "footer-label": "X"}, 422),
        ("footer/items", {"footer-target": "", "footer-address": "javascript:x", "footer-label": "X"}, 422),
        ("footer/items", {"footer-target": "page:nonsense", "footer-label": "X"}, 422),
        ("footer/arrange", {"ids": "nonsense"}, 422),
        ("footer/arrange", {}, 422),
        ("sideways/arrange", {}, 404),
    ],
)
def test_bad_lines_are_refused(mia, everything, path, data, status):
    item(label="Home", address="/")
    before = everything()
    assert mia.post(f"/admin/pages/menus/{path}", data=data).status_code == status
    assert everything() == before


def test_the_shop_asks_for_its_menus_once(mia, browser):
    item(label="Home", address="/")
    browser.get("/search?q=a")
    with count_queries() as counted:
        html = browser.get("/search?q=b").text
    assert "Home" in html
    assert not [sql for sql in counted if re.search(r"menu_items|FROM pages", sql)]


# --- walls ----------------------------------------------------------------------------------------------------------


def test_the_other_stores_pages_and_lines_are_not_here(roast, browser, everything):
    page, line = made(), item(label="Home", address="/")
    token = page_versions.preview_token(page_versions.get_version(page, 1))
    rita, before = browser.as_(cast.RITA), everything()
    for path in (f"{page}", f"{page}/versions", f"{page}/versions/1", f"{page}/delete",
                 f"menus/items/{line}"):  # fmt: skip
        assert rita.get(f"/admin/pages/{path}").status_code == 404, path
    for path in (f"{page}", f"{page}/versions/1/restore", f"{page}/versions/1/preview", f"{page}/delete",
                 f"menus/items/{line}", f"menus/items/{line}/move", f"menus/items/{line}/delete"):  # fmt: skip
        assert rita.post(f"/admin/pages/{path}", data={**FORM, "to": "up"}).status_code == 404, path
    assert rita.get(f"/pages/preview/{token}").status_code == 404
    assert everything() == before


def test_staff_without_the_role_write_nothing(roast, browser, everything):
    page, line = made(), item(label="Home", address="/")
    stan, before = browser.as_(cast.STAN), everything()
    for path in ("new", "legal", f"{page}", f"{page}/versions/1/restore", f"{page}/delete",
                 "menus/footer/items", "menus/footer/clear", f"menus/items/{line}/delete"):  # fmt: skip
        assert stan.post(f"/admin/pages/{path}", data=FORM).status_code == 403, path
    assert everything() == before

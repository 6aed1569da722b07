"""Two people at one form: the later one is told what differs, and the next press is made from what is there now."""

from html.parser import HTMLParser

import pytest

from kit.db import db, transaction
from models.catalog import Category
from models.tenants import Tenant
from services.catalog import categories
from services.catalog.categories import CategoryDraft
from tests import cast


class Form(HTMLParser):
    """What a browser would send of the page's versioned form, as it stands there."""

    def __init__(self, page: str):
        super().__init__()
        self.all: list[dict[str, str]] = []
        self.text = self.select = ""
        self.feed(page)

    @property
    def sent(self) -> dict[str, str]:
        return next(fields for fields in self.all if "version" in fields)

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        name, kind = has.get("name") or "", has.get("type")
        if tag == "form":
            self.all.append({})
        elif tag == "option" and self.select and ("selected" in has or self.select not in self.all[-1]):
            self.all[-1][self.select] = has.get("value") or ""
        elif not name or not self.all or "disabled" in has:
            return
        elif tag == "input" and kind not in {"submit", "file"}:
            if kind not in {"checkbox", "radio"} or "checked" in has:
                self.all[-1][name] = has.get("value") or ""
        elif tag == "textarea":
            self.text, self.all[-1][name] = name, ""
        elif tag == "select":
            self.select = name

    def handle_endtag(self, tag):
        self.text, self.select = (
            "" if tag == "textarea" else self.text,
            "" if tag == "select" else self.select,
        )

    def handle_data(self, data):
        if self.text:
            self.all[-1][self.text] += data


def changed_by_somebody(kind: type, ident) -> int:
    with transaction():
        row = db.session.get_one(kind, ident)
        row.version += 1
        return row.version


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("settings/store", "name"),
        ("settings/opening", "holiday_notice"),
        ("settings/appearance", "tagline"),
        ("category", "name"),
    ],
)
def test_the_next_press_is_made_from_what_is_there_now(roast, browser, page, field):
    kind: type = Tenant
    ident, path = cast.ROAST, f"/admin/{page}"
    if page == "category":
        kind, ident = (
            Category,
            categories.create_category(CategoryDraft(name="Lamps"), actor=cast.MIA.actor).id,
        )
        path = f"/admin/products/categories/{ident}"
    alice = browser.as_(cast.ALICE)
    mine = Form(alice.get(path).text).sent | {field: "Of my own"}
    now = changed_by_somebody(kind, ident)
    refused = alice.post(path, data=mine)
    assert refused.status_code == 409 and "Somebody else has saved" in refused.text
    assert refused.text.count("<tr>") == 2, "the head and the one field that differs"
    again = Form(refused.text).sent
    assert again["version"] == str(now) and again[field] == "Of my own"
    assert alice.post(path, data=again).status_code == 303
    assert "Of my own" in alice.get(path).text

"""The first page's sections, and a look that is tried on before it is worn."""

import io

import pytest
from PIL import Image

from gateways import storage
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, TooLarge, WrongMediaType
from models.audit import AuditEntry
from models.reviews import Review
from services import branding, home_sections, looks, reviews, tenants, themes
from services.branding import BrandingDraft
from services.home_sections import KINDS, HomeDraft
from services.themes import THEMES, ThemeDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA

BOSS = ALICE.actor


def home(*sections: dict) -> HomeDraft:
    return read(HomeDraft, {"sections": list(sections)})


def picture(width: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 40), "teal").save(out, "PNG")
    return out.getvalue()


def test_there_are_at_least_four_themes_each_with_a_composition():
    assert len(THEMES) >= 4
    for theme in THEMES.values():
        assert theme.layout and set(theme.layout) <= set(KINDS)
    assert len({theme.layout for theme in THEMES.values()}) >= 3


def test_without_a_choice_the_page_is_the_themes_own(roast):
    assert [one["kind"] for one in home_sections.shown([], "circuit")] == list(THEMES["circuit"].layout)
    assert [one["kind"] for one in home_sections.shown([], "gone")] == list(themes.PLAIN)


def test_sections_are_kept_in_order_and_say_what_their_kind_says(roast):
    version = tenants.row().version
    draft = home({"kind": "text", "title": "Us", "text": "One\n\nTwo", "link": "/pages/us", "picture": ""},
                 {"kind": "hero", "is_on": False}, {"kind": "promises", "title": "No place for it"})  # fmt: skip
    row = home_sections.set_sections(draft, actor=BOSS, version=version)
    assert row.home_sections == [
        {"kind": "text", "is_on": True, "title": "Us", "text": "One\n\nTwo", "link": "/pages/us"},
        {"kind": "hero", "is_on": False},
        {"kind": "promises", "is_on": True},
    ]
    store = tenants.current()
    assert [one["kind"] for one in home_sections.shown(store.home_sections, store.theme)] == [
        "text",
        "promises",
    ]
    assert store.version == version + 1
    with pytest.raises(Conflict) as refusal:
        home_sections.set_sections(draft, actor=BOSS, version=version)
    assert refusal.value.code == "stale-version"


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ([{"kind": "carousel"}], "sections.0.kind"),
        ([{"kind": "hero"}, {"kind": "hero"}], "sections"),
        ([{"kind": "text"}] * 5, "sections"),
        ([{"kind": "text"}] * 15, "sections"),
        ([{"kind": "text", "link": "javascript:alert(1)"}], "sections.0.link"),
        ([{"kind": "text", "link": "//elsewhere.test"}], "sections.0.link"),
        ([{"kind": "text", "link": '/x" onclick="y'}], "sections.0.link"),
        ([{"kind": "hero"}, {"kind": "picture", "picture": "https://spy.test/x.png"}], "sections.1.picture"),
        (
            [{"kind": "picture", "picture": "/media/018f0000000070008000000000000000/x.png"}],
            "sections.0.picture",
        ),
        ([{"kind": "text", "title": "x" * 121}], "sections.0.title"),
    ],
)
def test_what_does_not_fit_is_named_and_changes_nothing(roast, everything, sections, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        home_sections.set_sections(home(*sections), actor=BOSS)
    assert [error.field for error in refusal.value.errors] == [field]
    assert everything() == before


def test_pictures_are_cleaned_scaled_and_kept_apart(roast, everything):
    url = home_sections.keep_picture(picture(3000))
    assert url.startswith(f"/media/{roast.id.hex}/home-")
    with Image.open(io.BytesIO(storage.read(url.removeprefix("/media/")) or b"")) as kept:
        assert kept.width == home_sections.WIDTH
    home_sections.set_sections(home({"kind": "picture", "picture": url}), actor=BOSS)
    before = everything()
    with pytest.raises(WrongMediaType):
        home_sections.keep_picture(b"<svg/>")
    with pytest.raises(TooLarge):
        home_sections.keep_picture(b"x" * (home_sections.PICTURE_MAX + 1))
    assert everything() == before


def test_a_look_is_tried_on_without_anything_changing_for_shoppers(roast):
    before = tenants.current()
    looks.try_theme(ThemeDraft(template_slug="confetti"))
    looks.try_branding(read(BrandingDraft, {**branding.full(before), "primary_color": "#123456"}))
    looks.try_sections(home({"kind": "hero", "title": "Tried"}))
    now = tenants.current()
    assert (now.theme, now.branding, now.home_sections) == (
        before.theme,
        before.branding,
        before.home_sections,
    )
    assert (now.version, now.catalog_version) == (before.version, before.catalog_version)
    worn = looks.dressed(now, looks.draft())
    assert (worn.theme, worn.branding["primary_color"]) == ("confetti", "#123456")
    assert worn.home_sections[0]["title"] == "Tried" and "store_name" not in worn.branding
    looks.discard()
    assert looks.draft() == {}


def test_what_is_tried_on_and_is_worn_already_is_no_draft(roast):
    looks.try_theme(ThemeDraft(template_slug="atelier"))
    looks.try_theme(ThemeDraft(template_slug=tenants.current().theme))
    assert looks.draft() == {}


def test_publishing_and_the_step_back(roast):
    looks.try_theme(ThemeDraft(template_slug="circuit"))
    looks.try_sections(home({"kind": "newest"}))
    looks.publish(actor=BOSS)
    assert (tenants.current().theme, len(tenants.current().home_sections)) == ("circuit", 1)
    entry = db.session.query(AuditEntry).one()
    assert (entry.resource_type, entry.changes["theme"]) == ("look", ["market", "circuit"])
    looks.restore(actor=BOSS)
    assert (tenants.current().theme, tenants.current().home_sections) == ("market", [])
    looks.restore(actor=BOSS)
    assert tenants.current().theme == "circuit"


def test_there_is_a_step_back_from_what_was_put_on_directly(roast):
    looks.try_theme(ThemeDraft(template_slug="atelier"))
    themes.wear(ThemeDraft(template_slug="confetti"), actor=BOSS)
    assert looks.draft() == {}
    looks.restore(actor=BOSS)
    assert tenants.current().theme == "market"


def test_nothing_to_publish_and_nothing_to_go_back_to(roast, everything):
    before = everything()
    with pytest.raises(Conflict) as refusal:
        looks.publish(actor=BOSS)
    assert refusal.value.code == "nothing-to-publish"
    with pytest.raises(Conflict) as refusal:
        looks.restore(actor=BOSS)
    assert refusal.value.code == "nothing-to-restore"
    with pytest.raises(Invalid):
        looks.try_theme(ThemeDraft(template_slug="nothing"))
    assert everything() == before


def test_a_theme_that_is_gone_is_not_put_on(roast):
    assert looks.dressed(roast, {"theme": "gone", "strange": 1}).theme == roast.theme


def test_voices_are_the_newest_good_ones_of_products_that_are_shown(roast):
    mug, bowl, hidden = make.product("Mug"), make.product("Bowl"), make.product("Hidden", is_active=False)
    with transaction() as session:
        for product, who, rating, body, is_approved in (
            (mug, CARLA, 5, "Lovely", True), (mug, CARL, 4, "Fine", True), (bowl, CARLA, 3, "So so", True),
            (bowl, CARL, 5, "", True), (hidden, CARLA, 5, "Secret", True),
        ):  # fmt: skip
            session.add(Review(product_id=product.id, user_id=who.id, rating=rating, body=body,
                               author_name="C.", is_approved=is_approved))  # fmt: skip
    found = reviews.voices()
    assert [(name, slug) for _review, name, slug in found] == [("Mug", mug.slug)]

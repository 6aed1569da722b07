"""Content pages: every text is kept, shown in the reader's language, and on its day; legal texts to begin with."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import speaking
from models.pages import Page, PageVersion
from services import legal, page_versions, pages, tenants
from services.legal import LegalDraft
from services.pages import FullPageDraft, PageDraft
from tests import cast

MIA = cast.MIA.actor


def new(title="About us", **values) -> Page:
    return pages.create_page(read(FullPageDraft, {"title": title, **values}), actor=MIA)


def change(page: Page, **values) -> Page:
    draft = read(FullPageDraft, {**FullPageDraft.of(page), **values})
    return pages.update_page(page.id, draft, actor=MIA)


def numbers(page: Page) -> list[int]:
    return [version.number for version in page_versions.list_versions(page.id).items]


def test_each_save_that_changes_words_keeps_a_version(roast):
    page = new(content="<p>We roast.</p>")
    change(page, content="<p>We roast well.</p>")
    change(page, position=4)
    assert numbers(page) == [2, 1]
    first = page_versions.get_version(page.id, 1)
    assert (first.content, first.saved_by) == ("<p>We roast.</p>", cast.MIA.email)


def test_a_page_older_than_its_versions_keeps_its_first_text(roast):
    with transaction() as session:
        page = Page(slug="old", title="Old", content="<p>Before.</p>")
        session.add(page)
    change(page, content="<p>After.</p>")
    assert [v.content for v in page_versions.list_versions(page.id).items] == [
        "<p>After.</p>",
        "<p>Before.</p>",
    ]


def test_a_version_is_restored_and_the_text_between_is_not_lost(roast):
    page = new(content="<p>One.</p>")
    change(page, title="About", content="<p>Two.</p>")
    pages.restore(page.id, 1, actor=MIA)
    page = pages.get_page(page.id)
    assert (page.title, page.content, page.slug) == ("About us", "<p>One.</p>", "about-us")
    assert numbers(page) == [3, 2, 1]
    assert pages.restore(page.id, 1, actor=MIA).version == page.version  # it is so already
    assert numbers(page) == [3, 2, 1]


def test_restoring_what_is_not_there_changes_nothing(roast, everything):
    page = new()
    before = everything()
    with pytest.raises(NotFound):
        pages.restore(page.id, 7, actor=MIA)
    assert everything() == before


def test_texts_are_compared_by_paragraphs():
    lines = page_versions.compare(
        "<p>We <b>roast</b>.</p><ul><li>Mondays</li></ul>", "<p>We roast.</p><p>Come in.</p>"
    )
    assert [(line.kind, line.text) for line in lines] == [
        ("both", "We roast."), ("old", "Mondays"), ("new", "Come in."),
    ]  # fmt: skip


def test_texts_that_would_take_too_long_to_compare_stand_below_one_another():
    """One of five thousand equal lines would keep a worker for half an hour."""
    lines = page_versions.compare("x<br>" * 5_000, "x<br>y<br>" * 2_500)
    assert [line.kind for line in lines] == ["old"] * 5_000 + ["new"] * 5_000
    assert {line.kind for line in page_versions.compare("x<br>" * 5_000, "x<br>" * 5_000)} == {"both"}


def test_a_stale_version_is_a_conflict(roast, everything):
    page = new()
    change(page, title="About")
    before = everything()
    with pytest.raises(Conflict) as refused:
        draft = read(FullPageDraft, FullPageDraft.of(page))
        pages.update_page(page.id, draft, actor=MIA, version=1)
    assert refused.value.code == "stale-version" and everything() == before


# --- languages ------------------------------------------------------------------------------------------------------


def test_a_page_is_read_in_the_readers_language_and_else_in_the_stores(roast):
    page = new(
        content="<p>We roast.</p>", translations={"pt": {"title": "Sobre nós", "content": "<p>Torramos.</p>"}}
    )
    with speaking("pt"):
        words = pages.spoken(page)
        assert (words.title, words.content) == ("Sobre nós", "<p>Torramos.</p>")
    with speaking("de"):
        assert pages.spoken(page).title == "About us"


def test_translations_are_sanitised_and_empty_ones_are_none(roast):
    page = new(translations={"pt": {"content": "<p>Olá<script>x</script></p>"}, "de": {"title": " "}})
    assert page.translations == {
        "pt": {"title": "", "content": "<p>Olá</p>", "meta_title": "", "meta_description": ""}
    }


@pytest.mark.parametrize("locale", ["en", "xx"])
def test_the_stores_own_language_and_unknown_ones_are_no_translations(roast, locale):
    with pytest.raises(Invalid):
        read(FullPageDraft, {"title": "A", "translations": {locale: {"title": "B"}}})


def test_the_contracts_draft_leaves_translations_and_plans_alone(roast):
    page = new(translations={"pt": {"title": "Sobre"}}, publish_at=clock.now() + timedelta(days=1))
    draft = read(PageDraft, {**PageDraft.of(page), "title": "Us"})
    page = pages.update_page(page.id, draft, actor=MIA)
    assert page.translations["pt"]["title"] == "Sobre" and page.publish_at is not None


# --- shown and hidden by the clock ----------------------------------------------------------------------------------


def test_a_page_is_shown_from_its_day_on_and_hidden_at_another(roast, monkeypatch):
    now = clock.now()
    page = new(publish_at=now + timedelta(hours=1), unpublish_at=now + timedelta(hours=3))
    assert not page.is_active and pages.find_page(page.slug) is None
    version = tenants.current().catalog_version
    assert pages.publish_due() == 0
    for hours, shown in ((2, True), (4, False)):
        monkeypatch.setattr(clock, "now", lambda hours=hours: now + timedelta(hours=hours))
        assert pages.publish_due() == 1
        db.session.expire_all()
        assert (pages.find_page(page.slug) is not None) is shown
        tenants.forget()
        assert tenants.current().catalog_version > version
        version = tenants.current().catalog_version
        assert pages.publish_due() == 0


def test_a_page_that_breaks_keeps_no_other(roast, monkeypatch):
    soon = clock.now() + timedelta(days=1)
    broken = new("Broken", publish_at=soon.isoformat()).id
    new("Fine", publish_at=soon.isoformat())

    def publish(page_id, real=pages.publish):
        if page_id == broken:
            raise RuntimeError("broken")
        return real(page_id)

    monkeypatch.setattr(pages, "publish", publish)
    monkeypatch.setattr(clock, "now", lambda: soon + timedelta(hours=1))
    assert pages.publish_due() == 2
    assert pages.find_page("broken") is None and pages.find_page("fine") is not None


def test_a_page_cannot_end_before_it_begins(roast, everything):
    now, before = clock.now(), everything()
    with pytest.raises(Invalid) as refused:
        new(publish_at=now + timedelta(days=2), unpublish_at=now + timedelta(days=1))
    assert refused.value.errors[0].field == "unpublish_at" and everything() == before


# --- previews -------------------------------------------------------------------------------------------------------


def test_a_preview_changes_no_page_and_is_swept_the_day_after(roast, monkeypatch):
    page = new(content="<p>Saved.</p>")
    draft = read(FullPageDraft, {"title": "Typed", "content": "<p>Typed.<script>x</script></p>"})
    token = pages.preview(draft, page_id=page.id, actor=MIA)
    shown = page_versions.read_preview(token)
    assert (shown.title, shown.content, shown.number) == ("Typed", "<p>Typed.</p>", None)
    assert pages.get_page(page.id).content == "<p>Saved.</p>" and numbers(page) == [1]
    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        page_versions.read_preview(token)
    pages.preview(draft, page_id=None, actor=MIA)
    assert len(db.session.scalars(select(PageVersion).where(PageVersion.number.is_(None))).all()) == 1


def test_a_preview_of_another_store_is_not_there(roast):
    token = pages.preview(read(FullPageDraft, {"title": "Typed"}), page_id=None, actor=MIA)
    with tenants.in_store(cast.RIVAL), pytest.raises(NotFound):
        page_versions.read_preview(token)


# --- legal texts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["", *legal.COUNTRIES])
@pytest.mark.parametrize("language", legal.LANGUAGES)
def test_every_text_has_the_stores_identity_and_asks_for_a_lawyer(roast, country, language):
    with transaction():
        row = tenants.row()
        row.legal_name, row.legal_address, row.contact_email = (
            "Roast & Sons",
            "Rua 1\nLisboa",
            "hi@roast.test",
        )
    tenants.forget()
    for kind in legal.KINDS:
        text = legal.text_of(kind, country, language)
        assert text.startswith("<p><mark>") and "${" not in text and "$" not in text, kind
        assert legal.has_gaps(text)
        if kind not in ("delivery", "cookies"):
            assert "Roast &amp; Sons" in text and "Rua 1<br>Lisboa" in text, kind


def test_what_the_settings_lack_is_marked(roast):
    with transaction():
        tenants.row().legal_name = ""
    tenants.forget()
    assert "<mark>[legal name]</mark>" in legal.text_of("imprint", "DE", "en")


def test_portugal_has_its_book_of_complaints(roast):
    assert "livroreclamacoes.pt" in legal.text_of("imprint", "PT", "pt")
    assert "livroreclamacoes.pt" not in legal.text_of("imprint", "ES", "pt")


def test_legal_pages_begin_hidden_and_in_their_language(roast):
    made = legal.create_pages(
        read(LegalDraft, {"kinds": ["terms", "privacy", "terms"], "country": "PT", "language": "pt"}),
        actor=MIA,
    )
    assert len(made) == 2 and not any(page.is_active for page in made)
    assert "consumidores" in made[0].content and "Decreto-Lei" in made[0].content


@pytest.mark.parametrize("values", [{"kinds": []}, {"kinds": ["x"]}, {"kinds": ["terms"], "country": "XX"},
                                    {"kinds": ["terms"], "language": "nl"}])  # fmt: skip
def test_only_texts_that_there_are(roast, values):
    with pytest.raises(Invalid):
        read(LegalDraft, values)

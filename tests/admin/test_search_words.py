"""The pages of the search in the back office: synonyms, and what was not found."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from models.search import SearchMiss, Synonym
from services import search, tenants
from services.search import misses, synonyms
from services.search.synonyms import SynonymDraft
from tests import make
from tests.cast import ALICE, MIA, RITA, RIVAL, STAN

HOME = "/admin/products/search"


def say(*words: str, means: tuple[str, ...] = (), actor=MIA.actor):
    return synonyms.create_synonym(read(SynonymDraft, {"words": words, "means": means}), actor=actor).id


def test_synonyms_are_added_changed_and_deleted(roast, browser):
    mia = browser.as_(MIA)
    answer = mia.post(f"{HOME}/synonyms/new", data={"words": "Sofa\n couch, Sofa\n\n", "means": ""})
    assert (answer.status_code, answer.location) == (303, f"{HOME}/synonyms")
    row = db.session.scalars(select(Synonym)).one()
    assert (row.words, row.means) == (["Sofa", "couch"], [])
    assert "Sofa, couch" in mia.get(f"{HOME}/synonyms").text
    path = f"{HOME}/synonyms/{row.id}"
    assert "Sofa\ncouch" in mia.get(path).text.replace("\r", "")
    assert mia.post(path, data={"words": "sofa", "means": "couch"}).status_code == 303
    assert "also couch, one way" in mia.get(f"{HOME}/synonyms").text
    assert mia.get(f"{path}/delete").status_code == 200
    assert mia.post(f"{path}/delete").status_code == 303
    assert db.session.scalars(select(Synonym)).all() == []


@pytest.mark.parametrize(
    "words", ["", "sofa", "!!\n??", "\n".join(f"w{n}" for n in range(31)), "x" * 61 + "\ny"]
)
def test_what_says_nothing_comes_back_with_the_reason(roast, browser, everything, words):
    mia, before = browser.as_(MIA), everything()
    answer = mia.post(f"{HOME}/synonyms/new", data={"words": words, "means": ""})
    assert answer.status_code == 422
    assert 'href="#words"' in answer.text
    assert everything() == before


def test_what_was_not_found_leads_to_a_synonym_and_off_the_list(roast, browser):
    make.product("Couch")
    mia = browser.as_(MIA)
    assert "Everything was found" in mia.get(HOME).text
    for query in ("settee", "settee", "divan"):
        misses.note(query)
    misses.flush()
    html = mia.get(HOME).text
    assert html.index("settee") < html.index("divan")
    assert mia.get(f"{HOME}?sort=last&page=9").status_code == 200
    assert f'href="{HOME}/synonyms/new?word=settee"' in html
    assert ">settee</textarea>" in mia.get(f"{HOME}/synonyms/new?word=settee").text.replace("\r\n", "")
    row = db.session.scalars(select(SearchMiss).where(SearchMiss.query == "settee")).one()
    assert mia.post(f"{HOME}/misses/{row.id}/forget").status_code == 303
    assert "settee" not in mia.get(HOME).text and "divan" in mia.get(HOME).text
    assert mia.post(f"{HOME}/misses/forget").status_code == 303
    assert "Everything was found" in mia.get(HOME).text


def test_staff_may_not_and_the_other_store_is_another(roast, browser, everything):
    misses.note("settee")
    misses.flush()
    ident, miss = say("sofa", "couch"), db.session.scalars(select(SearchMiss.id)).one()
    with tenants.in_store(RIVAL):
        foreign = say("lamp", "light", actor=RITA.actor)
        assert search.correct("x") is None
    stan, alice, rita = browser.as_(STAN), browser.as_(ALICE), browser.as_(RITA)
    before = everything()
    for path in (HOME, f"{HOME}/synonyms", f"{HOME}/synonyms/{ident}"):
        assert stan.get(path).status_code == 403, path
    for path in (f"{HOME}/synonyms/{ident}", f"{HOME}/synonyms/{ident}/delete", f"{HOME}/misses/{miss}/forget",
                 f"{HOME}/misses/forget", f"{HOME}/synonyms/new"):  # fmt: skip
        assert stan.post(path, data={"words": "a\nb"}).status_code == 403, path
    for method, path in (("get", f"{HOME}/synonyms/{foreign}"), ("post", f"{HOME}/synonyms/{foreign}"),
                         ("post", f"{HOME}/synonyms/{foreign}/delete")):  # fmt: skip
        assert getattr(alice, method)(path).status_code == 404, path
    assert "settee" not in rita.get(HOME).text
    rita.post(f"{HOME}/misses/{miss}/forget")
    assert everything() == before

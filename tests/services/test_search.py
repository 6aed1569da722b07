"""Search finds the same on both databases: whole words, beginnings, accents, SKUs, small typing errors."""

import pytest
from sqlalchemy import select

from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Invalid, NotFound
from models.catalog import Product
from services import search, tenants
from services.catalog import attributes, listing, products, tags, variants
from services.catalog.listing import Filters
from services.search import synonyms
from services.search.synonyms import SynonymDraft
from tests import cast
from tests.cast import MIA, RITA


def product_of(name: str, actor=MIA.actor, **fields) -> Product:
    draft = read(products.ProductDraft, {"name": name, "price": "10.00", **fields})
    return products.create_product(draft, actor=actor)


def branded(name: str, brand: str) -> None:
    row = product_of(name)
    with transaction():
        db.session.get(Product, row.id).brand = brand
        search.index([row.id])


def find(query: str) -> list[str]:
    hits = search.ranked(query)
    rows = (
        select(Product.name)
        .join(hits, hits.c.product_id == Product.id)
        .order_by(hits.c.tier.desc(), hits.c.score.desc(), Product.name)
    )
    found = list(db.session.scalars(rows))
    plain = search.matches(query)
    assert sorted(found) == sorted(
        db.session.scalars(select(Product.name).join(plain, plain.c.product_id == Product.id))
    )
    return found


@pytest.fixture
def shop(roast):
    eco = tags.create_tag(tags.TagDraft(name="Ecológico"), actor=MIA.actor)
    product_of(
        "Café Arábica", sku="CAF-100", description="<p>Torrado em <b>Lisboa</b></p>", tag_ids=[str(eco.id)]
    )
    product_of("Chávena", short_description="Para café")
    shirt = product_of("T-shirt Größe")
    size = attributes.create_attribute(
        read(attributes.AttributeDraft, {"name": "Size", "values": ["S"]}), actor=MIA.actor
    )
    draft = read(variants.VariantDraft, {"attribute_value_ids": [str(size.values[0].id)], "sku": "TS-RED-S"})
    variants.create_variant(shirt.id, draft, actor=MIA.actor)
    return roast


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("cafe", ["Café Arábica", "Chávena"]),
        ("CAFÉ", ["Café Arábica", "Chávena"]),
        ("ara", ["Café Arábica"]),
        ("arábica café", ["Café Arábica"]),
        ("CAF-100", ["Café Arábica"]),
        ("lisboa", ["Café Arábica"]),
        ("ecologico", ["Café Arábica"]),
        ("ts-red", ["T-shirt Größe"]),
        ("grosse", ["T-shirt Größe"]),
        ("t-shirt", ["T-shirt Größe"]),
        ("café tea", []),
        ("", []),
        ("'\"*:() -- OR NEAR", []),
        ("strong", []),
    ],
)
def test_it_finds(shop, query, names):
    assert find(query) == names


@pytest.mark.parametrize(
    ("query", "meant"),
    [("arabika", "arabica"), ("chavema", "chavena"), ("cahvena", "chavena"), ("rabica", "arabica"),
     ("lisbooa", "lisboa"), ("cafe arabicq", "cafe arabica"), ("chavemas", "chavena")],
)  # fmt: skip
def test_one_slip_is_forgiven(shop, query, meant):
    assert search.correct(query) == meant
    assert find(query) == find(meant) != []


def test_two_slips_are_too_many(shop):
    assert search.correct("shavema") is None
    assert find("shavema") == []


def test_words_that_occur_but_not_together_are_not_guessed_at(shop):
    assert search.correct("lisboa shirt") is None
    assert find("lisboa shirt") == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Wooden shelves", "shelf"), ("Wooden shelf", "shelves"), ("Cherry", "cherries"), ("Red boxes", "box"),
        ("Glass", "glasses"), ("Women", "woman"), ("Botões", "botão"), ("Botão", "botões"), ("Papel", "papéis"),
        ("Lençóis de linho", "lençol"), ("Anel", "anéis"), ("Jardins", "jardim"), ("Flor", "flores"),
        ("Luzes", "luz"), ("Azul", "azuis"), ("Pão", "pães"), ("Manteau", "manteaux"), ("Luz", "luces"),
    ],
)  # fmt: skip
def test_singular_and_plural_find_each_other(roast, name, query):
    product_of(name)
    assert find(query) == [name]
    assert search.correct(query) is None


def test_what_is_written_with_or_without_a_hyphen(shop):
    for query in ("tshirt", "t shirt", "T-SHIRTS", "tsreds", "TS-RED-S", "caf100"):
        assert len(find(query)) == 1, query


def test_the_brand_is_found(roast):
    branded("Kettle", "Fjällräven")
    assert find("fjallraven") == find("fjallraven kettle") == ["Kettle"]


def test_ranking(roast):
    """The whole name, all words in it, beginnings in it, then SKU, brand, tag, short text and description."""
    tag = tags.create_tag(tags.TagDraft(name="Lamp"), actor=MIA.actor)
    product_of("In the text", description="<p>A lamp, a lamp, a lamp and one more lamp.</p>")
    product_of("In short", short_description="<p>Goes with every lamp.</p>")
    product_of("Tagged", tag_ids=[str(tag.id)])
    branded("Branded", "Lamp & Co")
    product_of("Lampshade")
    product_of("Reading lamp of brass")
    product_of("Lamp")
    found = find("lamp")
    assert found[:3] == ["Lamp", "Reading lamp of brass", "Lampshade"]
    assert set(found[3:5]) == {"Branded", "Tagged"}
    assert found[5:] == ["In short", "In the text"]
    product_of("Something else", sku="LAMP")
    assert set(find("lamp")[:2]) == {"Lamp", "Something else"}


def test_of_equals_the_more_bought_comes_first(roast):
    for name, sold in (("Lamp A", 1), ("Lamp B", 9), ("Lamp C", 4)):
        row = product_of(name)
        with transaction():
            db.session.get(Product, row.id).sold_count = sold
    cards = listing.read_cards(Filters(search="lamp"))
    assert [card.name for card in cards] == ["Lamp B", "Lamp C", "Lamp A"]


# --- synonyms -----------------------------------------------------------------------------------------------------


def say(words: list[str], means: list[str] | None = None, actor=MIA.actor):
    return synonyms.create_synonym(read(SynonymDraft, {"words": words, "means": means or []}), actor=actor)


def test_a_group_finds_each_other_and_what_was_asked_comes_first(roast):
    product_of("Sneaker")
    product_of("Running shoe")
    assert find("sneakers") == ["Sneaker"]
    row = say(["sneakers", "Running Shoes", "ténis"])
    assert find("sneaker") == ["Sneaker", "Running shoe"]
    assert find("running shoes") == ["Running shoe", "Sneaker"]
    assert set(find("tenis")) == {"Sneaker", "Running shoe"}
    assert find("red sneaker") == []
    synonyms.delete_synonym(row.id, actor=MIA.actor)
    assert find("tenis") == []


def test_one_way_is_no_way_back(roast):
    product_of("Laptop")
    product_of("Notebook of paper")
    say(["notebook"], ["laptop"])
    assert find("notebook") == ["Notebook of paper", "Laptop"]
    assert find("laptop") == ["Laptop"]


def test_synonyms_are_the_stores_own(roast):
    row = say(["sofa", "couch"])
    with tenants.in_store(cast.RIVAL):
        product_of("Couch", actor=RITA.actor)
        assert find("sofa") == []
        with pytest.raises(NotFound):
            synonyms.update_synonym(row.id, read(SynonymDraft, {"words": ["a", "b"]}), actor=RITA.actor)
        with pytest.raises(NotFound):
            synonyms.delete_synonym(row.id, actor=RITA.actor)
    assert [one.words for one in synonyms.list_synonyms()] == [["sofa", "couch"]]


@pytest.mark.parametrize(
    ("words", "means", "field"),
    [(["sofa"], [], "words"), (["Sofa", "sofá"], [], "words"), (["!!"], ["couch"], "words"),
     (["sofa"], ["–"], "means"), ([], ["couch"], "words"), (["x" * 61, "y"], [], "words.0"),
     (["a"] * 31, [], "words")],
)  # fmt: skip
def test_synonyms_that_say_nothing_are_refused(roast, everything, words, means, field):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        say(words, means)
    assert refusal.value.errors[0].field == field
    assert everything() == before


def test_what_is_known_is_not_corrected(shop):
    assert search.correct("cafe") is None
    assert search.correct("xyzzy") is None


def test_a_change_is_found_at_once_and_what_is_gone_is_not(shop):
    (ident,) = db.session.scalars(select(Product.id).where(Product.name == "Chávena"))
    current = products.ProductDraft.of(products.get_product(ident))
    products.update_product(
        ident, read(products.ProductDraft, {**current, "name": "Tigela"}), actor=MIA.actor
    )
    assert (find("chavena"), find("tigela")) == ([], ["Tigela"])
    products.delete_product(ident, actor=MIA.actor)
    assert find("tigela") == []


def test_each_store_finds_its_own(shop):
    with tenants.in_store(cast.RIVAL):
        assert find("cafe") == []
        product_of("Café rival", actor=RITA.actor)
        assert find("cafe") == ["Café rival"]
    assert "Café rival" not in find("cafe")
    assert search.correct("riwal") is None

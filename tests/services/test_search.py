"""Search finds the same on both databases: whole words, beginnings, accents, SKUs, small typing errors."""

import pytest
from sqlalchemy import select

from kit.db import db
from kit.drafts import read
from models.catalog import Product
from services import search, tenants
from services.catalog import attributes, products, tags, variants
from tests import cast
from tests.cast import MIA, RITA


def product_of(name: str, actor=MIA.actor, **fields) -> Product:
    draft = read(products.ProductDraft, {"name": name, "price": "10.00", **fields})
    return products.create_product(draft, actor=actor)


def find(query: str) -> list[str]:
    hits = search.matches(query)
    rows = (
        select(Product.name)
        .join(hits, hits.c.product_id == Product.id)
        .order_by(hits.c.score.desc(), Product.name)
    )
    return list(db.session.scalars(rows))


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


@pytest.mark.parametrize("query", ["arabika", "chavema"])
def test_small_typing_errors_are_forgiven(shop, query):
    assert len(find(query) or find(search.correct(query) or "")) == 1


def test_what_is_known_is_not_corrected(shop):
    assert search.correct("cafe") is None
    assert search.correct("xyz") is None


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

"""Puts a catalogue into the store we are in, through the services, on the days on which it is said to have grown."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from demo.pictures import add_pictures
from demo.source import Article, Shelf
from kit import clock
from kit.actor import Actor
from kit.db import db
from kit.drafts import read
from kit.ids import uuid7
from models.catalog import Attribute, AttributeValue, Product, Variant
from services import stock
from services.catalog import attributes, categories, products, tags, variants

OPENED = timedelta(days=405)  # before today; the first order came a little later


@dataclass(frozen=True)
class Made:
    """What history is written about."""

    product: Product
    variants: list[Variant]
    kind: str
    made_at: datetime


def fill(shelves: list[Shelf], articles: list[Article], rng: random.Random, *, actor: Actor) -> list[Made]:
    now = clock.now()
    with clock.at(now - OPENED):
        shelf_ids = _make_shelves(shelves, actor)
        values = _make_attributes(articles, actor)
        tag_ids = {
            name: tags.create_tag(read(tags.TagDraft, {"name": name}), actor=actor).id
            for name in dict.fromkeys(tag for article in articles for tag in article.tags)
        }
    made = []
    for article, moment in zip(articles, _days(articles, now, rng), strict=True):
        with clock.at(moment):
            made.append(_make(article, shelf_ids, values, tag_ids, moment, actor))
    return made


def _days(articles: list[Article], now: datetime, rng: random.Random) -> list[datetime]:
    """When each was put up: most in the first weeks, what is new lately, a few in between."""
    days = []
    for article in articles:
        if {"new", "novidade"} & set(article.tags):
            ago = rng.randint(6, 24)
        elif article.sale_price:  # it had its full price for a while before it was reduced
            ago = rng.randint(330, 404)
        else:
            ago = rng.choice([rng.randint(385, 404), rng.randint(60, 404)])
        days.append(now - timedelta(days=ago, minutes=rng.randint(0, 540)))
    return days


def _make_shelves(shelves: list[Shelf], actor: Actor) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    for shelf in shelves:
        draft = read(
            categories.CategoryDraft,
            {
                "slug": shelf.slug,
                "name": shelf.name,
                "description": f"<p>{shelf.description}</p>",
                "parent_id": made[shelf.parent] if shelf.parent else None,
            },
        )
        made[shelf.slug] = categories.create_category(draft, actor=actor).id
    return made


def _make_attributes(articles: list[Article], actor: Actor) -> dict[tuple[str, str], AttributeValue]:
    """All values of an attribute over all products: one "Size" for filters to work with."""
    wanted: dict[str, dict[str, str | None]] = {}
    for article in articles:
        for variation in article.variations:
            for name, value in variation.options:
                wanted.setdefault(name, {})[value] = article.colors.get(value)
    found: dict[tuple[str, str], AttributeValue] = {}
    for name, values in wanted.items():
        is_color = any(values.values())
        draft = read(
            attributes.AttributeDraft,
            {
                "name": name,
                "type": "color" if is_color else "select",
                "values": [{"value": value, "color": color} for value, color in _in_order(values)],
            },
        )
        attribute: Attribute = attributes.create_attribute(draft, actor=actor)
        found |= {(name, value.value): value for value in attribute.values}
    return found


_SIZES = ["XS", "S", "M", "L", "XL"]


def _in_order(values: dict[str, str | None]) -> list[tuple[str, str | None]]:
    """Sizes from small to large, the rest as they come."""
    return sorted(values.items(), key=lambda item: _SIZES.index(item[0]) if item[0] in _SIZES else -1)


def _make(
    article: Article,
    shelf_ids: dict[str, UUID],
    values: dict[tuple[str, str], AttributeValue],
    tag_ids: dict[str, UUID],
    moment: datetime,
    actor: Actor,
) -> Made:
    draft = read(
        products.ProductDraft,
        {
            "slug": article.slug,
            "sku": article.sku,
            "name": article.name,
            "description": article.text,
            "short_description": article.short,
            "price": article.price,
            "sale_price": article.sale_price,
            "sale_starts_at": article.sale_from,
            "sale_ends_at": article.sale_to,
            "tax_class": article.tax_class,
            "weight": article.weight,
            "is_digital": article.is_digital,
            "track_stock": not article.is_digital,
            "stock_quantity": None if article.variations else article.stock,
            "is_featured": article.is_featured,
            "category_ids": [shelf_ids[article.category]],
            "tag_ids": [tag_ids[tag] for tag in article.tags],
            "meta_description": article.short,
        },
    )
    product = products.create_product(draft, actor=actor)
    pictures = add_pictures(product.id, article.images)
    made = _add_variants(product, article, values, pictures, actor)
    return Made(product, made, article.kind, moment)


def _add_variants(
    product: Product,
    article: Article,
    values: dict[tuple[str, str], AttributeValue],
    pictures: dict[str, UUID],
    actor: Actor,
) -> list[Variant]:
    """All at once: the service for one would look over the whole product again after each."""
    for position, variation in enumerate(article.variations):
        chosen = [values[option] for option in variation.options]
        draft = read(
            variants.VariantDraft,
            {
                "sku": variation.sku,
                "attribute_value_ids": [value.id for value in chosen],
                "price": None if variation.price == article.price else variation.price,
                "sale_price": variation.sale_price,
                "weight": variation.weight,
                "image_id": pictures.get(variation.image),
                "position": position,
            },
        )
        row = draft.model_dump(exclude={"attribute_value_ids", "stock_quantity"})
        combination = variants.combination(draft.attribute_value_ids)
        product.variants.append(
            Variant(id=uuid7(), product_id=product.id, combination=combination, values=chosen, **row)
        )
    db.session.flush()
    for variant, variation in zip(product.variants, article.variations, strict=True):
        stock.ensure_item(product.id, variant.id, on_hand=variation.stock or 0, actor=actor)
    if product.variants:
        products.changed(product)
    return list(product.variants)

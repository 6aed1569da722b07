"""The catalogue in demo/catalog, read and told in a store's language. Its dates are moved to today."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from demo.texts import portuguese

FOLDER = Path(__file__).parent / "catalog"
# The day for which the catalogue's sales were written.
WRITTEN_FOR = datetime(2026, 11, 24, 12, tzinfo=UTC)
COLORS = {
    "Terracotta": "#b5563c", "Petrol": "#1f5f6b", "Ochre": "#c98f2b", "Moss": "#6f7a45", "Forest": "#2f5d43",
    "Cream": "#efe4cf", "Navy": "#23355c", "Rose": "#d79a9a", "Plum": "#6b3a5b", "Sky": "#8fb8d0",
    "Charcoal": "#3b3b3f", "Sand": "#d8c3a1", "Walnut": "#6b4a33",
}  # fmt: skip
KINDS = {
    "coffee": "taste", "tea": "taste", "coffee-tea": "taste", "brewing": "table", "kitchen": "table", "home": "home",
    "clothing": "wear", "knitwear": "wear", "bags": "home", "care": "care", "paper": "paper", "books": "paper",
    "play": "play",
}  # fmt: skip
FOOD = {"azeite-cordovil", "vinagre-moscatel", "glyki-jar"}
FEW_LEFT = {"vase-barro": 3, "clock-cais": 4}  # in the atelier, where little is made at a time
# Not in the catalogue's own dates: a reduction that is still to come.
COMING = {"lamp-lua": ("74.00", 9, 30)}


@dataclass(frozen=True)
class Variation:
    sku: str
    options: tuple[tuple[str, str], ...]
    price: str
    sale_price: str | None
    stock: int | None
    weight: str | None
    image: str


@dataclass(frozen=True)
class Article:
    """A product as it is to be created. `key` is its slug in the catalogue, `kind` chooses what people say of it."""

    key: str
    slug: str
    sku: str
    name: str
    category: str
    kind: str
    short: str
    text: str
    price: str
    sale_price: str | None
    sale_from: datetime | None
    sale_to: datetime | None
    tax_class: str
    weight: str | None
    is_digital: bool
    stock: int | None
    is_featured: bool
    tags: tuple[str, ...]
    images: tuple[tuple[str, str], ...]  # (file, alt)
    variations: tuple[Variation, ...]
    colors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    slug: str
    name: str
    description: str
    parent: str | None


@cache
def _source() -> dict[str, Any]:
    return json.loads((FOLDER / "products.json").read_text())


def english_shelves() -> list[Shelf]:
    return [Shelf(c["slug"], c["name"], c["description"], c["parent"]) for c in _source()["categories"]]


def portuguese_shelves() -> list[Shelf]:
    slugs = {key: slug for key, (slug, *_rest) in portuguese.CATEGORIES.items()}
    return [
        Shelf(slug, name, text, slugs[parent] if parent else None)
        for slug, name, text, parent in portuguese.CATEGORIES.values()
    ]


def english_articles(now: datetime) -> list[Article]:
    return [_article(entry, now) for entry in _source()["products"]]


def portuguese_articles(now: datetime) -> list[Article]:
    """The atelier's selection: Portuguese words, and prices without tax that are its own."""
    entries = {entry["slug"]: entry for entry in _source()["products"]}
    return [_translated(_article(entries[key], now), *words) for key, words in portuguese.PRODUCTS.items()]


def _article(entry: dict[str, Any], now: datetime) -> Article:
    sale, start, end = _sale(entry, now)
    return Article(
        key=entry["slug"],
        slug=entry["slug"],
        sku=entry["sku"],
        name=entry["name"],
        category=entry["category"],
        kind="taste" if entry["slug"] in FOOD else KINDS[entry["category"]],
        short=entry["short_description"],
        text=f"<p>{entry['description']}</p>",
        price=entry["price"],
        sale_price=sale,
        sale_from=start,
        sale_to=end,
        tax_class=entry["vat_class"],
        weight=entry["weight_kg"],
        is_digital=entry["digital"],
        stock=entry["stock"],
        is_featured=entry["featured"],
        tags=tuple(entry["tags"]),
        images=tuple((image["file"], image["alt"]) for image in entry["images"]),
        variations=tuple(
            Variation(v["sku"], tuple(v["attributes"].items()), v["price"], v.get("sale_price"), v["stock"],
                      v["weight_kg"], v.get("image") or "")
            for v in entry["variants"]
        ),
        colors=COLORS,
    )  # fmt: skip


def _sale(entry: dict[str, Any], now: datetime) -> tuple[str | None, datetime | None, datetime | None]:
    if entry["slug"] in COMING:
        price, first, last = COMING[entry["slug"]]
        return price, now + timedelta(days=first), now + timedelta(days=last)
    moved = timedelta(days=(now - WRITTEN_FOR).days)  # whole days: sales begin and end at midnight

    def day(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) + moved if text else None

    start = day(entry["sale_from"])
    if entry["sale_price"] and start is None:  # a reduction must have had a price before it
        start = now - timedelta(days=20)
    return entry["sale_price"], start, day(entry["sale_to"])


def _translated(
    article: Article, slug: str, category: str, name: str, short: str, text: str, price: str
) -> Article:
    factor = Decimal(price) / Decimal(article.price)

    def own_price(amount: str | None) -> str | None:
        """In the same proportion, on a round half euro."""
        return None if amount is None else f"{round(Decimal(amount) * factor * 2) / Decimal(2):.2f}"

    values = portuguese.VALUES
    return replace(
        article,
        slug=slug,
        sku=article.sku.replace("VIT", "ATL"),
        name=name,
        category=portuguese.CATEGORIES[category][0],
        short=short,
        text=f"<p>{text}</p>",
        price=price,
        sale_price=own_price(article.sale_price),
        stock=FEW_LEFT.get(article.key, article.stock),
        tags=tuple(portuguese.TAGS[tag] for tag in article.tags if tag in portuguese.TAGS),
        images=tuple((file, _alt(name, file)) for file, _english in article.images),
        variations=tuple(
            replace(
                v,
                sku=v.sku.replace("VIT", "ATL"),
                options=tuple((portuguese.ATTRIBUTES.get(a, a), values.get(x, x)) for a, x in v.options),
                price=price if v.price == article.price else own_price(v.price) or price,
                sale_price=own_price(v.sale_price),
            )
            for v in article.variations
        ),
        colors={values.get(color, color): code for color, code in article.colors.items()},
    )


def _alt(name: str, file: str) -> str:
    part = file.rsplit("-", 1)[1].removesuffix(".jpg")
    if part == "detail":
        return f"{name}, pormenor"
    if part == "range":
        return f"{name}, todas as cores"
    color = portuguese.VALUES.get(part.capitalize())
    return f"{name}, {color.lower()}" if color else name

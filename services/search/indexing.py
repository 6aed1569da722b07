"""What each product can be found by, written in the transaction that changed it."""

import hashlib
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.db import db, transaction
from kit.html import plain_text
from models.catalog import Product, Variant
from models.product_details import ProductText
from services.search.finding import side
from services.search.words import forms, words

BODY_MAX = 20_000  # characters of a description that are searched


def index(product_ids: Iterable[UUID]) -> None:
    """Write what these products can be found by. One whose words have not changed (a new price) costs no write."""
    ids = list(product_ids)
    db.session.flush()
    known = side().digests(ids)
    rows = [
        (ident, texts, digest)
        for ident, texts in _texts(ids)
        if known.pop(ident, "") != (digest := _digest(texts))
    ]
    gone = [*known, *(ident for ident, _found, _new in rows)]
    remove(gone)
    side().write(rows)


def rebuild(portion: int = 500, tell: Callable[[int], None] = lambda done: None) -> int:
    """Index all products of the store anew, in transactions of so many; how many. `tell` hears how far it is."""
    ids = list(db.session.scalars(select(Product.id).order_by(Product.id)))
    for start in range(0, len(ids), portion):
        with transaction():
            remove(ids[start : start + portion])
            index(ids[start : start + portion])
            db.session.expunge_all()
        tell(min(start + portion, len(ids)))
    return len(ids)


def remove(product_ids: Iterable[UUID]) -> None:
    if ids := list(product_ids):
        side().remove(ids)


def _texts(ids: list[UUID]) -> Iterable[tuple[UUID, dict[str, str]]]:
    query = (
        select(Product)
        .where(Product.id.in_(ids), Product.archived_at.is_(None))
        .options(
            selectinload(Product.tags), selectinload(Product.variants).load_only(Variant.sku, Variant.barcode)
        )
    )
    translated: dict[UUID, list[ProductText]] = {}
    for row in db.session.scalars(select(ProductText).where(ProductText.product_id.in_(ids))):
        translated.setdefault(row.product_id, []).append(row)
    for product in db.session.scalars(query):
        yield product.id, _of(product, translated.get(product.id, []))


def _of(product: Product, translated: list[ProductText]) -> dict[str, str]:
    """Columns of the index. `codes`: SKUs and names written in one word, for who types them whole."""
    sold: list[Product | Variant] = [product, *product.variants]
    skus = [code for one in sold for code in (one.sku, one.barcode) if code]
    names = [product.name, *(text.name for text in translated if text.name)]
    short = [product.short_description, *(text.short_description for text in translated)]
    body = [product.description, *(text.description for text in translated)]
    return {
        "name": forms(" ".join(names)),
        "sku": " ".join(word for sku in skus for word in words(sku)),
        "brand": forms(product.brand),
        "tags": forms(" ".join(tag.name for tag in product.tags)),
        "short": forms(" ".join(map(plain_text, short))),
        "body": forms(" ".join(plain_text(text)[:BODY_MAX] for text in body)),
        "codes": " ".join(dict.fromkeys("".join(words(one)) for one in (*skus, *names))),
    }


def _digest(texts: dict[str, str]) -> str:
    return hashlib.blake2b("\0".join(texts.values()).encode(), digest_size=16).hexdigest()

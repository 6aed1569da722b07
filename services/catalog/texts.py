"""Products in the other languages of the store. What has no words of its own there is read in the store's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import delete, select

from kit.db import db
from kit.drafts import Draft, Text, wrong
from kit.html import sanitize
from kit.i18n import LANGUAGES, _, current_locale
from models.catalog import Product
from models.product_details import ProductText
from services import tenants

FIELDS = ("name", "short_description", "description", "meta_title", "meta_description")


class ProductTextDraft(Draft):
    """What is left empty is read in the store's own language."""

    name: Annotated[str, Text(Product.NAME_MAX)] = ""
    short_description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A product's words in one language, gaps filled."""

    name: str
    short_description: str
    description: str
    meta_title: str
    meta_description: str


def other_locale() -> str | None:
    """The reader's language, where it is not the store's own."""
    locale = current_locale()
    return None if locale == tenants.current().locale else locale


def translations_of(product_id: UUID) -> dict[str, dict[str, str]]:
    """{language: {field: text}}, all fields of each."""
    query = select(ProductText).where(ProductText.product_id == product_id).order_by(ProductText.locale)
    return {row.locale: {name: getattr(row, name) for name in FIELDS} for row in db.session.scalars(query)}


def save(product_id: UUID, wanted: Mapping[str, ProductTextDraft]) -> None:
    """Make these the product's other languages; one without a word is none."""
    query = select(ProductText).where(ProductText.product_id == product_id)
    rows = {row.locale: row for row in db.session.scalars(query)}
    for locale, draft in wanted.items():
        texts = {name: getattr(draft, name) for name in FIELDS}
        texts |= {name: sanitize(texts[name]) for name in ("short_description", "description")}
        row = rows.pop(locale, None)
        if not any(texts.values()):
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            row = ProductText(product_id=product_id, locale=locale)
            db.session.add(row)
        for name, text in texts.items():
            setattr(row, name, text)
    if rows:
        db.session.execute(delete(ProductText).where(ProductText.id.in_([row.id for row in rows.values()])))
    db.session.flush()


def spoken(product: Product) -> Spoken:
    """One query, and none for readers of the store's own language."""
    locale = other_locale()
    row = None
    if locale is not None:
        row = db.session.scalar(
            select(ProductText).where(ProductText.product_id == product.id, ProductText.locale == locale)
        )
    return Spoken(**{name: (getattr(row, name) if row else "") or getattr(product, name) for name in FIELDS})


def names_of(product_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names in the reader's language, of those that have one. No query in the store's own language."""
    locale, ids = other_locale(), set(product_ids)
    if locale is None or not ids:
        return {}
    query = select(ProductText.product_id, ProductText.name).where(
        ProductText.product_id.in_(ids), ProductText.locale == locale, ProductText.name != ""
    )
    return dict(db.session.execute(query).all())


def check_languages(translations: Iterable[str], field: str = "translations") -> None:
    """For a draft's validator: only languages that we know, and not the store's own."""
    for locale in translations:
        if locale not in LANGUAGES or locale == tenants.current().locale:
            raise wrong(field, "not_a_choice", _("“%(code)s” is no other language.", code=locale))

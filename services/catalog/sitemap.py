"""What search engines should know of: every public address of the catalogue and when it changed."""

from datetime import datetime

from sqlalchemy import func, select

from kit.db import db
from models.catalog import Product
from models.pages import Page
from services.catalog import categories

PER_FILE = 10_000

Entry = tuple[str, datetime | None]


def count_files() -> int:
    """How many files the products fill; at least one."""
    total = db.session.scalar(select(func.count()).select_from(Product).where(*_public())) or 0
    return max(1, -(-total // PER_FILE))


def product_entries(number: int) -> list[Entry]:
    """Slugs of the products of file `number` (from 1), in a lasting order."""
    query = (
        select(Product.slug, Product.updated_at).where(*_public()).order_by(Product.created_at, Product.id)
    )
    rows = db.session.execute(query.offset((number - 1) * PER_FILE).limit(PER_FILE))
    return [(slug, changed) for slug, changed in rows]


def category_entries() -> list[Entry]:
    return [(node.slug, None) for node in categories.flat(categories.tree())]


def page_entries() -> list[Entry]:
    rows = db.session.execute(select(Page.slug, Page.updated_at).where(Page.is_active).order_by(Page.id))
    return [(slug, changed) for slug, changed in rows]


def _public() -> tuple:
    return Product.is_active, Product.archived_at.is_(None)

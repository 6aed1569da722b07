"""The demo's pictures. They are ours and clean, so they are kept as they are; the sizes are made by the worker, after
serving has begun."""

import hashlib
from functools import cache
from uuid import UUID

from demo.source import FOLDER, Article
from gateways import storage
from kit.db import db, transaction
from kit.tenancy import current_tenant_id
from models.catalog import ProductImage
from services import outbox

SIDE = 900  # pixels; the catalogue's pictures are square


@cache
def _body(file: str) -> bytes:
    return (FOLDER / file).read_bytes()


def _key(file: str) -> str:
    return f"{current_tenant_id().hex}/{hashlib.sha256(_body(file)).hexdigest()[:32]}.jpg"


def store_files(articles: list[Article]) -> None:
    """Before any transaction: files first, then the rows that name them."""
    for article in articles:
        for file, _alt in article.images:
            storage.write(_key(file), _body(file))


@transaction()
def add_pictures(product_id: UUID, images: tuple[tuple[str, str], ...]) -> dict[str, UUID]:
    """Rows for stored files, in order; their ids by file."""
    rows = {
        file: ProductImage(
            product_id=product_id,
            key=_key(file),
            width=SIDE,
            height=SIDE,
            size=len(_body(file)),
            alt=alt,
            widths=[],
            position=position,
        )
        for position, (file, alt) in enumerate(images)
    }
    db.session.add_all(rows.values())
    db.session.flush()
    for row in rows.values():
        outbox.post("image.uploaded", image_id=row.id)
    return {file: row.id for file, row in rows.items()}

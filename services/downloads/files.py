"""The files of a product, as staff put them there. Their names in the store end in `.bin`, which is never served."""

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select

from gateways import storage
from kit.actor import Actor
from kit.db import db, end_reading, transaction
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import parse_id, uuid7
from kit.tenancy import current_tenant_id
from models.product_details import Download, ProductFile
from services import audit, outbox, plans
from services.catalog.products import get_product, lock_product

FILE_MAX = 100 * 1024 * 1024
PER_PRODUCT = 20


def files_of(product_id: UUID) -> list[ProductFile]:
    query = select(ProductFile).where(ProductFile.product_id == product_id)
    return list(db.session.scalars(query.order_by(ProductFile.position, ProductFile.id)))


def add_file(
    product_id: UUID | str, name: str, data: bytes, *, actor: Actor, media_type: str = ""
) -> ProductFile:
    """Keep it for who buys the product from now on. `name` is what it will be called when it arrives."""
    product = get_product(product_id)
    name = re.sub(r"[\x00-\x1f/\\\"]", "_", name.strip())[-200:]
    if not name or not data:
        raise Invalid.field("file", "required", _("Choose a file."))
    if len(data) > FILE_MAX:
        raise Invalid.field("file", "too_large", _("At most %(size)s MB.", size=FILE_MAX // 1024**2))
    plans.check_space(len(data))
    key = f"{current_tenant_id().hex}/files/{uuid7().hex}.bin"
    end_reading()
    storage.write(key, data)  # before the row that names it
    with transaction():
        product = lock_product(product.id)
        count = db.session.scalar(select(func.count()).where(ProductFile.product_id == product.id)) or 0
        if count >= PER_PRODUCT:
            raise Conflict(
                _("A product can have %(limit)s files at most.", limit=PER_PRODUCT), code="too-many-files"
            )
        if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", media_type or ""):
            media_type = "application/octet-stream"
        row = ProductFile(
            product_id=product.id,
            key=key,
            name=name,
            media_type=media_type[:100],
            size=len(data),
            position=count,
        )
        db.session.add(row)
        audit.record("update", product, actor=actor, changes={"files": [None, name]})
    return row


@transaction()
def delete_file(product_id: UUID | str, file_id: UUID | str, *, actor: Actor) -> None:
    """No longer sold with it. Who has bought it already keeps it."""
    product = lock_product(product_id)
    ident = parse_id(file_id)
    row = next((file for file in files_of(product.id) if file.id == ident), None)
    if row is None:
        raise NotFound(_("There is no such file."))
    audit.record("update", product, actor=actor, changes={"files": [row.name, None]})
    outbox.post("file.unused", keys=[row.key])
    db.session.delete(row)


def remove_unused(keys: Iterable[str]) -> None:
    """The job of `file.unused`: files that no product offers and no buyer may fetch."""
    wanted = list(keys)
    kept = set(db.session.scalars(select(ProductFile.key).where(ProductFile.key.in_(wanted))))
    kept |= set(db.session.scalars(select(Download.key).where(Download.key.in_(wanted))))
    end_reading()
    for key in wanted:
        if key not in kept:
            storage.delete(key)

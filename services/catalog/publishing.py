"""Products that are shown from a date on, or taken out at one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.errors import NotFound
from kit.tenancy import every_tenant
from models.catalog import Product
from models.pages import Page
from models.tenants import Tenant, TenantStatus
from services import audit, outbox
from services.catalog.products import changed, lock_product
from services.due import work_through


def publish_due(limit: int = 500) -> int:
    """In every store: show and hide what is due; how many products were looked at."""
    moment = clock.now()
    with every_tenant():
        due: Sequence[Any] = db.session.execute(
            select(Product.tenant_id, Product.id)
            .join(Tenant, Tenant.id == Product.tenant_id)
            .where(
                or_(Product.publish_at <= moment, Product.unpublish_at <= moment),
                Product.archived_at.is_(None),
                Tenant.status != TenantStatus.DELETED,
            )
            .order_by(Product.id)
            .limit(limit)
        ).all()
    return work_through(due, publish)


def follow_clock(thing: Product | Page, moment: datetime) -> dict[str, list[Any]]:
    """Show it or hide it, as its moments say; what changed by that, as the audit log has it."""
    before, done = thing.is_active, {}
    if thing.publish_at and thing.publish_at <= moment:
        done["publish_at"] = [thing.publish_at, None]
        thing.is_active, thing.publish_at = True, None
    if thing.unpublish_at and thing.unpublish_at <= moment:
        done["unpublish_at"] = [thing.unpublish_at, None]
        thing.is_active, thing.unpublish_at = False, None
    shown = {"is_active": [before, thing.is_active]} if before is not thing.is_active else {}
    return done | shown


@transaction()
def publish(product_id: UUID) -> bool:
    """Do what is due for this product; False where nothing is. Done twice it changes nothing."""
    try:
        product = lock_product(product_id)
    except NotFound:
        return False  # deleted meanwhile
    moment = clock.now()
    changes = follow_clock(product, moment)
    if not changes:
        return False
    product.version += 1
    product.updated_at = moment
    audit.record("update", product, actor=SYSTEM, changes=changes)
    outbox.post("product.updated", product_id=product.id)
    changed(product)
    return True

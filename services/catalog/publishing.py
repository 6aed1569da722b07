"""Products that are shown from a date on, or taken out at one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.errors import NotFound
from kit.tenancy import every_tenant
from models.catalog import Product
from models.tenants import Tenant, TenantStatus
from services import audit, outbox, tenants
from services.catalog.products import changed, lock_product

log = structlog.get_logger("services.catalog.publishing")


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
    for tenant_id, product_id in due:
        try:
            with tenants.in_store(tenant_id):
                publish(product_id)
        except Exception:  # one product that breaks must not keep the others
            log.exception("a product could not be shown or hidden", product=str(product_id))
    return len(due)


@transaction()
def publish(product_id: UUID) -> bool:
    """Do what is due for this product; False where nothing is. Done twice it changes nothing."""
    try:
        product = lock_product(product_id)
    except NotFound:
        return False  # deleted meanwhile
    moment, before = clock.now(), product.is_active
    done = {}
    if product.publish_at and product.publish_at <= moment:
        done["publish_at"] = [product.publish_at, None]
        product.is_active, product.publish_at = True, None
    if product.unpublish_at and product.unpublish_at <= moment:
        done["unpublish_at"] = [product.unpublish_at, None]
        product.is_active, product.unpublish_at = False, None
    if not done:
        return False
    product.version += 1
    product.updated_at = moment
    shown = {"is_active": [before, product.is_active]} if before is not product.is_active else {}
    audit.record("update", product, actor=SYSTEM, changes=done | shown)
    outbox.post("product.updated", product_id=product.id)
    changed(product)
    return True

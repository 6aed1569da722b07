"""The same change for many products."""

from collections.abc import Iterable
from uuid import UUID

from kit import clock
from kit.actor import Actor
from kit.db import transaction
from kit.errors import NotFound
from services import audit, outbox
from services.catalog.products import changed, lock_product

AT_ONCE = 200


@transaction()
def set_active(product_ids: Iterable[UUID], is_active: bool, *, actor: Actor) -> int:
    """Show them in the shop, or take them out of it; how many were changed. What is gone meanwhile is left out."""
    count = 0
    for product_id in sorted(set(product_ids))[:AT_ONCE]:
        try:
            product = lock_product(product_id)
        except NotFound:
            continue
        if product.is_active is is_active:
            continue
        product.is_active = is_active
        product.version += 1
        product.updated_at = clock.now()
        audit.record("update", product, actor=actor, changes={"is_active": [not is_active, is_active]})
        outbox.post("product.updated", product_id=product.id)
        changed(product)
        count += 1
    return count

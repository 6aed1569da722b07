"""How often products are looked at. A page only counts in memory; the counts are written now and then."""

import threading
from collections import Counter
from uuid import UUID

from sqlalchemy import update

from kit.db import db, transaction
from kit.tenancy import current_tenant_id, tenant_scope
from models.catalog import Product

_seen: Counter[tuple[UUID, UUID]] = Counter()
_lock = threading.Lock()


def count(product_id: UUID, tenant_id: UUID | None = None) -> None:
    """Somebody looks at this product of the store we are in, or of the one that is named."""
    key = tenant_id or current_tenant_id(), product_id
    with _lock:
        _seen[key] += 1


def waiting() -> int:
    with _lock:
        return _seen.total()


def flush() -> int:
    """Write what was counted in this process, and how much that was. Call it outside of a request, often enough that
    a lost process loses little."""
    with _lock:
        counts = dict(_seen)
        _seen.clear()
    by_store: dict[UUID, dict[UUID, int]] = {}
    for (tenant_id, product_id), number in counts.items():
        by_store.setdefault(tenant_id, {})[product_id] = number
    for tenant_id, products in by_store.items():
        with tenant_scope(tenant_id), transaction():
            for product_id in sorted(products):  # the order in which everybody locks products
                _add(product_id, products[product_id])
    return sum(counts.values())


def _add(product_id: UUID, number: int) -> None:
    """Being looked at is no change of the product: its version and its date stay."""
    db.session.execute(
        update(Product)
        .where(Product.id == product_id)
        .values(view_count=Product.view_count + number, updated_at=Product.updated_at)
        .execution_options(synchronize_session=False)
    )


def clear() -> None:
    with _lock:
        _seen.clear()

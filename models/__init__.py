"""Data and its invariants. One import of this package knows the whole schema."""

from models import (  # noqa: F401
    accounts,
    addresses,
    audit,
    carts,
    catalog,
    fulfilment,
    idempotency,
    orders,
    outbox,
    pages,
    payments,
    promotions,
    reviews,
    shipping,
    stock,
    taxes,
    tenants,
    wishlists,
)

"""In which orders products are looked through; many lists of many products stand on these."""

from sqlalchemy import Index, text

SHOWN = "is_active AND archived_at IS NULL"


def product_indexes() -> list[Index]:
    """Two more are made by hand, because they hold an expression: by name (migration 0003), by rating (0005)."""
    return [
        # The newest first, as lists begin. PostgreSQL would not sort by an index that has archived_at in it.
        _shown_by("ix_products_newest", "created_at"),
        # The other orders that shoppers choose.
        _shown_by("ix_products_popular", "sold_count", "view_count"),
        _shown_by("ix_products_price", "price_from"),
        _shown_by("ix_products_reduced", "sale_price_from", only="sale_price_from IS NOT NULL"),
        Index(None, "tenant_id", "sku"),
        Index(None, "tenant_id", "name"),
        # The back office's list, whatever is shown.
        Index("ix_products_added", "tenant_id", "created_at", "id"),
        # What is due is looked for across all stores, every minute; few products ever have a date.
        _dated("publish_at"),
        _dated("unpublish_at"),
        # When a store's sales start and end next.
        _dated("sale_starts_at", "tenant_id"),
        _dated("sale_ends_at", "tenant_id"),
    ]


def _shown_by(name: str, *columns: str, only: str = "") -> Index:
    """What shoppers see of a store's products, in the order of these columns."""
    shown = f"{SHOWN} AND {only}" if only else SHOWN
    return Index(name, "tenant_id", *columns, "id", postgresql_where=text(shown),
                 sqlite_where=text(shown.replace("is_active", "is_active = 1")))  # fmt: skip


def _dated(column: str, *before: str) -> Index:
    there = f"{column} IS NOT NULL"
    return Index(
        f"ix_products_{column}", *before, column, postgresql_where=text(there), sqlite_where=text(there)
    )

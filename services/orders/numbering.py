"""Order numbers: the store's prefix and a number that counts up from where the store chose to begin."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, update

from kit import tenancy
from kit.db import db
from models.tenants import Tenant


def take_number() -> str:
    """The next number. It locks the store's row until the commit, so take it late, after stock and before coupons.

    The store's date stays: counting is no change of its settings, which everybody would read anew.
    """
    row = db.session.execute(_taking(), {"store": tenancy.current_tenant_id()}).one()
    return f"{row.order_number_prefix}{row.next_order_number - 1}"


@cache
def _taking() -> Any:
    table: Any = Tenant.__table__
    return (
        update(table)
        .where(table.c.id == bindparam("store"))
        .values(next_order_number=table.c.next_order_number + 1, updated_at=table.c.updated_at)
        .returning(table.c.order_number_prefix, table.c.next_order_number)
    )

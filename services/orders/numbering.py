"""Order numbers: the store's prefix and a number that counts up from where the store chose to begin."""

from sqlalchemy import update

from kit import tenancy
from kit.db import db
from models.tenants import Tenant


def take_number() -> str:
    """The next number. It locks the store's row until the commit, so take it late, after stock and before coupons.

    The store's date stays: counting is no change of its settings, which everybody would read anew.
    """
    row = db.session.execute(
        update(Tenant)
        .where(Tenant.id == tenancy.current_tenant_id())
        .values(next_order_number=Tenant.next_order_number + 1, updated_at=Tenant.updated_at)
        .returning(Tenant.order_number_prefix, Tenant.next_order_number)
        .execution_options(synchronize_session=False)
    ).one()
    return f"{row.order_number_prefix}{row.next_order_number - 1}"

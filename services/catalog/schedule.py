"""When does the shop change by itself? Pages are kept until then."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from kit import clock
from kit.cache import Cache
from kit.db import db
from models.catalog import Product
from models.promotions import Coupon, Offered
from services import holidays, tenants

FAR = timedelta(days=1)
_kept = Cache(1_000)


def next_moment() -> datetime:
    """The next start or end of a sale, a product or a promotion in this store; a day from now where none is nearer.
    Remembered until then, or until the catalogue changes."""
    store = tenants.current()
    kept: datetime | None = _kept.find((store.id, store.catalog_version))
    if kept is not None and kept > clock.now():
        return kept
    found = min(_read(), holidays.next_edge(store) or clock.now() + FAR)
    _kept.put((store.id, store.catalog_version), found)
    return found


def _read() -> datetime:
    moment = clock.now()
    starts = select(func.min(Product.sale_starts_at)).where(Product.sale_starts_at > moment)
    ends = select(func.min(Product.sale_ends_at)).where(Product.sale_ends_at > moment)
    shown = select(func.min(Product.publish_at)).where(Product.publish_at > moment)
    hidden = select(func.min(Product.unpublish_at)).where(Product.unpublish_at > moment)
    by_itself = Coupon.offered == Offered.AUTOMATIC
    begins = select(func.min(Coupon.starts_at)).where(by_itself, Coupon.starts_at > moment)
    stops = select(func.min(Coupon.ends_at)).where(by_itself, Coupon.ends_at > moment)
    edges = [part.scalar_subquery() for part in (starts, ends, shown, hidden, begins, stops)]
    row = db.session.execute(select(*edges)).one()
    return min([moment + FAR, *(found for found in row if found)])

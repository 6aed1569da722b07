"""When does the shop change by itself? Pages are kept until then."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from kit import clock
from kit.db import db
from models.catalog import Product

FAR = timedelta(days=1)


def next_moment() -> datetime:
    """The next start or end of a sale in this store; a day from now where none is nearer."""
    moment = clock.now()
    starts = select(func.min(Product.sale_starts_at)).where(Product.sale_starts_at > moment)
    ends = select(func.min(Product.sale_ends_at)).where(Product.sale_ends_at > moment)
    row = db.session.execute(select(starts.scalar_subquery(), ends.scalar_subquery())).one()
    return min([moment + FAR, *(found for found in row if found)])

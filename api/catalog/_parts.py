"""Products as shoppers get them, kept as JSON one by one: whatever the filter, a list is put together from the same
parts, and only those that nobody asked for since the catalogue changed are read."""

from flask import g
from pydantic_core import to_json

from api.catalog._answers import LONGEST
from api.schemas.catalog import product_out
from kit import cache, clock
from kit.actor import GUEST
from kit.paging import Page
from services.catalog import listing, schedule
from services.catalog.listing import Filters
from web.cache import page_key

_kept = cache.Cache(4000)  # of about 3 KB each


def list_parts(filters: Filters, page: int, page_size: int) -> Page[bytes]:
    """A page of products, each as its JSON. At most a minute old in what moves without a new version (views), and
    never older than the last start or end of a sale."""
    found = listing.list_ids(filters, page=page, page_size=page_size)
    minute = int(clock.now().timestamp() // LONGEST.total_seconds())
    state = page_key(g.store, (True, "product", g.locale, minute, schedule.next_moment()))
    parts = {ident: _kept.find((state, ident)) for ident in found.items}
    for product in listing.read_products([ident for ident, part in parts.items() if part is None]):
        parts[product.id] = to_json(product_out(product, GUEST))
        _kept.put((state, product.id), parts[product.id])
    return Page([part for part in parts.values() if part], found.total, found.page, found.page_size)

"""A list of products as its page shows it: filters read from the address, and every state's own address."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from forms.base import canonical_number
from kit.i18n import _, mark
from kit.money import to_minor
from services.catalog import facets, listing
from services.catalog.facets import Counts
from services.catalog.listing import Filters
from shop.cards import cards
from web.filters import money

# What of the query string a listing depends on.
KNOWN = ("q", "page", "sort", "min_price", "max_price", "in_stock", "featured", "option")
PER_PAGE = 24
QUERY_MAX, OPTIONS_MAX, PAGE_MAX = 100, 30, 1000
SORTS: dict[str, tuple[str, str | None, bool | None]] = {
    "relevance": (mark("Best match"), None, None),
    "newest": (mark("Newest"), "created_at", True),
    "popular": (mark("Most bought"), "popularity", True),
    "rating": (mark("Best rated"), "rating", True),
    "price": (mark("Price: low to high"), "price", False),
    "price-desc": (mark("Price: high to low"), "price", True),
    "name": (mark("Name: A to Z"), "name", False),
    "name-desc": (mark("Name: Z to A"), "name", True),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Nonsense in it is passed by: an old or mistyped link still shows products."""

    filters: Filters
    page: int
    sort: str
    low: str  # as typed
    high: str

    @property
    def is_narrowed(self) -> bool:
        f = self.filters
        return bool(
            f.options or f.in_stock or f.featured or f.min_price is not None or f.max_price is not None
        )


def read_asked(base: Filters, default_sort: str = "newest") -> Asked:
    args = request.args
    low, high = args.get("min_price", "")[:20], args.get("max_price", "")[:20]
    sort = args.get("sort", default_sort)
    if sort not in SORTS or (sort == "relevance" and default_sort != "relevance"):
        sort = default_sort
    _label, sort_by, descending = SORTS[sort]
    filters = replace(
        base,
        min_price=_amount(low),
        max_price=_amount(high),
        in_stock=args.get("in_stock") == "1",
        featured=True if args.get("featured") == "1" else None,
        options=tuple(sorted({o for o in args.getlist("option") if ":" in o and len(o) <= 250}))[
            :OPTIONS_MAX
        ],
        sort_by=sort_by,
        descending=descending,
    )
    return Asked(filters, min(max(1, args.get("page", 1, int)), PAGE_MAX), sort, low, high)


def _amount(text: str) -> int | None:
    try:
        return max(0, to_minor(canonical_number(text), g.store.currency)) if text.strip() else None
    except ValueError:
        return None


def listing_context(
    asked: Asked, *, action: str, q: str | None = None, default_sort: str = "newest"
) -> dict[str, Any]:
    """What catalog/listing.html says it needs, but for heading and trail."""
    found = listing.list_cards(asked.filters, page=asked.page, page_size=PER_PAGE)
    counts = facets.count_facets(asked.filters)
    address = _addresses(asked, action, q, default_sort)
    return {
        "action": action,
        "q": q,
        "results": {"products": cards(found.items), "total": found.total, "page": found.page, "pages": found.pages},
        "page_url": lambda n: address(page=n),
        "filters": _filters(asked, counts),
        "chips": _chips(asked, counts, address),
        "clear_url": _plain(action, q),
        "sort": [{"value": name, "label": _(row[0])} for name, row in SORTS.items()
                 if name != "relevance" or default_sort == "relevance"],
        "sort_value": asked.sort,
    }  # fmt: skip


def _plain(action: str, q: str | None) -> str:
    return f"{action}?{urlencode({'q': q})}" if q else action


def _addresses(asked: Asked, action: str, q: str | None, default_sort: str) -> Callable[..., str]:
    """A function from a change to the address of the list with that change; `without` takes one part away."""
    f = asked.filters

    def address(*, page: int = 1, without: str = "", option: str = "") -> str:
        pairs: list[tuple[str, str]] = [("q", q)] if q else []
        pairs += [("option", o) for o in f.options if o != option]
        pairs += [("min_price", asked.low)] if f.min_price is not None and without != "price" else []
        pairs += [("max_price", asked.high)] if f.max_price is not None and without != "price" else []
        pairs += [("in_stock", "1")] if f.in_stock and without != "in_stock" else []
        pairs += [("featured", "1")] if f.featured and without != "featured" else []
        pairs += [("sort", asked.sort)] if asked.sort != default_sort else []
        pairs += [("page", str(page))] if page > 1 else []
        return f"{action}?{urlencode(pairs)}" if pairs else action

    return address


def _filters(asked: Asked, counts: Counts) -> dict[str, Any]:
    return {
        "facets": [
            {"name": "option", "key": facet.slug, "label": facet.label, "values": [
                {"value": v.option, "label": v.label, "count": v.count, "checked": v.is_chosen, "swatch": v.color}
                for v in facet.values
            ]}
            for facet in counts.facets
        ],
        "price": {"min": money(counts.price_low), "max": money(counts.price_high), "low": asked.low,
                  "high": asked.high},
        "in_stock": {"checked": asked.filters.in_stock, "count": counts.in_stock},
        "featured": {"checked": bool(asked.filters.featured), "count": counts.featured},
    }  # fmt: skip


def _chips(asked: Asked, counts: Counts, address: Callable[..., str]) -> list[dict[str, str]]:
    f = asked.filters
    labels = {v.option: f"{facet.label}: {v.label}" for facet in counts.facets for v in facet.values}
    chips = [{"label": labels.get(o, o.partition(":")[2]), "url": address(option=o)} for o in f.options]
    if f.min_price is not None or f.max_price is not None:
        chips.append({"label": _price_label(f.min_price, f.max_price), "url": address(without="price")})
    if f.in_stock:
        chips.append({"label": _("In stock only"), "url": address(without="in_stock")})
    if f.featured:
        chips.append({"label": _("Our favourites"), "url": address(without="featured")})
    return chips


def _price_label(low: int | None, high: int | None) -> str:
    if low is None:
        return _("up to %(price)s", price=money(high))
    if high is None:
        return _("from %(price)s", price=money(low))
    return f"{money(low)} – {money(high)}"

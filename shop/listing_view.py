"""A list of products as its page shows it: filters read from the address, and every state's own address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from forms.base import canonical_number
from kit.i18n import _, mark
from kit.money import to_minor
from services.catalog import facets, listing
from services.catalog.facets import STARS, Counts
from services.catalog.listing import Filters
from shop.cards import cards
from web.filters import money

# What of the query string a listing depends on.
KNOWN = (
    "q",
    "page",
    "sort",
    "min_price",
    "max_price",
    "in_stock",
    "featured",
    "on_sale",
    "rating",
    "brand",
    "option",
)
PER_PAGE = 24
QUERY_MAX, OPTIONS_MAX, PAGE_MAX, WAYS_MAX = 100, 30, 1000, 6
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
        bounds = f.min_price, f.max_price, f.min_rating
        ticks = f.options or f.brands or f.in_stock or f.featured or f.on_sale
        return bool(ticks or any(bound is not None for bound in bounds))


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
        on_sale=args.get("on_sale") == "1",
        min_rating=next((stars for stars in STARS if args.get("rating") == str(stars)), None),
        brands=tuple(sorted({b for b in args.getlist("brand") if b and len(b) <= 100}))[:OPTIONS_MAX],
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
        "filters_key": (action, q, replace(asked, page=1), counts, found.total),
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

    def address(*, page: int = 1, without: str = "", option: str = "", brand: str = "") -> str:
        pairs: list[tuple[str, str]] = [("q", q)] if q else []
        pairs = pairs if without != "q" else []
        pairs += [("option", o) for o in f.options if o != option]
        pairs += [("brand", b) for b in f.brands if b != brand]
        pairs += [("min_price", asked.low)] if f.min_price is not None and without != "price" else []
        pairs += [("max_price", asked.high)] if f.max_price is not None and without != "price" else []
        pairs += [("in_stock", "1")] if f.in_stock and without != "in_stock" else []
        pairs += [("featured", "1")] if f.featured and without != "featured" else []
        pairs += [("on_sale", "1")] if f.on_sale and without != "on_sale" else []
        pairs += [("rating", str(f.min_rating))] if f.min_rating is not None and without != "rating" else []
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
        "brands": [{"value": v.option, "label": v.label, "count": v.count, "checked": v.is_chosen}
                   for v in counts.brands],
        "ratings": [{"value": stars, "count": count, "checked": asked.filters.min_rating == stars}
                    for stars, count in counts.ratings] if asked.filters.min_rating or counts.ratings[-1][1] else [],
        "on_sale": {"checked": asked.filters.on_sale, "count": counts.on_sale},
        "in_stock": {"checked": asked.filters.in_stock, "count": counts.in_stock},
        "featured": {"checked": bool(asked.filters.featured), "count": counts.featured},
    }  # fmt: skip


def _chips(asked: Asked, counts: Counts, address: Callable[..., str]) -> list[dict[str, str]]:
    labels = _option_labels(counts)
    if set(asked.filters.options) - set(labels):  # nothing is left of them here: their names stand elsewhere
        labels |= _option_labels(facets.count_facets(Filters(category_id=asked.filters.category_id)))
    return [{"label": part.label(labels), "url": address(**part.without)} for part in _parts(asked.filters)]


def _option_labels(counts: Counts) -> dict[str, str]:
    return {v.option: f"{facet.label}: {v.label}" for facet in counts.facets for v in facet.values}


@dataclass(frozen=True)
class _Part:
    """One thing that narrows a list. `without`: how its address is asked for without it; `rest`: the filters then."""

    words: str
    without: dict[str, str]
    rest: Filters

    def label(self, labels: Mapping[str, str]) -> str:
        return (
            labels.get(self.words, self.words.partition(":")[2]) if "option" in self.without else self.words
        )


def _parts(f: Filters) -> list[_Part]:
    found = [
        _Part(o, {"option": o}, replace(f, options=tuple(x for x in f.options if x != o))) for o in f.options
    ]
    found += [
        _Part(b, {"brand": b}, replace(f, brands=tuple(x for x in f.brands if x != b))) for b in f.brands
    ]
    if f.min_price is not None or f.max_price is not None:
        label = _price_label(f.min_price, f.max_price)
        found.append(_Part(label, {"without": "price"}, replace(f, min_price=None, max_price=None)))
    if f.in_stock:
        found.append(_Part(_("In stock only"), {"without": "in_stock"}, replace(f, in_stock=False)))
    if f.featured:
        found.append(_Part(_("Our favourites"), {"without": "featured"}, replace(f, featured=None)))
    if f.on_sale:
        found.append(_Part(_("Reduced"), {"without": "on_sale"}, replace(f, on_sale=False)))
    if f.min_rating is not None:
        label = _rating_label(f.min_rating)
        found.append(_Part(label, {"without": "rating"}, replace(f, min_rating=None)))
    if f.search and f.category_id is not None:
        found.append(_Part(_("“%(words)s”", words=f.search), {"without": "q"}, replace(f, search="")))
    return found


def _rating_label(stars: int) -> str:
    return _("%(stars)s stars and more", stars=stars)


def ways_back(asked: Asked, action: str, q: str | None, default_sort: str) -> list[dict[str, Any]]:
    """Where filters leave nothing: what each one hides, with the address of the list without it. Those that would
    still leave nothing are no way."""
    address = _addresses(asked, action, q, default_sort)
    parts = _parts(asked.filters)[:WAYS_MAX]
    labels: dict[str, str] = {}
    if asked.filters.options:
        labels = _option_labels(facets.count_facets(Filters(category_id=asked.filters.category_id)))
    ways = [
        {"label": part.label(labels), "url": address(**part.without), "count": listing.count(part.rest)}
        for part in parts
    ]
    return [way for way in ways if way["count"]]


def _price_label(low: int | None, high: int | None) -> str:
    if low is None:
        return _("up to %(price)s", price=money(high))
    if high is None:
        return _("from %(price)s", price=money(low))
    return f"{money(low)} – {money(high)}"

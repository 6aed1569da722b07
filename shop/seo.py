"""What search engines and other sites are told of a page: its one address, its languages, and what it is about."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import current_app, g, request

from kit.i18n import current_locale
from kit.money import to_text

SCHEMA = "https://schema.org"
Trail = Iterable[tuple[str, str | None]]
Data = dict[str, Any]


def absolute(path: str) -> str:
    """A path of this store as an address under its primary host; an address stays what it is."""
    if path.startswith(("https://", "http://")):
        return path
    return current_app.config["VITRINE"].url_of(g.store.host) + path


def meta(
    *,
    params: Mapping[str, Any] | None = None,
    indexed: bool = True,
    image: str | None = None,
    kind: str = "website",
    data: Iterable[Data] = (),
) -> Data:
    """For `shop/_seo.html`. `params` are the parameters that make another page of it (a page number); filters and
    sorting do not."""
    kept = {name: value for name, value in (params or {}).items() if value}
    return {
        "canonical": _address(kept, g.locale),
        "alternates": [(code, _address(kept, code)) for code in g.store.languages]
        if _speaks_several()
        else [],
        "plain": _address(kept, g.store.locale),
        "indexed": indexed,
        "image": absolute(image) if image else None,
        "kind": kind,
        "data": list(data),
    }


def social_picture() -> str | None:
    """What other sites show of the store as a whole."""
    return g.store.branding.get("social_image_url") or g.store.hero_url or None


def _speaks_several() -> bool:
    return len(g.store.languages) > 1


def _address(params: Mapping[str, Any], locale: str) -> str:
    asked = {**params, **({"lang": locale} if locale != g.store.locale else {})}
    return absolute(request.path) + (f"?{urlencode(asked)}" if asked else "")


# --- structured data --------------------------------------------------------------------------------------------


def organization() -> Data:
    store = g.store
    return _filled({
        "@context": SCHEMA, "@type": "Organization", "name": store.name, "url": absolute("/"),
        "legalName": store.legal_name, "email": store.contact_email, "telephone": store.contact_phone,
        "logo": absolute(store.logo_url) if store.logo_url else None,
    })  # fmt: skip


def website() -> Data:
    return {
        "@context": SCHEMA, "@type": "WebSite", "name": g.store.name, "url": absolute("/"),
        "inLanguage": current_locale(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": absolute("/search?q={search_term_string}")},
            "query-input": "required name=search_term_string",
        },
    }  # fmt: skip


def breadcrumbs(trail: Trail) -> Data:
    return {
        "@context": SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            _filled(
                {"@type": "ListItem", "position": n, "name": label, "item": absolute(url) if url else None}
            )
            for n, (label, url) in enumerate(trail, 1)
        ],
    }


def product(
    *,
    name: str,
    url: str,
    description: str,
    images: Iterable[str],
    sku: str | None,
    low: int,
    high: int,
    offers: int,
    availability: str,
    rating: float,
    review_count: int,
) -> Data:
    """`low` and `high` are what it costs now, over everything of it that can be bought."""
    currency = g.store.currency
    common = {"priceCurrency": currency, "availability": f"{SCHEMA}/{availability}", "url": absolute(url)}
    offer: Data = {"@type": "Offer", "price": to_text(low, currency), **common}
    if low != high:
        offer = {"@type": "AggregateOffer", "lowPrice": to_text(low, currency), "highPrice": to_text(high, currency),
                 "offerCount": offers, **common}  # fmt: skip
    stars = {"@type": "AggregateRating", "ratingValue": rating, "reviewCount": review_count}
    return _filled({
        "@context": SCHEMA, "@type": "Product", "name": name, "description": description, "sku": sku,
        "image": [absolute(image) for image in images], "url": absolute(url), "offers": offer,
        "aggregateRating": stars if review_count else None,
    })  # fmt: skip


def _filled(data: Data) -> Data:
    return {name: value for name, value in data.items() if value not in (None, "", [])}

"""Search: its page, and what is offered while somebody types. The form works by itself; htmx only adds the offers."""

from typing import Any

from flask import Response, g, redirect, request, url_for

from kit.i18n import _, _n
from services.catalog import suggestions
from services.catalog.listing import Filters
from services.catalog.suggestions import Suggestions
from services.search import misses, words
from shop import bp
from shop.listing_page import list_page
from shop.listing_view import KNOWN, QUERY_MAX, read_asked
from web.access import PUBLIC, allow
from web.cache import cached_page
from web.filters import money
from web.htmx import render, wants_fragment


def asked_words() -> str:
    """What is searched for, with single spaces."""
    return " ".join(request.args.get("q", "").split())[:QUERY_MAX]


@bp.get("/search")
@allow(PUBLIC)
@cached_page(*KNOWN)
def search() -> Response:
    q = asked_words()
    default = "relevance" if q else "newest"
    asked = read_asked(Filters(search=q), default)
    heading = _("Results for “%(query)s”", query=q) if q else _("Search")
    trail = [(_("Home"), url_for("shop.home")), (_("Search"), url_for("shop.search"))]
    response = list_page(asked, heading=heading, trail=trail, q=q, default_sort=default)
    if q and g.get("is_passing") and not asked.is_narrowed and not wants_fragment():
        misses.note(q)  # nothing was found: the store wants to know for what
    return response


@bp.get("/search/suggest")
@allow(PUBLIC)
def suggest() -> Response:
    """The rows of the list below the search field. Without htmx there is the search itself."""
    if not wants_fragment():
        return redirect(url_for("shop.search", q=asked_words() or None))  # type: ignore[return-value]
    return _rows()


@cached_page("q")
def _rows() -> Response:
    q = asked_words()
    found = suggestions.suggest(q)
    typed = words(q)
    return render("shop/catalog/_suggestions.html", groups=_groups(found, typed), say=_said(found.count, q))


def _said(count: int, q: str) -> str:
    if not q:
        return ""
    return _n("%(num)d suggestion", "%(num)d suggestions", count) if count else _("No suggestions")


def _groups(found: Suggestions, typed: list[str]) -> list[dict[str, Any]]:
    going_on = [{"url": url_for("shop.search", q=text), "parts": _parts(text, typed)} for text in found.words]
    places = [
        {"url": url_for("shop.category", slug=n.slug), "parts": _parts(n.name, typed)}
        for n in found.categories
    ]
    places += [
        {"url": url_for("shop.category", slug=n.slug, q=found.asked), "parts": [(found.asked, True)],
         "scope": _("in %(category)s", category=n.name)}
        for n in found.scopes
    ]  # fmt: skip
    things = [
        {"url": url_for("shop.product", slug=one.slug), "parts": _parts(one.name, typed), "image": one.image,
         "price": _("from %(price)s", price=money(one.price)) if one.is_from_price else money(one.price),
         "note": "" if one.in_stock else _("Sold out")}
        for one in found.products
    ]  # fmt: skip
    groups = [(_("Searches"), going_on), (_("Categories"), places), (_("Products"), things)]
    return [{"label": label, "rows": rows} for label, rows in groups if rows]


def _parts(text: str, typed: list[str]) -> list[tuple[str, bool]]:
    """The text in pieces: what was typed of it (True), and what is new to the reader."""
    parts: list[tuple[str, bool]] = []
    for n, word in enumerate(text.split(" ")):
        space = " " if n else ""
        folded = "".join(words(word))
        begun = max((one for one in typed if folded.startswith(one)), key=len, default="")
        if begun and len(folded) == len(word):
            parts += [(space + word[: len(begun)], True), (word[len(begun) :], False)]
        else:
            parts.append((space + word, False))
    return [part for part in parts if part[0]]

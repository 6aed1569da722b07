"""What the address of the product list says, as a filter; and the filter as fields and chips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from admin.wording import STOCK, options
from kit.i18n import _, pgettext
from kit.ids import parse_id
from models.catalog import StockStatus
from services.catalog import categories, staff_list
from services.catalog.staff_list import SORTS, Shown, StaffFilter
from web.filters import money
from web.lists import TEXT_MAX, Filter, amount_in, here

# The names that the list's address may hold, for saved views, exports and commands for all that match.
NAMES = ("view", "q", "status", "stock", "category", "tag", "brand", "price_min", "price_max", "extra", "sort", "dir",
         "cols", "size")  # fmt: skip
VIEWS = ("all", "active", "draft", "sold_out", "archived")
_OF_VIEW: dict[str, StaffFilter] = {
    "active": StaffFilter(status=Shown.ACTIVE),
    "draft": StaffFilter(status=Shown.DRAFT),
    "sold_out": StaffFilter(status=Shown.ACTIVE, stock=StockStatus.OUT_OF_STOCK),
    "archived": StaffFilter(status=Shown.ARCHIVED),
}
_EXTRA: dict[str, dict[str, bool]] = {"featured": {"featured": True}, "sale": {"on_sale": True}}
T = TypeVar("T")


def state_of(args: MultiDict[str, str]) -> dict[str, str]:
    """What an address says of the list and where one is in it. Ticks of a form without scripts stand in it one by
    one."""
    found = {name: ",".join(args.getlist(name)) for name in (*NAMES, "saved", "page")}
    return {name: value for name, value in found.items() if value}


def state_in(text: str) -> dict[str, str]:
    """The same of a query string that a form carries along."""
    return state_of(MultiDict(parse_qsl(text, max_num_fields=60)))


def read_filter(args: Mapping[str, str]) -> StaffFilter:
    """What is no choice is passed over: a list never fails for an address typed wrong."""
    base = _OF_VIEW.get(args.get("view", ""), StaffFilter())
    return StaffFilter(
        search=args.get("q", "").strip()[:TEXT_MAX],
        status=_member(Shown, args.get("status", "")) or base.status,
        stock=_member(StockStatus, args.get("stock", "")) or base.stock,
        category_id=parse_id(args.get("category", "")),
        tag_id=parse_id(args.get("tag", "")),
        brand=args.get("brand", "").strip()[:TEXT_MAX],
        price_min=amount_in(args.get("price_min", "")),
        price_max=amount_in(args.get("price_max", "")),
        **_EXTRA.get(args.get("extra", ""), {}),
    )


def _member(kind: type[T], text: str) -> T | None:
    return kind(text) if text in set(kind) else None  # type: ignore[call-arg,call-overload]


def read_sort(args: Mapping[str, str]) -> tuple[str, bool]:
    """By what, and whether the largest comes first. Without a word, the newest; for a search, the best."""
    if args.get("sort") in SORTS:
        return args["sort"], args.get("dir") == "desc"
    return (staff_list.RELEVANCE, True) if args.get("q", "").strip() else ("created", True)


@dataclass(frozen=True, slots=True)
class Found:
    """The filters as the page shows them."""

    fields: list[dict[str, Any]]
    chips: list[dict[str, str]]


def shown(args: Mapping[str, str]) -> Found:
    wanted = read_filter(args)
    filters = [one for one in _filters() if one.options]
    chips = [{"label": f"“{wanted.search}”", "url": here(q=None)}] if wanted.search else []
    chips += [
        {"label": f"{one.label}: {one.options[one.value].strip()}", "url": here(**{one.name: None})}
        for one in filters
        if one.value
    ]
    chips += [
        {"label": label, "url": here(**{name: None})} for name, label in _bounds(wanted).items() if label
    ]
    return Found([one.shown() for one in filters], chips)


def _filters() -> list[Filter]:
    statuses = {Shown.ACTIVE: pgettext("products", "Active"), Shown.DRAFT: _("Draft"),
                Shown.SCHEDULED: _("Scheduled"), Shown.ARCHIVED: _("Archived")}  # fmt: skip
    nodes = categories.flat(categories.tree(include_inactive=True))
    return [
        Filter("status", _("Status"), {str(key): label for key, label in statuses.items()}),
        Filter("stock", _("Stock"), options(STOCK)),
        Filter("category", _("Category"), {str(n.id): "\N{EM SPACE}" * n.depth + n.name for n in nodes}),
        Filter("brand", _("Brand"), {name: name for name in staff_list.brands()}),
        Filter("tag", _("Tag"), {str(ident): name for ident, name in staff_list.tag_names()}),
        Filter("extra", _("More"), {"sale": _("On sale"), "featured": _("Featured")}),
    ]


def _bounds(wanted: StaffFilter) -> dict[str, str]:
    return {
        "price_min": _("From %(price)s", price=money(wanted.price_min))
        if wanted.price_min is not None
        else "",
        "price_max": _("Up to %(price)s", price=money(wanted.price_max))
        if wanted.price_max is not None
        else "",
    }

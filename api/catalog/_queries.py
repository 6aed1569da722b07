"""The parameters of lists of products, and what they mean as filters."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, StringConstraints

from api.contract import PagedQuery
from kit.actor import Actor
from kit.drafts import Amount, wrong
from kit.i18n import _
from kit.ids import parse_id
from models.catalog import StockStatus
from services.catalog.listing import Filters

NOWHERE = UUID(int=0)  # an id that can't be one finds what an unknown one finds
Word = Annotated[str, StringConstraints(max_length=200)]
SortBy = Literal["name", "price", "created_at", "popularity", "rating", "stock_quantity"]
Direction = Literal["asc", "desc"]


def _yes_or_no(value: Any) -> Any:
    known = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    if not isinstance(value, bool):
        raise wrong("", "not_a_boolean", _("Must be true or false."))
    return value


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]


class ProductQuery(PagedQuery):
    """Without `sort_dir` names and prices rise, everything else falls. Without `sort_by`: the best match of a
    search, else the newest."""

    search: Word = ""
    category_id: Word | None = None
    tag_id: Word | None = None
    min_price: Amount | None = None
    max_price: Amount | None = None
    stock_status: StockStatus | None = None
    is_featured: YesNo | None = None
    is_active: YesNo | None = None
    sort_by: SortBy | None = None
    sort_dir: Direction | None = None

    def filters(self, actor: Actor) -> Filters | None:
        """None where this caller can't see any: only staff look at what is not active."""
        if self.is_active is False and not actor.is_staff:
            return None
        return Filters(
            search=self.search,
            category_id=_id(self.category_id),
            tag_ids=(_id(self.tag_id) or NOWHERE,) if self.tag_id else (),
            min_price=self.min_price,
            max_price=self.max_price,
            stock_status=self.stock_status,
            featured=self.is_featured,
            is_active=self.is_active if actor.is_staff else True,
            sort_by=self.sort_by,
            descending=_falls(self.sort_dir),
        )


class StorefrontQuery(PagedQuery):
    """`sort_by` also takes newest, price_asc, price_desc, name_asc and name_desc, which say their direction."""

    search: Word = ""
    category_slug: Word | None = None
    min_price: Amount | None = None
    max_price: Amount | None = None
    in_stock: YesNo | None = None
    featured: YesNo | None = None
    sort_by: SortBy | Literal["newest", "price_asc", "price_desc", "name_asc", "name_desc"] | None = None
    sort_dir: Direction | None = None

    def filters(self, category_id: UUID | None) -> Filters:
        sort_by, descending = _SHORT.get(self.sort_by or "", (self.sort_by, _falls(self.sort_dir)))
        return Filters(
            search=self.search,
            category_id=(category_id or NOWHERE) if self.category_slug else None,
            min_price=self.min_price,
            max_price=self.max_price,
            in_stock=bool(self.in_stock),
            stock_status=StockStatus.OUT_OF_STOCK if self.in_stock is False else None,
            featured=self.featured,
            sort_by=sort_by,
            descending=descending,
        )


_SHORT: dict[str, tuple[str, bool]] = {
    "newest": ("created_at", True),
    "price_asc": ("price", False),
    "price_desc": ("price", True),
    "name_asc": ("name", False),
    "name_desc": ("name", True),
}


def _falls(direction: str | None) -> bool | None:
    return None if direction is None else direction == "desc"


def _id(text: str | None) -> UUID | None:
    return None if not text else parse_id(text) or NOWHERE

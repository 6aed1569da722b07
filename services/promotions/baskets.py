"""What a rule is held against: a basket, and on which shelves its things stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from models.catalog import Category, product_categories, product_tags
from models.promotions import Coupon, CouponType
from services import segments, tenants

GIVING = (CouponType.BUY_X_GET_Y, CouponType.GIFT)


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`product_id` None: an amount of which nothing more is known."""

    product_id: UUID | None
    line_total: int
    is_on_sale: bool = False
    quantity: int = 1
    key: str = ""

    @property
    def unit_price(self) -> int:
        return self.line_total // self.quantity


@dataclass(frozen=True)
class Basket:
    """Address and country as far as they are known: what depends on them is checked once they are, and at checkout
    without fail."""

    lines: tuple[BasketLine, ...]
    email: str = ""
    customer_id: UUID | None = None
    country: str = ""

    @property
    def subtotal(self) -> int:
        return sum(line.line_total for line in self.lines)

    @cached_property
    def segment(self) -> str | None:
        """The customer's; asked once, however many promotions are for some only. It ranks all customers."""
        return segments.segment_of(self.customer_id)


@dataclass(frozen=True, slots=True)
class Shelves:
    """The categories (with all those above them) and tags of products, as texts."""

    categories: dict[UUID, set[str]] = field(default_factory=dict)
    tags: dict[UUID, set[str]] = field(default_factory=dict)


def shelves_of(lines: Iterable[BasketLine], rules: Sequence[Coupon]) -> Shelves:
    """No query where no rule asks; else one for categories and one for tags."""
    ids = {line.product_id for line in lines if line.product_id}
    by_category = any(r.category_ids or r.excluded_category_ids or r.get_category_ids for r in rules)
    by_tag = any(r.tag_ids or r.excluded_tag_ids for r in rules)
    return Shelves(
        _categories_of(ids) if by_category and ids else {},
        _tags_of(ids) if by_tag and ids else {},
    )


def _categories_of(ids: set[UUID]) -> dict[UUID, set[str]]:
    own = product_categories.c
    tree = (
        select(own.product_id.label("product_id"), own.category_id.label("category_id"))
        .where(own.tenant_id == tenants.current().id, own.product_id.in_(ids))
        .cte("shelves", recursive=True)
    )
    above = select(tree.c.product_id, Category.parent_id).join(Category, Category.id == tree.c.category_id)
    tree = tree.union(above.where(Category.parent_id.is_not(None)))
    return _gathered(db.session.execute(select(tree.c.product_id, tree.c.category_id)).all())


def _tags_of(ids: set[UUID]) -> dict[UUID, set[str]]:
    own = product_tags.c
    query = select(own.product_id, own.tag_id).where(own.tenant_id == tenants.current().id)
    return _gathered(db.session.execute(query.where(own.product_id.in_(ids))).all())


def _gathered(rows: Iterable) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for product_id, other_id in rows:
        found.setdefault(product_id, set()).add(str(other_id))
    return found


def is_for(rule: Coupon, line: BasketLine, shelves: Shelves) -> bool:
    """Does the rule count this line among what it is for?"""
    if line.product_id is None:
        return True
    key = str(line.product_id)
    categories = shelves.categories.get(line.product_id, set())
    tags = shelves.tags.get(line.product_id, set())
    if rule.exclude_sale_items and line.is_on_sale:
        return False
    if key in rule.excluded_product_ids or not categories.isdisjoint(rule.excluded_category_ids):
        return False
    if not tags.isdisjoint(rule.excluded_tag_ids):
        return False
    if not (rule.product_ids or rule.category_ids or rule.tag_ids):
        return True
    return (
        key in rule.product_ids
        or not categories.isdisjoint(rule.category_ids)
        or not tags.isdisjoint(rule.tag_ids)
    )


def gives(rule: Coupon, line: BasketLine, shelves: Shelves) -> bool:
    """May the rule take from this line? Where something is given, that; else what it is for."""
    named = rule.get_product_ids or rule.get_category_ids
    if rule.type not in GIVING or not named:
        return is_for(rule, line, shelves)
    if line.product_id is None or (rule.exclude_sale_items and line.is_on_sale):
        return False
    categories = shelves.categories.get(line.product_id, set())
    return str(line.product_id) in rule.get_product_ids or not categories.isdisjoint(rule.get_category_ids)

"""Collections: categories whose products come from a rule. Who is in one is written down, so that lists, counts and
pages read it as quickly as what was put in by hand, and brought up to date by the worker within a minute.

What is put into such a category by hand stays in it, whatever the rule says.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, or_, select

from kit import clock, tenancy
from kit.actor import Actor
from kit.db import Id, db, transaction
from kit.drafts import Amount, Draft, Flag, IdRef, Int, Text, blank_to_none, wrong
from kit.errors import Invalid
from kit.i18n import _
from kit.money import to_text
from models.catalog import Category, Product, StockStatus, Tag, collection_products, product_tags
from models.tenants import Tenant, TenantStatus
from services import audit, tenants
from services.catalog import categories
from services.catalog.categories import CategoryDraft
from services.catalog.filters import has_option
from services.catalog.prices import current_price, is_on_sale
from services.catalog.products import check_version

Blank = BeforeValidator(blank_to_none)
DAYS_MAX = 730
ASKED_AGAIN_AFTER = timedelta(hours=1)  # "new since" moves with the clock


class RuleDraft(Draft):
    """Everything that is said must hold; within a list one is enough (of options: one of each attribute, as
    `attribute:value` slugs). Prices are what a product costs now. `new_days`: came in within so many days."""

    min_price: Annotated[Amount | None, Blank] = None
    max_price: Annotated[Amount | None, Blank] = None
    tag_ids: Annotated[list[IdRef], Field(max_length=50)] = []
    brands: Annotated[list[Annotated[str, Text(100, min=1)]], Field(max_length=50)] = []
    options: Annotated[list[Annotated[str, Text(250, min=3)]], Field(max_length=100)] = []
    on_sale: Flag = False
    featured: Flag = False
    in_stock: Flag = False
    new_days: Annotated[Annotated[Int, Field(ge=1, le=DAYS_MAX)] | None, Blank] = None

    @model_validator(mode="after")
    def _say_something(self) -> "RuleDraft":
        if not self.rule():
            raise wrong("", "no_condition", _("Say at least one thing that the products have in common."))
        if self.min_price is not None and self.max_price is not None and self.max_price < self.min_price:
            raise wrong("max_price", "too_small", _("Must not be less than the lowest price."))
        for option in self.options:
            if not all(option.partition(":")):
                raise wrong("options", "unknown_id", _("There is no such option."))
        return self

    def rule(self) -> dict[str, Any]:
        """What is kept: plain values, and nothing that says nothing."""
        names = RuleDraft.model_fields
        return {name: value for name, value in self.model_dump(mode="json", include=set(names)).items()
                if value not in (None, False, [])}  # fmt: skip

    @classmethod
    def of(cls, row: Category) -> dict[str, Any]:
        currency, names = tenants.current().currency, ("min_price", "max_price")
        prices: dict[str, Any] = {
            name: to_text(row.rule[name], currency) for name in names if name in row.rule
        }
        return {**row.rule, **prices}


class CollectionDraft(RuleDraft):
    name: Annotated[str, Text(200, min=1)]


def list_collections() -> list[Category]:
    query = select(Category).where(Category.ruled_at.is_not(None)).order_by(Category.position, Category.id)
    return list(db.session.scalars(query))


def count_matching(draft: RuleDraft) -> int:
    """How many products that shoppers see the rule lets in now."""
    _check(draft)
    shown = Product.is_active, Product.archived_at.is_(None)
    return db.session.scalar(select(func.count(Product.id)).where(*shown, *conditions(draft.rule()))) or 0


@transaction()
def create_collection(draft: CollectionDraft, *, actor: Actor) -> Category:
    """A category of that name at the top of the tree; its texts and place are changed like any other's."""
    _check(draft)
    row = categories.create_category(CategoryDraft(name=draft.name), actor=actor)
    _set(row, draft.rule(), actor)
    return row


@transaction()
def set_rule(
    category_id: UUID | str, draft: RuleDraft, *, actor: Actor, version: int | None = None
) -> Category:
    """Also makes a collection of a category that was filled by hand."""
    row = categories.get_category(category_id)
    check_version(row, version)
    _check(draft)
    _set(row, draft.rule(), actor)
    return row


@transaction()
def clear_rule(category_id: UUID | str, *, actor: Actor) -> None:
    """From now on it is filled by hand: only what was put in so stays."""
    row = categories.get_category(category_id)
    if row.ruled_at is None:
        return
    audit.record("update", row, actor=actor, changes={"rule": [row.rule, {}]})
    row.rule, row.ruled_at, row.version = {}, None, row.version + 1
    db.session.flush()
    db.session.execute(delete(collection_products).where(*_mine(row.id)))
    tenants.touch_catalog()


def _check(draft: RuleDraft) -> None:
    known = (
        set(db.session.scalars(select(Tag.id).where(Tag.id.in_(draft.tag_ids)))) if draft.tag_ids else set()
    )
    if set(draft.tag_ids) - known:
        raise Invalid.field("tag_ids", "unknown_id", _("There is no such tag."))


def _set(row: Category, rule: dict[str, Any], actor: Actor) -> None:
    if rule != row.rule:
        audit.record("update", row, actor=actor, changes={"rule": [row.rule, rule]})
        row.rule, row.version = rule, row.version + 1
        row.updated_at = clock.now()
        tenants.touch_catalog()
    _ask(row)


# --- who is in ----------------------------------------------------------------------------------------------------


def conditions(rule: dict[str, Any]) -> list[ColumnElement[bool]]:
    """The rule as SQL over products."""
    found: list[ColumnElement[bool]] = []
    if "min_price" in rule:
        found.append(current_price() >= rule["min_price"])
    if "max_price" in rule:
        found.append(current_price() <= rule["max_price"])
    if "tag_ids" in rule:
        tagged = select(product_tags.c.product_id).where(
            product_tags.c.tenant_id == tenancy.current_tenant_id(),
            product_tags.c.tag_id.in_([UUID(ident) for ident in rule["tag_ids"]]),
        )
        found.append(Product.id.in_(tagged))
    if "brands" in rule:
        found.append(func.lower(Product.brand).in_([brand.lower() for brand in rule["brands"]]))
    by_attribute: dict[str, list[str]] = {}
    for option in rule.get("options", ()):
        attribute, _colon, value = option.partition(":")
        by_attribute.setdefault(attribute, []).append(value)
    found += [has_option(attribute, values) for attribute, values in by_attribute.items()]
    if rule.get("on_sale"):
        found.append(is_on_sale())
    if rule.get("featured"):
        found.append(Product.is_featured.is_(True))
    if rule.get("in_stock"):
        found.append(Product.stock_status != StockStatus.OUT_OF_STOCK)
    if "new_days" in rule:
        found.append(Product.created_at >= clock.now() - timedelta(days=rule["new_days"]))
    return found


def _ask(row: Category) -> int:
    """Write down whom the rule lets in now: one statement for who comes, one for who goes. How many those were."""
    db.session.flush()
    wanted = select(Product.id).where(Product.tenant_id == row.tenant_id, Product.archived_at.is_(None),
                                      *conditions(row.rule))  # fmt: skip
    there = select(collection_products.c.product_id).where(*_mine(row.id))
    columns = [literal(row.tenant_id, Id()), literal(row.id, Id()), Product.id]
    comers = wanted.with_only_columns(*columns).where(Product.id.not_in(there))
    names = ["tenant_id", "category_id", "product_id"]
    gone = db.session.execute(
        delete(collection_products).where(*_mine(row.id), collection_products.c.product_id.not_in(wanted))
    )
    come = db.session.execute(
        insert(collection_products).from_select(names, comers), execution_options={"preserve_rowcount": True}
    )
    changed = int(gone.rowcount) + int(come.rowcount)  # type: ignore[attr-defined]
    if changed:
        tenants.touch_catalog()
    row.ruled_at, row.ruled_version = clock.now(), tenants.current().catalog_version
    return changed


def _mine(category_id: UUID) -> tuple[ColumnElement[bool], ...]:
    table = collection_products.c
    return table.tenant_id == tenancy.current_tenant_id(), table.category_id == category_id


def refresh_due() -> int:
    """In every store: ask the rules again where the catalogue, or by the clock what they say, has changed. How many
    products came or went."""
    with tenancy.every_tenant():
        query = (
            select(
                Category.tenant_id,
                Category.id,
                Category.ruled_version,
                Category.ruled_at,
                Tenant.catalog_version,
            )
            .join(Tenant, Tenant.id == Category.tenant_id)
            .where(Category.ruled_at.is_not(None), Tenant.status != TenantStatus.DELETED)
            .order_by(Category.tenant_id, Category.id)
        )
        rows = list(db.session.execute(query))
    changed = 0
    for tenant_id, category_id, asked_version, asked_at, version in rows:
        with tenants.in_store(tenant_id):
            if asked_version != version or _by_the_clock(asked_at):
                changed += _ask_again(category_id)
    return changed


def _by_the_clock(asked_at: datetime | None) -> bool:
    """Did a sale start or end since, or is it time for "new since"?"""
    now = clock.now()
    if asked_at is None or asked_at <= now - ASKED_AGAIN_AFTER:
        return True
    edges = (Product.sale_starts_at, Product.sale_ends_at)
    moved = or_(*(and_(edge > asked_at, edge <= now) for edge in edges))
    return db.session.scalar(select(Product.id).where(moved).limit(1)) is not None


@transaction()
def _ask_again(category_id: UUID) -> int:
    row = db.session.get(Category, category_id, with_for_update=True, populate_existing=True)
    return _ask(row) if row is not None and row.ruled_at is not None else 0

"""How many products each filter would leave: all of it in one query, remembered while the catalogue stays as it is."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import selectinload

from kit.db import db
from kit.slugs import fold, slugify
from models.catalog import Attribute, AttributeValue, Product, StockStatus, Variant, variant_values
from services.catalog import listing
from services.catalog.listing import Filters
from services.catalog.prices import current_price, is_on_sale
from services.catalog.texts import other_locale

STARS = (4, 3)


@dataclass(frozen=True, slots=True)
class Value:
    """One choice of a facet; `option` is what goes into Filters.options."""

    option: str
    slug: str
    label: str
    color: str | None
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of an attribute that occur here. `slug` is the attribute's."""

    slug: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """`price_low` and `price_high` (minor units) are what the other filters leave; both 0 where nothing is left.
    `ratings`: (stars, products that have so many on average or more). `brands`: their `option` is the name.

    Counts are equal only to themselves: what is kept under them is good for as long as they are kept.
    """

    total: int
    in_stock: int
    featured: int
    on_sale: int
    ratings: tuple[tuple[int, int], ...]
    price_low: int
    price_high: int
    facets: tuple[Facet, ...]
    brands: tuple[Value, ...] = ()


def count_facets(filters: Filters) -> Counts:
    """Named in the reader's language; the numbers are the same in all."""
    counts: Counts = listing.remember("facets", filters, lambda: _read(filters))
    locale = other_locale()
    if locale is None or not counts.facets:
        return counts
    said: Counts = listing.remember(f"facets {locale}", filters, lambda: _said(counts))
    return said


def _said(counts: Counts) -> Counts:
    slugs = [facet.slug for facet in counts.facets]
    query = select(Attribute).where(Attribute.slug.in_(slugs)).options(selectinload(Attribute.values))
    known = {attribute.slug: attribute for attribute in db.session.scalars(query)}
    return replace(counts, facets=tuple(_labelled(facet, known.get(facet.slug)) for facet in counts.facets))


def _labelled(facet: Facet, attribute: Attribute | None) -> Facet:
    if attribute is None:
        return facet
    labels = {value.slug: value.label for value in attribute.values}
    values = tuple(replace(value, label=labels.get(value.slug, value.label)) for value in facet.values)
    return replace(facet, label=attribute.label, values=values)


def _read(filters: Filters) -> Counts:
    rows = db.session.execute(union_all(_totals(filters), _options(filters), _brands(filters))).all()
    totals = next(row for row in rows if row.kind == "totals")
    return Counts(
        total=totals.n or 0,
        in_stock=totals.in_stock or 0,
        featured=totals.featured or 0,
        on_sale=totals.on_sale or 0,
        ratings=tuple((stars, getattr(totals, f"stars_{stars}") or 0) for stars in STARS),
        price_low=totals.low or 0,
        price_high=totals.high or 0,
        facets=_facets([row for row in rows if row.kind == "value"], set(filters.options)),
        brands=_shown_brands([row for row in rows if row.kind == "brand"], set(filters.brands)),
    )


def _totals(filters: Filters) -> Any:
    conditions = listing.facet_conditions(filters)

    def others(own: str | None = None) -> ColumnElement[bool]:
        return and_(true(), *(condition for name, condition in conditions.items() if name != own))

    price = current_price()
    is_there = Product.stock_status != StockStatus.OUT_OF_STOCK
    query = select(
        literal("totals").label("kind"),
        *(literal(empty).label(name) for name, empty in _COLUMNS),
        func.count(case((others(), 1))).label("n"),
        func.count(case((and_(others("in_stock"), is_there), 1))).label("in_stock"),
        func.count(case((and_(others("featured"), Product.is_featured), 1))).label("featured"),
        func.count(case((and_(others("on_sale"), is_on_sale()), 1))).label("on_sale"),
        *(
            func.count(case((and_(others("rating"), listing.has_rating(stars)), 1))).label(f"stars_{stars}")
            for stars in STARS
        ),
        func.min(case((others("price"), price))).label("low"),
        func.max(case((others("price"), price))).label("high"),
    ).select_from(Product)
    return listing.based(query, filters)


_COLUMNS = (("attribute", ""), ("attribute_name", ""), ("attribute_position", 0), ("slug", ""), ("label", ""),
            ("color", ""), ("position", 0))  # fmt: skip


_NUMBERS = ("in_stock", "featured", "on_sale", *(f"stars_{stars}" for stars in STARS), "low", "high")


def _brands(filters: Filters) -> Any:
    """Per brand; its own choice does not lower its counts."""
    conditions = [
        condition for name, condition in listing.facet_conditions(filters).items() if name != "brand"
    ]
    columns: dict[str, Any] = {name: literal(empty) for name, empty in _COLUMNS} | {"label": Product.brand}
    query = (
        select(
            literal("brand").label("kind"),
            *(column.label(name) for name, column in columns.items()),
            func.count().label("n"),
            *(literal(0).label(name) for name in _NUMBERS),
        )
        .where(Product.brand != "", *conditions)
        .group_by(Product.brand)
    )
    return listing.based(query, filters)


def _options(filters: Filters) -> Any:
    """Per attribute value; the names are joined to the few rows that are left after counting."""
    counted = _value_counts(filters).subquery("counted")
    return (
        select(
            literal("value").label("kind"),
            Attribute.slug.label("attribute"),
            Attribute.name.label("attribute_name"),
            Attribute.position.label("attribute_position"),
            AttributeValue.slug.label("slug"),
            AttributeValue.value.label("label"),
            func.coalesce(AttributeValue.color, "").label("color"),
            AttributeValue.position.label("position"),
            counted.c.n,
            *(literal(0).label(name) for name in _NUMBERS),
        )
        .select_from(counted)
        .join(AttributeValue, AttributeValue.id == counted.c.value_id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
    )


def _value_counts(filters: Filters) -> Any:
    """(value_id, number of products). Within an attribute the choices are alternatives, so its own do not lower its
    counts."""
    conditions = listing.facet_conditions(filters)
    plain = [condition for name, condition in conditions.items() if not name.startswith("option:")]
    chosen = {name.partition(":")[2]: cond for name, cond in conditions.items() if name.startswith("option:")}
    counts = and_(
        true(),
        *(
            or_(variant_values.c.value_id.in_(_values_of(slug)), condition)
            for slug, condition in chosen.items()
        ),
    )
    product = case((counts, Variant.product_id)) if chosen else Variant.product_id
    query = (
        select(variant_values.c.value_id, func.count(product.distinct()).label("n"))
        .select_from(Product)
        .join(Variant, and_(Variant.product_id == Product.id, Variant.is_active))
        .join(
            variant_values,
            and_(variant_values.c.tenant_id == Variant.tenant_id, variant_values.c.variant_id == Variant.id),
        )
        .where(Product.variant_count > 0, *plain)
        .group_by(variant_values.c.value_id)
    )
    return listing.based(query, filters)


def _values_of(attribute: str) -> Any:
    return (
        select(AttributeValue.id)
        .join(Attribute, Attribute.id == AttributeValue.attribute_id)
        .where(Attribute.slug == attribute)
    )


def _facets(rows: list[Any], chosen: set[str]) -> tuple[Facet, ...]:
    by_attribute: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda r: (r.attribute_position, r.attribute, r.position, r.slug)):
        by_attribute.setdefault(row.attribute, []).append(row)
    return tuple(
        Facet(slug, found[0].attribute_name, tuple(_value(row, chosen) for row in found))
        for slug, found in by_attribute.items()
    )


def _shown_brands(rows: list[Any], chosen: set[str]) -> tuple[Value, ...]:
    """In the order of the alphabet. One brand alone is no choice."""
    found = [
        Value(row.label, slugify(row.label) or "brand", row.label, None, row.n, row.label in chosen)
        for row in sorted(rows, key=lambda row: (fold(row.label), row.label))
    ]
    return tuple(found) if len(found) > 1 or chosen else ()


def _value(row: Any, chosen: set[str]) -> Value:
    option = f"{row.attribute}:{row.slug}"
    return Value(option, row.slug, row.label, row.color or None, row.n, option in chosen)

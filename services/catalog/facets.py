"""How many products each filter would leave: all of it in one query, remembered while the catalogue stays as it is."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import selectinload

from kit.db import db
from kit.slugs import fold, slugify
from models.catalog import Attribute, AttributeValue, Product, StockStatus, Variant, variant_values
from services.catalog import listing
from services.catalog.filters import Filters, based, facet_conditions, has_rating, value_ids
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
    shown = _Shown(filters)
    rows = db.session.execute(union_all(_totals(shown), _options(shown), _brands(shown))).all()
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


class _Shown:
    """What stands outside of the facets lets through, with a column for each thing that is counted, and one for each
    facet that is chosen: does the product meet it? So each is found out once, however often it is counted by."""

    def __init__(self, filters: Filters):
        conditions = facet_conditions(filters)
        asked = {
            name: condition.label(f"meets_{n}") for n, (name, condition) in enumerate(conditions.items())
        }
        query = select(
            Product.id.label("id"),
            Product.brand.label("brand"),
            Product.variant_count.label("variant_count"),
            current_price().label("price"),
            (Product.stock_status != StockStatus.OUT_OF_STOCK).label("in_stock"),
            Product.is_featured.label("featured"),
            is_on_sale().label("on_sale"),
            *(has_rating(stars).label(f"stars_{stars}") for stars in STARS),
            *asked.values(),
        )
        self.rows = based(query, filters).cte("shown")
        self.met = {name: self.rows.c[label.name] for name, label in asked.items()}

    def others(self, own: str | None = None) -> ColumnElement[bool]:
        """Meets what is chosen in all facets but this one."""
        return and_(true(), *(met for name, met in self.met.items() if name != own))


def _totals(shown: _Shown) -> Any:
    rows = shown.rows.c

    def number(own: str, column: str) -> Any:
        return func.count(case((and_(shown.others(own), rows[column]), 1))).label(column)

    return select(
        literal("totals").label("kind"),
        *(literal(empty).label(name) for name, empty in _COLUMNS),
        func.count(case((shown.others(), 1))).label("n"),
        *(number(name, name) for name in ("in_stock", "featured", "on_sale")),
        *(number("rating", f"stars_{stars}") for stars in STARS),
        func.min(case((shown.others("price"), rows.price))).label("low"),
        func.max(case((shown.others("price"), rows.price))).label("high"),
    ).select_from(shown.rows)


_COLUMNS = (("attribute", ""), ("attribute_name", ""), ("attribute_position", 0), ("slug", ""), ("label", ""),
            ("color", ""), ("position", 0))  # fmt: skip


_NUMBERS = ("in_stock", "featured", "on_sale", *(f"stars_{stars}" for stars in STARS), "low", "high")


def _brands(shown: _Shown) -> Any:
    """Per brand; its own choice does not lower its counts."""
    brand = shown.rows.c.brand
    columns: dict[str, Any] = {name: literal(empty) for name, empty in _COLUMNS} | {"label": brand}
    return (
        select(
            literal("brand").label("kind"),
            *(column.label(name) for name, column in columns.items()),
            func.count().label("n"),
            *(literal(0).label(name) for name in _NUMBERS),
        )
        .select_from(shown.rows)
        .where(brand != "", shown.others("brand"))
        .group_by(brand)
    )


def _options(shown: _Shown) -> Any:
    """Per attribute value; the names are joined to the few rows that are left after counting."""
    counted = _value_counts(shown).subquery("counted")
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


def _value_counts(shown: _Shown) -> Any:
    """(value_id, number of products). Within an attribute the choices are alternatives, so its own do not lower its
    counts."""
    plain = [met for name, met in shown.met.items() if not name.startswith("option:")]
    chosen = {name.partition(":")[2]: met for name, met in shown.met.items() if name.startswith("option:")}
    known = value_ids() if chosen else {}
    value = variant_values.c.value_id
    counts = and_(
        true(), *(or_(value.in_(list(known.get(slug, {}).values())), met) for slug, met in chosen.items())
    )
    # First each value of each product once, however many variants have it: that is faster than count(DISTINCT …).
    offered = (
        select(value, Variant.product_id.label("product_id"), counts.label("counts"))
        .select_from(shown.rows)
        .join(Variant, and_(Variant.product_id == shown.rows.c.id, Variant.is_active))
        .join(
            variant_values,
            and_(variant_values.c.tenant_id == Variant.tenant_id, variant_values.c.variant_id == Variant.id),
        )
        .where(shown.rows.c.variant_count > 0, *plain)
        .distinct()
        .subquery("offered")
    )
    number = func.count(case((offered.c.counts, 1)))
    return select(offered.c.value_id, number.label("n")).group_by(offered.c.value_id)


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

"""A rule as a sentence: "10 % off Coffee, for orders from €30.00, once per customer, until 31 Dec"."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from kit.countries import country_name
from kit.db import db
from kit.i18n import _, _n, cldr, mark
from kit.numbers import percent
from models.catalog import Category, Product, Tag
from models.promotions import Coupon, CouponType, Stacking
from services import tenants
from services.tax_split import WHOLE

SHOWN = 3  # of a longer list
_KINDS: dict[type[Product] | type[Category] | type[Tag], tuple[str, ...]] = {
    Product: ("product_ids", "excluded_product_ids", "get_product_ids"),
    Category: ("category_ids", "excluded_category_ids", "get_category_ids"),
    Tag: ("tag_ids", "excluded_tag_ids"),
}
SEGMENTS = {
    "new": mark("new customers"),
    "returning": mark("returning customers"),
    "vip": mark("the best customers"),
    "at_risk": mark("customers who have not come for long"),
    "inactive": mark("customers who stay away"),
}


@dataclass(frozen=True)
class Names:
    """What the things are called that rules name, by id."""

    by_id: dict[str, str] = field(default_factory=dict)

    def of(self, ids: Sequence[str]) -> list[str]:
        return [self.by_id[one] for one in ids if one in self.by_id]


def names_for(rules: Iterable[Coupon]) -> Names:
    """At most three queries."""
    rules = list(rules)
    found: dict[str, str] = {}
    for kind, columns in _KINDS.items():
        ids = {UUID(one) for rule in rules for name in columns for one in (getattr(rule, name) or ())[:SHOWN]}
        if ids:
            rows = db.session.execute(select(kind.id, kind.name).where(kind.id.in_(ids))).all()
            found |= {str(ident): name for ident, name in rows}
    return Names(found)


def describe(rule: Coupon, names: Names) -> str:
    return ", ".join([_what(rule, names), *_conditions(rule, names), *_limits(rule)])


def day(moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(tenants.current().timezone))
    return format_date(local.date(), "medium", locale=cldr())


def _listed(found: list[str], count: int) -> str:
    more = count - len(found[:SHOWN])
    text = ", ".join(found[:SHOWN])
    return (
        _n("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=text) if more > 0 else text
    )


def _things(rule: Coupon, names: Names) -> str:
    """`Coffee`, or nothing where it is for everything."""
    ids = [*rule.category_ids, *rule.product_ids, *rule.tag_ids]
    if not ids:
        return ""
    found = names.of(ids)
    return _listed(found, len(ids)) if found else _("chosen products")


def _what(rule: Coupon, names: Names) -> str:
    things = _things(rule, names)
    if rule.type is CouponType.FREE_SHIPPING:
        return _("Free delivery")
    if rule.type is CouponType.GIFT:
        gift = _listed(names.of(rule.get_product_ids), len(rule.get_product_ids))
        return (
            _("%(gift)s as a gift with %(what)s", gift=gift, what=things)
            if things
            else _("%(gift)s as a gift", gift=gift)
        )
    if rule.type is CouponType.BUY_X_GET_Y:
        return _given(rule, names, things)
    if rule.type is CouponType.PERCENTAGE:
        value = percent(rule.value)
        whole = rule.stacking is Stacking.ORDER
        everything = _("the order") if whole else _("everything")
        return _("%(value)s off %(what)s", value=value, what=things or everything)
    value = tenants.money(rule.value)
    if rule.type is CouponType.FIXED_PER_ITEM:
        return (
            _("%(value)s off each of %(what)s", value=value, what=things)
            if things
            else _("%(value)s off each item", value=value)
        )
    return _("%(value)s off %(what)s", value=value, what=things or _("the order"))


def _given(rule: Coupon, names: Names, things: str) -> str:
    ids = [*rule.get_category_ids, *rule.get_product_ids]
    words = {
        "buy": rule.buy_quantity,
        "get": rule.get_quantity,
        "value": percent(rule.value),
        "what": things or _("anything"),
        "other": _listed(names.of(ids), len(ids)),
    }
    if rule.value == WHOLE:
        if ids:
            return _("Buy %(buy)s of %(what)s, get %(get)s of %(other)s free", **words)
        return _("Buy %(buy)s of %(what)s, get %(get)s more free", **words)
    if ids:
        return _("Buy %(buy)s of %(what)s, get %(get)s of %(other)s at %(value)s off", **words)
    return _("Buy %(buy)s of %(what)s, get %(get)s more at %(value)s off", **words)


def _conditions(rule: Coupon, names: Names) -> Iterator[str]:
    if rule.minimum_amount:
        yield _("for orders from %(amount)s", amount=tenants.money(rule.minimum_amount))
    if rule.maximum_amount is not None:
        yield _("for orders up to %(amount)s", amount=tenants.money(rule.maximum_amount))
    if rule.minimum_quantity:
        yield _n("from %(num)d item", "from %(num)d items", rule.minimum_quantity)
    without = [*rule.excluded_category_ids, *rule.excluded_product_ids, *rule.excluded_tag_ids]
    if without:
        yield _("not for %(what)s", what=_listed(names.of(without), len(without)))
    if rule.exclude_sale_items:
        yield _("not for what is reduced already")
    if rule.countries:
        countries = [country_name(code) for code in rule.countries]
        yield _("to %(countries)s", countries=_listed(countries, len(countries)))
    if rule.segments:
        yield _("for %(people)s", people=", ".join(_(SEGMENTS[one]) for one in rule.segments))
    if rule.emails:
        yield _n("for %(num)d address", "for %(num)d addresses", len(rule.emails))
    if rule.first_order_only:
        yield _("for the first order only")


def _limits(rule: Coupon) -> Iterator[str]:
    if rule.maximum_discount is not None:
        yield _("at most %(amount)s off", amount=tenants.money(rule.maximum_discount))
    if rule.max_items:
        yield _n("on %(num)d item at most", "on %(num)d items at most", rule.max_items)
    if rule.once_per_order:
        yield _("once per order")
    if rule.usage_limit_per_customer == 1:
        yield _("once per customer")
    elif rule.usage_limit_per_customer:
        yield _n("%(num)d time per customer", "%(num)d times per customer", rule.usage_limit_per_customer)
    if rule.usage_limit:
        yield _n("%(num)d use in all", "%(num)d uses in all", rule.usage_limit)
    if rule.starts_at:
        yield _("from %(day)s", day=day(rule.starts_at))
    if rule.ends_at:
        yield _("until %(day)s", day=day(rule.ends_at))

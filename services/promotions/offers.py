"""Everything that a cart may have: what its code is good for, what applies by itself, and what is almost reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.cache import Cache
from kit.db import copy_of, db, is_writing
from kit.i18n import _, _n
from models.promotions import Coupon, CouponType, Offered
from services import tenants
from services.pricing import Discount
from services.promotions.baskets import Basket, shelves_of
from services.promotions.coupons import find_typed
from services.promotions.validity import Verdict, discount_of, judge

PROMOTIONS_MAX = 50  # more than anybody can keep apart; the newest are looked at


@dataclass(frozen=True, slots=True)
class Hint:
    """What the shopper could do to get more. `product_ids`: what to put in for nothing."""

    message: str
    product_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Offers:
    """`verdict` on the typed code, if there is one. `discounts`: all that hold for the basket, the code's among them;
    which of them go together is for the till to say."""

    verdict: Verdict | None = None
    discounts: tuple[Discount, ...] = ()
    rules: dict[str, Coupon] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()


def running() -> tuple[Coupon, ...]:
    """The promotions that apply by themselves, started or not. Kept with the catalogue's version, which every change
    of one moves; how often those with a limit were used is asked afresh."""
    store = tenants.current()
    key = (store.id, store.catalog_version)
    rules = _kept.find(key)
    if rules is None:
        rules = tuple(copy_of(rule) for rule in db.session.scalars(_QUERY).all())
        if not is_writing():  # what this transaction has changed itself may yet be undone
            _kept.put(key, rules)
    limited = [rule.id for rule in rules if rule.usage_limit is not None]
    if limited:
        used = dict(
            db.session.execute(select(Coupon.id, Coupon.usage_count).where(Coupon.id.in_(limited))).all()
        )
        rules = tuple(_counted(rule, used) for rule in rules)
    return rules


_kept = Cache(2_000)
_QUERY = (
    select(Coupon)
    .where(Coupon.offered == Offered.AUTOMATIC, Coupon.is_active)
    .order_by(Coupon.id.desc())
    .limit(PROMOTIONS_MAX)
)


def _counted(rule: Coupon, used: dict[UUID, int]) -> Coupon:
    if rule.usage_limit is None:
        return rule
    fresh = copy_of(rule)
    fresh.usage_count = used.get(rule.id, rule.usage_limit)
    return fresh


def offers_for(code: str | None, basket: Basket) -> Offers:
    """At most three queries more than the conditions of single rules need; none where there are no rules."""
    if not basket.lines:
        return Offers()
    typed = find_typed(code) if code else None
    rules = [rule for rule in running() if is_on(rule)]
    shelves = shelves_of(basket.lines, [*rules, *([typed.coupon] if typed else [])])
    verdict = None
    if code:
        missing = Verdict(None, "not_found", _("There is no such coupon."))
        verdict = judge(typed.coupon, basket, shelves, typed=typed) if typed else missing
    judged = [judge(rule, basket, shelves) for rule in rules]
    good = [v for v in (*judged, *([verdict] if verdict else [])) if v.is_valid]
    return Offers(
        verdict,
        tuple(discount_of(v, basket) for v in good),
        {str(v.coupon.id): v.coupon for v in good if v.coupon},
        _hints([*judged, *([verdict] if verdict else [])], basket),
    )


def is_on(rule: Coupon) -> bool:
    """By the clock."""
    now = clock.now()
    return (rule.starts_at is None or rule.starts_at <= now) and (rule.ends_at is None or now < rule.ends_at)


def _hints(verdicts: Sequence[Verdict], basket: Basket) -> tuple[Hint, ...]:
    found = []
    for verdict in verdicts:
        rule = verdict.coupon
        if rule is None:
            continue
        if rule.type is CouponType.GIFT and verdict.is_valid and _gift_is_missing(rule, basket, verdict):
            found.append(Hint(_("A gift is yours: %(name)s", name=rule.name or verdict.code),
                              tuple(UUID(i) for i in rule.get_product_ids)))  # fmt: skip
        elif rule.offered is Offered.AUTOMATIC and verdict.reason in (
            "minimum_not_reached",
            "quantity_not_reached",
        ):
            found.append(Hint(_("%(name)s: %(missing)s", name=rule.name, missing=_almost(verdict))))
    return tuple(found)


def _gift_is_missing(rule: Coupon, basket: Basket, verdict: Verdict) -> bool:
    there = sum(line.quantity for line, flag in zip(basket.lines, verdict.eligible, strict=True) if flag)
    return there < (rule.get_quantity or 1)


def _almost(verdict: Verdict) -> str:
    if verdict.reason == "minimum_not_reached":
        return _("%(amount)s more", amount=tenants.money(verdict.missing))
    return _n("%(num)d more", "%(num)d more", verdict.missing)

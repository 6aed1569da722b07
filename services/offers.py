"""What the platform sells: plans are limits and features, addons are features on top. Prices are in EUR a month.

What is written here is what an installation starts with; the console changes terms, which then stand in the database
and count instead. Stores carry their terms along (`Store.offer`), so nobody asks for them twice.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from sqlalchemy import select

from kit import tenancy
from kit.db import db
from kit.errors import NotFound
from kit.i18n import _, mark
from models.plans import AddonTerms, PlanTerms

CURRENCY = "EUR"
LIMITS = ("products", "staff", "orders_per_month", "storage_mb")
BASE = ("storefront", "coupons", "reviews", "reports", "api")  # every plan has these
EXTRA = ("custom_domain", "wishlist")  # a plan or an addon may have these


@dataclass(frozen=True)
class Plan:
    """`limits`: None is without limit. `fee` is the platform's share of a card payment in hundredths of a percent.
    `audit_days`: how long the audit log is kept; None is for ever. A plan that is no longer sold stays with the stores
    that have it."""

    slug: str
    name: str
    price: int
    fee: int
    limits: dict[str, int | None]
    features: tuple[str, ...] = BASE
    is_sold: bool = True
    version: int = 0
    audit_days: int | None = None

    @property
    def title(self) -> str:
        return _(self.name)

    @property
    def extras(self) -> list[str]:
        return [feature for feature in self.features if feature in EXTRA]


@dataclass(frozen=True)
class Addon:
    slug: str
    name: str
    price: int
    description: str
    feature: str
    is_sold: bool = True
    version: int = 0

    @property
    def title(self) -> str:
        return _(self.name)

    @property
    def text(self) -> str:
        return _(self.description) if self.description else ""


def _limits(
    products: int | None, staff: int | None, orders: int | None, storage_mb: int | None
) -> dict[str, int | None]:
    return {"products": products, "staff": staff, "orders_per_month": orders, "storage_mb": storage_mb}


PLANS = {plan.slug: plan for plan in (
    Plan("starter", mark("Starter"), 1900, 200, _limits(1_000, 5, 1_000, 2_000), audit_days=365),
    Plan("growth", mark("Growth"), 4900, 100, _limits(10_000, 20, 10_000, 20_000), (*BASE, "custom_domain"),
         audit_days=1_095),
    Plan("scale", mark("Scale"), 14900, 50, _limits(None, None, None, 200_000), (*BASE, "custom_domain")),
)}  # fmt: skip
ADDONS = {addon.slug: addon for addon in (
    Addon("wishlist", mark("Wishlist"), 500, mark("Customers keep a list of what they like, and can share it."),
          "wishlist"),
    Addon("custom-domain", mark("Own domain"), 400, mark("The store answers on a domain of its own."),
          "custom_domain"),
)}  # fmt: skip
DEFAULT = "starter"


def as_plan(row: PlanTerms) -> Plan:
    return Plan(
        slug=row.slug, name=row.name, price=row.price, fee=row.fee,
        limits={name: row.limits.get(name) for name in LIMITS},
        features=(*BASE, *(feature for feature in EXTRA if feature in row.features)),
        is_sold=row.is_sold, version=row.version, audit_days=row.limits.get("audit_days"),
    )  # fmt: skip


def as_addon(row: AddonTerms) -> Addon:
    return Addon(
        slug=row.slug, name=row.name, price=row.price, description=row.description,
        feature=ADDONS[row.slug].feature, is_sold=row.is_sold, version=row.version,
    )  # fmt: skip


def offered(slug: str, terms: PlanTerms | None) -> Plan:
    """The plan of a store. One that nobody knows any more counts as the smallest."""
    return as_plan(terms) if terms is not None else PLANS.get(slug, PLANS[DEFAULT])


def features(plan: Plan, addons: Iterable[str]) -> tuple[str, ...]:
    added = [ADDONS[slug].feature for slug in addons if slug in ADDONS]
    return tuple(sorted({*plan.features, *added}))


@dataclass(frozen=True)
class Book:
    """Every plan and addon there is, by slug: the cheapest first, those no longer sold too."""

    plans: dict[str, Plan]
    addons: dict[str, Addon]

    @property
    def sold_plans(self) -> list[Plan]:
        return [plan for plan in self.plans.values() if plan.is_sold]

    @property
    def sold_addons(self) -> list[Addon]:
        return [addon for addon in self.addons.values() if addon.is_sold]

    def monthly_price(self, plan: str, addons: Sequence[str]) -> int:
        """What a store pays the platform a month, in minor units of CURRENCY."""
        base = self.plans[plan].price if plan in self.plans else 0
        return base + sum(self.addons[slug].price for slug in addons if slug in self.addons)


def book() -> Book:
    return Book({plan.slug: plan for plan in list_plans()}, {addon.slug: addon for addon in list_addons()})


def list_plans() -> list[Plan]:
    with _anywhere():
        changed = {row.slug: as_plan(row) for row in db.session.scalars(select(PlanTerms))}
    return sorted({**PLANS, **changed}.values(), key=lambda plan: (plan.price, plan.slug))


def list_addons() -> list[Addon]:
    with _anywhere():
        changed = {
            row.slug: as_addon(row) for row in db.session.scalars(select(AddonTerms)) if row.slug in ADDONS
        }
    return list({**ADDONS, **changed}.values())


def get_plan(slug: str) -> Plan:
    found = next((plan for plan in list_plans() if plan.slug == slug), None)
    if found is None:
        raise NotFound(_("There is no such plan."))
    return found


def get_addon(slug: str) -> Addon:
    found = next((addon for addon in list_addons() if addon.slug == slug), None)
    if found is None:
        raise NotFound(_("There is no such addon."))
    return found


def _anywhere() -> AbstractContextManager[None]:
    """In a store or not: what is sold is the same for everybody."""
    return tenancy.every_tenant() if tenancy.scope() is None else nullcontext()

"""What a store pays for: plans are limits and features, addons are features on top. Prices are in EUR."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from kit import clock, tenancy
from kit.actor import Role
from kit.db import db
from kit.errors import FeatureOff, NotFound, PlanLimit
from kit.i18n import _, mark
from models.accounts import User
from models.catalog import Product, ProductImage
from models.orders import Order
from models.product_details import ProductFile
from services import tenants
from services.tenants import Store

CURRENCY = "EUR"


@dataclass(frozen=True)
class Plan:
    """`limits`: None is without limit. `fee` is the platform's share of a card payment in hundredths of a percent."""

    slug: str
    name: str
    price: int
    fee: int
    limits: dict[str, int | None]
    features: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Addon:
    slug: str
    name: str
    price: int
    description: str
    feature: str


_BASE = ("storefront", "coupons", "reviews", "reports", "api", "moloni")


def _limits(
    products: int | None, staff: int | None, orders: int | None, storage_mb: int | None
) -> dict[str, int | None]:
    return {"products": products, "staff": staff, "orders_per_month": orders, "storage_mb": storage_mb}


PLANS = {plan.slug: plan for plan in (
    Plan("starter", mark("Starter"), 1900, 200, _limits(1_000, 5, 1_000, 2_000), _BASE),
    Plan("growth", mark("Growth"), 4900, 100, _limits(10_000, 20, 10_000, 20_000), (*_BASE, "custom_domain")),
    Plan("scale", mark("Scale"), 14900, 50, _limits(None, None, None, 200_000), (*_BASE, "custom_domain")),
)}  # fmt: skip
ADDONS = {addon.slug: addon for addon in (
    Addon("wishlist", mark("Wishlist"), 500, mark("Customers keep a list of what they like, and can share it."),
          "wishlist"),
    Addon("custom-domain", mark("Own domain"), 400, mark("The store answers on a domain of its own."),
          "custom_domain"),
)}  # fmt: skip
DEFAULT = "starter"


def get_plan(slug: str) -> Plan:
    if slug not in PLANS:
        raise NotFound(_("There is no such plan."))
    return PLANS[slug]


def plan_of(store: Store | None = None) -> Plan:
    """A plan that is no longer sold counts as the smallest one."""
    store = store or tenants.current()
    return PLANS.get(store.plan, PLANS[DEFAULT])


def features_of(store: Store | None = None) -> list[str]:
    store = store or tenants.current()
    added = [ADDONS[slug].feature for slug in store.addons if slug in ADDONS]
    return sorted({*plan_of(store).features, *added})


def has_feature(feature: str, store: Store | None = None) -> bool:
    return feature in features_of(store)


def require_feature(feature: str) -> None:
    """FeatureOff where neither the plan nor an addon has it."""
    if not has_feature(feature):
        raise FeatureOff(_("This feature is not active in this store."), feature=feature)


def monthly_price(plan: str, addons: list[str] | tuple[str, ...]) -> int:
    """What a store pays the platform a month, in minor units of CURRENCY."""
    base = PLANS[plan].price if plan in PLANS else 0
    return base + sum(ADDONS[slug].price for slug in addons if slug in ADDONS)


def usage() -> dict[str, int]:
    """What the store we are in uses of its limits. `orders_this_month` counts in UTC months."""
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "products": _count(select(func.count()).select_from(Product).where(Product.archived_at.is_(None))),
        "orders_this_month": _count(select(func.count()).select_from(Order).where(Order.placed_at >= month)),
        "staff": _count(select(func.count()).select_from(User).where(
            User.role != Role.CUSTOMER, User.is_active, User.erased_at.is_(None))),
        "storage_mb": -(-_stored() // 1_000_000),
    }  # fmt: skip


def check_room(what: str) -> None:
    """PlanLimit where one more (`products`, `staff`, `orders_per_month`, `storage_mb`) is more than the plan allows."""
    limit = plan_of().limits[what]
    if limit is None:
        return
    used = usage()["orders_this_month" if what == "orders_per_month" else what]
    if used >= limit:
        raise PlanLimit(
            _("Your plan allows %(limit)s here, and they are used. A larger plan has more room.", limit=limit),
            limit=limit, used=used, resource=what,
        )  # fmt: skip


def _stored() -> int:
    """Bytes: pictures, and files that are sold."""
    return sum(_count(select(func.coalesce(func.sum(kind.size), 0))) for kind in (ProductImage, ProductFile))


def _count(query: object) -> int:
    return db.session.scalar(query) or 0  # type: ignore[call-overload]


def features_of_store(tenant_id: UUID) -> list[str]:
    """Asked without signing in, so names only. In a store other stores are unknown."""
    scope = tenancy.scope()
    store = tenants.find_by_id(tenant_id) if scope in (None, tenant_id) else None
    if store is None:
        raise NotFound(_("There is no such store."))
    return features_of(store)

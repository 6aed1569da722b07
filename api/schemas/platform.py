"""The platform's view of its stores as JSON."""

from typing import Any, Literal
from uuid import UUID

from api.schemas.base import Out, Time
from api.schemas.tenants import TenantOut
from kit.actor import Role
from kit.money import to_text
from services import offers, tenants
from services.platform.stores import StoreView


class StoreStatsOut(Out):
    """`revenue` is in the store's currency."""

    products: int
    customers: int
    users: int
    orders: int
    revenue: str
    currency: str
    last_order_at: Time | None

    @classmethod
    def of(cls, view: StoreView) -> "StoreStatsOut":
        stats, currency = view.stats, view.tenant.currency
        return cls(products=stats.products, customers=stats.customers, users=stats.users, orders=stats.orders,
                   revenue=to_text(stats.revenue, currency), currency=currency,
                   last_order_at=stats.last_order_at)  # fmt: skip


class StoreBriefOut(Out):
    id: UUID
    slug: str
    name: str
    host: str
    custom_domain: str | None
    plan: str
    addons: list[str]
    status: Literal["active", "suspended", "deleted"]
    country: str
    currency: str
    locale: str
    contact_email: str | None
    stats: StoreStatsOut
    created_at: Time

    @classmethod
    def of(cls, view: StoreView) -> "StoreBriefOut":
        tenant = view.tenant
        names = (
            "id",
            "slug",
            "name",
            "plan",
            "addons",
            "status",
            "country",
            "currency",
            "locale",
            "created_at",
        )
        return cls(
            **{name: getattr(tenant, name) for name in names},
            host=f"{tenant.slug}.{tenants.platform_domain()}",
            custom_domain=view.domain.host if view.domain else None,
            contact_email=tenant.contact_email or None,
            stats=StoreStatsOut.of(view),
        )


class StoreOut(TenantOut):
    """The store as its admin sees it, with its numbers."""

    stats: StoreStatsOut
    deleted_at: Time | None

    @classmethod
    def of(cls, view: StoreView) -> "StoreOut":  # type: ignore[override]
        return cls(**cls.values(view), stats=StoreStatsOut.of(view), deleted_at=view.tenant.deleted_at)


class StoreUserOut(Out):
    id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    is_active: bool
    last_login_at: Time | None
    created_at: Time


class TenantCountsOut(Out):
    total: int
    active: int
    suspended: int
    deleted: int
    new_this_month: int


class OrderCountsOut(Out):
    total: int
    this_month: int


class RevenueOut(Out):
    """In the platform's currency; what stores sold in others stands beside it, unconverted."""

    total: str
    this_month: str
    other_currencies: dict[str, str]


class MonthOut(Out):
    """`date` is a month, `2026-11`; `tenants` were opened in it."""

    date: str
    orders: int
    revenue: str
    tenants: int


class PlatformOut(Out):
    mrr: str
    currency: str
    tenants: TenantCountsOut
    orders: OrderCountsOut
    revenue: RevenueOut
    revenue_growth_pct: float | None
    points: list[MonthOut]

    @classmethod
    def of(cls, numbers: dict[str, Any]) -> "PlatformOut":
        def money(minor: int, currency: str = offers.CURRENCY) -> str:
            return to_text(minor, currency)

        revenue = numbers["revenue"]
        return cls(
            mrr=money(numbers["mrr"]),
            currency=numbers["currency"],
            tenants=TenantCountsOut(**numbers["tenants"]),
            orders=OrderCountsOut(**numbers["orders"]),
            revenue_growth_pct=numbers["revenue_growth_pct"],
            revenue=RevenueOut(
                total=money(revenue["total"]), this_month=money(revenue["this_month"]),
                other_currencies={code: money(minor, code) for code, minor in revenue["other_currencies"].items()},
            ),
            points=[MonthOut(**{**point, "revenue": money(point["revenue"])}) for point in numbers["points"]],
        )  # fmt: skip

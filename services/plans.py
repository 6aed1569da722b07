"""What the store we are in may do: the room its plan leaves, the features that plan and addons give.

At a limit nothing more is made; what is there stays, works and is shown, also after a move to a smaller plan.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from kit import clock, tenancy
from kit.actor import Actor, Role
from kit.db import db
from kit.errors import FeatureOff, NotFound, PlanLimit
from kit.i18n import _
from models.accounts import User
from models.catalog import Product, ProductImage
from models.orders import Order
from models.pictures import KeptPicture
from models.product_details import ProductFile
from services import offers, outbox, tenants
from services.offers import LIMITS, Plan
from services.tenants import Store

MB = 1_000_000  # bytes
NEARLY = 80  # percent of a limit, from which on the store is told


def plan_of() -> Plan:
    """The terms of the store's plan."""
    return tenants.current().offer


def features_of(store: Store) -> list[str]:
    return list(store.features)


def has_feature(feature: str, store: Store | None = None) -> bool:
    return feature in (store or tenants.current()).features


def require_feature(feature: str) -> None:
    """FeatureOff where neither the plan nor an addon has it."""
    if not has_feature(feature):
        raise FeatureOff(_("This feature is not active in this store."), feature=feature)


def features_of_store(tenant_id: UUID) -> list[str]:
    """Asked without signing in, so names only. In a store other stores are unknown."""
    scope = tenancy.scope()
    store = tenants.find_by_id(tenant_id) if scope in (None, tenant_id) else None
    if store is None:
        raise NotFound(_("There is no such store."))
    return features_of(store)


# --- room ---------------------------------------------------------------------------------------------------------


def usage() -> dict[str, int]:
    """What the store we are in uses of its limits. `orders_this_month` counts in UTC months."""
    return {
        "products": _products(),
        "orders_this_month": _orders(),
        "staff": _staff(),
        "storage_mb": -(-_stored() // MB),
    }


def check_room(what: str) -> None:
    """PlanLimit where one more (`products`, `staff`) is more than the plan allows."""
    limit = plan_of().limits[what]
    if limit is not None and (used := _COUNTS[what]()) >= limit:
        raise _full(what, used, limit)


def room(what: str) -> int | None:
    """How many more (`products`, `staff`) the plan has room for; None: any number."""
    limit = plan_of().limits[what]
    return None if limit is None else max(0, limit - _COUNTS[what]())


def check_space(size: int) -> None:
    """PlanLimit where a file of so many bytes does not fit any more."""
    limit = plan_of().limits["storage_mb"]
    if limit is not None and (used := _stored()) + size > limit * MB:
        raise _full("storage_mb", -(-used // MB), limit)


def check_orders(*, actor: Actor) -> None:
    """PlanLimit where this month's orders are used up. Asked while the store's row is locked, so that two orders don't
    take the last place together. The shopper is told the least; the store is told before it comes to that."""
    limit = plan_of().limits["orders_per_month"]
    if limit is None:
        return
    used = _orders()
    if used >= limit:
        if actor.is_staff:
            raise _full("orders_per_month", used, limit)
        raise PlanLimit(_("This shop can't take any more orders this month. Please write to it instead."))
    if used + 1 in (limit, ceil(limit * NEARLY / 100)):
        outbox.post("plan.nearly_used", used=used + 1, limit=limit)


def _full(what: str, used: int, limit: int) -> PlanLimit:
    said = {
        "products": _("Your plan has room for %(limit)s products, and they are used.", limit=limit),
        "staff": _("Your plan has room for %(limit)s colleagues, and they are used.", limit=limit),
        "storage_mb": _("Your plan has room for %(limit)s MB of pictures and files. This one does not fit any more.",
                        limit=limit),
        "orders_per_month": _("Your plan has room for %(limit)s orders a month, and they are used.", limit=limit),
    }  # fmt: skip
    text = said[what] + " " + _("A larger plan has more: ask for it under Settings, Plan.")
    return PlanLimit(text, limit=limit, used=used, resource=what)


def _products() -> int:
    return _count(select(func.count()).select_from(Product).where(Product.archived_at.is_(None)))


def _staff() -> int:
    working = (User.role != Role.CUSTOMER, User.is_active, User.erased_at.is_(None))
    return _count(select(func.count()).select_from(User).where(*working))


def _orders() -> int:
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _count(select(func.count()).select_from(Order).where(Order.placed_at >= month))


def _stored() -> int:
    """Bytes: pictures, and files that are sold."""
    kinds = (ProductImage, ProductFile, KeptPicture)
    return sum(_count(select(func.coalesce(func.sum(kind.size), 0))) for kind in kinds)


def _count(query: Select[Any]) -> int:
    return int(db.session.scalar(query) or 0)


_COUNTS: dict[str, Callable[[], int]] = {"products": _products, "staff": _staff}


# --- the plan at a glance, and another one ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a limit is used; a limit of None is without one."""

    name: str
    used: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.used > self.limit

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.used >= self.limit

    @property
    def is_nearly_full(self) -> bool:
        return self.limit is not None and self.used * 100 >= self.limit * NEARLY

    @property
    def excess(self) -> int:
        return self.used - self.limit if self.limit is not None and self.is_over else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move to `plan` with these addons would bring. `over`: what no longer fits; it would stay."""

    plan: Plan
    addons: tuple[str, ...]
    price: int
    difference: int
    over: tuple[Meter, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.over and not self.lost


def meters(limits: dict[str, int | None] | None = None, used: dict[str, int] | None = None) -> list[Meter]:
    """Of the store we are in: what it uses of its own plan's limits, or of others."""
    limits = plan_of().limits if limits is None else limits
    used = usage() if used is None else used
    return [Meter(name, used["orders_this_month" if name == "orders_per_month" else name], limits[name])
            for name in LIMITS]  # fmt: skip


def preview(slug: str, addons: Iterable[str], *, used: dict[str, int] | None = None,
            book: offers.Book | None = None) -> Preview:  # fmt: skip
    """NotFound where there is no such plan. `used` and `book` where they are known already."""
    book, store = book or offers.book(), tenants.current()
    if slug not in book.plans:
        raise NotFound(_("There is no such plan."))
    plan, chosen = book.plans[slug], tuple(sorted({slug for slug in addons if slug in book.addons}))
    then, now = set(offers.features(plan, chosen)), set(store.features)
    price = book.monthly_price(slug, chosen)
    return Preview(
        plan=plan, addons=chosen, price=price,
        difference=price - book.monthly_price(store.offer.slug, store.addons),
        over=tuple(meter for meter in meters(plan.limits, used) if meter.is_over),
        gained=tuple(sorted(then - now)), lost=tuple(sorted(now - then)),
    )  # fmt: skip

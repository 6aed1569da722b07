"""How stores are said to the platform's people."""

from kit import clock
from kit.i18n import _, _n, pgettext
from models.tenants import TenantStatus
from services import tenants
from services.offers import Book
from services.platform import StoreView
from services.platform.stores import RESTORE_FOR
from web.filters import day, number

Badge = tuple[str, str, str]
TONES = {
    TenantStatus.ACTIVE: ("good", "done"),
    TenantStatus.SUSPENDED: ("warn", "stop"),
    TenantStatus.DELETED: ("bad", "stop"),
}


def state_names() -> dict[str, str]:
    """What a store is; orders and payments are open in other words."""
    return {
        TenantStatus.ACTIVE: pgettext("store", "Open"),
        TenantStatus.SUSPENDED: pgettext("store", "Suspended"),
        TenantStatus.DELETED: pgettext("store", "Deleted"),
    }


def state(status: TenantStatus) -> Badge:
    return (state_names()[status], *TONES[status])


def host_of(view: StoreView) -> str:
    """The store's address: its own domain once that is proven and made the primary one."""
    domain = view.domain
    is_own = domain is not None and domain.is_primary and domain.verified_at is not None
    return domain.host if domain and is_own else f"{view.tenant.slug}.{tenants.platform_domain()}"


def health(view: StoreView, dead: int, book: Book) -> list[tuple[str, str]]:
    """What asks for somebody, as (words, tone); nothing where all is well."""
    tenant, found = view.tenant, []
    if tenant.status is TenantStatus.DELETED:
        until = tenant.deleted_at + RESTORE_FOR if tenant.deleted_at else None
        if until is None or until <= clock.now():
            return [(_("Can no longer be restored"), "neutral")]
        return [(_("Can be restored until %(day)s", day=day(until)), "neutral")]
    if dead:
        found.append((_n("%(num)d job failed", "%(num)d jobs failed", dead), "bad"))
    limit = book.plans[tenant.plan].limits["products"] if tenant.plan in book.plans else None
    if limit is not None and view.stats.products > limit:
        found.append((_("Over its plan"), "warn"))
    if view.domain and not view.domain.verified_at:
        found.append((_("Domain not proven"), "warn"))
    if tenant.maintenance_mode:
        found.append((_("Maintenance"), "warn"))
    return found


def used(count: int, limit: int | None) -> str:
    """`12 / 1 000`; without a limit just the count."""
    return number(count) if limit is None else f"{number(count)} / {number(limit)}"

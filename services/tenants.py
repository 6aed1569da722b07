"""Which stores there are, and the one we are in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, event, select, update

from kit import drafts, tenancy
from kit.cache import Cache
from kit.db import ShopSession, db
from kit.errors import NotFound
from kit.glance import glance
from kit.i18n import _
from kit.money import display
from models.plans import PlanTerms
from models.taxes import CrossBorder, ShippingTax
from models.tenants import Tenant, TenantDomain, TenantStatus
from services import offers
from services.offers import Plan


@dataclass(frozen=True, slots=True)
class Store:
    """A store's settings as plain values: what requests, jobs and templates may hold on to."""

    id: UUID
    slug: str
    name: str
    host: str  # its primary host, without a port
    status: TenantStatus
    suspended_reason: str
    plan: str
    addons: tuple[str, ...]
    offer: Plan  # the terms of the plan
    features: tuple[str, ...]  # of the plan and the addons
    currency: str
    prices_include_tax: bool
    cross_border: CrossBorder
    shipping_tax: ShippingTax
    timezone: str
    locale: str
    languages: tuple[str, ...]
    country: str
    legal_name: str
    legal_address: str
    vat_number: str
    contact_email: str
    contact_phone: str
    notification_email: str
    payment_methods: dict[str, Any]
    order_number_prefix: str
    stock_reservation_minutes: int
    low_stock_threshold: int
    show_stock: bool
    guest_checkout: bool
    reviews_require_approval: bool
    cors_origins: tuple[str, ...]
    terms_page_id: UUID | None
    privacy_page_id: UUID | None
    maintenance_mode: bool
    require_two_factor: bool
    theme: str
    branding: dict[str, Any]
    home_sections: list[dict[str, Any]]
    holiday_notice: str
    holiday_from: date | None
    holiday_until: date | None
    catalog_version: int
    stock_version: int
    version: int

    @property
    def is_open(self) -> bool:
        return self.status is TenantStatus.ACTIVE

    @property
    def tagline(self) -> str:
        return str(self.branding.get("tagline") or "")

    @property
    def logo_url(self) -> str:
        return str(self.branding.get("logo_url") or "")

    @property
    def favicon_url(self) -> str:
        return str(self.branding.get("favicon_url") or "")

    @property
    def hero_url(self) -> str:
        return str(self.branding.get("hero_url") or self.branding.get("banner_url") or "")

    @property
    def serves_shoppers(self) -> bool:
        """Open, and not closed for a while by its own people."""
        return self.is_open and not self.maintenance_mode

    def offers(self, method: str) -> bool:
        """Is this way to pay switched on?"""
        setting = self.payment_methods.get(method)
        return bool(setting.get("enabled")) if isinstance(setting, dict) else bool(setting)


_store: ContextVar[Store | None] = ContextVar("store", default=None)
_to_touch: ContextVar[set[str] | None] = ContextVar("to_touch", default=None)
_known = Cache(10_000)  # host → (what the look said, Store)
_platform_domain = "localhost"


def configure(platform_domain: str) -> None:
    """Set once at start: stores live at {slug}.platform_domain."""
    global _platform_domain
    _platform_domain = platform_domain


def platform_domain() -> str:
    return _platform_domain


def as_store(tenant: Tenant, own_host: str | None, terms: PlanTerms | None) -> Store:
    plain = {
        name: getattr(tenant, name) for name in Store.__slots__ if name not in {"host", "offer", "features"}
    }
    plain |= {name: tuple(plain[name] or ()) for name in ("addons", "languages", "cors_origins")}
    offer = offers.offered(tenant.plan, terms)
    return Store(
        host=own_host or f"{tenant.slug}.{_platform_domain}",
        offer=offer,
        features=offers.features(offer, plain["addons"]),
        **plain,
    )


# Every request asks this, so it is said in plain SQL: what a Store is made of has changed where one of these has.
_LOOK = """SELECT t.catalog_version, t.stock_version, t.id, t.version, t.updated_at, t.status, d.host FROM tenants t
    LEFT JOIN tenant_domains d ON d.tenant_id = t.id AND d.is_primary AND d.verified_at IS NOT NULL
    WHERE t.status <> 'deleted' AND """
_BY_SLUG = _LOOK + "t.slug = :name"
_BY_DOMAIN = (
    f"{_LOOK}t.id = (SELECT tenant_id FROM tenant_domains WHERE host = :name AND verified_at IS NOT NULL)"  # noqa: S608
)


def find_by_host(host: str) -> Store | None:
    """The store that answers on this host (lower case, no port). One cheap query while its settings stay as they are;
    deleted stores answer nowhere."""
    slug = host.removesuffix(f".{_platform_domain}") if host.endswith(f".{_platform_domain}") else None
    seen = glance(_BY_DOMAIN if slug is None else _BY_SLUG, slug or host)
    if seen is None:
        return None
    catalog_version, stock_version, settings = int(seen[0]), int(seen[1]), seen[2:]
    known = _known.find(host)
    if known is not None and known[0] == settings:
        store: Store = known[1]
        if (store.catalog_version, store.stock_version) == (catalog_version, stock_version):
            return store
        store = replace(store, catalog_version=catalog_version, stock_version=stock_version)
    else:
        read = _read_by_host(host, slug)
        if read is None:
            return None
        store = read
    _known.put(host, (settings, store))
    return store


def _read_by_host(host: str, slug: str | None) -> Store | None:
    own = select(TenantDomain.tenant_id).where(
        TenantDomain.host == host, TenantDomain.verified_at.is_not(None)
    )
    which = Tenant.id.in_(own) if slug is None else Tenant.slug == slug
    with tenancy.every_tenant():
        row = db.session.execute(_whole().where(which, Tenant.status != TenantStatus.DELETED)).first()
        return as_store(*row) if row else None


def _whole() -> Select[Tenant, str, PlanTerms]:
    """What `as_store` takes: the row, its own primary host, the terms of its plan."""
    primary = (
        (TenantDomain.tenant_id == Tenant.id)
        & TenantDomain.is_primary
        & TenantDomain.verified_at.is_not(None)
    )
    return (
        select(Tenant, TenantDomain.host, PlanTerms)
        .outerjoin(TenantDomain, primary)
        .outerjoin(PlanTerms, PlanTerms.slug == Tenant.plan)
    )


def find_by_id(tenant_id: UUID) -> Store | None:
    """The store, unless there is none or it was deleted."""
    with tenancy.every_tenant():
        try:
            store = load(tenant_id)
        except NotFound:
            return None
    return None if store.status is TenantStatus.DELETED else store


def load(tenant_id: UUID) -> Store:
    """The store with this id, deleted or not. NotFound where there is none."""
    row = db.session.execute(_whole().where(Tenant.id == tenant_id)).first()
    if row is None:
        raise NotFound(_("There is no such store."))
    return as_store(*row)


@contextmanager
def in_store(which: Store | UUID) -> Iterator[Store]:
    """Be in this store: every query, every setting, every message of the block is its own."""
    tenant_id = which if isinstance(which, UUID) else which.id
    with tenancy.tenant_scope(tenant_id):
        token = _store.set(which if isinstance(which, Store) else None)
        store = current()
        currency = drafts.ambient_currency.set(store.currency)
        zone = drafts.ambient_zone.set(store.timezone)
        try:
            yield store
        finally:
            drafts.ambient_zone.reset(zone)
            drafts.ambient_currency.reset(currency)
            _store.reset(token)


def current() -> Store:
    """The store we are in. Fails loudly outside of one."""
    tenant_id = tenancy.current_tenant_id()
    store = _store.get()
    if store is None or store.id != tenant_id:
        store = load(tenant_id)
        _store.set(store)
    return store


def money(minor: int) -> str:
    """An amount in the store's currency, as the reader writes it."""
    return display(minor, current().currency)


def forget() -> None:
    """The settings have changed in this transaction: read them again when next asked."""
    _store.set(None)


@event.listens_for(ShopSession, "after_rollback")
def _unsay(session: Any) -> None:
    """The versions that were raised are not what others see."""
    forget()


def row(*, lock: bool = False) -> Tenant:
    """The store's own row, for a service that changes it. Take the lock where a counter moves."""
    tenant = db.session.get(
        Tenant, tenancy.current_tenant_id(), with_for_update=lock or None, populate_existing=True
    )
    if tenant is None:
        raise NotFound(_("There is no such store."))
    return tenant


def touch_catalog() -> None:
    """Something that shoppers see has changed: pages made before are no longer served."""
    _touch("catalog_version")


def touch_stock() -> None:
    """A number of things left that shoppers see has changed: pages of products made before are no longer served."""
    _touch("stock_version")


@contextmanager
def touching_once() -> Iterator[None]:
    """Inside a transaction of many changes: the versions move once, at the end of the block (or with an order's
    number). So the store's own row, which every order needs, is locked for a moment only."""
    touched: set[str] = set()
    token = _to_touch.set(touched)
    try:
        yield
    finally:
        _to_touch.reset(token)
    if touched:
        _raise(*sorted(touched))


def _touch(name: str) -> None:
    waiting = _to_touch.get()
    if waiting is None:
        _raise(name)
    else:
        waiting.add(name)


def take_order_number() -> str:
    """The store's prefix and the next number. It locks the store's row until the commit: take it late, after stock and
    before coupons. What waits to be touched goes with it, in one statement."""
    waiting = _to_touch.get() or set()
    found = _raise(*sorted(waiting), "next_order_number")
    waiting.clear()
    return f"{found.order_number_prefix}{found.next_order_number - 1}"


@cache
def _raising(names: tuple[str, ...]) -> Any:
    """The store's settings stay as they are, and their date with them: else everybody would read them anew."""
    table: Any = Tenant.__table__
    raised = {name: table.c[name] + 1 for name in names}
    told = (
        table.c.catalog_version,
        table.c.stock_version,
        table.c.order_number_prefix,
        table.c.next_order_number,
    )
    change = update(table).where(table.c.id == bindparam("store"))
    return change.values({**raised, "updated_at": table.c.updated_at}).returning(*told)


def _raise(*names: str) -> Any:
    """In here the new version counts from now on: what is kept under the old one must not be asked for again."""
    found = db.session.execute(_raising(names), {"store": tenancy.current_tenant_id()}).one()
    if store := _store.get():
        _store.set(replace(store, catalog_version=found.catalog_version, stock_version=found.stock_version))
    return found


def list_open(limit: int = 100) -> list[Store]:
    """The stores that are open, by name: the platform's landing page."""
    with tenancy.every_tenant():
        rows = db.session.execute(
            select(Tenant, PlanTerms)
            .outerjoin(PlanTerms, PlanTerms.slug == Tenant.plan)
            .where(Tenant.status == TenantStatus.ACTIVE)
            .order_by(Tenant.name)
            .limit(limit)
        )
        return [as_store(tenant, None, terms) for tenant, terms in rows]

"""Looking after stores: finding one, changing it, closing and opening it. Each act stands in the store's own log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import case, func, or_, select

from kit import clock, drafts
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Email, Text, wrong
from kit.errors import Conflict, NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from kit.tenancy import every_tenant
from models.accounts import User
from models.catalog import Product
from models.orders import Order
from models.tenants import Tenant, TenantDomain, TenantStatus
from services import audit, domains, offers, plans, settings, tenants
from services.domains import DomainOrNone
from services.platform.provisioning import PlanSlug, StoreSlug, insist_slug_is_free
from services.segments import COUNTED
from services.settings import SettingsDraft

RESTORE_FOR = timedelta(days=30)


def _addon(slug: str) -> str:
    if slug not in offers.ADDONS:
        raise wrong("", "not_a_choice", _("Must be one of: %(expected)s.", expected=", ".join(offers.ADDONS)))
    return slug


class OwnStoreDraft(SettingsDraft):
    """What a store's admin changes of the store: its settings, its name, its own domain (to be proven)."""

    name: Annotated[str, Text(Tenant.NAME_MAX, min=1)]
    contact_email: Annotated[Email | None, drafts.BeforeValidator(drafts.blank_to_none)] = None
    contact_phone: Annotated[str, Text(40)] = ""
    custom_domain: DomainOrNone = None

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        domain = domains.find_domain()
        return {**super().of(tenant), "custom_domain": domain.host if domain else None}


class TenantDraft(OwnStoreDraft):
    """What the platform changes besides. A domain that it sets counts as proven."""

    slug: StoreSlug
    plan: PlanSlug
    addons: Annotated[list[Annotated[str, AfterValidator(_addon)]], Field(max_length=50)] = []

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        return super().of(tenant)


class SuspendDraft(Draft):
    reason: Annotated[str, Text(500)] = ""


@dataclass(frozen=True)
class Stats:
    """`revenue` in minor units of the store's currency: captured less refunded."""

    products: int = 0
    customers: int = 0
    users: int = 0
    orders: int = 0
    revenue: int = 0
    last_order_at: Any = None


@dataclass(frozen=True)
class StoreView:
    tenant: Tenant
    domain: TenantDomain | None
    stats: Stats
    usage: dict[str, int] = field(default_factory=dict)
    limits: dict[str, int | None] = field(default_factory=dict)


@contextmanager
def inside(tenant_id: UUID) -> Iterator[Tenant]:
    """In the store, inside one transaction that began as the platform's; nothing else of the caller is open."""
    with every_tenant():
        end_reading()
        with transaction():
            if db.session.get(Tenant, tenant_id) is None:
                raise _unknown()
            with tenants.in_store(tenant_id):
                yield tenants.row(lock=True)
                db.session.flush()


def _unknown() -> NotFound:
    return NotFound(_("There is no such store."))


def list_stores(
    *, search: str = "", plan: str | None = None, status: str | None = None, sort_by: str = "created_at",
    descending: bool = True, page: int = 1, page_size: int = 20,
) -> Page[StoreView]:  # fmt: skip
    """Deleted stores are shown when they are asked for only."""
    query = select(Tenant)
    query = (
        query.where(Tenant.status == status) if status else query.where(Tenant.status != TenantStatus.DELETED)
    )
    if plan:
        query = query.where(Tenant.plan == plan)
    for word in search.lower().split()[:6]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        hosts = select(TenantDomain.tenant_id).where(TenantDomain.host.like(like, escape="\\"))
        places = (Tenant.slug, func.lower(Tenant.name), func.lower(Tenant.contact_email))
        query = query.where(or_(Tenant.id.in_(hosts), *(place.like(like, escape="\\") for place in places)))
    key = func.lower(Tenant.name) if sort_by == "name" else getattr(Tenant, sort_by)
    with every_tenant():
        order = (key.desc(), Tenant.id.desc()) if descending else (key.asc(), Tenant.id.asc())
        found = paginate(query.order_by(*order), page, page_size)
        return Page(_views(list(found.items)), found.total, found.page, found.page_size)


def list_all() -> list[Tenant]:
    """Every store that is not deleted, by slug and without numbers: for the terminal."""
    with every_tenant():
        query = select(Tenant).where(Tenant.status != TenantStatus.DELETED).order_by(Tenant.slug)
        return list(db.session.scalars(query))


def _views(rows: list[Tenant]) -> list[StoreView]:
    ids = [row.id for row in rows]
    own, stats = domains.find_domains(ids), _stats(ids)
    return [StoreView(row, own.get(row.id), stats.get(row.id, Stats())) for row in rows]


def _stats(ids: list[UUID]) -> dict[UUID, Stats]:
    """Three queries, whatever the number of stores."""
    kept = Order.status.in_(COUNTED)
    money = case((kept, Order.captured_total - Order.refunded_total), else_=0)
    sold = db.session.execute(
        select(Order.tenant_id, func.sum(case((kept, 1), else_=0)), func.sum(money), func.max(Order.placed_at))
        .where(Order.tenant_id.in_(ids)).group_by(Order.tenant_id)
    ).all()  # fmt: skip
    people = db.session.execute(
        select(User.tenant_id, func.count(), func.sum(case((User.role == Role.CUSTOMER, 1), else_=0)))
        .where(User.tenant_id.in_(ids), User.erased_at.is_(None)).group_by(User.tenant_id)
    ).all()  # fmt: skip
    wares: dict[UUID, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Product.tenant_id, func.count())
            .where(Product.tenant_id.in_(ids), Product.archived_at.is_(None)).group_by(Product.tenant_id)
        )
    }  # fmt: skip
    orders = {row[0]: row[1:] for row in sold}
    counts = {row[0]: row[1:] for row in people}
    return {
        ident: Stats(
            products=wares.get(ident, 0),
            users=int(counts.get(ident, (0, 0))[0]),
            customers=int(counts.get(ident, (0, 0))[1]),
            orders=int(orders.get(ident, (0, 0, None))[0]),
            revenue=int(orders.get(ident, (0, 0, None))[1]),
            last_order_at=orders.get(ident, (0, 0, None))[2],
        )
        for ident in ids
    }


def get_store(tenant_id: UUID) -> StoreView:
    """Also a deleted one."""
    with every_tenant():
        tenant = db.session.get(Tenant, tenant_id)
        if tenant is None:
            raise _unknown()
        (view,) = _views([tenant])
    with tenants.in_store(tenant_id):
        return StoreView(view.tenant, view.domain, view.stats, plans.usage(), tenants.current().offer.limits)


def current_store() -> StoreView:
    """The store we are in, for its own admin."""
    limits = tenants.current().offer.limits
    return StoreView(tenants.row(), domains.find_domain(), Stats(), plans.usage(), limits)


def list_users(tenant_id: UUID, *, page: int = 1, page_size: int = 20) -> Page[User]:
    """Who has an account there; those who work there first."""
    get_store(tenant_id)
    with tenants.in_store(tenant_id):
        first = case((User.role == Role.CUSTOMER, 1), else_=0)
        query = select(User).where(User.erased_at.is_(None)).order_by(first, User.email_key, User.id)
        return paginate(query, page, page_size)


def update_current(draft: OwnStoreDraft, *, actor: Actor, version: int | None = None) -> None:
    settings.check_card(draft)
    with transaction():
        tenant = tenants.row(lock=True)
        settings.check_version(tenant, version)
        _put(tenant, draft, actor=actor)


def update_store(tenant_id: UUID, sent: dict[str, Any], *, actor: Actor, version: int | None = None,
                 form: bool = False) -> None:  # fmt: skip
    """A partial change by the platform: `sent` (by a form: as text) over what there is, read by TenantDraft."""
    with tenants.in_store(tenant_id):
        draft = drafts.read(TenantDraft, TenantDraft.merge(sent, tenants.row()), form=form)
        settings.check_card(draft)
    with inside(tenant_id) as tenant:
        settings.check_version(tenant, version)
        if draft.slug != tenant.slug:
            tenant = _rename(tenant, draft.slug, actor)
        _put(tenant, draft, actor=actor)
        before = {"plan": tenant.plan, "addons": list(tenant.addons)}
        tenant.plan, tenant.addons = draft.plan, sorted(set(draft.addons))
        settings.changed(
            tenant, before, {"plan": tenant.plan, "addons": tenant.addons}, actor=actor, kind="tenant"
        )


def _put(tenant: Tenant, draft: OwnStoreDraft, *, actor: Actor) -> None:
    own = {
        "name": draft.name,
        "contact_email": draft.contact_email or "",
        "contact_phone": draft.contact_phone,
    }
    before = {name: getattr(tenant, name) for name in own}
    settings.put_settings(tenant, draft, actor=actor)
    for name, value in own.items():
        setattr(tenant, name, value)
    settings.changed(tenant, before, own, actor=actor, kind="tenant")
    domains.put_domain(tenant, draft.custom_domain, actor=actor)


def _rename(tenant: Tenant, slug: str, actor: Actor) -> Tenant:
    before = {"slug": tenant.slug}
    with every_tenant():
        insist_slug_is_free(slug)
    row = tenants.row(lock=True)  # the crossing let go of the rows it had
    row.slug = slug
    settings.changed(row, before, {"slug": slug}, actor=actor, kind="tenant")
    return row


def suspend(tenant_id: UUID, draft: SuspendDraft, *, actor: Actor) -> None:
    """Close the store to shoppers; its staff may read. Twice is once."""
    with inside(tenant_id) as tenant:
        if tenant.status is TenantStatus.DELETED:
            raise Conflict(_("This store was deleted."), code="store-deleted")
        tenant.suspended_reason = draft.reason
        _become(tenant, TenantStatus.SUSPENDED, actor, "suspend")


def activate(tenant_id: UUID, *, actor: Actor) -> None:
    """Open it again; a deleted one within 30 days, without the domain it gave up."""
    with inside(tenant_id) as tenant:
        gone_for = clock.now() - tenant.deleted_at if tenant.deleted_at else timedelta(0)
        if tenant.status is TenantStatus.DELETED and gone_for > RESTORE_FOR:
            raise Conflict(_("This store was deleted more than 30 days ago."), code="store-deleted")
        tenant.suspended_reason, tenant.deleted_at = "", None
        _become(tenant, TenantStatus.ACTIVE, actor, "activate")


def delete_store(tenant_id: UUID, *, actor: Actor) -> None:
    """Soft: it answers nowhere any more, its domain is free, its books stay."""
    with inside(tenant_id) as tenant:
        if tenant.status is TenantStatus.DELETED:
            return
        domains.put_domain(tenant, None, actor=actor)
        tenant.deleted_at = clock.now()
        _become(tenant, TenantStatus.DELETED, actor, "delete")


def _become(tenant: Tenant, status: TenantStatus, actor: Actor, action: str) -> None:
    if tenant.status is status:
        return
    changes = {"status": [str(tenant.status), str(status)]}
    if tenant.suspended_reason:
        changes["reason"] = ["", tenant.suspended_reason]
    tenant.status = status
    tenant.version += 1
    audit.record(action, ("tenant", tenant.id), actor=actor, changes=changes)
    db.session.flush()
    tenants.touch_catalog()
    tenants.forget()


SORTS = Literal["created_at", "name", "slug", "plan", "status"]

"""A store's own domain: set by the platform it counts at once, set by the store it needs a TXT record as proof."""

import hashlib
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import and_, delete, or_, select
from sqlalchemy.exc import IntegrityError

from gateways import dns
from kit import clock, tenancy
from kit.actor import SYSTEM, Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Text, blank_to_none, wrong
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from models.tenants import Tenant, TenantDomain
from services import audit, plans, tenants

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def _host(value: str) -> str:
    host = value.strip().lower().rstrip(".")
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        host = ""
    ours = tenants.platform_domain()
    if not _HOST.fullmatch(host) or host == ours or host.endswith(f".{ours}"):
        raise wrong("", "not_a_domain", _("Must be a domain of your own, like shop.example.com."))
    return host


def _text_or_none(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise wrong("", "string_type", _("Must be text."))
    return blank_to_none(value)


DomainOrNone = Annotated[Annotated[str, AfterValidator(_host)] | None, BeforeValidator(_text_or_none)]


DOMAINS_MAX = 5
HOUR, DAY, CLAIMED_FOR = timedelta(hours=1), timedelta(days=1), timedelta(days=14)
AT_ONCE = 200
LOOKS_FOR = 60.0  # seconds at a go: name servers that are silent must not hold up what else the clock does


class DomainDraft(Draft):
    host: Annotated[str, Text(253, min=1), AfterValidator(_host)]


@dataclass(frozen=True, slots=True)
class Proof:
    """What to enter at the domain's name server."""

    name: str
    value: str


def proof_for(host: str) -> Proof:
    secret = f"{tenancy.current_tenant_id()}|{host}|vitrine-domain"
    return Proof(f"_vitrine.{host}", "vitrine-verify=" + hashlib.sha256(secret.encode()).hexdigest()[:40])


def list_domains() -> list[TenantDomain]:
    """The store's own domains, the primary one first."""
    return _domains_of([tenancy.current_tenant_id()])


def _domains_of(ids: Sequence[UUID]) -> list[TenantDomain]:
    query = select(TenantDomain).where(TenantDomain.tenant_id.in_(ids))
    return list(db.session.scalars(query.order_by(TenantDomain.is_primary.desc(), TenantDomain.host)))


def find_domain() -> TenantDomain | None:
    """The store's own domain, proven or not; of several the primary one."""
    return next(iter(list_domains()), None)


def find_domains(ids: Sequence[UUID]) -> dict[UUID, TenantDomain]:
    """The same of each of these stores, by one query; inside `every_tenant()`."""
    return {domain.tenant_id: domain for domain in reversed(_domains_of(ids))}


def get_domain(domain_id: UUID) -> TenantDomain:
    query = select(TenantDomain).where(
        TenantDomain.tenant_id == tenancy.current_tenant_id(), TenantDomain.id == domain_id
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such domain."))
    return found


def put_domain(tenant: Tenant, host: str | None, *, actor: Actor) -> None:
    """Set or change the primary domain, or (None) give up all, in the caller's transaction."""
    domain = find_domain()
    if host == (domain.host if domain else None):
        return
    by_platform = actor.role is Role.SYSADMIN
    if host is not None and not by_platform:
        plans.require_feature("custom_domain")
    old = domain.host if domain else None
    mine = TenantDomain.tenant_id == tenant.id
    if host is not None:  # the others stay
        mine &= or_(TenantDomain.is_primary, TenantDomain.host == host)
    db.session.execute(delete(TenantDomain).where(mine))
    if host is not None:
        _claim(tenant, host, is_proven=by_platform)
    db.session.expire(tenant, ["domains"])
    audit.record("domain.changed", ("tenant", tenant.id), actor=actor,
                 changes={"custom_domain": [old, host]})  # fmt: skip
    tenants.forget()


@transaction()
def add_domain(draft: DomainDraft, *, actor: Actor) -> TenantDomain:
    """One more host. It answers once it is proven, and stays beside the primary one until it is made that."""
    plans.require_feature("custom_domain")
    tenant = tenants.row(lock=True)
    there = list_domains()
    if draft.host in [domain.host for domain in there]:
        raise Invalid.field("host", "repeated", _("This domain is there already."))
    if len(there) >= DOMAINS_MAX:
        raise Conflict(
            _("A store has %(count)s domains at most.", count=DOMAINS_MAX), code="too-many-domains"
        )
    domain = _claim(tenant, draft.host, is_proven=False, is_primary=False)
    audit.record("domain.added", ("tenant", tenant.id), actor=actor, changes={"host": [None, draft.host]})
    return domain


@transaction()
def make_primary(domain_id: UUID | None, *, actor: Actor) -> None:
    """The host that the others lead to; None: the platform's own. Conflict `domain-not-verified` before the proof."""
    tenant = tenants.row(lock=True)
    chosen = get_domain(domain_id) if domain_id else None
    if chosen is not None and chosen.verified_at is None:
        raise Conflict(_("Prove first that the domain is yours."), code="domain-not-verified")
    before = tenants.current().host
    for domain in list_domains():
        domain.is_primary = domain is chosen
    db.session.flush()
    tenant.version += 1
    audit.record("domain.primary", ("tenant", tenant.id), actor=actor,
                 changes={"host": [before, chosen.host if chosen else None]})  # fmt: skip
    db.session.flush()
    tenants.touch_catalog()  # pages say their own address
    tenants.forget()


@transaction()
def remove_domain(domain_id: UUID, *, actor: Actor) -> None:
    """It is free for anybody from now on."""
    tenant = tenants.row(lock=True)
    domain = get_domain(domain_id)
    audit.record("domain.removed", ("tenant", tenant.id), actor=actor, changes={"host": [domain.host, None]})
    db.session.delete(domain)
    tenant.version += 1
    db.session.flush()
    db.session.expire(tenant, ["domains"])
    tenants.touch_catalog()
    tenants.forget()


def _claim(tenant: Tenant, host: str, *, is_proven: bool, is_primary: bool = True) -> TenantDomain:
    """A host belongs to one store; whose it is, is nobody else's business."""
    domain = TenantDomain(
        tenant_id=tenant.id, host=host, is_primary=is_primary, verified_at=clock.now() if is_proven else None
    )
    try:
        with db.session.begin_nested():
            db.session.add(domain)
    except IntegrityError as error:
        raise Conflict(_("This domain belongs to another store."), code="domain-taken") from error
    return domain


def verify_domain(*, actor: Actor) -> TenantDomain:
    """Look for the proof of the store's domain. Conflict `domain-not-verified` while it is not there."""
    domain = find_domain()
    if domain is None:
        raise Conflict(_("Enter a domain first."), code="domain-not-verified")
    return check_domain(domain.id, actor=actor)


def check_domain(domain_id: UUID, *, actor: Actor) -> TenantDomain:
    """Look at its name servers now: for the proof while there is none, and whether it leads here. Conflict
    `domain-not-verified` where the proof is missing, and where nobody answers: without an answer nothing is proven."""
    domain = get_domain(domain_id)
    host, proof = domain.host, proof_for(domain.host)
    target = f"{tenants.current().slug}.{tenants.platform_domain()}"
    is_proven = domain.verified_at is not None
    end_reading()
    is_found = is_proven or proof.value in dns.find_txt(proof.name)
    points_here = is_found and dns.points_to(host, target)
    found = _note(domain_id, host, is_found, points_here, actor)
    if found.verified_at is None:
        raise Conflict(
            _(
                "The TXT record %(name)s was not found yet. It can take an hour until it is seen.",
                name=proof.name,
            ),
            code="domain-not-verified",
        )
    return found


@transaction()
def _note(domain_id: UUID, host: str, is_found: bool, points_here: bool, actor: Actor) -> TenantDomain:
    domain = get_domain(domain_id)
    if domain.host != host:
        raise Conflict(_("The domain was changed meanwhile."), code="domain-not-verified")
    domain.checked_at, domain.points_here = clock.now(), points_here
    if is_found and domain.verified_at is None:
        domain.verified_at = clock.now()
        audit.record(
            "domain.verified", ("tenant", domain.tenant_id), actor=actor, changes={"host": [None, host]}
        )
        tenants.forget()
    return domain


def look_again() -> int:
    """The clock's: unproven domains every hour, proven ones every day; what was claimed and not proven for two weeks
    is let go, so that nobody keeps another's domain from it."""
    now = clock.now()
    is_due = or_(
        TenantDomain.checked_at.is_(None),
        and_(TenantDomain.verified_at.is_(None), TenantDomain.checked_at < now - HOUR),
        TenantDomain.checked_at < now - DAY,
    )
    with tenancy.every_tenant():
        query = select(
            TenantDomain.id, TenantDomain.tenant_id, TenantDomain.verified_at, TenantDomain.created_at
        )
        oldest = query.where(is_due).order_by(TenantDomain.checked_at.nulls_first())
        due = db.session.execute(oldest.limit(AT_ONCE)).all()
        end_reading()
    until = time.monotonic() + LOOKS_FOR
    for done, (domain_id, tenant_id, verified_at, created_at) in enumerate(due):
        if time.monotonic() >= until:
            return done  # the others are the first ones next time
        with tenants.in_store(tenant_id), suppress(Conflict, NotFound):
            if verified_at is None and created_at is not None and created_at < now - CLAIMED_FOR:
                remove_domain(domain_id, actor=SYSTEM)
            else:
                check_domain(domain_id, actor=SYSTEM)
    return len(due)

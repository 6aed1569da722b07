"""A store's own domain: set by the platform it counts at once, set by the store it needs a TXT record as proof."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from gateways import dns
from kit import clock, tenancy
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import blank_to_none, wrong
from kit.errors import Conflict
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


@dataclass(frozen=True, slots=True)
class Proof:
    """What to enter at the domain's name server."""

    name: str
    value: str


def proof_for(host: str) -> Proof:
    secret = f"{tenancy.current_tenant_id()}|{host}|vitrine-domain"
    return Proof(f"_vitrine.{host}", "vitrine-verify=" + hashlib.sha256(secret.encode()).hexdigest()[:40])


def find_domain() -> TenantDomain | None:
    """The store's own domain, proven or not."""
    return db.session.scalar(
        select(TenantDomain).where(TenantDomain.tenant_id == tenancy.current_tenant_id())
    )


def put_domain(tenant: Tenant, host: str | None, *, actor: Actor) -> None:
    """Set, change or (None) give up the domain, in the caller's transaction."""
    domain = find_domain()
    if host == (domain.host if domain else None):
        return
    by_platform = actor.role is Role.SYSADMIN
    if host is not None and not by_platform:
        plans.require_feature("custom_domain")
    old = domain.host if domain else None
    db.session.execute(delete(TenantDomain).where(TenantDomain.tenant_id == tenant.id))
    if host is not None:
        _claim(tenant, host, is_proven=by_platform)
    db.session.expire(tenant, ["domains"])
    audit.record("domain.changed", ("tenant", tenant.id), actor=actor,
                 changes={"custom_domain": [old, host]})  # fmt: skip
    tenants.forget()


def _claim(tenant: Tenant, host: str, *, is_proven: bool) -> None:
    """A host belongs to one store; whose it is, is nobody else's business."""
    try:
        with db.session.begin_nested():
            db.session.add(
                TenantDomain(tenant_id=tenant.id, host=host, verified_at=clock.now() if is_proven else None)
            )
    except IntegrityError as error:
        raise Conflict(_("This domain belongs to another store."), code="domain-taken") from error


def verify_domain(*, actor: Actor) -> TenantDomain:
    """Look for the proof. Conflict `domain-not-verified` while it is not there."""
    domain = find_domain()
    if domain is None:
        raise Conflict(_("Enter a domain first."), code="domain-not-verified")
    host, is_verified = domain.host, domain.verified_at is not None
    if is_verified:
        return domain
    proof = proof_for(host)
    end_reading()
    if proof.value not in dns.find_txt(proof.name):
        raise Conflict(
            _(
                "The TXT record %(name)s was not found yet. It can take an hour until it is seen.",
                name=proof.name,
            ),
            code="domain-not-verified",
        )
    with transaction():
        found = find_domain()
        if found is None or found.host != host:
            raise Conflict(_("The domain was changed meanwhile."), code="domain-not-verified")
        found.verified_at = clock.now()
        audit.record(
            "domain.verified", ("tenant", found.tenant_id), actor=actor, changes={"host": [None, host]}
        )
        tenants.forget()
    return found

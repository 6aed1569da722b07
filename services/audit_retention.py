"""How long a store's audit log is kept: as its plan says. Entries that are older go, the oldest first, and the chain
holds from the oldest one that stays.

Three things keep this from being a way to lose entries: the databases let nothing go but what the chain names
(kit/policies.py), on PostgreSQL for the platform's role alone; the chain names a number with its hash, where
`audit.verify` begins; and an entry of its own, without which `verify` fails, says what went.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select

from kit import clock
from kit.actor import SYSTEM
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.audit import AuditChain, AuditEntry
from models.tenants import Tenant, TenantStatus
from services import audit, offers, tenants

PART = 5_000  # entries in one transaction, which holds the chain's lock


def trim_due() -> int:
    """By the clock: in every store what is older than its plan keeps. Answers how many entries went."""
    return sum(trim(tenant_id, before) for tenant_id, before in _due())


def _due() -> list[tuple[UUID, datetime]]:
    with every_tenant():
        return list(_stores_with_old_entries())


def _stores_with_old_entries() -> Iterator[tuple[UUID, datetime]]:
    """That something was let go is no reason to let go of more: a store where nothing happens would never rest."""
    for plan in offers.list_plans():
        if plan.audit_days is None:
            continue
        before = clock.now() - timedelta(days=plan.audit_days)
        old = exists().where(
            AuditEntry.tenant_id == Tenant.id,
            AuditEntry.created_at < before,
            AuditEntry.action != audit.TRIMMED,
        )
        query = select(Tenant.id).where(Tenant.plan == plan.slug, Tenant.status != TenantStatus.DELETED, old)
        for tenant_id in db.session.scalars(query.order_by(Tenant.id)).all():
            yield tenant_id, before


def trim(tenant_id: UUID, before: datetime) -> int:
    """What this store's log holds of before then, up to the first entry that is younger."""
    total = 0
    while part := _trim_part(tenant_id, before):
        total += part
    return total


def _trim_part(tenant_id: UUID, before: datetime) -> int:
    own = AuditEntry.tenant_id == tenant_id
    with every_tenant(), transaction():
        head = _lock_chain(tenant_id)
        if head is None:
            return 0
        start = head.removed_number
        kept = db.session.scalar(
            select(func.min(AuditEntry.number)).where(own, AuditEntry.created_at >= before)
        )
        until = min((kept or head.last_number + 1) - 1, start + PART)
        found = select(AuditEntry.entry_hash).where(own, AuditEntry.number == until)
        if until <= start or (last_hash := db.session.scalar(found)) is None:
            return 0  # nothing is that old; or somebody was here, and `verify` is to find the gap
        with tenants.in_store(tenant_id):
            changes = dict(zip(audit.TOLD, (until, last_hash), strict=True))
            audit.record(audit.TRIMMED, ("audit_log", ""), actor=SYSTEM, changes=changes)
        head = _lock_chain(tenant_id)
        assert head is not None
        head.removed_number, head.removed_hash = until, last_hash
        db.session.flush()
        gone = delete(AuditEntry).where(own, AuditEntry.number <= until)
        db.session.execute(gone.execution_options(synchronize_session=False))
        return until - start


def _lock_chain(tenant_id: UUID) -> AuditChain | None:
    query = select(AuditChain).where(AuditChain.tenant_id == tenant_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))

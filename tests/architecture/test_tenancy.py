"""Stores are kept apart by construction: every table is owned or named, every crossing can be counted."""

import re

import models  # noqa: F401
from kit.db import Base, TenantOwned
from tests.architecture.tree import modules, name_of, room_of

# Tables that belong to no store, each with its reason.
NOT_OWNED = {
    "tenants": "the stores themselves",
    "tenant_domains": "asked before a store is known",
    "platform_users": "the platform's people",
    "platform_refresh_families": "their sign-ins",
    "platform_second_factors": "their second factors",
    "plan_terms": "what the platform sells to all of them",
    "addon_terms": "what the platform sells to all of them",
    "announcements": "what the platform tells all of them",
    "outbox_messages": "the platform posts too",
    "outbox_receipts": "of those messages",
    "webhook_events": "whose it is shows only from the event",
}
# Where `every_tenant()` may be said. A new place needs a reason that stands beside it.
CROSSINGS = {
    "kit/tenancy.py": "defines it",
    "services/tenants.py": "host lookup, landing page",
    "services/platform": "the platform console",
    "services/offers.py": "what is sold is asked outside of stores, too",
    "services/domains.py": "finds whose name servers are to be asked again, then enters each store",
    "services/deliveries.py": "the outbox delivers for every store",
    "services/catalog/publishing.py": "finds what is due in every store, then enters each",
    "services/pages.py": "finds pages that are due in every store, then enters each",
    "services/newsletter": "forgets what was not confirmed in every store",
    "services/catalog/collections.py": "finds collections whose rule is to be asked again, then enters each store",
    "services/review_requests.py": "finds whom to ask for a review in every store, then enters each",
    "services/stock_alerts.py": "finds who waits in every store, then enters each",
    "services/stock/holds.py": "sweeps what has run out in every store",
    "services/health.py": "looks at the whole installation",
    "services/readiness.py": "likewise",
    "services/resealing.py": "seals every store's second factors with the new key",
    "services/figures.py": "counts for the monitor",
    "services/accounts": "the platform's own people",
    "services/orders/expiry.py": "finds what is due in every store, then enters each",
    "services/payments/webhooks": "events arrive before their store is known",
    "services/payments/reconciliation.py": "finds which stores are due, then enters each",
    "services/audit_retention.py": "finds whose log is due, and lets go of it as the platform, which alone may",
    "jobs/": "delivers for every store",
}


def test_every_table_is_owned_by_a_store_or_named_here():
    owned = {m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, TenantOwned)}
    joins = {
        t.name
        for t in Base.metadata.tables.values()
        if t.name not in owned and "tenant_id" in t.primary_key.columns
    }
    assert set(Base.metadata.tables) - owned - joins == set(NOT_OWNED)


def test_references_between_stores_tables_are_composite():
    for table in Base.metadata.tables.values():
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name in NOT_OWNED:
                continue
            assert "tenant_id" in [c.name for c in constraint.columns], f"{table.name}: {constraint.name}"


def test_no_composite_reference_is_set_null_on_delete():
    for table in Base.metadata.tables.values():
        for constraint in table.foreign_key_constraints:
            assert (constraint.ondelete or "").upper() != "SET NULL", f"{table.name} would null its tenant"


def test_crossings_are_few_and_named():
    for path in modules():
        if "every_tenant" in path.read_text() and not name_of(path).startswith(tuple(CROSSINGS)):
            raise AssertionError(f"{name_of(path)} reads across stores; name it in CROSSINGS with its reason")


def test_raw_sql_stays_where_it_is_expected():
    """text() and Core tables escape the guard of the ORM."""
    allowed = (
        "kit/",
        "services/search",
        "services/health.py",
        "services/readiness.py",
        # The stores' own row, by its id: the guard has nothing to narrow there, and each order counts on it.
        "services/tenants.py",
        "jobs/",
        "cli/",
        "migrations/",
    )
    for path in modules():
        if room_of(path) in {"config"} or name_of(path).startswith(allowed):
            continue
        code = path.read_text()
        # (The condition of an index is no statement.)
        assert not re.search(r"(?<!_where=)\btext\(\s*[\"'f]", code), f"{name_of(path)} says raw SQL"
        assert ".__table__" not in code, f"{name_of(path)} uses a Core table"

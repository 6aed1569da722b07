"""Changing what the platform sells: the terms of plans and addons, and how many stores have each."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kit import clock
from kit.actor import Actor
from kit.db import db, end_reading, transaction
from kit.drafts import Amount, Draft, Flag, Int, Rate, Text, wrong
from kit.errors import Conflict
from kit.i18n import _
from kit.money import to_text
from kit.tenancy import every_tenant
from models.plans import AddonTerms, PlanTerms
from models.tenants import Tenant, TenantStatus
from services import offers
from services.offers import CURRENCY, Addon, Plan

RESERVED = ("new", "addons", "requests")  # addresses of the console
MIN_AUDIT_DAYS = 30  # a slip of the hand must not cost a store its log
Limit = Annotated[
    Annotated[Int, Field(ge=0, le=1_000_000_000)] | None, Field(description="Empty: without limit.")
]
Name = Annotated[str, Text(PlanTerms.NAME_MAX, min=1)]


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise wrong("", "not_a_slug", _("Use lower-case letters, digits and single hyphens between them."))
    if value in RESERVED:
        raise wrong("", "reserved", _("This name is reserved. Please choose another one."))
    return value


def _feature(value: str) -> str:
    if value not in offers.EXTRA:
        raise wrong("", "not_a_choice", _("There is no such feature."))
    return value


class PlanDraft(Draft):
    """`price` a month; `fee` in percent of a card payment. Features that every plan has are not named."""

    name: Name
    price: Amount
    fee: Annotated[Rate, Field(le=10_000)]
    products: Limit = None
    staff: Limit = None
    orders_per_month: Limit = None
    storage_mb: Limit = None
    audit_days: Annotated[
        Annotated[Int, Field(ge=MIN_AUDIT_DAYS, le=36_500)] | None, Field(description="Empty: for ever.")
    ] = None
    features: Annotated[list[Annotated[str, AfterValidator(_feature)]], Field(max_length=20)] = []
    is_sold: Flag = True

    @classmethod
    def of(cls, plan: Plan) -> dict[str, Any]:
        limits = {name: None if limit is None else str(limit) for name, limit in plan.limits.items()}
        fee = f"{plan.fee // 100}.{plan.fee % 100:02d}"
        kept = None if plan.audit_days is None else str(plan.audit_days)
        return {"name": plan.name, "price": to_text(plan.price, CURRENCY), "fee": fee, **limits, "audit_days": kept,
                "features": plan.extras, "is_sold": plan.is_sold}  # fmt: skip

    @property
    def limits(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in (*offers.LIMITS, "audit_days")}


class NewPlanDraft(PlanDraft):
    slug: Annotated[str, Text(PlanTerms.SLUG_MAX, min=2), AfterValidator(_slug)]


class AddonDraft(Draft):
    name: Name
    description: Annotated[str, Text(AddonTerms.DESCRIPTION_MAX)] = ""
    price: Amount
    is_sold: Flag = True

    @classmethod
    def of(cls, addon: Addon) -> dict[str, Any]:
        return {"name": addon.name, "description": addon.description, "price": to_text(addon.price, CURRENCY),
                "is_sold": addon.is_sold}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holders:
    """How many stores, not deleted ones, have each plan and each addon."""

    plans: Counter[str]
    addons: Counter[str]


def count_holders() -> Holders:
    with every_tenant():
        query = select(Tenant.plan, Tenant.addons).where(Tenant.status != TenantStatus.DELETED)
        rows = db.session.execute(query).all()
    return Holders(
        Counter(plan for plan, _addons in rows), Counter(slug for _plan, had in rows for slug in had or ())
    )


def update_plan(slug: str, draft: PlanDraft, *, actor: Actor, version: int | None = None) -> Plan:
    """For the stores that have it, too, from their next page on. NotFound, Conflict `stale-version`, or `none-sold`
    where new stores would find no plan."""
    with every_tenant():
        end_reading()
        with transaction():
            row = _locked(PlanTerms, slug)
            _check_version(offers.get_plan(slug), version)
            if not draft.is_sold:
                _insist_one_is_sold(slug)
            _write(row, draft, actor)
            _tell_stores(slug)
        return offers.get_plan(slug)


def create_plan(draft: NewPlanDraft, *, actor: Actor) -> Plan:
    """Conflict `slug-taken` where there is one of this name, also one no longer sold."""
    with every_tenant():
        end_reading()
        with transaction():
            if any(plan.slug == draft.slug for plan in offers.list_plans()):
                raise Conflict(_("There is a plan with this name already."), code="slug-taken")
            _write(PlanTerms(slug=draft.slug, version=0), draft, actor)
        return offers.get_plan(draft.slug)


def update_addon(slug: str, draft: AddonDraft, *, actor: Actor, version: int | None = None) -> Addon:
    """What it adds stays; NotFound, Conflict `stale-version`."""
    with every_tenant():
        end_reading()
        with transaction():
            row = _locked(AddonTerms, slug)
            _check_version(offers.get_addon(slug), version)
            row.name, row.description, row.price = draft.name, draft.description, draft.price
            row.is_sold, row.changed_by, row.version = draft.is_sold, actor.email, row.version + 1
            _put(row)
        return offers.get_addon(slug)


def _locked(kind: Any, slug: str) -> Any:
    """Before its version is looked at: two who change the same come one after the other."""
    row = db.session.get(kind, slug, with_for_update=True, populate_existing=True)
    return row or kind(slug=slug, version=0)


def _write(row: PlanTerms, draft: PlanDraft, actor: Actor) -> None:
    row.name, row.price, row.fee = draft.name, draft.price, draft.fee
    row.limits, row.features, row.is_sold = draft.limits, sorted(set(draft.features)), draft.is_sold
    row.changed_by, row.version = actor.email, row.version + 1
    _put(row)


def _put(row: PlanTerms | AddonTerms) -> None:
    """What is shipped has no row to lock until it is first changed: the later of two who do that is told here."""
    if row.version == 1 and db.session.get(type(row), row.slug) is not None:
        raise _stale()
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _stale() from error


def _tell_stores(slug: str) -> None:
    """Their settings are read anew, and pages that show a feature are made anew."""
    db.session.execute(
        update(Tenant)
        .where(Tenant.plan == slug)
        .values(updated_at=clock.now(), catalog_version=Tenant.catalog_version + 1)
        .execution_options(synchronize_session=False)
    )


def _insist_one_is_sold(but: str) -> None:
    if not any(plan.is_sold for plan in offers.list_plans() if plan.slug != but):
        raise Conflict(_("One plan has to be on sale, for new stores."), code="none-sold")


def _check_version(thing: Plan | Addon, version: int | None) -> None:
    if version is not None and version != thing.version:
        raise _stale(version=thing.version)


def _stale(**found: Any) -> Conflict:
    text = _("Somebody else has changed this meanwhile. Load it again, then make your change.")
    return Conflict(text, code="stale-version", **found)

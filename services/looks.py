"""The look of the shop, tried on before it is worn: theme, colours and first page, seen by staff only until it is
published. What was worn before is kept, so that there is one step back."""

from dataclasses import replace
from typing import Any

from kit.actor import Actor
from kit.db import transaction
from kit.errors import Conflict, Invalid
from kit.i18n import _
from models.tenants import Tenant
from services import pictures, settings, tenants
from services.branding import ON_COLUMNS, BrandingDraft
from services.home_sections import HomeDraft
from services.tenants import Store
from services.themes import THEMES, ThemeDraft

PARTS = ("theme", "branding", "home_sections")


def draft() -> dict[str, Any]:
    """What is tried on, of PARTS those that differ; empty where nothing is."""
    return dict(tenants.row().draft_look)


def dressed(store: Store, look: dict[str, Any]) -> Store:
    """The store as it would be with the look on."""
    known = {name: value for name, value in look.items() if name in PARTS}
    if known.get("theme", store.theme) not in THEMES:
        known.pop("theme")
    return replace(store, **known)


def try_theme(chosen: ThemeDraft) -> None:
    if chosen.template_slug not in THEMES:
        raise Invalid.field("template_slug", "unknown_id", _("There is no such template."))
    _try("theme", chosen.template_slug)


def try_branding(chosen: BrandingDraft) -> None:
    """Its colours, typeface, pictures and words; the store's name and contact are no part of a look."""
    values = {name: value for name, value in chosen.model_dump().items() if name not in ON_COLUMNS}
    _try("branding", {name: value for name, value in values.items() if value not in (None, "", {})})


def try_sections(chosen: HomeDraft) -> None:
    _try("home_sections", chosen.stored())


@transaction()
def _try(part: str, value: Any) -> None:
    """Nothing that shoppers see changes, so pages that are kept stay good."""
    with pictures.changing_look() as tenant:
        rest = {name: kept for name, kept in tenant.draft_look.items() if name != part}
        tenant.draft_look = rest if value == getattr(tenant, part) else {**rest, part: value}


@transaction()
def discard() -> None:
    with pictures.changing_look() as tenant:
        tenant.draft_look = {}


@transaction()
def publish(*, actor: Actor) -> Tenant:
    """Wear what is tried on. Conflict `nothing-to-publish` where nothing is."""
    with pictures.changing_look() as tenant:
        if not tenant.draft_look:
            raise Conflict(_("There is nothing to publish."), code="nothing-to-publish")
        return _wear(tenant, tenant.draft_look, actor)


@transaction()
def restore(*, actor: Actor) -> Tenant:
    """Back to the look before; once more, and it is on again. Conflict `nothing-to-restore` where there was none."""
    with pictures.changing_look() as tenant:
        if not tenant.last_look:
            raise Conflict(_("There is no earlier look to go back to."), code="nothing-to-restore")
        return _wear(tenant, tenant.last_look, actor)


def _wear(tenant: Tenant, look: dict[str, Any], actor: Actor) -> Tenant:
    before = {name: getattr(tenant, name) for name in PARTS}
    for name in PARTS:
        if name in look:
            setattr(tenant, name, look[name])
    tenant.draft_look, tenant.last_look = {}, before
    after = {name: getattr(tenant, name) for name in PARTS}
    settings.changed(tenant, before, after, actor=actor, kind="look")
    return tenant

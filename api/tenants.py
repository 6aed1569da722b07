"""The store's own settings, for its admins."""

from api.contract import Patch, actor, endpoint
from api.schemas.tenants import BrandOut, SettingsOut, TenantOut, ThemeOut
from kit.actor import Role
from kit.drafts import read
from services import branding, settings, tenants, themes
from services.branding import BrandDraft
from services.platform import stores
from services.platform.stores import OwnStoreDraft
from services.settings import SettingsDraft
from services.themes import ThemeDraft

GROUP = "Tenant Settings"
SETTINGS_ERRORS = ("stripe-not-connected", "currency-fixed", "stale-version")


@endpoint("GET", "/tenant/settings", allow=Role.ADMIN, group=GROUP, answer=SettingsOut)
def get_settings():
    """How the store sells."""
    return tenants.row()


@endpoint("PUT", "/tenant/settings", allow=Role.ADMIN, group=GROUP, body=SettingsDraft, partial=True, versioned=True,
          answer=SettingsOut, errors=SETTINGS_ERRORS)  # fmt: skip
def update_settings(patch: Patch):
    """Change how the store sells. Ways to pay that are not sent stay as they are."""
    draft = read(SettingsDraft, SettingsDraft.merge(patch.sent, tenants.row()))
    return settings.update_settings(draft, actor=actor(), version=patch.version)


@endpoint("GET", "/tenants/current", allow=Role.ADMIN, group=GROUP, answer=TenantOut)
def get_current():
    """The store with its settings, plan, usage and limits."""
    return stores.current_store()


@endpoint("PUT", "/tenants/current", allow=Role.ADMIN, group=GROUP, body=OwnStoreDraft, partial=True, versioned=True,
          answer=TenantOut, errors=(*SETTINGS_ERRORS, "domain-taken", "feature-not-active"))  # fmt: skip
def update_current(patch: Patch):
    """Change the store. A domain of its own answers once its TXT record was found."""
    draft = read(OwnStoreDraft, OwnStoreDraft.merge(patch.sent, tenants.row()))
    stores.update_current(draft, actor=actor(), version=patch.version)
    return stores.current_store()


@endpoint("PUT", "/tenants/current/branding", allow=Role.ADMIN, group=GROUP, body=BrandDraft, partial=True,
          versioned=True, answer=BrandOut, errors=("stale-version",))  # fmt: skip
def update_brand(patch: Patch):
    """Change the branding, under its database names."""
    draft = patch.onto(BrandDraft.of(tenants.row()))
    return branding.update_branding(draft, actor=actor(), version=patch.version)


@endpoint(
    "PUT", "/tenants/current/template", allow=Role.ADMIN, group="Templates", body=ThemeDraft, answer=ThemeOut
)
def wear(draft: ThemeDraft):
    """Put a template on, at once; the way back is the same call."""
    return themes.get_theme(themes.wear(draft, actor=actor()).theme)

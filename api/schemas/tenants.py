"""A store, its settings and its look as JSON."""

from typing import Any, Literal
from uuid import UUID

from api.schemas.base import Out, Time
from kit.i18n import _
from models.taxes import CrossBorder, ShippingTax
from models.tenants import Tenant
from services import branding, settings
from services.platform.stores import StoreView
from services.themes import Theme


class MethodOut(Out):
    enabled: bool


class InstructedOut(MethodOut):
    instructions: str


class CashOut(MethodOut):
    fee: str


class MethodsOut(Out):
    card: MethodOut
    bank_transfer: InstructedOut
    cash_on_delivery: CashOut
    pay_in_shop: InstructedOut


class SettingsOut(Out):
    """`bank_transfer_instructions` is `payment_methods.bank_transfer.instructions` by its older name."""

    currency: str
    prices_include_tax: bool
    cross_border: CrossBorder
    shipping_tax: ShippingTax
    timezone: str
    locale: str
    languages: list[str]
    country: str
    vat_number: str
    legal_name: str
    legal_address: str
    order_number_prefix: str
    payment_methods: MethodsOut
    bank_transfer_instructions: str
    stock_reservation_minutes: int
    low_stock_threshold: int
    show_stock: bool
    reviews_require_approval: bool
    review_request_days: int
    guest_checkout: bool
    cors_origins: list[str]
    notification_email: str | None
    terms_page_id: UUID | None
    privacy_page_id: UUID | None
    maintenance_mode: bool
    version: int

    @classmethod
    def values(cls, tenant: Tenant) -> dict[str, Any]:
        methods = settings.methods_of(tenant.payment_methods)
        own = {name: getattr(tenant, name) for name in SettingsOut.model_fields if hasattr(tenant, name)}
        return {
            **own,
            "notification_email": tenant.notification_email or None,
            "payment_methods": methods,
            "bank_transfer_instructions": methods["bank_transfer"]["instructions"],
        }

    @classmethod
    def of(cls, tenant: Tenant) -> "SettingsOut":
        return cls(**cls.values(tenant))


class UsageOut(Out):
    products: int
    orders_this_month: int
    staff: int
    storage_mb: int


class LimitsOut(Out):
    """Null is without limit."""

    products: int | None
    staff: int | None
    orders_per_month: int | None
    storage_mb: int | None


class TenantOut(SettingsOut):
    id: UUID
    slug: str
    name: str
    custom_domain: str | None
    custom_domain_verified: bool
    contact_email: str | None
    contact_phone: str
    plan: str
    addons: list[str]
    status: Literal["active", "suspended", "deleted"]
    suspended_reason: str
    theme: str
    usage: UsageOut
    limits: LimitsOut
    created_at: Time
    updated_at: Time

    @classmethod
    def values(cls, view: StoreView) -> dict[str, Any]:  # type: ignore[override]
        tenant = view.tenant
        names = ("id", "slug", "name", "contact_phone", "plan", "addons", "status", "suspended_reason", "theme",
                 "created_at", "updated_at")  # fmt: skip
        return {
            **SettingsOut.values(tenant),
            **{name: getattr(tenant, name) for name in names},
            "contact_email": tenant.contact_email or None,
            "custom_domain": view.domain.host if view.domain else None,
            "custom_domain_verified": view.domain is not None and view.domain.verified_at is not None,
            "usage": view.usage,
            "limits": view.limits,
        }

    @classmethod
    def of(cls, view: StoreView) -> "TenantOut":  # type: ignore[override]
        return cls(**cls.values(view))


class BrandingOut(Out):
    store_name: str
    tagline: str
    logo_url: str | None
    banner_url: str | None
    hero_url: str | None
    favicon_url: str | None
    social_image_url: str | None
    primary_color: str | None
    primary_text_color: str | None
    secondary_color: str | None
    secondary_text_color: str | None
    accent_color: str | None
    accent_text_color: str | None
    font: str | None
    social: dict[str, str]
    contact_email: str | None
    contact_phone: str
    footer_text: str
    version: int

    @classmethod
    def of(cls, tenant: Any) -> "BrandingOut":
        values = branding.full(tenant)
        return cls(**{**values, "contact_email": values["contact_email"] or None}, version=tenant.version)


class BrandOut(Out):
    """The branding under its database names."""

    brand_name: str
    brand_tagline: str
    brand_logo_url: str | None
    brand_banner_url: str | None
    brand_hero_url: str | None
    brand_favicon_url: str | None
    brand_social_image_url: str | None
    brand_primary_color: str | None
    brand_primary_text_color: str | None
    brand_secondary_color: str | None
    brand_secondary_text_color: str | None
    brand_accent_color: str | None
    brand_accent_text_color: str | None
    brand_font: str | None
    brand_social: dict[str, str]
    brand_contact_email: str | None
    brand_contact_phone: str
    brand_footer_text: str
    version: int

    @classmethod
    def of(cls, tenant: Any) -> "BrandOut":
        values = branding.brand_named(tenant)
        return cls(
            **{**values, "brand_contact_email": values["brand_contact_email"] or None}, version=tenant.version
        )


class UploadedOut(Out):
    """Where the picture is now; the branding names it already."""

    url: str
    image_type: str


class ThemeOut(Out):
    """`is_active`: may be chosen."""

    slug: str
    name: str
    description: str
    preview_url: str
    tokens: dict[str, str]
    is_active: bool = True

    @classmethod
    def of(cls, theme: Theme) -> "ThemeOut":
        return cls(slug=theme.slug, name=_(theme.name), description=_(theme.description),
                   preview_url=f"/static/themes/{theme.slug}.css", tokens=theme.tokens)  # fmt: skip

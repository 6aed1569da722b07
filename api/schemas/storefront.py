"""What a front end needs to start, as JSON."""

from typing import Any, Literal

from api.schemas.base import Out
from api.schemas.tenants import BrandingOut
from services import branding
from services.tenants import Store


class MenuItemOut(Out):
    type: Literal["category", "page"]
    label: str
    slug: str


class StorefrontBrandingOut(BrandingOut):
    slug: str
    theme: str
    currency: str
    prices_include_tax: bool
    locale: str
    languages: list[str]
    country: str
    timezone: str
    guest_checkout: bool
    payment_methods: list[str]
    menu: list[MenuItemOut]
    features: list[str]

    @classmethod
    def build(
        cls, store: Store, *, menu: list[Any], methods: list[str], features: list[str]
    ) -> "StorefrontBrandingOut":
        look = branding.full(store)
        names = ("slug", "theme", "currency", "prices_include_tax", "locale", "country", "timezone", "guest_checkout",
                 "version")  # fmt: skip
        return cls(
            **{**look, "contact_email": look["contact_email"] or None},
            **{name: getattr(store, name) for name in names},
            languages=list(store.languages),
            menu=[MenuItemOut(**item) for item in menu],
            payment_methods=methods,
            features=features,
        )

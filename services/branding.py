"""How a store looks and what it calls itself: one set of fields, known to front ends by plain names and to the
tenant's own page by database names (`brand_…`)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from kit import images
from kit.actor import Actor
from kit.colors import AA, contrast, readable_on
from kit.db import transaction
from kit.drafts import Color, Draft, Email, Text, blank_to_none, wrong
from kit.i18n import _
from models.tenants import Tenant
from services import pictures, settings
from services.catalog.images import url as file_url

FONTS = ("sans", "serif", "rounded", "mono")
NETWORKS_MAX = 12
UPLOAD_MAX = 5 * 1024 * 1024
ON_COLUMNS = {"store_name": "name", "contact_email": "contact_email", "contact_phone": "contact_phone"}
PAIRS = ("primary", "secondary", "accent")
IMAGE_KINDS = ("logo", "banner", "hero")


def _address(value: str | None) -> str | None:
    """A file of our own (`/media/…`) or one of the web."""
    if value is not None and not value.startswith(("/", "https://", "http://")):
        raise wrong("", "not_an_url", _("Must be a web address."))
    if value is not None and (value.startswith("//") or any(sign in value for sign in " \\\"'<>")):
        raise wrong("", "not_an_url", _("Must be a web address."))
    return value


def _profiles(value: dict[str, str]) -> dict[str, str]:
    for name, link in value.items():
        if not name.isidentifier() or len(name) > 30:
            raise wrong("", "not_a_name", _("Name a network by its plain name, like instagram."))
        if link and (not link.startswith(("https://", "http://")) or len(link) > 500):
            raise wrong("", "not_an_url", _("Must be a web address."))
    return {name: link for name, link in value.items() if link}


def _none_is_empty(value: Any) -> Any:
    return {} if value is None else value


Link = Annotated[
    Annotated[str, Field(max_length=500), AfterValidator(_address)] | None, BeforeValidator(blank_to_none)
]
ColorOrNone = Annotated[Color | None, BeforeValidator(blank_to_none)]
EmailOrNone = Annotated[Email | None, BeforeValidator(blank_to_none)]


class BrandingDraft(Draft):
    """A colour must be readable with its text colour, which is white where none is given."""

    store_name: Annotated[str, Text(Tenant.NAME_MAX, min=1)]
    tagline: Annotated[str, Text(200)] = ""
    logo_url: Link = None
    banner_url: Link = None
    hero_url: Link = None
    favicon_url: Link = None
    social_image_url: Link = None
    primary_color: ColorOrNone = None
    primary_text_color: ColorOrNone = None
    secondary_color: ColorOrNone = None
    secondary_text_color: ColorOrNone = None
    accent_color: ColorOrNone = None
    accent_text_color: ColorOrNone = None
    font: Annotated[Literal["sans", "serif", "rounded", "mono"] | None, BeforeValidator(blank_to_none)] = None
    social: Annotated[dict[str, str], Field(max_length=NETWORKS_MAX), BeforeValidator(_none_is_empty),
                      AfterValidator(_profiles)] = {}  # fmt: skip
    contact_email: EmailOrNone = None
    contact_phone: Annotated[str, Text(40)] = ""
    footer_text: Annotated[str, Text(2_000)] = ""

    @classmethod
    def called(cls, name: str) -> str:
        """The field's name for whoever sends it."""
        return name

    @model_validator(mode="after")
    def _can_be_read(self) -> "BrandingDraft":
        for name in PAIRS:
            color = getattr(self, f"{name}_color")
            on_it = getattr(self, f"{name}_text_color") or "#ffffff"
            if color is not None and contrast(color, on_it) < AA:
                raise wrong(
                    self.called(f"{name}_color"), "low_contrast",
                    _("%(text)s text on %(color)s can't be read (%(ratio).1f:1, needed is 4.5:1). Try %(better)s.",
                      text=on_it, color=color, ratio=contrast(color, on_it), better=readable_on(color, on_it)),
                )  # fmt: skip
        return self

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        values = {name: tenant.branding[name] for name in cls.model_fields if name in tenant.branding}
        return {**values, **{name: getattr(tenant, column) for name, column in ON_COLUMNS.items()}}


def full(tenant: Any) -> dict[str, Any]:
    """Every field, of a tenant's row or of a Store."""
    empty: dict[str, Any] = {name: info.get_default() for name, info in BrandingDraft.model_fields.items()}
    return {**empty, **BrandingDraft.of(tenant)}


def _brand_name(name: str) -> str:
    """`store_name` is `brand_name` in the database's words, `tagline` is `brand_tagline`."""
    return "brand_" + name.removeprefix("store_")


class BrandDraft(BrandingDraft):
    """The same fields under their database names."""

    model_config = ConfigDict(alias_generator=_brand_name)

    @classmethod
    def called(cls, name: str) -> str:
        return _brand_name(name)

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        return {_brand_name(name): value for name, value in super().of(tenant).items()}


def brand_named(tenant: Any) -> dict[str, Any]:
    return {_brand_name(name): value for name, value in full(tenant).items()}


@transaction()
def update_branding(draft: BrandingDraft, *, actor: Actor, version: int | None = None) -> Tenant:
    with pictures.changing_look() as tenant:
        settings.check_version(tenant, version)
        before = full(tenant)
        values = draft.model_dump()
        for name, column in ON_COLUMNS.items():
            setattr(tenant, column, values.pop(name) or "")
        worn = tenant.branding
        tenant.branding = {name: value for name, value in values.items() if value not in (None, "", {})}
        settings.worn(tenant, "branding", worn)
    settings.changed(tenant, before, full(tenant), actor=actor, kind="branding")
    return tenant


def upload_image(kind: str, data: bytes, *, actor: Actor) -> str:
    """Clean the picture and put it up as the store's logo, banner or hero. Answers where it is."""
    picture = images.clean(data, limit=UPLOAD_MAX)
    key = pictures.keep(picture, "brand")
    with transaction(), pictures.changing_look() as tenant:
        before = full(tenant)
        tenant.branding = {**tenant.branding, f"{kind}_url": file_url(key)}
        settings.changed(tenant, before, full(tenant), actor=actor, kind="branding")
    return file_url(key)

"""A product as it is sent: what each field may be, and what they must be together."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from kit import clock
from kit.barcodes import is_gtin
from kit.drafts import (
    Amount,
    Country,
    Draft,
    Flag,
    IdRef,
    Int,
    Moment,
    SlugText,
    Text,
    Thousandths,
    Weight,
    blank_to_none,
    wrong,
)
from kit.i18n import _
from kit.money import to_text
from models.catalog import MeasureUnit, Product, TaxClass
from services import tenants
from services.catalog import related, texts
from services.catalog.texts import ProductTextDraft

Blank = BeforeValidator(blank_to_none)
STOCK_MAX = 10_000_000
OptionalText = Annotated[str, Text(5_000)]
Count = Annotated[Int, Field(ge=1, le=Product.QUANTITY_MAX)]


def _gtin(value: Any) -> Any:
    """Written with spaces or hyphens, as printed. None stays none."""
    if value is None:
        return None
    plain = str(value).replace(" ", "").replace("-", "") if isinstance(value, str) else value
    if plain == "":
        return None
    if not isinstance(plain, str) or not is_gtin(plain):
        raise wrong(
            "",
            "not_a_barcode",
            _("Is no valid barcode number: 8, 12, 13 or 14 digits, the last one fitting."),
        )
    return plain


Barcode = Annotated[str | None, BeforeValidator(_gtin)]


class ProductDraft(Draft):
    """`stock_quantity` is how many can be sold; left out or null, stock stays as it is. A `publish_at` to come keeps
    the product a draft until then, whatever `is_active` says. `translations` has the other languages of the store,
    all of them at once: one that is left out is taken away."""

    name: Annotated[str, Text(Product.NAME_MAX, min=1)]
    slug: Annotated[SlugText | None, Blank] = None
    sku: Annotated[Annotated[str, Text(Product.SKU_MAX)] | None, Blank] = None
    barcode: Barcode = None
    brand: Annotated[str, Text(100)] = ""
    description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    short_description: Annotated[str, Text(Product.TEXT_MAX)] = ""
    price: Amount
    sale_price: Annotated[Amount | None, Blank] = None
    sale_starts_at: Annotated[Moment | None, Blank] = None
    sale_ends_at: Annotated[Moment | None, Blank] = None
    cost_price: Annotated[Amount | None, Blank] = None
    measure: Annotated[Thousandths | None, Blank] = None
    measure_unit: Annotated[MeasureUnit | None, Blank] = None
    tax_class: TaxClass = TaxClass.STANDARD
    weight: Annotated[Weight | None, Blank] = None
    hs_code: Annotated[str, Text(12)] = ""
    origin_country: Annotated[Country | None, Blank] = None
    is_digital: Flag = False
    download_limit: Annotated[Annotated[Int, Field(ge=1, le=10_000)] | None, Blank] = None
    download_days: Annotated[Annotated[Int, Field(ge=1, le=10_000)] | None, Blank] = None
    track_stock: Flag = True
    stock_quantity: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    low_stock_threshold: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    allow_backorder: Flag = False
    backorder_limit: Annotated[Annotated[Int, Field(ge=1, le=STOCK_MAX)] | None, Blank] = None
    min_quantity: Count = 1
    max_quantity: Annotated[Count | None, Blank] = None
    quantity_step: Count = 1
    is_active: Flag = True
    publish_at: Annotated[Moment | None, Blank] = None
    unpublish_at: Annotated[Moment | None, Blank] = None
    is_featured: Flag = False
    category_ids: Annotated[list[IdRef], Field(max_length=100)] = []
    tag_ids: Annotated[list[IdRef], Field(max_length=100)] = []
    related_ids: Annotated[list[IdRef], Field(max_length=related.AT_MOST)] = []
    manufacturer: OptionalText = ""
    responsible_person: OptionalText = ""
    safety_text: OptionalText = ""
    meta_title: Annotated[str, Text(200)] = ""
    meta_description: Annotated[str, Text(500)] = ""
    translations: dict[str, ProductTextDraft] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> "ProductDraft":
        if self.sale_price is not None and self.sale_price >= self.price:
            raise wrong("sale_price", "too_large", _("Must be less than the price."))
        if self.sale_starts_at and self.sale_ends_at and self.sale_ends_at <= self.sale_starts_at:
            raise wrong("sale_ends_at", "too_early", _("Must be after the start."))
        if self.publish_at and self.unpublish_at and self.unpublish_at <= self.publish_at:
            raise wrong("unpublish_at", "too_early", _("Must be after the start."))
        if (self.measure is None) is not (self.measure_unit is None):
            name = "measure" if self.measure is None else "measure_unit"
            raise wrong(name, "required", _("The content needs both a number and a unit."))
        if self.measure == 0:
            raise wrong("measure", "too_small", _("Must be more than %(gt)s.", gt=0))
        return self

    @model_validator(mode="after")
    def _can_be_ordered(self) -> "ProductDraft":
        if self.max_quantity is None:
            return self
        if self.max_quantity < self.min_quantity:
            raise wrong("max_quantity", "too_small", _("Must be at least the smallest quantity."))
        return self

    @model_validator(mode="after")
    def _languages(self) -> "ProductDraft":
        texts.check_languages(self.translations)
        return self

    @property
    def is_shown(self) -> bool:
        return self.is_active and (self.publish_at is None or self.publish_at <= clock.now())

    @classmethod
    def of(cls, product: Product) -> dict[str, Any]:
        """The product as input. Without its stock: a change of the text must not write back an old number."""
        currency = tenants.current().currency
        amounts = {name: getattr(product, name) for name in ("price", "sale_price", "cost_price")}
        return {
            **{name: getattr(product, name) for name in PLAIN},
            "slug": product.slug,
            **{name: None if minor is None else to_text(minor, currency) for name, minor in amounts.items()},
            "weight": thousandths_text(product.weight),
            "measure": thousandths_text(product.measure),
            "category_ids": [row.id for row in product.categories],
            "tag_ids": [row.id for row in product.tags],
            "related_ids": related.ids_of(product.id),
            "translations": texts.translations_of(product.id),
        }


def thousandths_text(number: int | None) -> str | None:
    """270 → "0.270"."""
    return None if number is None else f"{number // 1000}.{number % 1000:03d}"


# Taken over as they are; PRICED are read as amounts or numbers, the rest is looked up or kept elsewhere.
PLAIN = ("name", "sku", "barcode", "brand", "description", "short_description", "sale_starts_at", "sale_ends_at",
         "measure_unit", "tax_class", "hs_code", "origin_country", "is_digital", "download_limit", "download_days",
         "track_stock", "low_stock_threshold", "allow_backorder", "backorder_limit", "min_quantity", "max_quantity",
         "quantity_step", "is_active", "publish_at", "unpublish_at", "is_featured", "manufacturer",
         "responsible_person", "safety_text", "meta_title", "meta_description")  # fmt: skip
PRICED = ("price", "sale_price", "cost_price", "weight", "measure")

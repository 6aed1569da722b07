"""The catalogue as JSON. Numbers of stock are for staff, and for everybody where the store shows them."""

from uuid import UUID

from api.schemas.base import MoneyOut, Out, Time, WeightOut
from kit.actor import Actor
from models.catalog import (
    Attribute,
    AttributeType,
    Category,
    MeasureUnit,
    Product,
    ProductImage,
    StockStatus,
    Tag,
    TaxClass,
    Variant,
)
from services import tenants
from services.catalog import related, texts
from services.catalog.categories import Node
from services.catalog.images import url, view


class NameOut(Out):
    id: UUID
    name: str
    slug: str


class SourceOut(Out):
    type: str
    srcset: str


class ImageOut(Out):
    """`srcset` is JPEG; `sources` has the smaller formats. Empty until the sizes are made."""

    id: UUID
    url: str
    srcset: str
    sources: list[SourceOut]
    alt: str
    width: int
    height: int
    is_primary: bool
    position: int

    @classmethod
    def of(cls, image: ProductImage) -> "ImageOut":
        shown = view(image)
        assert shown is not None
        return cls(
            id=image.id,
            url=shown.full,
            srcset=shown.srcset,
            sources=[SourceOut(type=kind, srcset=srcset) for kind, srcset in shown.sources],
            alt=image.alt,
            width=image.width,
            height=image.height,
            is_primary=image.is_primary,
            position=image.position,
        )


class OptionOut(Out):
    attribute: str
    value: str


class VariantOut(Out):
    """`unit_price`: what a whole unit of the content costs now (`measure` and the product's `measure_unit`)."""

    id: UUID
    product_id: UUID
    sku: str | None
    barcode: str | None
    attribute_value_ids: list[UUID]
    options: list[OptionOut]
    price: MoneyOut | None
    sale_price: MoneyOut | None
    current_price: MoneyOut
    currency: str
    lowest_price_30d: MoneyOut | None
    stock_quantity: int | None
    stock_status: StockStatus
    weight: WeightOut | None
    measure: WeightOut | None
    unit_price: MoneyOut | None
    image_id: UUID | None
    is_active: bool
    position: int
    version: int


class TextsOut(Out):
    name: str
    short_description: str
    description: str
    meta_title: str
    meta_description: str


class ProductOut(Out):
    """`cost_price`, `publish_at` and `unpublish_at` are null for all but staff. In a list `related_ids` and
    `translations` are left out (null): ask for the product itself."""

    id: UUID
    slug: str
    name: str
    sku: str | None
    barcode: str | None
    brand: str
    description: str
    short_description: str
    price: MoneyOut
    sale_price: MoneyOut | None
    sale_starts_at: Time | None
    sale_ends_at: Time | None
    current_price: MoneyOut
    on_sale: bool
    lowest_price_30d: MoneyOut | None
    currency: str
    cost_price: MoneyOut | None
    measure: WeightOut | None
    measure_unit: MeasureUnit | None
    unit_price: MoneyOut | None
    tax_class: TaxClass
    weight: WeightOut | None
    hs_code: str
    origin_country: str | None
    is_digital: bool
    download_limit: int | None
    download_days: int | None
    track_stock: bool
    stock_quantity: int | None
    low_stock_threshold: int | None
    allow_backorder: bool
    backorder_limit: int | None
    min_quantity: int
    max_quantity: int | None
    quantity_step: int
    stock_status: StockStatus
    is_active: bool
    publish_at: Time | None
    unpublish_at: Time | None
    is_featured: bool
    category_ids: list[UUID]
    categories: list[NameOut]
    tag_ids: list[UUID]
    tags: list[NameOut]
    images: list[ImageOut]
    variants: list[VariantOut]
    related_ids: list[UUID] | None
    manufacturer: str
    responsible_person: str
    safety_text: str
    meta_title: str
    meta_description: str
    translations: dict[str, TextsOut] | None
    average_rating: float
    review_count: int
    view_count: int
    version: int
    created_at: Time
    updated_at: Time


class ValueOut(Out):
    id: UUID
    value: str
    slug: str
    color: str | None
    position: int
    names: dict[str, str]


class AttributeOut(Out):
    id: UUID
    name: str
    slug: str
    type: AttributeType
    position: int
    names: dict[str, str]
    values: list[ValueOut]

    @classmethod
    def of(cls, row: Attribute) -> "AttributeOut":
        values = sorted(row.values, key=lambda value: (value.position, value.id))
        plain = {name: getattr(row, name) for name in ("id", "name", "slug", "type", "position", "names")}
        return cls(**plain, values=[ValueOut.model_validate(value) for value in values])


class CategoryTextsOut(Out):
    name: str = ""
    description: str = ""
    meta_title: str = ""
    meta_description: str = ""


class CategoryOut(Out):
    """`product_count` covers the sub-categories; `depth` counts from 0. In a flat list `children` is empty."""

    id: UUID
    slug: str
    name: str
    description: str
    parent_id: UUID | None
    image_url: str | None
    position: int
    is_active: bool
    meta_title: str
    meta_description: str
    product_count: int
    depth: int
    version: int
    translations: dict[str, CategoryTextsOut]
    children: list["CategoryOut"] = []

    @classmethod
    def of(cls, node: Node) -> "CategoryOut":
        return cls(**_category(node), children=[cls.of(child) for child in node.children])

    @classmethod
    def flat(cls, node: Node) -> "CategoryOut":
        return cls(**_category(node))


class TagOut(Out):
    id: UUID
    name: str
    slug: str
    product_count: int


def _category(node: Node) -> dict:
    names = ("id", "slug", "name", "description", "parent_id", "position", "is_active", "meta_title",
             "meta_description", "product_count", "depth", "version", "translations")  # fmt: skip
    return {name: getattr(node, name) for name in names} | {"image_url": url(node.image_key) or None}


def may_see_stock(actor: Actor) -> bool:
    return actor.is_staff or tenants.current().show_stock


def variant_out(variant: Variant, actor: Actor) -> VariantOut:
    names = ("id", "product_id", "sku", "barcode", "price", "sale_price", "current_price", "stock_status", "weight",
             "measure", "unit_price", "image_id", "is_active", "position", "version")  # fmt: skip
    values = sorted(variant.values, key=lambda value: (value.attribute.position, value.attribute.name))
    return VariantOut(
        **{name: getattr(variant, name) for name in names},
        attribute_value_ids=[value.id for value in values],
        options=[OptionOut(attribute=value.attribute.name, value=value.value) for value in values],
        currency=tenants.current().currency,
        lowest_price_30d=variant.prior_price if variant.current_price < variant.regular_price else None,
        stock_quantity=variant.stock_quantity if may_see_stock(actor) else None,
    )


def whole_product_out(product: Product, actor: Actor) -> ProductOut:
    """With what takes queries of its own: related products and other languages."""
    spoken = texts.translations_of(product.id)
    return product_out(product, actor).model_copy(update={
        "related_ids": related.ids_of(product.id, all_of_them=actor.is_staff),
        "translations": {code: TextsOut(**found) for code, found in spoken.items()},
    })  # fmt: skip


def product_out(product: Product, actor: Actor) -> ProductOut:
    """For this caller: shoppers see the variants that can be chosen, and stock as the store shows it."""
    on_sale = product.sale_price_from is not None and product.is_on_sale()
    sees_stock = may_see_stock(actor)
    return ProductOut(
        **{name: getattr(product, name) for name in _SAME},
        current_price=product.sale_price_from if on_sale else product.price_from,
        on_sale=on_sale,
        lowest_price_30d=product.prior_price if on_sale else None,
        currency=tenants.current().currency,
        stock_quantity=product.stock_quantity if sees_stock else None,
        low_stock_threshold=product.low_stock_threshold if sees_stock else None,
        unit_price=product.unit_price,
        related_ids=None,
        translations=None,
        **{name: getattr(product, name) if actor.is_staff else None for name in _STAFF_ONLY},
        category_ids=[row.id for row in product.categories],
        categories=[_name(row) for row in product.categories],
        tag_ids=[row.id for row in product.tags],
        tags=[_name(row) for row in product.tags],
        images=[ImageOut.of(image) for image in product.images],
        variants=[variant_out(v, actor) for v in product.variants if v.is_active or actor.is_staff],
    )


_SAME = ("id", "slug", "name", "sku", "barcode", "brand", "description", "short_description", "price", "sale_price",
         "sale_starts_at", "sale_ends_at", "measure", "measure_unit", "tax_class", "weight", "hs_code",
         "origin_country", "is_digital", "download_limit", "download_days", "track_stock", "allow_backorder",
         "backorder_limit", "min_quantity", "max_quantity", "quantity_step", "stock_status", "is_active",
         "is_featured", "manufacturer", "responsible_person", "safety_text", "meta_title", "meta_description",
         "average_rating", "review_count", "view_count", "version", "created_at", "updated_at")  # fmt: skip
_STAFF_ONLY = ("cost_price", "publish_at", "unpublish_at")


def _name(row: Category | Tag) -> NameOut:
    return NameOut(id=row.id, name=row.name, slug=row.slug)

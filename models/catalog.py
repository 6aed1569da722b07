"""What is sold: products, their variants, and how they are sorted and described."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit import clock
from kit.db import Base, Id, TenantOwned, Timestamps, Word, ref, tie_to_tenant
from kit.tenancy import current_tenant_id
from models.attributes import Attribute, AttributeType, AttributeValue  # noqa: F401
from models.price_changes import PriceChange  # noqa: F401
from models.product_indexes import product_indexes
from models.redirects import SlugRedirect  # noqa: F401


class StockStatus(StrEnum):
    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    OUT_OF_STOCK = "out_of_stock"
    ON_BACKORDER = "on_backorder"


class TaxClass(StrEnum):
    STANDARD = "standard"
    INTERMEDIATE = "intermediate"
    REDUCED = "reduced"
    SUPER_REDUCED = "super_reduced"
    ZERO = "zero"
    EXEMPT = "exempt"


class MeasureUnit(StrEnum):
    """What a price is compared by: per kilogram, per litre …"""

    KILOGRAM = "kg"
    LITRE = "l"
    METRE = "m"
    SQUARE_METRE = "m2"
    PIECE = "piece"


_TABLES = {"product_id": "products", "category_id": "categories", "tag_id": "tags", "variant_id": "variants",
           "value_id": "attribute_values"}  # fmt: skip


def _join_table(name: str, left: str, right: str) -> Table:
    """A many-to-many inside one store."""
    table = Table(
        name,
        Base.metadata,
        Column("tenant_id", Id(), ForeignKey("tenants.id"), default=current_tenant_id),
        Column(left, Id(), info={"refers_to": _TABLES[left], "indexed": False, "cascade": True}),
        Column(right, Id(), info={"refers_to": _TABLES[right], "indexed": True, "cascade": True}),
        PrimaryKeyConstraint("tenant_id", left, right),
    )
    tie_to_tenant(table)
    return table


product_categories = _join_table("product_categories", "product_id", "category_id")
product_tags = _join_table("product_tags", "product_id", "tag_id")
variant_values = _join_table("variant_values", "variant_id", "value_id")
# Who a collection's rule let in when it was last asked (services/catalog/collections.py); nobody writes it by hand.
collection_products = _join_table("collection_products", "category_id", "product_id")


def per_unit(price: int, measure: int | None) -> int | None:
    """The price of a whole unit, where `measure` thousandths of it cost `price`; half up."""
    return (2 * price * 1000 + measure) // (2 * measure) if measure else None


class Product(TenantOwned, Timestamps, Base):
    """A thing in the shop. With variants it is bought by variant only."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("sale_price IS NULL OR sale_price >= 0", name="sale_price_not_negative"),
        *product_indexes(),
        CheckConstraint("min_quantity >= 1 AND quantity_step >= 1", name="quantities_positive"),
    )

    NAME_MAX = 200
    QUANTITY_MAX = 9999
    SKU_MAX = 64
    TEXT_MAX = 100_000

    slug: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    sku: Mapped[str | None] = mapped_column(String(SKU_MAX))  # unique over both kinds, see services
    description: Mapped[str] = mapped_column(Text, default="")  # sanitised HTML
    short_description: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[int]
    sale_price: Mapped[int | None]
    sale_starts_at: Mapped[datetime | None]
    sale_ends_at: Mapped[datetime | None]
    tax_class: Mapped[TaxClass] = mapped_column(Word(TaxClass), default=TaxClass.STANDARD)
    weight: Mapped[int | None]  # grams
    is_digital: Mapped[bool] = mapped_column(default=False)
    track_stock: Mapped[bool] = mapped_column(default=True)
    allow_backorder: Mapped[bool] = mapped_column(default=False)
    low_stock_threshold: Mapped[int | None]  # None: the store's
    is_active: Mapped[bool] = mapped_column(default=True)
    is_featured: Mapped[bool] = mapped_column(default=False)
    preview_key: Mapped[str | None] = mapped_column(String(32))  # links to the draft hold while it stays
    publish_at: Mapped[datetime | None]  # shown from then on; empty once that has happened
    unpublish_at: Mapped[datetime | None]  # and taken out again
    archived_at: Mapped[datetime | None]  # deleted; can be brought back
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")
    view_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    brand: Mapped[str] = mapped_column(String(100), default="")
    barcode: Mapped[str | None] = mapped_column(String(14))  # a GTIN, its check digit right
    cost_price: Mapped[int | None]  # what the store paid; staff only
    hs_code: Mapped[str] = mapped_column(String(12), default="")
    origin_country: Mapped[str | None] = mapped_column(String(2))
    measure_unit: Mapped[MeasureUnit | None] = mapped_column(Word(MeasureUnit))
    measure: Mapped[int | None]  # thousandths of the unit: 750 ml is 750 of litres
    min_quantity: Mapped[int] = mapped_column(default=1)  # of one order line; so are the next two
    max_quantity: Mapped[int | None]
    quantity_step: Mapped[int] = mapped_column(default=1)
    backorder_limit: Mapped[int | None]  # how many may be promised beyond what there is; None: any number
    manufacturer: Mapped[str] = mapped_column(
        Text, default=""
    )  # name and address, as the law on safety wants them
    responsible_person: Mapped[str] = mapped_column(Text, default="")  # in the EU, where the maker is outside
    safety_text: Mapped[str] = mapped_column(Text, default="")
    download_limit: Mapped[int | None]  # how often a buyer may fetch each file; None: any number
    download_days: Mapped[int | None]  # for how long; None: for good

    # Kept by services so that a listing reads one row per card. `price_from`/`price_to`: regular prices over what
    # can be bought; `sale_price_from`: the lowest price while the sale runs (None: no sale); `prior_price`: the
    # lowest price of the 30 days before the sale (see services/catalog/prices.py).
    price_from: Mapped[int] = mapped_column(default=0)
    price_to: Mapped[int] = mapped_column(default=0)
    sale_price_from: Mapped[int | None]
    prior_price: Mapped[int | None]
    variant_count: Mapped[int] = mapped_column(default=0)
    stock_status: Mapped[StockStatus] = mapped_column(Word(StockStatus), default=StockStatus.OUT_OF_STOCK)
    stock_quantity: Mapped[int] = mapped_column(default=0)  # sellable, over all variants
    rating_sum: Mapped[int] = mapped_column(default=0)
    review_count: Mapped[int] = mapped_column(default=0)
    sold_count: Mapped[int] = mapped_column(default=0)

    categories: Mapped[list["Category"]] = relationship(
        secondary=product_categories, back_populates="products"
    )
    tags: Mapped[list["Tag"]] = relationship(secondary=product_tags, back_populates="products")
    images: Mapped[list["ProductImage"]] = relationship(
        back_populates="product",
        order_by="ProductImage.position",
        cascade="all, delete-orphan",
        foreign_keys="ProductImage.product_id",
    )
    variants: Mapped[list["Variant"]] = relationship(
        back_populates="product",
        order_by="Variant.position",
        cascade="all, delete-orphan",
        foreign_keys="Variant.product_id",
    )

    def is_on_sale(self, moment: datetime | None = None) -> bool:
        """Read at the moment of asking, so that a sale starts and ends without a job."""
        moment = moment or clock.now()
        return (
            (self.sale_price is not None or self.sale_price_from is not None)
            and (self.sale_starts_at is None or self.sale_starts_at <= moment)
            and (self.sale_ends_at is None or moment < self.sale_ends_at)
        )

    @property
    def current_price(self) -> int:
        """What the product costs now; of one with variants, the regular price that they inherit."""
        if self.sale_price is not None and self.is_on_sale():
            return min(self.sale_price, self.price)
        return self.price

    @property
    def unit_price(self) -> int | None:
        """What a kilogram, litre … of it costs now; None where it is not measured."""
        return per_unit(self.current_price, self.measure) if self.measure_unit else None

    @property
    def average_rating(self) -> float:
        return round(self.rating_sum / self.review_count, 2) if self.review_count else 0.0


class Variant(TenantOwned, Timestamps, Base):
    """One buyable combination of attribute values."""

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "combination"),
        CheckConstraint("price IS NULL OR price >= 0", name="price_not_negative"),
        Index(None, "tenant_id", "sku"),
    )

    product_id: Mapped[UUID] = ref("products", cascade=True)
    sku: Mapped[str | None] = mapped_column(String(Product.SKU_MAX))
    combination: Mapped[str] = mapped_column(
        String(400)
    )  # its value ids, sorted and joined: unique in the product
    price: Mapped[int | None]  # None: the product's
    sale_price: Mapped[int | None]  # runs in the product's sale window
    prior_price: Mapped[int | None]  # the lowest price of the 30 days before the sale
    weight: Mapped[int | None]  # grams; None: the product's
    measure: Mapped[int | None]  # as the product's; None: the product's
    barcode: Mapped[str | None] = mapped_column(String(14))
    image_id: Mapped[UUID | None] = ref("product_images")
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    stock_status: Mapped[StockStatus] = mapped_column(Word(StockStatus), default=StockStatus.OUT_OF_STOCK)
    stock_quantity: Mapped[int] = mapped_column(default=0)  # sellable, kept by services/stock.py
    version: Mapped[int] = mapped_column(default=1)

    product: Mapped[Product] = relationship(back_populates="variants", foreign_keys=[product_id])
    image: Mapped["ProductImage | None"] = relationship(foreign_keys=[image_id])
    values: Mapped[list["AttributeValue"]] = relationship(
        secondary=variant_values, order_by="AttributeValue.position"
    )

    @property
    def regular_price(self) -> int:
        return self.product.price if self.price is None else self.price

    @property
    def current_price(self) -> int:
        if not self.product.is_on_sale():
            return self.regular_price
        sale = self.sale_price
        if sale is None and self.price is None:
            sale = self.product.sale_price
        return self.regular_price if sale is None else min(sale, self.regular_price)

    @property
    def unit_price(self) -> int | None:
        measure = self.product.measure if self.measure is None else self.measure
        return per_unit(self.current_price, measure) if self.product.measure_unit else None


class ProductImage(TenantOwned, Timestamps, Base):
    """A picture, named by its content. The derived sizes are made by a job; `widths` says which exist."""

    __tablename__ = "product_images"
    SOURCE_MAX = 2000
    product_id: Mapped[UUID] = ref("products", cascade=True)
    key: Mapped[str] = mapped_column(String(200))  # where the file store has the cleaned original
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(default=0)  # bytes
    widths: Mapped[list[int]] = mapped_column(default=list)
    alt: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str | None] = mapped_column(String(SOURCE_MAX))  # where an import fetched it from
    position: Mapped[int] = mapped_column(default=0)  # the first is the primary one

    product: Mapped[Product] = relationship(back_populates="images", foreign_keys=[product_id])

    @property
    def is_primary(self) -> bool:
        return self.position == 0


class Category(TenantOwned, Timestamps, Base):
    """A branch of the tree that shoppers browse. An inactive parent hides what hangs below it."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    MAX_DEPTH = 5

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[UUID | None] = ref("categories")
    image_key: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    meta_title: Mapped[str] = mapped_column(String(200), default="")
    meta_description: Mapped[str] = mapped_column(String(500), default="")
    translations: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # {language: {name, description, meta_…}}
    rule: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # a collection's; empty: products are put in by hand
    ruled_version: Mapped[int] = mapped_column(default=0)  # the catalogue's, when the rule was last asked
    ruled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    products: Mapped[list[Product]] = relationship(secondary=product_categories, back_populates="categories")

    @property
    def is_collection(self) -> bool:
        """Its products come from a rule."""
        return self.ruled_at is not None


class Tag(TenantOwned, Base):
    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    name: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(120))

    products: Mapped[list[Product]] = relationship(secondary=product_tags, back_populates="tags")

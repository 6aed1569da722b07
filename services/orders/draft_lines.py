"""A line of a draft: a product or one of its variants, or anything that has a name and a price."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select

from kit.db import db
from kit.drafts import Amount, Draft, Flag, IdRef, Int, Text, wrong
from kit.errors import Invalid
from kit.i18n import _
from kit.ids import uuid7
from models.catalog import AttributeValue, Product, ProductImage, TaxClass, Variant
from models.orders import OrderItem

QUANTITY_MAX = 100_000
Quantity = Annotated[Int, Field(ge=1, le=QUANTITY_MAX)]
Price = Annotated[Amount, Field(ge=0)]


class NewLineDraft(Draft):
    """A product (or one of its variants), at today's price unless `unit_price` says another; or, without one, anything
    with a `name` and a price."""

    product_id: IdRef | None = None
    variant_id: IdRef | None = None
    name: Annotated[str, Text(200)] = ""
    unit_price: Price | None = None
    quantity: Quantity = 1
    tax_class: TaxClass = TaxClass.STANDARD
    requires_shipping: Flag = True

    @model_validator(mode="after")
    def _is_something(self) -> "NewLineDraft":
        if self.product_id is None and not self.name:
            raise wrong("name", "required", _("Say what it is."))
        if self.product_id is None and self.unit_price is None:
            raise wrong("unit_price", "required", _("Enter the price."))
        return self


def line_for(draft: NewLineDraft) -> OrderItem:
    """The line that is meant, at its price as it is entered. Invalid where there is no such thing."""
    return _custom(draft) if draft.product_id is None else _of_product(draft)


def _line(draft: NewLineDraft, **values: Any) -> OrderItem:
    zeros = {"position": 0, "line_total": 0, "discount_amount": 0, "tax_rate": 0, "tax_amount": 0, "taxes": [],
             "fulfilled_quantity": 0, "refunded_quantity": 0, "cancelled_quantity": 0, "packed_quantity": 0,
             "returned_quantity": 0}  # fmt: skip
    return OrderItem(id=uuid7(), quantity=draft.quantity, **zeros, **values)


def _custom(draft: NewLineDraft) -> OrderItem:
    return _line(draft, name=draft.name, unit_price=draft.unit_price, tax_class=draft.tax_class,
                 requires_shipping=draft.requires_shipping, weight=0, options=[], sku="", image_key="")  # fmt: skip


def _of_product(draft: NewLineDraft) -> OrderItem:
    product = db.session.get(Product, draft.product_id)
    if product is None or product.archived_at is not None:
        raise Invalid.field("product_id", "unknown_id", _("There is no such product."))
    variant = _variant(product, draft.variant_id)
    bought: Product | Variant = variant or product
    weight = variant.weight if variant is not None and variant.weight is not None else product.weight
    return _line(
        draft,
        product_id=product.id,
        variant_id=variant.id if variant else None,
        name=product.name,
        sku=bought.sku or product.sku or "",
        options=_options(variant) if variant else [],
        image_key=_picture(product, variant),
        unit_price=bought.current_price if draft.unit_price is None else draft.unit_price,
        tax_class=product.tax_class,
        requires_shipping=not product.is_digital,
        weight=weight or 0,
    )


def _variant(product: Product, variant_id: UUID | None) -> Variant | None:
    if variant_id is None:
        if product.variant_count:
            raise Invalid.field("variant_id", "required", _("Choose one of its variants."))
        return None
    variant = db.session.get(Variant, variant_id)
    if variant is None or variant.product_id != product.id:
        raise Invalid.field("variant_id", "unknown_id", _("There is no such variant."))
    return variant


def _options(variant: Variant) -> list[dict[str, str]]:
    return [
        {"attribute": value.attribute.name, "value": value.value}
        for value in sorted(variant.values, key=_place)
    ]


def _place(value: AttributeValue) -> tuple[int, str]:
    return value.attribute.position, value.attribute.name


def _picture(product: Product, variant: Variant | None) -> str:
    if variant is not None and variant.image is not None:
        return variant.image.key
    first = (
        select(ProductImage.key).where(ProductImage.product_id == product.id).order_by(ProductImage.position)
    )
    return db.session.scalar(first.limit(1)) or ""

"""A variant as it is sent."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from kit.drafts import Amount, Draft, Flag, IdRef, Int, Text, Thousandths, Weight, wrong
from kit.i18n import _
from kit.money import to_text
from models.catalog import Product, Variant
from services import tenants
from services.catalog.product_draft import STOCK_MAX, Barcode, Blank, thousandths_text

ATTRIBUTES_MAX = 5


class VariantDraft(Draft):
    """Price, sale price, weight and content may be null: then the product's hold. Stock as in ProductDraft."""

    sku: Annotated[Annotated[str, Text(Product.SKU_MAX)] | None, Blank] = None
    barcode: Barcode = None
    attribute_value_ids: Annotated[list[IdRef], Field(min_length=1, max_length=ATTRIBUTES_MAX)]
    price: Annotated[Amount | None, Blank] = None
    sale_price: Annotated[Amount | None, Blank] = None
    stock_quantity: Annotated[Annotated[Int, Field(ge=0, le=STOCK_MAX)] | None, Blank] = None
    weight: Annotated[Weight | None, Blank] = None
    measure: Annotated[Thousandths | None, Blank] = None
    image_id: Annotated[IdRef | None, Blank] = None
    is_active: Flag = True
    position: Annotated[Annotated[Int, Field(ge=0, le=100_000)] | None, Blank] = None

    @model_validator(mode="after")
    def _measured(self) -> "VariantDraft":
        if self.measure == 0:
            raise wrong("measure", "too_small", _("Must be more than %(gt)s.", gt=0))
        return self

    @classmethod
    def of(cls, variant: Variant) -> dict[str, Any]:
        currency = tenants.current().currency
        amounts = {name: getattr(variant, name) for name in ("price", "sale_price")}
        return {
            "sku": variant.sku,
            "barcode": variant.barcode,
            "attribute_value_ids": [value.id for value in variant.values],
            **{name: None if minor is None else to_text(minor, currency) for name, minor in amounts.items()},
            "weight": thousandths_text(variant.weight),
            "measure": thousandths_text(variant.measure),
            "image_id": variant.image_id,
            "is_active": variant.is_active,
            "position": variant.position,
        }

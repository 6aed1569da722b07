"""A product as the editor shows it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from forms.catalog import row_values
from kit.i18n import _
from models.catalog import Product, Variant
from services.catalog import images, matrix
from web.filters import plain_money
from web.tenant import current_store


def show(product: Product, sent: Mapping[str, str] | None = None,
         errors: Mapping[str, str] | None = None) -> dict[str, Any]:  # fmt: skip
    """`sent` and `errors`: the rows of variants as they were typed, and what is wrong with them."""
    return {
        "id": product.id, "name": product.name, "shop_url": url_for("shop.product", slug=product.slug),
        "status": (_("Active"), "good") if product.is_active else (_("Draft"), "neutral"),
        "images": [{"id": image.id, "image": images.view(image), "alt": image.alt, "pending": not image.widths}
                   for image in product.images],
        "variants": [_row(variant, sent, errors or {}) for variant in product.variants],
        "options": [{"name": name, "values": [value.value for value in values]}
                    for name, values in matrix.options_of(product)],
        "price": plain_money(product.price),
    }  # fmt: skip


def _row(variant: Variant, sent: Mapping[str, str] | None, errors: Mapping[str, str]) -> dict[str, Any]:
    fields = {"sku": "sku", "price": "price", "stock": "stock_quantity"}
    return {
        "id": variant.id,
        "label": label_of(variant),
        "errors": {
            shown: errors[f"{variant.id}.{field}"]
            for shown, field in fields.items()
            if f"{variant.id}.{field}" in errors
        },
        **row_values(variant, current_store().currency, sent),
    }


def label_of(variant: Variant) -> str:
    """Its values, in the order of their options."""
    values = sorted(variant.values, key=lambda v: (v.attribute.position, v.attribute.name))
    return " / ".join(value.value for value in values)

"""A product as the editor shows it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from forms.catalog import row_values
from models.catalog import Product, Variant
from services.catalog import images, matrix
from web.filters import plain_money
from web.tenant import current_store
from kit.i18n import _


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
        "id": variant.id, "label": " / ".join(value.value for value in variant.values),
        "errors": {shown: errors[f"{variant.id}.{field}"] for shown, field in fields.items() if f"{variant.id}.{field}" in errors},
        **row_values(variant, current_store().currency, sent),
    }  # fmt: skip

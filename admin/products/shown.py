"""A product as the editor shows it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from admin.products.rows import status_of
from forms.variants import CELLS, row_values
from kit.i18n import _
from models.catalog import Product, Variant
from services.catalog import images, matrix
from services.catalog.variant_rows import in_order
from services.stock.levels import Level, levels_of
from web.filters import clock_time, number, plain_money


def show(product: Product, sent: Mapping[str, str] | None = None,
         errors: Mapping[str, str] | None = None) -> dict[str, Any]:  # fmt: skip
    """`sent` and `errors`: the rows of variants as they were typed, and what is wrong with them."""
    levels = levels_of(product.id)
    return {
        "id": product.id, "name": product.name, "shop_url": url_for("shop.product", slug=product.slug),
        "status": status_of(product), "version": product.version,
        "images": [{"id": image.id, "image": images.view(image), "alt": image.alt, "pending": not image.widths}
                   for image in product.images],
        "variants": [_row(variant, sent, errors or {}, levels) for variant in product.variants],
        "options": [{"id": values[0].attribute_id, "name": name,
                     "values": [{"id": value.id, "text": value.value, "color": value.color} for value in values]}
                    for name, values in matrix.options_of(product)],
        "price": plain_money(product.price), "measured": product.measure_unit is not None,
        "level": level_text(levels.get(None)) if product.track_stock and not product.variants else "",
        "unit_price": product.unit_price,
    }  # fmt: skip


def level_text(level: Level | None) -> str:
    """`12 on hand, 3 allocated, 2 in checkouts until 14:32, 7 sellable`: what is nothing is left out."""
    if level is None:
        return ""
    parts = [_("%(count)s on hand", count=number(level.on_hand))]
    if level.allocated:
        parts.append(_("%(count)s allocated", count=number(level.allocated)))
    if level.held and level.held_until:
        until = clock_time(level.held_until)
        parts.append(_("%(count)s in checkouts until %(time)s", count=number(level.held), time=until))
    parts.append(_("%(count)s sellable", count=number(max(0, level.sellable))))
    return ", ".join(parts)


def _row(
    variant: Variant, sent: Mapping[str, str] | None, errors: Mapping[str, str], levels: Mapping[Any, Level]
) -> dict[str, Any]:
    level = levels.get(variant.id)
    return {
        "id": variant.id,
        "label": label_of(variant),
        "errors": {
            name: errors[f"{variant.id}.{name}"] for name in CELLS if f"{variant.id}.{name}" in errors
        },
        "level": level_text(level) if level is not None and (level.allocated or level.held) else "",
        **row_values(variant, sent),
    }


def label_of(variant: Variant) -> str:
    """Its values, in the order of their options."""
    return " / ".join(value.value for value in sorted(variant.values, key=in_order))

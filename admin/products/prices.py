"""What a product cost, and since when."""

from uuid import UUID

from flask import Response, url_for

from admin import bp
from admin.frame import page
from admin.products.shown import label_of
from kit.actor import Role
from kit.i18n import _
from services.catalog import prices, products
from web.access import allow
from web.filters import money


@bp.get("/products/<uuid:product_id>/prices")
@allow(Role.MANAGER)
def price_history(product_id: UUID) -> Response:
    product = products.get_product(product_id)
    labels = {variant.id: label_of(variant) for variant in product.variants}
    rows = [
        {
            "at": row.at,
            "what": labels.get(row.variant_id, "") if row.variant_id else "",
            "price": money(row.price),
            "sale": money(row.sale_price) if row.sale_price is not None else "",
            "starts": row.sale_starts_at,
            "ends": row.sale_ends_at,
        }
        for row in prices.whole_history(product_id)
    ]
    return page(
        "admin/products/prices.html",
        rows=rows,
        has_variants=bool(labels),
        prior=money(product.prior_price) if product.prior_price is not None else "",
        trail=[
            (_("Products"), url_for("admin.products")),
            (product.name, url_for("admin.show_product", product_id=product_id)),
            (_("Price history"), None),
        ],
    )

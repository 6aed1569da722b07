"""A deleted product: what it was, and the way back."""

from uuid import UUID

from flask import Response, flash, url_for

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.errors import PlanLimit
from kit.i18n import _
from services.catalog import archive, images
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.lists import back_to


def show_archived(product_id: UUID) -> Response:
    product = archive.get_archived(product_id)
    return page(
        "admin/products/archived.html",
        heading=product.name,
        trail=[(_("Products"), back_to("admin.products")), (product.name, None)],
        product={
            "id": product.id,
            "name": product.name,
            "sku": product.sku or "",
            "deleted_at": product.archived_at,
            "image": images.view(product.images[0] if product.images else None),
        },
        in_orders=archive.is_in_orders(product.id),
    )


@bp.post("/products/<uuid:product_id>/restore")
@allow(Role.MANAGER)
def restore_product(product_id: UUID) -> Response:
    try:
        product = archive.restore_product(product_id, actor=actor())
    except PlanLimit as error:
        flash(error.message, "error")
        return go("admin.show_product", product_id=product_id)
    flash(_("“%(name)s” is back, as a draft.", name=product.name), "success")
    return go("admin.show_product", product_id=product_id)


@bp.get("/products/<uuid:product_id>/purge")
@allow(Role.MANAGER)
def ask_purge_product(product_id: UUID) -> Response:
    product = archive.get_archived(product_id)
    return page("admin/confirm.html", heading=_("Delete “%(name)s” for good?", name=product.name),
                text=_("Its texts, pictures, files and stock are gone then. Nobody can bring them back."),
                action=url_for("admin.purge_product", product_id=product_id), button=_("Delete for good"),
                back=url_for("admin.show_product", product_id=product_id))  # fmt: skip


@bp.post("/products/<uuid:product_id>/purge")
@allow(Role.MANAGER)
def purge_product(product_id: UUID) -> Response:
    name = archive.get_archived(product_id).name
    archive.purge_product(product_id, actor=actor())
    flash(_("“%(name)s” is gone for good.", name=name), "success")
    return go("admin.products")

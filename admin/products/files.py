"""The files of a digital product. Each act answers the same card that the page includes."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.errors import ShopError
from kit.i18n import _
from models.catalog import Product
from services import downloads
from services.catalog import products
from web.access import allow
from web.auth import actor
from web.filters import size_text
from web.htmx import go, wants_fragment

MEGABYTE = 1024**2


def files_context(product: Product | None) -> dict[str, Any]:
    """What the card needs."""
    rows = downloads.files_of(product.id) if product is not None else []
    return {
        "file_max": downloads.FILE_MAX // MEGABYTE,
        "files": [
            {"id": row.id, "name": row.name, "size": size_text(row.size),
             "delete_url": url_for("admin.delete_file", product_id=row.product_id, file_id=row.id)}
            for row in rows
        ],
    }  # fmt: skip


def _answer(product_id: UUID, *, error: str = "", done: str = "") -> Response:
    if wants_fragment():
        product = products.get_product(product_id)
        return page("admin/products/_files.html", status=422 if error else 200, product={"id": product.id},
                    file_error=error, **files_context(product))  # fmt: skip
    flash(error or done, "error" if error else "success")
    return go("admin.show_product", product_id=product_id, _anchor="downloads")


@bp.post("/products/<uuid:product_id>/files")
@allow(Role.MANAGER)
def upload_files(product_id: UUID) -> Response:
    """Each by itself: a bad one is named, the good ones stay."""
    products.get_product(product_id)
    request.max_content_length = downloads.FILE_MAX + MEGABYTE
    files = [file for file in request.files.getlist("files") if file.filename]
    refused = [] if files else [_("Choose a file.")]
    for file in files:
        try:
            downloads.add_file(product_id, file.filename or "", file.read(downloads.FILE_MAX + 1), actor=actor(),
                               media_type=file.mimetype)  # fmt: skip
        except ShopError as error:
            refused.append(f"{file.filename}: {error.said}")
    return _answer(product_id, error=" ".join(refused), done=_("The files are there."))


@bp.post("/products/<uuid:product_id>/files/<uuid:file_id>/delete")
@allow(Role.MANAGER)
def delete_file(product_id: UUID, file_id: UUID) -> Response:
    downloads.delete_file(product_id, file_id, actor=actor())
    return _answer(product_id, done=_("Deleted. Who has bought it keeps it."))

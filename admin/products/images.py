"""A product's pictures. Each act answers the same card that the page includes."""

from uuid import UUID

from flask import Response, flash, request

from admin import bp
from admin.frame import page
from admin.products.shown import show
from kit.actor import Role
from kit.drafts import read
from kit.errors import Invalid, ShopError
from kit.i18n import _, _n
from services.catalog import images, products
from services.catalog.images import ImageDraft, ImageOrder
from web.access import allow
from web.auth import actor
from web.htmx import go, wants_fragment

PER_UPLOAD = 20


def _answer(product_id: UUID, *, error: str = "", done: str = "", moved: str = "") -> Response:
    """The card for htmx (a refusal inside of it), else back to the page with a message. `moved` is said to who can't
    see where a picture went."""
    if wants_fragment():
        product = show(products.get_product(product_id))
        return page(
            "admin/products/_images.html", status=422 if error else 200, product=product, image_error=error,
            moved=moved,
        )  # fmt: skip
    if error or done:
        flash(error or done, "error" if error else "success")
    return go("admin.show_product", product_id=product_id, _anchor="images")


@bp.post("/products/<uuid:product_id>/images")
@allow(Role.MANAGER)
def upload_images(product_id: UUID) -> Response:
    """Each file by itself: a bad one is named, the good ones stay."""
    products.get_product(product_id)
    files = [file for file in request.files.getlist("files") if file.filename][:PER_UPLOAD]
    refused = [] if files else [_("Choose a picture first.")]
    for file in files:
        try:
            images.add_image(product_id, file.read(images.BYTES_MAX + 1), ImageDraft(), actor=actor())
        except ShopError as error:
            message = error.said
            refused.append(f"{file.filename}: {message}")
    count = len(files) - len(refused)
    return _answer(
        product_id,
        error=" ".join(refused),
        done=_n("%(num)d picture added.", "%(num)d pictures added.", count),
    )


@bp.post("/products/<uuid:product_id>/images/<uuid:image_id>/move")
@allow(Role.MANAGER)
def move_image(product_id: UUID, image_id: UUID) -> Response:
    product = products.get_product(product_id)
    ids = [image.id for image in product.images]
    if image_id in ids:
        at = ids.index(image_id)
        ids.remove(image_id)
        to = {"first": 0, "up": max(at - 1, 0), "down": at + 1}.get(request.form.get("to", ""), at)
        ids.insert(to, image_id)
        images.arrange_images(product_id, ImageOrder(image_ids=ids), actor=actor())
        place = _("Moved to %(position)s of %(total)s", position=ids.index(image_id) + 1, total=len(ids))
        return _answer(product_id, moved=place)
    return _answer(product_id)


@bp.post("/products/<uuid:product_id>/images/order")
@allow(Role.MANAGER)
def arrange_images(product_id: UUID) -> Response:
    """The order after dragging: every picture once."""
    products.get_product(product_id)
    try:
        draft = read(ImageOrder, {"image_ids": request.form.getlist("ids")}, form=True)
        images.arrange_images(product_id, draft, actor=actor())
    except Invalid as error:
        return _answer(product_id, error=error.errors[0].message)
    return _answer(product_id)


@bp.post("/products/<uuid:product_id>/images/<uuid:image_id>/alt")
@allow(Role.MANAGER)
def describe_image(product_id: UUID, image_id: UUID) -> Response:
    try:
        draft = read(ImageDraft, {"alt": request.form.get("alt", "")}, form=True)
    except Invalid as error:
        return _answer(product_id, error=error.errors[0].message)
    images.update_image(product_id, image_id, draft, actor=actor())
    return _answer(product_id, done=_("Saved."))


@bp.post("/products/<uuid:product_id>/images/<uuid:image_id>/delete")
@allow(Role.MANAGER)
def delete_image(product_id: UUID, image_id: UUID) -> Response:
    images.delete_image(product_id, image_id, actor=actor())
    return _answer(product_id, done=_("The picture is gone."))

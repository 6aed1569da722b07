"""Products and their pictures."""

from flask import redirect, request

from api.catalog._answers import cacheable, kept
from api.catalog._parts import list_parts
from api.catalog._queries import ProductQuery
from api.contract import Created, Patch, actor, endpoint
from api.schemas.catalog import ImageOut, ProductOut, product_out, whole_product_out
from kit.actor import Role
from kit.drafts import Draft, read
from kit.errors import Invalid, NotFound, WrongMediaType
from kit.i18n import _
from kit.paging import Page
from services.catalog import addresses, images, listing, products
from services.catalog.images import ImageDraft
from services.catalog.products import ProductDraft
from web.access import PUBLIC

GROUP = "Products"


class ImageUpload(Draft):
    """`file` (or `image`): JPEG, PNG, WebP, GIF or AVIF by its content, 10 MB at most."""

    file: bytes | None = None
    image: bytes | None = None
    alt: str = ""
    is_primary: bool = False


@endpoint("GET", "/products", allow=PUBLIC, group=GROUP, query=ProductQuery, answer=ProductOut, many=True)
def list_products(query: ProductQuery):
    """List products. Shoppers see active ones; staff see all, or those that `is_active` says."""
    who = actor()
    filters = query.filters(who)
    if filters is None:
        return cacheable(Page([], 0, query.page, query.page_size))
    if not who.is_staff:
        return kept(query, lambda: list_parts(filters, query.page, query.page_size))
    page = listing.list_products(filters, page=query.page, page_size=query.page_size)
    return cacheable(Page([product_out(p, who) for p in page.items], page.total, page.page, page.page_size))


@endpoint("GET", "/products/<slug>", allow=PUBLIC, group=GROUP, answer=ProductOut)
def show_product(slug: str):
    """Get a product by its slug, or its id. A former slug leads to the present one (301)."""
    who = actor()
    try:
        product = products.get_product_by_slug(slug, actor=who)
    except NotFound:
        if moved := addresses.find_moved("product", slug):
            return redirect(f"/api/products/{moved}", 301)
        raise
    return cacheable(whole_product_out(product, who))


@endpoint("POST", "/products", allow=Role.MANAGER, group=GROUP, body=ProductDraft, answer=ProductOut, status=201,
          errors=("slug-taken", "sku-taken"))  # fmt: skip
def create_product(draft: ProductDraft):
    """Create a product. Without a slug one is made from the name."""
    product = products.create_product(draft, actor=actor())
    return Created(whole_product_out(product, actor()), f"/api/products/{product.slug}")


@endpoint("PUT", "/products/<product_id>", allow=Role.MANAGER, group=GROUP, body=ProductDraft, partial=True,
          versioned=True, answer=ProductOut, errors=("slug-taken", "sku-taken", "stale-version"))  # fmt: skip
def update_product(product_id: str, patch: Patch):
    """Change a product. Fields that are not sent stay as they are, the stock too."""
    product = products.get_product(product_id)
    draft = patch.onto(ProductDraft.of(product))
    products.update_product(product.id, draft, actor=actor(), version=patch.version)
    return whole_product_out(products.get_product(product_id), actor())


@endpoint("DELETE", "/products/<product_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_product(product_id: str):
    """Delete a product; one that orders refer to is archived."""
    products.delete_product(product_id, actor=actor())


@endpoint("POST", "/products/<product_id>/images", allow=Role.MANAGER, group=GROUP, files=ImageUpload, answer=ImageOut,
          status=201, errors=("too-many-images",))  # fmt: skip
def add_image(product_id: str):
    """Upload a picture. It is re-encoded without its metadata, and several widths are made of it."""
    if request.mimetype != "multipart/form-data":
        raise WrongMediaType(_("Send the picture as multipart/form-data."))
    data, draft = _uploaded()
    image = images.add_image(product_id, data, draft, actor=actor())
    return Created(image, f"/api/products/{product_id}/images/{image.id}")


@endpoint("DELETE", "/products/<product_id>/images/<image_id>", allow=Role.MANAGER, group=GROUP, status=204)
def delete_image(product_id: str, image_id: str):
    """Delete a picture; the next one becomes the primary one."""
    images.delete_image(product_id, image_id, actor=actor())


def _uploaded() -> tuple[bytes, ImageDraft]:
    unknown = set(request.files) - {"file", "image"}
    if unknown:
        raise Invalid.field(min(unknown), "unknown_field", _("There is no such field."))
    upload = request.files.get("file") or request.files.get("image")
    draft = read(ImageDraft, request.form.to_dict(), form=True)
    if upload is None:
        raise Invalid.field("file", "required", _("Choose a file."))
    return upload.stream.read(images.BYTES_MAX + 1), draft

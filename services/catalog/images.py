"""Pictures of products. The original is cleaned at once; the sizes that pages use are made by a job."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from gateways import storage
from kit import clock, images
from kit.actor import Actor
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Flag, IdRef, Text
from kit.errors import Conflict, Invalid, NotFound, ShopError
from kit.i18n import _
from kit.ids import parse_id
from kit.tenancy import current_tenant_id
from models.catalog import Category, Product, ProductImage
from models.orders import OrderItem
from services import audit, outbox, pictures, plans, tenants
from services.catalog.products import get_product, lock_product

BYTES_MAX = 10 * 1024 * 1024
PER_PRODUCT = 50
_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


class ImageDraft(Draft):
    alt: Annotated[str, Text(300)] = ""
    is_primary: Flag = False


class ImageOrder(Draft):
    """All pictures of the product, in the wished order; the first is the primary one."""

    image_ids: list[IdRef]


@dataclass(frozen=True, slots=True)
class View:
    """A picture as a page needs it. `sources` are (media type, srcset), the best first."""

    src: str
    width: int
    height: int
    alt: str
    srcset: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    full: str = ""


def url(key: str) -> str:
    """The public address of a file."""
    return f"/media/{key}" if key else ""


def view(image: ProductImage | None) -> View | None:
    """Until its sizes are made, the original serves."""
    if image is None:
        return None
    return view_of(image.key, image.width, image.height, image.alt, image.widths or ())


def view_of(key: str, width: int, height: int, alt: str, widths: Iterable[int]) -> View:
    return _view(key, width, height, alt, tuple(sorted(widths)))


@lru_cache(maxsize=10_000)  # a listing makes 24 of them, of 15 addresses each
def _view(key: str, width: int, height: int, alt: str, widths: tuple[int, ...]) -> View:
    if not widths:
        return View(url(key), width, height, alt, full=url(key))
    sets = {ext: ", ".join(f"{url(sized(key, w, ext))} {w}w" for w in widths) for ext in images.DERIVED}
    middle = next((w for w in widths if w >= 640), widths[-1])
    return View(
        src=url(sized(key, middle, "jpg")),
        width=width,
        height=height,
        alt=alt,
        srcset=sets["jpg"],
        sources=tuple((_TYPES[ext], sets[ext]) for ext in ("avif", "webp")),
        full=url(sized(key, widths[-1], "jpg")),
    )


def views_of(keys: Iterable[str]) -> dict[str, View]:
    """Pictures of which only the name was kept (an order's copy). One query; what is gone is left out."""
    wanted = {key for key in keys if key}
    rows = db.session.scalars(select(ProductImage).where(ProductImage.key.in_(wanted))) if wanted else ()
    return {row.key: found for row in rows if (found := view(row)) is not None}


def sized(key: str, width: int, extension: str) -> str:
    """The name of a derived size: `…/abc.jpg` at 320 in WebP is `…/abc-320.webp`."""
    return f"{key.rpartition('.')[0]}-{width}.{extension}"


def add_image(product_id: UUID | str, data: bytes, draft: ImageDraft, *, actor: Actor) -> ProductImage:
    """Clean the picture, keep it, and ask for its sizes. A refused one leaves nothing behind."""
    product = get_product(product_id)
    kept = keep(data)
    try:
        return attach(product.id, kept, draft, actor=actor)
    except ShopError:
        let_go(kept)
        raise


@dataclass(frozen=True, slots=True)
class Kept:
    """A clean picture that lies in the file store, and that no row names yet."""

    key: str
    width: int
    height: int
    size: int


def keep(data: bytes) -> Kept:
    """Outside of a transaction. What is not attached afterwards is to be let go."""
    picture = images.clean(data, limit=BYTES_MAX)
    plans.check_space(len(picture.body))
    key = f"{current_tenant_id().hex}/{picture.digest}.{picture.extension}"
    end_reading()
    storage.write(key, picture.body)  # before the row that names it; the same content has the same name
    return Kept(key, picture.width, picture.height, len(picture.body))


@transaction()
def let_go(kept: Kept) -> None:
    """No row came to name it; the file goes, unless something else shows the same picture."""
    outbox.post("image.unused", keys=[kept.key])


@transaction()
def attach(
    product_id: UUID, kept: Kept, draft: ImageDraft, *, actor: Actor, source: str | None = None
) -> ProductImage:
    """Make it a picture of the product, the last one or the first."""
    product = lock_product(product_id)
    if len(product.images) >= PER_PRODUCT:
        raise Conflict(
            _("A product can have %(limit)s pictures at most.", limit=PER_PRODUCT), code="too-many-images"
        )
    image = ProductImage(
        key=kept.key,
        width=kept.width,
        height=kept.height,
        size=kept.size,
        alt=draft.alt,
        source=source,
        widths=[],
        position=len(product.images),
    )
    product.images.insert(0 if draft.is_primary else len(product.images), image)
    _renumber(product)
    db.session.flush()  # the message needs the id
    outbox.post("image.uploaded", image_id=image.id)
    audit.record("update", product, actor=actor, changes={"images": [None, kept.key]})
    _touch(product)
    return image


@transaction()
def update_image(
    product_id: UUID | str, image_id: UUID | str, draft: ImageDraft, *, actor: Actor
) -> ProductImage:
    product = lock_product(product_id)
    image = _of(product, image_id)
    image.alt = draft.alt
    if draft.is_primary and image is not product.images[0]:
        product.images.remove(image)
        product.images.insert(0, image)
        _renumber(product)
    audit.record("update", product, actor=actor, changes={"images": [image.key, draft.alt]})
    _touch(product)
    return image


@transaction()
def arrange_images(product_id: UUID | str, draft: ImageOrder, *, actor: Actor) -> Product:
    product = lock_product(product_id)
    found = {image.id: image for image in product.images}
    if set(draft.image_ids) != set(found) or len(draft.image_ids) != len(found):
        raise Invalid.field("image_ids", "not_all", _("Name each picture of the product once."))
    for position, ident in enumerate(draft.image_ids):
        found[ident].position = position
    product.images.sort(key=lambda image: image.position)
    audit.record("update", product, actor=actor, changes={"images": ["order", "order"]})
    _touch(product)
    return product


@transaction()
def delete_image(product_id: UUID | str, image_id: UUID | str, *, actor: Actor) -> None:
    product = lock_product(product_id)
    image = _of(product, image_id)
    for variant in product.variants:
        if variant.image_id == image.id:
            variant.image_id = None
    db.session.flush()
    product.images.remove(image)
    _renumber(product)
    outbox.post("image.unused", keys=[image.key])
    audit.record("update", product, actor=actor, changes={"images": [image.key, None]})
    _touch(product)


def make_sizes(image_id: UUID | str) -> None:
    """The job of `image.uploaded`. Bears repetition: the same sizes get the same names."""
    image = db.session.scalar(select(ProductImage).where(ProductImage.id == parse_id(image_id)))
    if image is None or image.widths:
        return
    key, widths = image.key, images.widths_for(image.width)
    end_reading()
    body = storage.read(key)
    if body is None:
        return  # deleted meanwhile
    for width in widths:
        picture = images.resized(body, width)
        for extension in images.DERIVED:
            storage.write(sized(key, width, extension), images.encode(picture, extension))
    with transaction():
        again = db.session.scalar(select(ProductImage).where(ProductImage.id == parse_id(image_id)))
        if again is not None:
            again.widths = widths
            tenants.touch_catalog()


def remove_unused(keys: Iterable[str]) -> None:
    """The job of `image.unused`: files that no product, category, order or look of the store shows any more."""
    unused = [key for key in keys if not _is_used(key)]
    end_reading()
    for key in unused:
        stem = key.rpartition(".")[0].rpartition("/")[2]
        for name in list(storage.keys(f"{current_tenant_id().hex}/")):
            if name.rpartition("/")[2].startswith((f"{stem}.", f"{stem}-")):
                storage.delete(name)
    pictures.forget(unused)


def _is_used(key: str) -> bool:
    places = (
        select(func.count()).where(ProductImage.key == key),
        select(func.count()).where(Category.image_key == key),
        select(func.count()).where(OrderItem.image_key == key),
    )
    return key in pictures.shown_by(tenants.row()) or any(db.session.scalar(query) for query in places)


def _of(product: Product, image_id: UUID | str) -> ProductImage:
    ident = parse_id(image_id)
    image = next((row for row in product.images if row.id == ident), None)
    if image is None:
        raise NotFound(_("There is no such picture."))
    return image


def _renumber(product: Product) -> None:
    for position, image in enumerate(product.images):
        image.position = position


def _touch(product: Product) -> None:
    product.version += 1
    product.updated_at = clock.now()
    tenants.touch_catalog()

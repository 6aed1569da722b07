"""The picture of a category: cleaned as those of products are, and kept in one size, for a tile of the shop's menu."""

from uuid import UUID

from kit import clock, images
from kit.actor import Actor
from kit.db import transaction
from models.catalog import Category
from services import audit, outbox, pictures, tenants
from services.catalog.categories import get_category

BYTES_MAX = 10 * 1024 * 1024
WIDTH = 960


def set_picture(category_id: UUID | str, data: bytes, *, actor: Actor) -> Category:
    """Instead of the one that was there. TooLarge or WrongMediaType where it is no picture, and nothing changes."""
    get_category(category_id)
    picture = images.clean_narrow(data, limit=BYTES_MAX, width=WIDTH)
    return _put(category_id, pictures.keep(picture, "category"), actor)


def remove_picture(category_id: UUID | str, *, actor: Actor) -> Category:
    return _put(category_id, "", actor)


@transaction()
def _put(category_id: UUID | str, key: str, actor: Actor) -> Category:
    row = get_category(category_id)
    if row.image_key == key:
        return row
    if row.image_key:
        outbox.post("image.unused", keys=[row.image_key])
    audit.record("update", row, actor=actor, changes={"image": [row.image_key, key]})
    row.image_key = key
    row.version += 1
    row.updated_at = clock.now()
    tenants.touch_catalog()
    return row

"""A small shop for the tests of pages: mugs and a shirt with variants, made through the services."""

from dataclasses import dataclass
from uuid import UUID

from kit.drafts import read
from models.catalog import Attribute
from services import shipping
from services.catalog import attributes, categories, products, variants
from services.catalog.attributes import AttributeDraft
from services.catalog.categories import CategoryDraft
from services.catalog.products import ProductDraft
from services.catalog.variants import VariantDraft
from services.shipping import MethodDraft, ZoneDraft
from tests.cast import ALICE

BOSS = ALICE.actor


@dataclass(frozen=True)
class Shelf:
    """Ids and slugs, good in any session. The shirt comes in Red S, Red M and Blue M; the last is sold out."""

    mug: UUID
    mug_slug: str
    bowl: UUID
    shirt: UUID
    shirt_slug: str
    red_s: UUID
    blue_m: UUID
    home: str
    kitchen: str
    zone: UUID
    post: UUID
    courier: UUID


def product(name: str, price: str, **fields: object) -> UUID:
    values = {"name": name, "price": price, "stock_quantity": 10, **fields}
    return products.create_product(read(ProductDraft, values), actor=BOSS).id


def category(name: str, parent: UUID | None = None, **fields: object) -> UUID:
    draft = read(CategoryDraft, {"name": name, "parent_id": str(parent) if parent else None, **fields})
    return categories.create_category(draft, actor=BOSS).id


def attribute(name: str, values: list[str]) -> Attribute:
    return attributes.create_attribute(read(AttributeDraft, {"name": name, "values": values}), actor=BOSS)


def fill() -> Shelf:
    """In the store we are in."""
    home = category("Home")
    kitchen = category("Kitchen & Table", home, description="<p>For the <b>table</b>.</p>")
    texts = {"short_description": "A mug of stoneware.", "description": "<p>Holds <em>300 ml</em>.</p>"}
    mug = product(
        "Blue mug", "12.50", category_ids=[str(kitchen)], weight="0.350", sku="MUG-1", is_featured=True, **texts
    )  # fmt: skip
    bowl = product("Gold bowl", "40.00", sale_price="30.00", category_ids=[str(kitchen)], stock_quantity=2)
    shirt = product("Linen shirt", "60.00", category_ids=[str(home)], weight="0.200")
    colour, size = attribute("Colour", ["Red", "Blue"]), attribute("Size", ["S", "M"])
    made = []
    for tint, cut, stock in ((0, 0, 5), (0, 1, 5), (1, 1, 0)):
        ids = [str(colour.values[tint].id), str(size.values[cut].id)]
        draft = read(VariantDraft, {"attribute_value_ids": ids, "stock_quantity": stock,
                                    "price": "65.00" if cut else None})  # fmt: skip
        made.append(variants.create_variant(shirt, draft, actor=BOSS).id)
    zone, post, courier = _shipping()
    get = products.get_product
    return Shelf(mug, get(mug).slug, bowl, shirt, get(shirt).slug, made[0], made[2], "home", "kitchen-and-table", zone,
                 post, courier)  # fmt: skip


def _shipping() -> tuple[UUID, UUID, UUID]:
    zone = shipping.create_zone(read(ZoneDraft, {"name": "Iberia", "countries": ["PT", "ES"]}), actor=BOSS)
    post = {"name": "Post", "type": "flat_rate", "price": "4.90", "free_above": "50.00", "estimated_days_min": 2,
            "estimated_days_max": 3}  # fmt: skip
    courier = {**post, "name": "Courier", "price": "9.00", "free_above": None, "estimated_days_max": 2}
    made = [
        shipping.create_method(zone.id, read(MethodDraft, values), actor=BOSS).id
        for values in (post, courier)
    ]
    return zone.id, made[0], made[1]

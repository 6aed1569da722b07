"""A few sample products for a new store that asked for them, so that its first look is not an empty one."""

from kit.actor import Actor
from kit.drafts import read
from kit.i18n import _
from kit.money import exponent
from services import tenants
from services.catalog import categories, products
from services.catalog.categories import CategoryDraft
from services.catalog.products import ProductDraft


def _price(whole: int) -> str:
    digits = exponent(tenants.current().currency)
    return f"{whole - 1}.{'9' * digits}" if digits else str(whole * 100)


def fill(*, actor: Actor) -> None:
    """In the language and currency of the store we are in. Everything can be changed or deleted like one's own."""
    category = categories.create_category(read(CategoryDraft, {"name": _("Samples")}), actor=actor)
    wares = (
        (_("Sample mug"), _("A cup for your first coffee. Replace it with something of your own."), 12, 24),
        (_("Sample notebook"), _("Ruled pages for the plans of a new shop."), 9, 40),
        (_("Sample tote bag"), _("Carries home what your customers will buy."), 18, 12),
    )
    for number, (name, text, price, stock) in enumerate(wares, start=1):
        draft = {
            "name": name,
            "sku": f"SAMPLE-{number}",
            "price": _price(price),
            "description": f"<p>{text}</p>",
            "short_description": text,
            "stock_quantity": stock,
            "category_ids": [str(category.id)],
            "is_featured": True,
        }
        products.create_product(read(ProductDraft, draft), actor=actor)

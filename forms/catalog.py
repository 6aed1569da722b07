"""The product editor, its variants' rows, and what products are sorted by."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.base import DraftForm, canonical_number
from forms.fields import DecimalTextField, MomentField, TickListField
from kit.drafts import read
from kit.errors import Invalid
from kit.i18n import _, mark
from kit.money import to_text
from models.catalog import AttributeType, Product, TaxClass, Variant
from services.catalog.attributes import AttributeChange, AttributeDraft, ValueDraft
from services.catalog.categories import CategoryDraft, Node
from services.catalog.products import ProductDraft
from services.catalog.tags import TagDraft
from services.catalog.variants import VariantDraft

TAX_CLASSES = {
    TaxClass.STANDARD: mark("Standard"),
    TaxClass.INTERMEDIATE: mark("Intermediate"),
    TaxClass.REDUCED: mark("Reduced"),
    TaxClass.SUPER_REDUCED: mark("Super-reduced"),
    TaxClass.ZERO: mark("Zero"),
    TaxClass.EXEMPT: mark("Exempt"),
}


def tax_choices() -> list[tuple[str, str]]:
    return [(str(kind), _(label)) for kind, label in TAX_CLASSES.items()]


def category_choices(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """In the order of the tree, deeper ones further in."""
    return [(str(node.id), "\N{EM SPACE}" * node.depth + node.name) for node in nodes]


class ProductForm(DraftForm):
    makes = ProductDraft
    numbers = ("price", "sale_price", "weight")

    version = HiddenField()
    stock_seen = HiddenField()
    name = StringField(mark("Name"))
    short_description = TextAreaField(mark("In one sentence"))
    description = TextAreaField(mark("Description"))
    price = DecimalTextField(mark("Price"))
    sale_price = DecimalTextField(mark("Sale price"))
    sale_starts_at = MomentField(mark("Sale from"))
    sale_ends_at = MomentField(mark("Sale until"))
    tax_class = SelectField(mark("Tax class"), validate_choice=False)
    sku = StringField(mark("SKU"))
    track_stock = BooleanField(mark("Count stock"))
    stock_quantity = StringField(mark("In stock"))
    low_stock_threshold = StringField(mark("Low stock from"))
    allow_backorder = BooleanField(mark("Sell on when it is sold out"))
    is_digital = BooleanField(mark("Nothing to send"))
    weight = DecimalTextField(mark("Weight"))
    is_active = BooleanField(mark("Shown in the shop"))
    is_featured = BooleanField(mark("Featured"))
    category_ids = TickListField(mark("Categories"))
    tag_ids = TickListField(mark("Tags"))
    slug = StringField(mark("Web address"))
    meta_title = StringField(mark("Title for search engines"))
    meta_description = TextAreaField(mark("Description for search engines"))

    @classmethod
    def of(cls, product: Product) -> "ProductForm":
        """As it is saved now."""
        stock = product.stock_quantity
        return cls(values={**ProductDraft.of(product), "version": product.version, "stock_quantity": stock,
                           "stock_seen": stock})  # fmt: skip

    def offer(self, nodes: Iterable[Node], tags: Iterable[Any]) -> "ProductForm":
        self.tax_class.choices = tax_choices()
        self.category_ids.choices = category_choices(nodes)
        self.tag_ids.choices = [(str(tag.id), tag.name) for tag in tags]
        return self

    def raw(self) -> dict[str, Any]:
        """A number of the stock that was not touched is not written back: it may have been sold meanwhile. A draft
        may have no price yet."""
        values = super().raw()
        if values["stock_quantity"] == values["stock_seen"]:
            values["stock_quantity"] = None
        if values["price"] is None and not values["is_active"]:
            values["price"] = "0"
        return values

    def take_version(self, product: Product) -> None:
        """The next save is on top of what is there now, knowingly."""
        self.version.data = str(product.version)


def read_rows(
    variants: Iterable[Variant], sent: Mapping[str, str]
) -> tuple[dict[UUID, VariantDraft], dict[str, str]]:
    """The rows of the matrix: drafts by variant, and what is wrong as `<variant>.<field>` → message."""
    drafts: dict[UUID, VariantDraft] = {}
    errors: dict[str, str] = {}
    for variant in variants:
        if f"sku-{variant.id}" not in sent:
            continue
        stock = sent.get(f"stock-{variant.id}", "").strip()
        row = {
            "sku": sent.get(f"sku-{variant.id}", "").strip() or None,
            "price": canonical_number(sent.get(f"price-{variant.id}", "").strip()) or None,
            "stock_quantity": None if stock == sent.get(f"seen-{variant.id}", "").strip() else stock or None,
            "is_active": sent.get(f"active-{variant.id}", "") == "1",
        }
        try:
            drafts[variant.id] = read(VariantDraft, {**VariantDraft.of(variant), **row}, form=True)
        except Invalid as error:
            errors |= {f"{variant.id}.{e.field.partition('.')[0]}": e.message for e in error.errors}
    return drafts, errors


def row_values(variant: Variant, currency: str, sent: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the row shows: as saved, or as typed."""
    stock = str(variant.stock_quantity)
    saved = {"sku": variant.sku or "", "price": "" if variant.price is None else to_text(variant.price, currency),
             "stock": stock, "active": variant.is_active}  # fmt: skip
    if sent is not None:
        saved = {
            "sku": sent.get(f"sku-{variant.id}", ""),
            "price": sent.get(f"price-{variant.id}", ""),
            "stock": sent.get(f"stock-{variant.id}", ""),
            "active": sent.get(f"active-{variant.id}") == "1",
        }
    return {**saved, "seen": stock}


class CategoryForm(DraftForm):
    makes = CategoryDraft

    version = HiddenField()
    name = StringField(mark("Name"))
    parent_id = SelectField(mark("Below"), validate_choice=False)
    position = StringField(mark("Place"))
    description = TextAreaField(mark("Description"))
    is_active = BooleanField(mark("Shown in the shop"))
    slug = StringField(mark("Web address"))
    meta_title = StringField(mark("Title for search engines"))
    meta_description = TextAreaField(mark("Description for search engines"))

    def offer(self, nodes: Iterable[Node], own: UUID | None = None) -> "CategoryForm":
        self.parent_id.choices = [
            ("", _("Nothing: at the top")),
            *category_choices(n for n in nodes if n.id != own),
        ]
        return self


class TagForm(DraftForm):
    makes = TagDraft

    name = StringField(mark("Name"))


ATTRIBUTE_TYPES = {
    AttributeType.SELECT: mark("Words"),
    AttributeType.COLOR: mark("Colours"),
    AttributeType.TEXT: mark("Text"),
}


class AttributeForm(DraftForm):
    """`values` only when it is made: later they have lines of their own."""

    makes = AttributeDraft

    name = StringField(mark("Name"))
    type = SelectField(mark("Kind"), validate_choice=False)
    values = StringField(mark("Values"))

    def __init__(self, *args: Any, **kw: Any):
        super().__init__(*args, **kw)
        self.type.choices = [(str(kind), _(label)) for kind, label in ATTRIBUTE_TYPES.items()]

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        names = (values["values"] or "").split(",")
        return values | {"values": list(dict.fromkeys(name.strip() for name in names if name.strip()))}


class AttributeChangeForm(DraftForm):
    makes = AttributeChange

    name = StringField(mark("Name"))
    type = SelectField(mark("Kind"), validate_choice=False)

    def __init__(self, *args: Any, **kw: Any):
        super().__init__(*args, **kw)
        self.type.choices = [(str(kind), _(label)) for kind, label in ATTRIBUTE_TYPES.items()]


class ValueForm(DraftForm):
    makes = ValueDraft

    value = StringField(mark("Value"))
    color = StringField(mark("Colour"))

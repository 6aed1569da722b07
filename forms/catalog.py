"""The product editor, its variants' rows, and what products are sorted by."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.base import DraftForm
from forms.languages import TranslatedForm
from kit.i18n import _, mark
from models.catalog import AttributeType, TaxClass
from services.catalog.attributes import AttributeChange, AttributeDraft, ValueDraft
from services.catalog.categories import CategoryDraft, Node
from services.catalog.tags import TagDraft

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


class CategoryForm(TranslatedForm):
    makes = CategoryDraft
    translated = {"name": mark("Name"), "description": mark("Description"),
                  "meta_title": mark("Title for search engines"),
                  "meta_description": mark("Description for search engines")}  # fmt: skip

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

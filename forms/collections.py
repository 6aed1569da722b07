"""Collections: the rule that fills a category."""

from collections.abc import Iterable
from typing import Any, ClassVar

from wtforms import BooleanField, HiddenField, StringField

from forms.base import DraftForm
from forms.fields import DecimalTextField, LinesField, TickListField, entries_of
from kit.drafts import Draft, read
from kit.errors import Invalid
from kit.i18n import _, mark
from services.catalog.collections import CollectionDraft, RuleDraft


class RuleForm(DraftForm):
    makes: ClassVar[type[Draft]] = RuleDraft
    numbers = ("min_price", "max_price")

    version = HiddenField()
    min_price = DecimalTextField(mark("Costs at least"))
    max_price = DecimalTextField(mark("Costs at most"))
    on_sale = BooleanField(mark("Reduced now"))
    featured = BooleanField(mark("Featured"))
    in_stock = BooleanField(mark("In stock"))
    new_days = StringField(mark("New within so many days"))
    brands = LinesField(mark("Of one of these brands"))
    tag_ids = TickListField(mark("With one of these tags"))
    options = TickListField(mark("To be had in"))

    def offer(self, tags: Iterable[Any], attributes: Iterable[Any]) -> "RuleForm":
        self.tag_ids.choices = [(str(tag.id), tag.name) for tag in tags]
        self.options.choices = [
            (f"{one.slug}:{value.slug}", _("%(option)s: %(value)s", option=one.name, value=value.value))
            for one in attributes
            for value in one.values
        ]
        return self

    def rule_draft(self) -> RuleDraft:
        """The rule alone, without what else the form asks; Invalid after the errors were put beside their fields."""
        values = {name: value for name, value in self.raw().items() if name in RuleDraft.model_fields}
        try:
            return read(
                RuleDraft, {name: value for name, value in values.items() if value is not None}, form=True
            )
        except Invalid as error:
            self.absorb(error)
            raise

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return values | {"brands": list(dict.fromkeys(entries_of(values["brands"])))}


class CollectionForm(RuleForm):
    makes = CollectionDraft

    name = StringField(mark("Name"))

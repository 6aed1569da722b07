"""Commands for many products: what each of them asks."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, StringField

from forms.base import DraftForm
from forms.catalog import category_choices
from forms.fields import DecimalTextField, MomentField, TickListField
from kit.i18n import _, mark
from services.catalog.bulk import drafts
from services.catalog.categories import Node

HOW = {"percent": mark("By percent"), "amount": mark("By an amount"), "set": mark("To one price")}
LESS = {"percent": mark("Percent less"), "amount": mark("An amount less"), "set": mark("One sale price for all"),
        "end": mark("End the sale")}  # fmt: skip
STOCK = {"add": mark("So many came (+) or went (−)"), "set": mark("So many are on the shelf")}
ROUNDINGS = {
    "exact": mark("Do not round"),
    "five": mark("To 0.05"),
    "whole": mark("To whole numbers"),
    "ninety_nine": mark("To prices that end with .99"),
    "ninety": mark("To prices that end with .90"),
}


def _choices(words: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in words.items()]


class _CommandForm(DraftForm):
    """`sent()` is what the batch keeps: plain text, read again by the worker."""

    def sent(self) -> dict[str, Any]:
        return {name: value for name, value in self.raw().items() if value is not None}


class PriceForm(_CommandForm):
    makes = drafts.PriceDraft
    numbers = ("price", "percent", "amount")

    how = SelectField(mark("Change prices"), validate_choice=False)
    percent = DecimalTextField(mark("Percent"))
    amount = DecimalTextField(mark("Amount"))
    price = DecimalTextField(mark("Price"))
    rounding = SelectField(mark("Rounding"), validate_choice=False)
    with_sale = BooleanField(mark("Change sale prices in the same way"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        self.how.choices, self.rounding.choices = _choices(HOW), _choices(ROUNDINGS)


class SaleForm(_CommandForm):
    makes = drafts.SaleDraft
    numbers = ("price", "percent", "amount")

    how = SelectField(mark("Sale price"), validate_choice=False)
    percent = DecimalTextField(mark("Percent"))
    amount = DecimalTextField(mark("Amount"))
    price = DecimalTextField(mark("Sale price"))
    rounding = SelectField(mark("Rounding"), validate_choice=False)
    starts_at = MomentField(mark("Sale from"))
    ends_at = MomentField(mark("Sale until"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        self.how.choices, self.rounding.choices = _choices(LESS), _choices(ROUNDINGS)


class CategoriesForm(_CommandForm):
    makes = drafts.CategoriesDraft

    add = TickListField(mark("Add to"))
    remove = TickListField(mark("Take out of"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        self.add.choices = self.remove.choices = category_choices(nodes)


class TagsForm(_CommandForm):
    makes = drafts.TagsDraft

    add = TickListField(mark("Add tags"))
    remove = TickListField(mark("Remove tags"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        self.add.choices = self.remove.choices = [(str(ident), name) for ident, name in tags]


class BrandForm(_CommandForm):
    makes = drafts.BrandDraft

    brand = StringField(mark("Brand"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        """It is typed."""


class StockForm(_CommandForm):
    makes = drafts.StockDraft

    how = SelectField(mark("Change stock"), validate_choice=False)
    quantity = StringField(mark("Quantity"))
    reason = StringField(mark("Reason"))

    def offer(self, nodes: Iterable[Node], tags: Iterable[tuple[Any, str]]) -> None:
        self.how.choices = _choices(STOCK)


FORMS: dict[str, type[Any]] = {
    "price": PriceForm,
    "sale": SaleForm,
    "categories": CategoriesForm,
    "tags": TagsForm,
    "brand": BrandForm,
    "stock": StockForm,
}

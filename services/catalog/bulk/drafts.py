"""What can be asked for many products at once. Kept with the batch as it was typed, and read again by the worker."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from kit.drafts import Amount, Draft, Flag, IdRef, Int, Moment, Number, Text, blank_to_none, wrong
from kit.i18n import _
from services.stock.counts import ON_HAND_MAX

Blank = BeforeValidator(blank_to_none)
LIST_MAX = 50


class How(StrEnum):
    SET = "set"
    PERCENT = "percent"
    AMOUNT = "amount"


class Rounding(StrEnum):
    """What a worked-out price ends with. Currencies without decimals know whole numbers only."""

    EXACT = "exact"
    FIVE = "five"  # to 0.05
    WHOLE = "whole"
    NINETY_NINE = "ninety_nine"  # the nearest price that ends with .99
    NINETY = "ninety"


class PriceDraft(Draft):
    """`percent` and `amount` may be negative: less. Variants with a price of their own are changed with it."""

    how: How
    price: Annotated[Amount | None, Blank] = None
    percent: Annotated[Annotated[Number, Field(gt=-100, le=1000)] | None, Blank] = None
    amount: Annotated[Number | None, Blank] = None
    rounding: Rounding = Rounding.EXACT
    with_sale: Flag = False  # sale prices are changed in the same way

    @model_validator(mode="after")
    def _is_complete(self) -> "PriceDraft":
        _insist_on(self, {How.SET: "price"}.get(self.how, str(self.how)))
        return self


class SaleDraft(Draft):
    """A reduction from the regular price; `end` takes it away. `percent` and `amount` say how much less."""

    how: Literal["set", "percent", "amount", "end"]
    price: Annotated[Amount | None, Blank] = None
    percent: Annotated[Annotated[Number, Field(gt=0, lt=100)] | None, Blank] = None
    amount: Annotated[Amount | None, Blank] = None
    rounding: Rounding = Rounding.EXACT
    starts_at: Annotated[Moment | None, Blank] = None
    ends_at: Annotated[Moment | None, Blank] = None

    @model_validator(mode="after")
    def _is_complete(self) -> "SaleDraft":
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise wrong("ends_at", "too_early", _("Must be after the start."))
        if self.how != "end":
            _insist_on(self, {"set": "price"}.get(self.how, self.how))
        return self


def _insist_on(draft: Draft, name: str) -> None:
    if getattr(draft, name) is None:
        raise wrong(name, "required", _("This field is required."))


class StatusDraft(Draft):
    status: Literal["active", "draft"]


class CategoriesDraft(Draft):
    add: Annotated[list[IdRef], Field(max_length=LIST_MAX)] = []
    remove: Annotated[list[IdRef], Field(max_length=LIST_MAX)] = []

    @model_validator(mode="after")
    def _is_something(self) -> "CategoriesDraft":
        if not self.add and not self.remove:
            raise wrong("add", "required", _("Choose at least one."))
        return self


class TagsDraft(CategoriesDraft):
    pass


class FeaturedDraft(Draft):
    featured: Flag


class BrandDraft(Draft):
    """An empty brand takes it away."""

    brand: Annotated[str, Text(100)] = ""


class StockDraft(Draft):
    """`set`: so many lie on the shelf. `add`: so many came, or went (less than 0). The reason is for the ledger."""

    how: Literal["set", "add"]
    quantity: Annotated[Int, Field(ge=-ON_HAND_MAX, le=ON_HAND_MAX)]
    reason: Annotated[str, Text(300, min=1)]

    @model_validator(mode="after")
    def _is_possible(self) -> "StockDraft":
        if self.how == "set" and self.quantity < 0:
            raise wrong("quantity", "too_small", _("Must not be negative."))
        return self


class DeleteDraft(Draft):
    """Deleting and bringing back: nothing is left to say."""

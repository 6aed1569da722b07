"""Taxes as JSON."""

from datetime import date
from uuid import UUID

from api.schemas.base import MoneyOut, Out, RateOut
from models.catalog import TaxClass
from services import tenants
from services.taxes import TaxAnswer


class TaxRuleOut(Out):
    id: UUID
    name: str
    country: str
    region: str
    postal_codes: list[str]
    tax_class: TaxClass
    rate: RateOut
    priority: int
    is_compound: bool
    applies_to_shipping: bool
    is_active: bool
    valid_from: date | None
    valid_to: date | None


class AppliedRuleOut(Out):
    id: UUID
    name: str
    rate: RateOut
    amount: MoneyOut
    is_compound: bool


class TaxAnswerOut(Out):
    """`rate`: all rules together."""

    net: MoneyOut
    tax: MoneyOut
    gross: MoneyOut
    currency: str
    rate: RateOut
    rules: list[AppliedRuleOut]

    @classmethod
    def of(cls, answer: TaxAnswer) -> "TaxAnswerOut":
        return cls(
            net=answer.net,
            tax=answer.tax,
            gross=answer.gross,
            currency=tenants.current().currency,
            rate=answer.rate,
            rules=[
                AppliedRuleOut(
                    id=rule.id, name=rule.name, rate=rule.rate, amount=amount, is_compound=rule.is_compound
                )
                for rule, amount in answer.by_rule
            ],
        )

"""Tax rules, and an example to try them with."""

from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField

from forms.addresses import country_choices
from forms.base import DraftForm
from forms.catalog import tax_choices
from forms.fields import DecimalTextField, LinesField, entries_of
from kit.countries import CODES
from kit.i18n import mark
from models.taxes import TaxRule
from services.taxes import TaxQuestion, TaxRuleDraft


class TaxRuleForm(DraftForm):
    makes = TaxRuleDraft
    numbers = ("rate",)

    name = StringField(mark("Name"))
    country = SelectField(mark("Country"), validate_choice=False)
    region = StringField(mark("State or province"))
    postal_codes = LinesField(mark("Only these postcodes"))
    tax_class = SelectField(mark("Tax class"), validate_choice=False)
    rate = DecimalTextField(mark("Rate"))
    valid_from = DateField(mark("From"))
    valid_to = DateField(mark("Until"))
    applies_to_shipping = BooleanField(mark("For delivery, too"))
    priority = StringField(mark("Priority"))
    is_compound = BooleanField(mark("On top of the others"))
    is_active = BooleanField(mark("Active"))

    @classmethod
    def of(cls, rule: TaxRule) -> "TaxRuleForm":
        return cls(values=TaxRuleDraft.of(rule))

    def offer(self) -> "TaxRuleForm":
        self.country.choices = country_choices(tuple(CODES))
        self.tax_class.choices = tax_choices()
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return values | {"postal_codes": entries_of(values["postal_codes"])}


class TaxQuestionForm(DraftForm):
    makes = TaxQuestion
    numbers = ("amount",)

    country = SelectField(mark("Country"), validate_choice=False)
    tax_class = SelectField(mark("Tax class"), validate_choice=False)
    amount = DecimalTextField(mark("Amount"))

    def offer(self) -> "TaxQuestionForm":
        self.country.choices = country_choices(tuple(CODES))
        self.tax_class.choices = tax_choices()
        return self

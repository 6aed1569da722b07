"""Plans: asking for another one, answering that, and the terms on which they are sold."""

from collections.abc import Mapping
from typing import Any, ClassVar

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from forms.base import DraftForm
from forms.fields import DecimalTextField, TickListField
from kit.drafts import Draft
from kit.i18n import _, mark
from services.offers import EXTRA
from services.plan_requests import RequestDraft
from services.platform.plan_requests import AnswerDraft
from services.platform.terms import AddonDraft, NewPlanDraft, PlanDraft


class PlanRequestForm(DraftForm):
    makes = RequestDraft

    plan = HiddenField(mark("Plan"))
    addons = TickListField(mark("Addons"))
    note = TextAreaField(mark("Note"))


class AnswerForm(DraftForm):
    makes = AnswerDraft

    answer = TextAreaField(mark("A word to the store"))


class PlanForm(DraftForm):
    """An emptied limit is none."""

    makes: ClassVar[type[Draft]] = PlanDraft
    numbers = ("price", "fee")

    name = StringField(mark("Name"))
    price = DecimalTextField(mark("Price a month, EUR"))
    fee = DecimalTextField(mark("Share of card payments, %"))
    products = StringField(mark("Products"))
    staff = StringField(mark("Colleagues"))
    orders_per_month = StringField(mark("Orders a month"))
    storage_mb = StringField(mark("Pictures and files, MB"))
    audit_days = StringField(
        mark("Days that the audit log is kept"), description=mark("Empty is for ever; 30 days at least.")
    )
    features = TickListField(mark("Features"))
    is_sold = BooleanField(mark("On sale"))
    version = HiddenField()

    def offer(self, names: Mapping[str, str]) -> "PlanForm":
        self.features.choices = [(feature, _(names[feature])) for feature in EXTRA]
        return self


class NewPlanForm(PlanForm):
    makes = NewPlanDraft

    slug = StringField(
        mark("Short name"), description=mark("Stays for good, like “growth”: it stands in the API.")
    )

    def __init__(self, *args: Any, **kw: Any):
        super().__init__(*args, **kw)
        self.slug.description = _(self.slug.description)


class AddonForm(DraftForm):
    makes = AddonDraft
    numbers = ("price",)

    name = StringField(mark("Name"))
    description = TextAreaField(mark("Description"))
    price = DecimalTextField(mark("Price a month, EUR"))
    is_sold = BooleanField(mark("On sale"))
    version = HiddenField()

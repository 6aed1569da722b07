"""The console's forms: opening a store, changing it, acting for its people, suspending and deleting it."""

import re
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField

from forms.addresses import country_choices
from forms.base import DraftForm
from forms.fields import LinesField, TickListField
from forms.settings import CheckoutForm, IdentityForm, PaymentForm, PlaceForm
from kit.countries import CODES
from kit.errors import Invalid
from kit.i18n import LANGUAGES, _, mark
from kit.slugs import slugify
from services.accounts.impersonating import ImpersonationDraft
from services.offers import Book
from services.platform import ProvisionDraft, TenantDraft
from services.platform.closing import DeletionDraft, ReasonedDraft
from services.platform.editing import Editable


class SuspendForm(DraftForm):
    makes = ReasonedDraft

    reason = TextAreaField(mark("Reason"))


class DeleteForm(DraftForm):
    makes = DeletionDraft

    name = StringField(mark("Name of the store"))


class ImpersonationForm(DraftForm):
    makes = ImpersonationDraft

    user_id = SelectField(mark("As"), validate_choice=False)
    reason = TextAreaField(mark("Reason"))

    def offer(self, team: dict[str, str]) -> "ImpersonationForm":
        self.user_id.choices = list(team.items())
        return self


class ProvisionForm(DraftForm):
    """A store in a minute: who it is for, and where. What is left empty is as usual in the country."""

    makes = ProvisionDraft
    ADMIN = ("email", "first_name", "last_name", "password")

    name = StringField(mark("Name of the store"))
    slug = StringField(mark("Address"))
    country = SelectField(mark("Country"), validate_choice=False)
    plan = SelectField(mark("Plan"), validate_choice=False)
    email = StringField(mark("E-mail"))
    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    password = PasswordField(mark("Password"))
    locale = SelectField(mark("Language"), validate_choice=False)
    currency = StringField(mark("Currency"))
    demo_content = BooleanField(mark("Start with a few sample products"))

    def offer(self, book: Book) -> "ProvisionForm":
        self.country.choices = country_choices(tuple(CODES))
        self.plan.choices = [(plan.slug, plan.title) for plan in book.sold_plans]
        self.locale.choices = [("", _("The country’s own")), *LANGUAGES.items()]
        return self

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        admin = {name: values.pop(name) for name in self.ADMIN}
        if values["slug"] is None and values["name"]:
            values["slug"] = slugify(values["name"])[:40].strip("-")
        return {**values, "admin": {name: value for name, value in admin.items() if value is not None}}

    def absorb(self, error: Invalid) -> "DraftForm":
        """The admin's fields stand among the others."""
        if error is self.absorbed:
            return self
        for at, problem in enumerate(error.errors):
            error.errors[at] = replace(problem, field=problem.field.removeprefix("admin."))
        return super().absorb(error)


class StoreForm(PaymentForm, IdentityForm, PlaceForm, CheckoutForm):
    """Everything the platform may change of a store. `checked()` gives what was sent; the service reads it over what
    there is."""

    makes = TenantDraft  # type: ignore[assignment]

    slug = StringField(mark("Address"))
    plan = SelectField(mark("Plan"), validate_choice=False)
    addons = TickListField(mark("Addons"))
    custom_domain = StringField(mark("Own domain"))
    maintenance_mode = BooleanField(mark("Close the shop for a while"))
    cors_origins = LinesField(mark("Other sites that may use the API in a browser"))

    @classmethod
    def showing(cls, there: Editable, book: Book) -> "StoreForm":
        methods = there.values["payment_methods"]
        ways = {
            "card": methods["card"]["enabled"],
            "bank_transfer": methods["bank_transfer"]["enabled"],
            "bank_instructions": methods["bank_transfer"]["instructions"],
            "cash_on_delivery": methods["cash_on_delivery"]["enabled"],
            "cash_fee": methods["cash_on_delivery"]["fee"],
            "pay_in_shop": methods["pay_in_shop"]["enabled"],
            "shop_instructions": methods["pay_in_shop"]["instructions"],
        }
        return cls(values={**there.values, **ways, "version": there.version}).offer_all(there, book)

    def offer_all(self, there: Editable, book: Book) -> "StoreForm":
        IdentityForm.offer(self)
        PlaceForm.offer(self)
        found = [("", _("No page")), *((str(ident), title) for ident, title in there.pages)]
        self.terms_page_id.choices = self.privacy_page_id.choices = found
        own = there.values["plan"]
        self.plan.choices = [
            (plan.slug, plan.title) for plan in book.plans.values() if plan.is_sold or plan.slug == own
        ]
        self.addons.choices = [(addon.slug, addon.title) for addon in book.addons.values()]
        return self

    def raw(self) -> dict[str, Any]:
        values = {**DraftForm.raw(self), **PaymentForm.raw(self)}
        lines = re.split(r"[\s,]+", values["cors_origins"] or "")
        return {**values, "cors_origins": [line for line in lines if line]}

    def checked(self, **more: Any) -> dict[str, Any]:
        """An emptied field is sent as empty: what is not sent would stay as it is."""
        known = TenantDraft.model_fields
        return {name: self._emptied(name) if value is None else value
                for name, value in self.raw().items() if name in known}  # fmt: skip

    def _emptied(self, name: str) -> Any:
        info = TenantDraft.model_fields[name]
        return "" if info.is_required() else info.get_default(call_default_factory=True)

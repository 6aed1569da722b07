"""The checkout's one form: flat on the page, nested in the draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, Form, FormField, HiddenField, SelectField, StringField, TextAreaField

from forms.addresses import country_choices
from forms.base import DraftForm
from kit.countries import NEEDS_REGION
from kit.drafts import read
from kit.errors import FieldError, Invalid
from kit.i18n import _, mark
from services.orders.making import OrderDraft

ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "vat_number",
    "line1",
    "line2",
    "postal_code",
    "city",
    "region",
    "country",
    "phone",
)
BILLING = ADDRESS[:-1]
# What the draft calls a thing, and under which name it stands on the page.
ON_PAGE = {"shipping_method_id": "shipping_method", "customer_note": "note", "accept_terms": "terms",
           "shipping_address": "line1"}  # fmt: skip


class BillingForm(Form):
    country = SelectField(mark("Country"), validate_choice=False)
    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    company = StringField(mark("Company"))
    vat_number = StringField(mark("VAT number"))
    line1 = StringField(mark("Street and number"))
    line2 = StringField(mark("Flat, floor, building"))
    postal_code = StringField(mark("Postcode"))
    city = StringField(mark("Town or city"))
    region = StringField(mark("State or province"))

    NEEDED = ("country", "first_name", "last_name", "line1", "postal_code", "city")

    def __init__(self, *args: Any, **kw: Any):
        super().__init__(*args, **kw)
        for field in self:
            field.label.text = _(str(field.label.text))


class CheckoutForm(DraftForm):
    makes = OrderDraft

    email = StringField(mark("E-mail"))
    country = SelectField(mark("Country"), validate_choice=False)
    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    line1 = StringField(mark("Street and number"))
    line2 = StringField(mark("Flat, floor, building"))
    company = StringField(mark("Company"))
    vat_number = StringField(mark("VAT number"))
    postal_code = StringField(mark("Postcode"))
    city = StringField(mark("Town or city"))
    region = StringField(mark("State or province"))
    phone = StringField(mark("Phone"))
    shipping_method = HiddenField(mark("Delivery"))
    payment_method = HiddenField(mark("Payment"))
    billing_same = BooleanField(mark("The bill goes to the same address"), default=True)
    billing = FormField(BillingForm)
    note = TextAreaField(mark("Note to the shop"))
    terms = BooleanField(mark("I accept the terms"))
    newsletter = BooleanField(mark("Send me news and offers by e-mail"))
    expected_total = HiddenField()
    submission = HiddenField()

    def offer(self, countries: tuple[str, ...]) -> "CheckoutForm":
        self.country.choices = country_choices(countries)
        self.billing.form.country.choices = country_choices(countries)
        return self

    @property
    def needs_region(self) -> bool:
        return self.country.data in NEEDS_REGION

    def address(self) -> dict[str, str]:
        return {name: str(self[name].data or "") for name in ADDRESS}

    @property
    def business(self) -> tuple[str, str]:
        """The VAT number that the bill is for, and the country of its address."""
        own = self.billing.form if not self._raw("billing_same", self.billing_same) else self
        return str(own["vat_number"].data or ""), str(own["country"].data or "")

    def order(self, *, is_sent: bool) -> OrderDraft:
        """The draft, or Invalid after the errors were put beside their fields. Of an order that is not sent the
        address is the bill's."""
        address = _given(self.address())
        own_bill = _given({name: self.billing.form[name].data for name in BILLING})
        values = {
            "email": self._raw("email", self.email),
            "shipping_address": address if is_sent else None,
            "billing_address": (
                None if is_sent and self._raw("billing_same", self.billing_same) else own_bill
            )
            if is_sent
            else address,
            "shipping_method_id": self._raw("shipping_method", self.shipping_method) if is_sent else None,
            "payment_method": self._raw("payment_method", self.payment_method),
            "customer_note": self._raw("note", self.note) or "",
            "accept_terms": self._raw("terms", self.terms),
            "expected_total": self._raw("expected_total", self.expected_total),
        }
        try:
            return read(
                OrderDraft, {name: value for name, value in values.items() if value is not None}, form=True
            )
        except Invalid as error:
            self.absorb(error)
            raise

    def absorb(self, error: Invalid) -> "CheckoutForm":
        if error is self.absorbed:
            return self
        moved = [replace(problem, field=_on_page(problem.field)) for problem in error.errors]
        bill = self.billing.form
        for problem in moved:
            name = problem.field.removeprefix("billing.")
            if problem.field != name and name in bill:
                bill[name].errors = [*bill[name].errors, problem.message]
        rest = [problem for problem in moved if not problem.field.startswith("billing.")]
        if rest or not moved:
            super().absorb(Invalid(error.message, code=error.code, errors=rest))
        self.absorbed, self.problems = error, moved or [FieldError("", error.code, error.message)]
        return self


def _on_page(path: str) -> str:
    if path.startswith("billing_address."):
        return "billing." + path.removeprefix("billing_address.")
    inner = path.removeprefix("shipping_address.")
    return ON_PAGE.get(inner, inner)


def _given(values: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in; what is missing is then missed by name."""
    return {name: str(value).strip() for name, value in values.items() if value and str(value).strip()}

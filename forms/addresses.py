"""An address as people type it: the country first, then what that country needs."""

from wtforms import BooleanField, SelectField, StringField

from forms.base import DraftForm
from kit.countries import NEEDS_REGION, country_name
from kit.i18n import mark
from kit.slugs import fold
from services.addresses import AddressDraft


def country_choices(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Codes with their names in the reader's language, in that language's order."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda choice: fold(choice[1]))


class AddressForm(DraftForm):
    makes = AddressDraft

    label = StringField(mark("Name of this address"))
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
    phone = StringField(mark("Phone"))
    is_default_shipping = BooleanField(mark("Deliver here by default"))
    is_default_billing = BooleanField(mark("Use for bills by default"))

    def offer(self, codes: tuple[str, ...]) -> "AddressForm":
        self.country.choices = country_choices(codes)
        return self

    @property
    def needs_region(self) -> bool:
        return self.country.data in NEEDS_REGION

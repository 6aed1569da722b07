"""The store's settings, a page at a time: each form shows some of the fields, and leaves the others as they are."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import get_currency_name, list_currencies
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from forms.addresses import country_choices
from forms.base import DraftForm
from forms.fields import DecimalTextField, TickListField
from kit.countries import CODES
from kit.errors import Invalid
from kit.i18n import LANGUAGES, _, cldr, mark
from models.tenants import Tenant
from services.branding import BrandingDraft, full
from services.platform.stores import OwnStoreDraft
from services.themes import THEMES


class SettingsForm(DraftForm):
    """A part of the settings. `tenant`: where the fields that are not shown come from."""

    makes = OwnStoreDraft

    version = HiddenField()

    @classmethod
    def of(cls, tenant: Tenant) -> "SettingsForm":
        return cls(values={**OwnStoreDraft.of(tenant), "version": tenant.version}).offer()

    def offer(self) -> "SettingsForm":
        return self

    def unshown(self, tenant: Tenant) -> dict[str, Any]:
        """The settings that this form does not carry, as they are."""
        shown = set(self._fields) | set(self.raw())
        return {name: value for name, value in OwnStoreDraft.of(tenant).items() if name not in shown}


class IdentityForm(SettingsForm):
    name = StringField(mark("Name of the shop"))
    contact_email = StringField(mark("E-mail for customers"))
    contact_phone = StringField(mark("Phone for customers"))
    notification_email = StringField(mark("Where orders are told to"))
    legal_name = StringField(mark("Legal name"))
    legal_address = TextAreaField(mark("Legal address"))
    country = SelectField(mark("Country"), validate_choice=False)
    vat_number = StringField(mark("VAT number"))
    order_number_prefix = StringField(mark("Before the order number"))

    def offer(self) -> "IdentityForm":
        self.country.choices = country_choices(tuple(CODES))
        return self


class PlaceForm(SettingsForm):
    currency = SelectField(mark("Currency"), validate_choice=False)
    prices_include_tax = BooleanField(mark("Prices are entered and shown with tax"))
    cross_border = SelectField(mark("In other countries"), validate_choice=False)
    shipping_tax = SelectField(mark("Tax on delivery"), validate_choice=False)
    timezone = SelectField(mark("Time zone"), validate_choice=False)
    locale = SelectField(mark("Language of the shop"), validate_choice=False)
    languages = TickListField(mark("Languages to choose from"))

    def offer(self) -> "PlaceForm":
        names = (
            (code, f"{code} – {get_currency_name(code, locale=cldr())}")
            for code in sorted(list_currencies(cldr()))
        )
        self.currency.choices = [pair for pair in names if len(pair[0]) == 3]
        self.timezone.choices = [
            (zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone
        ]
        self.cross_border.choices = [
            ("fixed_gross", _("What customers pay stays the same")),
            ("fixed_net", _("What you keep stays the same")),
        ]
        self.shipping_tax.choices = [
            ("own_class", _("By the class of the way of delivery")),
            ("proportional", _("By the rates of the goods, in proportion")),
        ]
        self.locale.choices = list(LANGUAGES.items())
        self.languages.choices = list(LANGUAGES.items())
        return self


class CheckoutForm(SettingsForm):
    guest_checkout = BooleanField(mark("Buy without an account"))
    stock_reservation_minutes = StringField(mark("Minutes that a checkout holds its things"))
    low_stock_threshold = StringField(mark("Low stock from"))
    show_stock = BooleanField(mark("Show how many are left"))
    reviews_require_approval = BooleanField(mark("Read reviews before they are shown"))
    review_request_days = StringField(
        mark("Days after the order is done until its customer is asked for a review")
    )
    terms_page_id = SelectField(mark("Terms of sale"), validate_choice=False)
    privacy_page_id = SelectField(mark("Privacy"), validate_choice=False)

    def offer_pages(self, pages: Iterable[Any]) -> "CheckoutForm":
        found = [("", _("No page")), *((str(page.id), page.title) for page in pages)]
        self.terms_page_id.choices = self.privacy_page_id.choices = found
        return self


class PaymentForm(SettingsForm):
    """The ways to pay, each with its switch. In the draft they are one field: `payment_methods`."""

    numbers = ("cash_fee",)

    card = BooleanField(mark("Card and more, through Stripe"))
    bank_transfer = BooleanField(mark("Bank transfer"))
    bank_instructions = TextAreaField(mark("What the customer should know"))
    cash_on_delivery = BooleanField(mark("Cash on delivery"))
    cash_fee = DecimalTextField(mark("Fee"))
    pay_in_shop = BooleanField(mark("Pay in the shop"))
    shop_instructions = TextAreaField(mark("What the customer should know"))

    @classmethod
    def of(cls, tenant: Tenant) -> "PaymentForm":
        methods = OwnStoreDraft.of(tenant)["payment_methods"]
        switches = {
            name: methods[name]["enabled"]
            for name in ("card", "bank_transfer", "cash_on_delivery", "pay_in_shop")
        }
        return cls(
            values={
                **switches,
                "bank_instructions": methods["bank_transfer"]["instructions"],
                "cash_fee": methods["cash_on_delivery"]["fee"],
                "shop_instructions": methods["pay_in_shop"]["instructions"],
                "version": tenant.version,
            }
        )

    def raw(self) -> dict[str, Any]:
        v = super().raw()
        return {"version": v["version"], "payment_methods": {
            "card": {"enabled": v["card"]},
            "bank_transfer": {"enabled": v["bank_transfer"], "instructions": v["bank_instructions"] or ""},
            "cash_on_delivery": {"enabled": v["cash_on_delivery"], "fee": v["cash_fee"] or "0"},
            "pay_in_shop": {"enabled": v["pay_in_shop"], "instructions": v["shop_instructions"] or ""},
        }}  # fmt: skip

    FIELDS = {"bank_transfer.instructions": "bank_instructions", "cash_on_delivery.fee": "cash_fee",
              "pay_in_shop.instructions": "shop_instructions"}  # fmt: skip

    def absorb(self, error: Invalid) -> "DraftForm":
        if error is self.absorbed:
            return self
        for at, problem in enumerate(error.errors):
            path = problem.field.removeprefix("payment_methods.")
            if path in self.FIELDS:
                error.errors[at] = replace(problem, field=self.FIELDS[path])
        return super().absorb(error)


class BrandingForm(DraftForm):
    makes = BrandingDraft

    version = HiddenField()
    tagline = StringField(mark("In one sentence"))
    primary_color = StringField(mark("Main colour"))
    primary_text_color = StringField(mark("Text on it"))
    accent_color = StringField(mark("Accent"))
    accent_text_color = StringField(mark("Text on it"))
    font = SelectField(mark("Typeface"), validate_choice=False)
    footer_text = TextAreaField(mark("At the foot of each page"))

    def offer(self) -> "BrandingForm":
        self.font.choices = [("", _("The theme’s own")), ("sans", _("Sans-serif")), ("serif", _("Serif")),
                             ("rounded", _("Rounded")), ("mono", _("Typewriter"))]  # fmt: skip
        return self

    def unshown(self, tenant: Tenant) -> dict[str, Any]:
        return {name: value for name, value in full(tenant).items() if name not in self._fields}


def theme_choices(current: str) -> list[dict[str, Any]]:
    return [
        {
            "value": theme.slug,
            "title": _(theme.name),
            "note": _(theme.description),
            "checked": theme.slug == current,
        }
        for theme in THEMES.values()
    ]

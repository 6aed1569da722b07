"""How a store sells: money, place, language, legal identity, ways to pay, stock and checkout policy."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import available_timezones

import pycountry
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import (
    Amount,
    Country,
    Draft,
    Email,
    Flag,
    IdRef,
    Int,
    Text,
    ambient_currency,
    blank_to_none,
    wrong,
)
from kit.errors import Conflict, Invalid
from kit.i18n import LANGUAGES, _
from kit.money import to_text
from models.orders import Order
from models.pages import Page
from models.taxes import CrossBorder, ShippingTax
from models.tenants import Tenant
from services import audit, tenants
from services.payments import connect

METHODS = ("card", "bank_transfer", "cash_on_delivery", "pay_in_shop")
ORIGINS_MAX = 20
_CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies)
_ZONES = frozenset(available_timezones())
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")


def _currency(value: str) -> str:
    if value.upper() not in _CURRENCIES:
        raise wrong("", "not_a_currency", _("Must be a currency code of three letters, like EUR."))
    return value.upper()


def _zone(value: str) -> str:
    if value not in _ZONES:
        raise wrong("", "not_a_time_zone", _("Must be a time zone, like Europe/Lisbon."))
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise wrong("", "not_a_choice", _("Must be one of: %(expected)s.", expected=", ".join(LANGUAGES)))
    return value


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value.lower().rstrip("/")):
        raise wrong("", "not_an_origin", _("Must be an origin like https://example.com, without a path."))
    return value.lower().rstrip("/")


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]*", value):
        raise wrong("", "not_a_prefix", _("Use letters, digits and hyphens."))
    return value


def _switch(value: Any) -> Any:
    """A plain boolean is read as `enabled`."""
    return {"enabled": value} if isinstance(value, bool) else value


def _email_or_none(value: Any) -> Any:
    return None if value == "" else value


Currency = Annotated[str, AfterValidator(_currency)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
Origin = Annotated[str, AfterValidator(_origin)]
EmailOrNone = Annotated[Email | None, BeforeValidator(_email_or_none)]


class MethodDraft(Draft):
    enabled: Flag = False


class InstructedDraft(MethodDraft):
    instructions: Annotated[str, Text(5_000)] = ""


class CashDraft(MethodDraft):
    fee: Amount = 0


class MethodsDraft(Draft):
    """The ways to pay. Each is an object or a plain boolean; a way that is not sent stays as it is."""

    card: Annotated[MethodDraft, BeforeValidator(_switch)] = MethodDraft()
    bank_transfer: Annotated[InstructedDraft, BeforeValidator(_switch)] = InstructedDraft()
    cash_on_delivery: Annotated[CashDraft, BeforeValidator(_switch)] = CashDraft()
    pay_in_shop: Annotated[InstructedDraft, BeforeValidator(_switch)] = InstructedDraft()

    def stored(self) -> dict[str, Any]:
        """As it is kept: the fee as it is written, so that it survives a look at the row."""
        plain = self.model_dump()
        plain["cash_on_delivery"]["fee"] = to_text(self.cash_on_delivery.fee, ambient_currency.get())
        return plain


class SettingsDraft(Draft):
    currency: Currency
    prices_include_tax: Flag
    cross_border: CrossBorder = CrossBorder.FIXED_GROSS
    shipping_tax: ShippingTax = ShippingTax.OWN_CLASS
    timezone: Zone
    locale: Language
    languages: Annotated[list[Language], Field(min_length=1, max_length=len(LANGUAGES))]
    country: Country
    vat_number: Annotated[str, Text(30)] = ""
    legal_name: Annotated[str, Text(200)] = ""
    legal_address: Annotated[str, Text(2_000)] = ""
    order_number_prefix: Annotated[str, Text(12), AfterValidator(_prefix)] = ""
    payment_methods: MethodsDraft = MethodsDraft()
    bank_transfer_instructions: Annotated[str, Text(5_000)] | None = None
    stock_reservation_minutes: Annotated[Int, Field(ge=5, le=60)]
    low_stock_threshold: Annotated[Int, Field(ge=0, le=1_000_000)]
    show_stock: Flag
    reviews_require_approval: Flag
    review_request_days: Annotated[Int, Field(ge=0, le=90)] = 7
    guest_checkout: Flag
    cors_origins: Annotated[list[Origin], Field(max_length=ORIGINS_MAX)] = []
    notification_email: EmailOrNone = None
    terms_page_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    privacy_page_id: Annotated[IdRef | None, BeforeValidator(blank_to_none)] = None
    maintenance_mode: Flag

    @model_validator(mode="after")
    def _languages_are_named_once(self) -> "SettingsDraft":
        if len(set(self.languages)) < len(self.languages):
            raise wrong("languages", "repeated", _("Name each language once."))
        return self

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        values = {name: getattr(tenant, name) for name in cls.model_fields if hasattr(tenant, name)}
        return {**values, "payment_methods": methods_of(tenant.payment_methods)}

    @classmethod
    def merge(cls, sent: Mapping[str, Any], tenant: Tenant) -> dict[str, Any]:
        """What was sent over what there is; among the ways to pay, each one by itself."""
        merged = {**cls.of(tenant), **sent}
        methods = sent.get("payment_methods")
        if isinstance(methods, Mapping):
            merged["payment_methods"] = _merge_methods(methods, tenant)
        return merged


def _merge_methods(sent: Mapping[str, Any], tenant: Tenant) -> dict[str, Any]:
    merged: dict[str, Any] = methods_of(tenant.payment_methods)
    for name, value in sent.items():
        value = _switch(value)
        known = name in merged and isinstance(value, Mapping)
        merged[name] = {**merged[name], **value} if known else value
    return merged


def methods_of(stored: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every way to pay in its full form, whatever was stored of it."""
    found: dict[str, dict[str, Any]] = {}
    for name in METHODS:
        value = _switch(stored.get(name, False))
        found[name] = {"enabled": bool(value.get("enabled"))}
        if name in ("bank_transfer", "pay_in_shop"):
            found[name]["instructions"] = value.get("instructions") or ""
        if name == "cash_on_delivery":
            found[name]["fee"] = str(value.get("fee") or to_text(0, ambient_currency.get()))
    return found


def check_card(draft: SettingsDraft) -> None:
    """Cards need a connected account that takes charges. Asked before the transaction, since it may ask Stripe."""
    if not draft.payment_methods.card.enabled or tenants.current().offers("card") or connect.is_ready():
        return
    if connect.find_account() is not None:
        connect.get_status()  # what Stripe last told may be old
    if not connect.is_ready():
        raise Conflict(
            _("Connect the store's Stripe account first; then cards can be switched on."),
            code="stripe-not-connected",
        )


def update_settings(draft: SettingsDraft, *, actor: Actor, version: int | None = None) -> Tenant:
    check_card(draft)
    return _update(draft, actor=actor, version=version)


@transaction()
def _update(draft: SettingsDraft, *, actor: Actor, version: int | None) -> Tenant:
    tenant = tenants.row(lock=True)
    check_version(tenant, version)
    put_settings(tenant, draft, actor=actor)
    return tenant


def check_version(tenant: Tenant, version: int | None) -> None:
    if version is not None and version != tenant.version:
        raise Conflict(
            _("Somebody else has changed this meanwhile. Load it again, then make your change."),
            code="stale-version", version=tenant.version,
        )  # fmt: skip


def put_settings(tenant: Tenant, draft: SettingsDraft, *, actor: Actor) -> None:
    """On the locked row, in the caller's transaction."""
    if draft.currency != tenant.currency and db.session.scalar(select(Order.id).limit(1)):
        raise Conflict(_("The currency is fixed once there are orders."), code="currency-fixed")
    for name in ("terms_page_id", "privacy_page_id"):
        page_id = getattr(draft, name)
        if page_id is not None and db.session.get(Page, page_id) is None:
            raise Invalid.field(name, "unknown_id", _("There is no such page."))
    before = SettingsDraft.of(tenant)
    methods = draft.payment_methods.stored()
    if draft.bank_transfer_instructions is not None:
        methods["bank_transfer"]["instructions"] = draft.bank_transfer_instructions
    plain = set(SettingsDraft.model_fields) - {"payment_methods", "bank_transfer_instructions", "languages"}
    for name, value in draft.model_dump(include=plain).items():
        setattr(tenant, name, "" if name == "notification_email" and value is None else value)
    tenant.payment_methods = methods
    # The store's own language is always among those it offers.
    tenant.languages = [draft.locale, *(code for code in draft.languages if code != draft.locale)]
    changed(tenant, before, SettingsDraft.of(tenant), actor=actor)


def changed(
    tenant: Tenant, before: dict[str, Any], after: dict[str, Any], *, actor: Actor, kind: str = "settings"
) -> None:
    """Every page may show it: count on, tell the log, and forget what was known of the store."""
    differences = audit.difference(before, after)
    if differences:
        tenant.version += 1
        audit.record("update", (kind, tenant.id), actor=actor, changes=differences)
        db.session.flush()
        tenants.touch_catalog()
    tenants.forget()


def worn(tenant: Tenant, part: str, before: Any) -> None:
    """A part of the look was put on for everybody: what was tried on of it is done with, and `before` is the way
    back (see services/looks.py)."""
    if getattr(tenant, part) == before:
        return
    tenant.draft_look = {name: value for name, value in tenant.draft_look.items() if name != part}
    tenant.last_look = {part: before}

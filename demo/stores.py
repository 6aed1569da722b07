"""The two stores before the first customer: who they are, who works there, taxes, shipping, coupons and pages."""

from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

from demo.accounts import ACCOUNTS, PASSWORD
from demo.state import UNFINISHED
from demo.texts import english, portuguese
from kit import clock
from kit.actor import Actor, Role
from kit.db import db
from kit.drafts import read
from kit.i18n import LANGUAGES
from kit.passwords import hash_password
from models.accounts import User
from models.tenants import Tenant, TenantStatus
from services import pages, promotions, shipping, tax_presets, tenants

TAXED = ("PT", "ES", "FR", "DE", "IT", "NL")


@dataclass(frozen=True)
class Plan:
    """`orders`: how many in all the months; `shoppers`: how many accounts."""

    slug: str
    words: ModuleType
    locale: str
    theme: str
    prices_include_tax: bool
    prefix: str
    first_number: int
    branding: dict[str, Any]
    shoppers: int
    orders: int
    reviews: int


PLANS = (
    Plan("demo", english, "en", "market", True, "VD-", 10_412, {}, 120, 455, 250),
    Plan("atelier", portuguese, "pt", "atelier", False, "AT", 2_031, {}, 60, 190, 110),
)


def open_store(plan: Plan) -> Tenant:
    """The store's row, closed until it is complete. In every_tenant()."""
    words = plan.words.STORE
    others = LANGUAGES if plan.locale == "en" else ("en",)
    store = Tenant(
        slug=plan.slug,
        name=words["name"],
        status=TenantStatus.SUSPENDED,
        suspended_reason=UNFINISHED,
        plan="growth",
        addons=["wishlist"] if plan.slug == "demo" else [],
        currency="EUR",
        prices_include_tax=plan.prices_include_tax,
        timezone="Europe/Lisbon",
        locale=plan.locale,
        languages=list(dict.fromkeys([plan.locale, *others])),
        country="PT",
        legal_name=words["legal_name"],
        legal_address=words["legal_address"],
        vat_number="PT999999990",
        contact_email=f"hello@{plan.slug}.test" if plan.locale == "en" else f"ola@{plan.slug}.test",
        contact_phone="+351 210 000 000" if plan.slug == "demo" else "+351 220 000 000",
        notification_email=f"orders@{plan.slug}.test",
        payment_methods={
            "card": {"enabled": True},
            "bank_transfer": {"enabled": True, "instructions": words["bank"]},
            "cash_on_delivery": {"enabled": False, "fee": "0.00"},
            "pay_in_shop": {"enabled": plan.slug == "atelier"},
        },
        order_number_prefix=plan.prefix,
        next_order_number=plan.first_number,
        theme=plan.theme,
        branding={"tagline": words["tagline"], "footer_text": words["footer_text"], **plan.branding},
    )
    db.session.add(store)
    db.session.flush()
    return store


def hire(plan: Plan) -> dict[Role, User]:
    """The store's accounts of the demo, by role; the customer among them."""
    password_hash = hash_password(PASSWORD)
    people = {
        account.role: User(
            email=account.email(plan.slug),
            email_key=account.email(plan.slug),
            password_hash=password_hash,
            first_name=account.first_name,
            last_name=account.last_name,
            role=account.role,
            locale=plan.locale,
            email_verified_at=clock.now(),
        )
        for account in ACCOUNTS[plan.slug]
    }
    db.session.add_all(people.values())
    db.session.flush()
    return people


def actor_of(user: User) -> Actor:
    return Actor("user", id=user.id, role=Role(user.role), name=user.name, email=user.email)


def set_up(plan: Plan, *, actor: Actor) -> None:
    for country in TAXED:
        tax_presets.install_defaults(country)
    _zones(plan, actor)
    _coupons(plan, actor)
    _pages(plan, actor)


# (key of the words, countries, postcodes, ways to send: word, type, price, more)
EU = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
      "MT", "NL", "PL", "RO", "SE", "SI", "SK"]  # fmt: skip
ZONES: tuple[tuple[str, list[str], list[str], tuple[tuple[int, dict[str, Any]], ...]], ...] = (
    ("islands", ["PT"], ["9000-000...9999-999"], (
        (1, {"type": "flat_rate", "price": "6.90", "estimated_days_min": 4, "estimated_days_max": 8}),
    )),
    ("mainland", ["PT"], [], (
        (1, {"type": "flat_rate", "price": "3.90", "free_above": "60.00", "estimated_days_min": 1,
             "estimated_days_max": 2}),
        (2, {"type": "flat_rate", "price": "2.90", "free_above": "60.00", "max_weight": "10.000",
             "estimated_days_min": 2, "estimated_days_max": 3}),
        (3, {"type": "pickup", "price": "0.00", "estimated_days_min": 1, "estimated_days_max": 1}),
    )),
    ("europe", EU, [], (
        (1, {"type": "weight_based", "rates": [{"up_to": "1", "price": "7.90"}, {"up_to": "5", "price": "11.90"},
                                               {"up_to": "30", "price": "19.90"}],
             "estimated_days_min": 3, "estimated_days_max": 6}),
        (2, {"type": "flat_rate", "price": "24.90", "max_weight": "10.000", "estimated_days_min": 1,
             "estimated_days_max": 2}),
    )),
    ("world", ["*"], [], (
        (1, {"type": "weight_based", "rates": [{"up_to": "1", "price": "16.90"}, {"up_to": "5", "price": "34.90"},
                                               {"up_to": "30", "price": "69.00"}],
             "estimated_days_min": 7, "estimated_days_max": 15}),
    )),
)  # fmt: skip


def _zones(plan: Plan, actor: Actor) -> None:
    for key, countries, postcodes, methods in ZONES:
        names = plan.words.SHIPPING[key]
        draft = {"name": names[0], "countries": countries, "postal_codes": postcodes}
        zone = shipping.create_zone(read(shipping.ZoneDraft, draft), actor=actor)
        for word, method in methods:
            shipping.create_method(
                zone.id, read(shipping.MethodDraft, {"name": names[word], **method}), actor=actor
            )


def _coupons(plan: Plan, actor: Actor) -> None:
    now, words = clock.now(), plan.words.COUPONS
    drafts: tuple[dict[str, Any], ...] = (
        {"code": "WELCOME10", "type": "percentage", "value": "10", "description": words["welcome"],
         "first_order_only": True, "usage_limit_per_customer": 1},
        {"code": "MINUS5", "type": "fixed_amount", "value": "5", "description": words["minus"],
         "minimum_amount": "40.00", "usage_limit": 500},
        {"code": "SUMMER15", "type": "percentage", "value": "15", "description": words["old"],
         "maximum_discount": "20.00", "starts_at": now + timedelta(days=250), "ends_at": now + timedelta(days=290)},
    )  # fmt: skip
    for draft in drafts:
        promotions.create_coupon(read(promotions.CouponDraft, draft), actor=actor)


def _pages(plan: Plan, actor: Actor) -> None:
    made = [
        pages.create_page(
            read(pages.PageDraft, {"slug": slug, "title": title, "content": content, "position": position}),
            actor=actor,
        )
        for position, (slug, title, content) in enumerate(plan.words.PAGES)
    ]
    by_kind = dict(zip(("delivery", "returns", "about", "contact", "privacy", "terms"), made, strict=True))
    store = tenants.row(lock=True)
    store.privacy_page_id, store.terms_page_id = by_kind["privacy"].id, by_kind["terms"].id
    tenants.forget()

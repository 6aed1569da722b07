"""What plans, limits and features are called, in the back office and in the console."""

from collections.abc import Iterable
from typing import Any

from kit.i18n import _, _n, mark
from kit.money import display
from services.offers import CURRENCY, LIMITS, Book, Plan
from services.plans import Meter, Preview
from web.filters import number, percent

LIMIT_NAMES = {
    "products": mark("Products"),
    "staff": mark("Colleagues"),
    "orders_per_month": mark("Orders this month"),
    "storage_mb": mark("Pictures and files, MB"),
}
FEATURE_NAMES = {
    "storefront": mark("Shop with checkout"),
    "coupons": mark("Coupons and offers"),
    "reviews": mark("Reviews"),
    "reports": mark("Reports"),
    "api": mark("Interface for programs (API)"),
    "custom_domain": mark("Own domain"),
    "wishlist": mark("Wishlist"),
}


def money(minor: int, currency: str = CURRENCY) -> str:
    return display(minor, currency)


def plan_name(slug: str, book: Book) -> str:
    return book.plans[slug].title if slug in book.plans else slug


def addon_names(slugs: Iterable[str], book: Book) -> list[str]:
    return [book.addons[slug].title for slug in slugs if slug in book.addons]


def feature_names(features: Iterable[str]) -> list[str]:
    return [_(FEATURE_NAMES[name]) for name in features if name in FEATURE_NAMES]


def limit(value: int | None) -> str:
    return _("without limit") if value is None else number(value)


def limits_of(plan: Plan) -> list[dict[str, str]]:
    names = {**LIMIT_NAMES, "orders_per_month": mark("Orders a month")}
    shown = [{"label": _(names[name]), "value": limit(plan.limits[name])} for name in LIMITS]
    return [*shown, {"label": _("Audit log"), "value": _audit_kept(plan)}]


def _audit_kept(plan: Plan) -> str:
    days = plan.audit_days
    return _("for ever") if days is None else _n("%(num)d day", "%(num)d days", days)


def meter(one: Meter) -> dict[str, Any]:
    """For the macro of admin/settings/plan.html: `warning` is (words, tone) where the room gets short."""
    warning = None
    if one.is_over:
        warning = (_n("%(num)d over", "%(num)d over", one.excess), "bad")
    elif one.is_full:
        warning = (_("Used up"), "bad")
    elif one.is_nearly_full:
        warning = (_("Nearly used up"), "warn")
    return {"label": _(LIMIT_NAMES[one.name]), "used": one.used, "limit": one.limit, "text": number(one.used),
            "limit_text": limit(one.limit), "warning": warning}  # fmt: skip


def brings(found: Preview) -> dict[str, Any]:
    """What another plan would bring, in words."""
    sign = "+" if found.difference > 0 else "−" if found.difference < 0 else ""
    return {
        "plan": found.plan.title, "slug": found.plan.slug, "addons": found.addons, "price": money(found.price),
        "difference": sign + money(abs(found.difference)), "fee": percent(found.plan.fee),
        "limits": limits_of(found.plan), "over": [meter(one) for one in found.over],
        "gained": feature_names(found.gained), "lost": feature_names(found.lost), "fits": found.fits,
    }  # fmt: skip

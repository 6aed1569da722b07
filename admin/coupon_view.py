"""A coupon as its pages show it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import url_for

from forms.promotions import RuleForm
from kit import clock
from kit.i18n import _, mark, pgettext
from models.promotions import Coupon, Offered
from services.promotions import sentence
from services.promotions.reading import Figures
from services.promotions.sentence import Names
from services.promotions.trying import Trial, TriedLine
from web.filters import day, money


def rows(
    found: Sequence[Coupon], names: Names, figures: Mapping[UUID, Figures]
) -> dict[UUID, dict[str, Any]]:
    return {coupon.id: _row(coupon, names, figures.get(coupon.id, Figures())) for coupon in found}


def _row(coupon: Coupon, names: Names, figures: Figures) -> dict[str, Any]:
    limit = coupon.codes_wanted if coupon.offered is Offered.CODES else coupon.usage_limit
    uses = f"{coupon.usage_count} / {limit}" if limit else str(coupon.usage_count)
    return {
        "code": coupon.code or coupon.name,
        "is_code": coupon.offered is Offered.CODE,
        "kind": {"code": "", "codes": _("Many codes"), "automatic": _("By itself")}[coupon.offered],
        "url": url_for("admin.edit_coupon", coupon_id=coupon.id),
        "state": state_of(coupon),
        "summary": sentence.describe(coupon, names),
        "uses": uses,
        "given": money(figures.given),
        "revenue": money(figures.revenue),
        "until": day(coupon.ends_at) or "–",
    }


# What most shops begin with. Everything can be changed before it is saved.
PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "first": (
        mark("Ten percent off the first order"),
        {"type": "percentage", "value": "10", "first_order_only": True, "usage_limit_per_customer": 1},
    ),
    "delivery": (mark("Free delivery from an amount"), {"type": "free_shipping", "minimum_amount": "50"}),
    "two": (mark("2 for 1"), {"type": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1}),
    "three": (mark("3 for 2"), {"type": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1}),
    "half": (
        mark("The second at half the price"),
        {"type": "buy_x_get_y", "value": "50", "buy_quantity": 1, "get_quantity": 1},
    ),
    "gift": (mark("A gift from an amount"), {"type": "gift", "get_quantity": 1, "minimum_amount": "50"}),
}


def presets(kind: str) -> list[dict[str, str]]:
    """Links to the same page, filled in."""
    rest = {} if kind == "code" else {"kind": kind}
    return [
        {"label": _(label), "url": url_for("admin.new_coupon", preset=name, **rest)}
        for name, (label, _values) in PRESETS.items()
    ]


def preset_values(name: str) -> dict[str, Any]:
    """What to show at first; the preset's words are the name."""
    label, values = PRESETS.get(name, ("", {}))
    return {"is_active": True, "name": _(label) if label else "", **values}


def state_of(coupon: Coupon) -> tuple[str, str, str]:
    now = clock.now()
    if not coupon.is_active:
        return _("Switched off"), "neutral", "open"
    if coupon.ends_at is not None and coupon.ends_at <= now:
        return pgettext("coupon", "Expired"), "neutral", "stop"
    if coupon.usage_limit is not None and coupon.usage_count >= coupon.usage_limit:
        return _("Used up"), "neutral", "stop"
    if coupon.starts_at is not None and coupon.starts_at > now:
        return _("Scheduled"), "info", "dot"
    return _("Active"), "good", "done"


def sections(form: RuleForm) -> list[dict[str, Any]]:
    """The editor's groups of fields."""
    is_code = form.offered is Offered.CODE
    names = {
        Offered.CODE: (_("Coupon"), _("Case and spaces do not matter.")),
        Offered.AUTOMATIC: (_("Promotion"), _("It applies by itself, under the name that shoppers read.")),
        Offered.CODES: (_("Rule"), _("Each of its codes is good for one order.")),
    }
    title, text = names[form.offered]
    first = [form.code] if is_code else [form.name]
    what = [form.type, form.value, form.description, form.is_active]
    some = _("Only for these two kinds. Nothing named: the same is given that is bought.")
    both = _("Two are had together where each allows the other; else the shopper gets the better one.")
    groups = (
        (title, text, (*first, *what)),
        (_("Buy some, get some; gifts"), some,
         (form.buy_quantity, form.get_quantity, form.get_product_ids, form.get_category_ids)),
        (_("When"), _("In the time zone of the shop. Empty: always."), (form.starts_at, form.ends_at)),
        (_("For what"), _("Nothing named: for everything."),
         (form.category_ids, form.product_ids, form.tag_ids, form.excluded_category_ids,
          form.excluded_product_ids, form.excluded_tag_ids, form.exclude_sale_items)),
        (_("From when on"), _("Empty: for any order."),
         (form.minimum_amount, form.maximum_amount, form.minimum_quantity)),
        (_("For whom"), _("Nothing named: for everybody."),
         (form.first_order_only, form.segments, form.emails, form.countries)),
        (_("How often and how much"), _("Empty: without limit."),
         (form.usage_limit, form.usage_limit_per_customer, form.once_per_order, form.max_items,
          form.maximum_discount)),
        (_("Together with others"), both, (form.stacking, form.combines_with)),
    )  # fmt: skip
    return [{"title": title, "text": text, "fields": list(fields)} for title, text, fields in groups]


def trial_view(trial: Trial) -> dict[str, Any]:
    totals = trial.totals
    return {
        "is_valid": trial.verdict.is_valid,
        "message": trial.verdict.message,
        "lines": [_tried(line) for line in trial.lines],
        "delivery": {"price": money(totals.shipping.charge.price), "off": "−" + money(totals.shipping_discount),
                     "left": money(totals.shipping_total)} if totals.shipping else None,
        "subtotal": money(totals.subtotal),
        "off": "−" + money(totals.discount_total),
        "left": money(totals.goods_after_discounts),
    }  # fmt: skip


def _tried(line: TriedLine) -> dict[str, Any]:
    return {"name": line.name, "quantity": line.quantity, "price": money(line.line_total),
            "off": "−" + money(line.discount) if line.discount else "–",
            "left": money(line.line_total - line.discount)}  # fmt: skip

"""Coupons: the list, and the editor."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from admin.lists import listing, page_arg, page_url, size_arg
from admin.saving import Saved, differences, save
from forms.promotions import CouponForm
from kit import clock
from kit.actor import Role
from kit.i18n import _, pgettext
from models.promotions import Coupon, CouponType
from services.catalog import categories
from services.promotions import coupons
from web.access import allow
from web.auth import actor
from web.filters import day, moment, money, percent
from web.htmx import go


@bp.get("/coupons", endpoint="coupons")
@allow(Role.MANAGER)
def list_coupons() -> Response:
    found = coupons.list_coupons(page_arg(), size_arg())
    return page("admin/coupons/index.html", coupons=listing(found, _row), page_url=page_url)


def _row(coupon: Coupon) -> dict[str, Any]:
    uses = f"{coupon.usage_count} / {coupon.usage_limit}" if coupon.usage_limit else str(coupon.usage_count)
    return {"code": coupon.code, "url": url_for("admin.edit_coupon", coupon_id=coupon.id), "state": state_of(coupon),
            "summary": sum_up(coupon), "uses": uses, "until": day(coupon.ends_at) or "–"}  # fmt: skip


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


def sum_up(coupon: Coupon) -> str:
    """The coupon in one sentence."""
    what = {
        CouponType.PERCENTAGE: _("%(value)s off", value=percent(coupon.value)),
        CouponType.FIXED_AMOUNT: _("%(value)s off", value=money(coupon.value)),
        CouponType.FREE_SHIPPING: _("Free delivery"),
    }[coupon.type]
    parts = [what]
    if coupon.category_ids or coupon.product_ids:
        parts.append(_("only for some products"))
    if coupon.minimum_amount:
        parts.append(_("from %(amount)s", amount=money(coupon.minimum_amount)))
    if coupon.maximum_discount:
        parts.append(_("at most %(amount)s", amount=money(coupon.maximum_discount)))
    if coupon.first_order_only:
        parts.append(_("first order only"))
    if coupon.usage_limit_per_customer == 1:
        parts.append(_("once per customer"))
    if coupon.ends_at:
        parts.append(_("until %(when)s", when=moment(coupon.ends_at, "short")))
    return ", ".join(parts)


@bp.route("/coupons/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_coupon() -> Response:
    first = {"is_active": True, "type": "percentage"}
    form = _offered(CouponForm(request.form if request.method == "POST" else None, first))
    if request.method == "GET":
        return _coupon_page(form, None)
    saved = save(form, lambda draft: coupons.create_coupon(draft, actor=actor()))
    if not saved:
        return _coupon_page(form, None, saved)
    flash(_("The coupon is saved."), "success")
    return go("admin.coupons")


@bp.route("/coupons/<uuid:coupon_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_coupon(coupon_id: UUID) -> Response:
    coupon = coupons.get_coupon(coupon_id)
    if request.method == "GET":
        return _coupon_page(_offered(CouponForm.of(coupon)), coupon)
    form = _offered(CouponForm(request.form))
    version = int(form.version.data) if str(form.version.data or "").isdigit() else None
    act = lambda draft: coupons.update_coupon(coupon_id, draft, actor=actor(), version=version)  # noqa: E731
    saved = save(form, act, **CouponForm.kept(coupon))
    if not saved:
        return _coupon_page(form, coupons.get_coupon(coupon_id), saved)
    flash(_("Saved."), "success")
    return go("admin.coupons")


def _offered(form: CouponForm) -> CouponForm:
    return form.offer(categories.flat(categories.tree(include_inactive=True)))


def _coupon_page(form: CouponForm, coupon: Coupon | None, saved: Saved | None = None) -> Response:
    conflict = []
    if coupon is not None and getattr(form, "is_stale", False):
        conflict = differences(form, _offered(CouponForm.of(coupon)))
        form.version.data = str(coupon.version)
    heading = coupon.code if coupon is not None else _("New coupon")
    delete = coupon and {"title": _("Delete “%(name)s”?", name=coupon.code),
                         "text": _("It can't be used any more. Orders that used it keep their discount."),
                         "ask": url_for("admin.ask_delete_coupon", coupon_id=coupon.id),
                         "action": url_for("admin.delete_coupon", coupon_id=coupon.id)}  # fmt: skip
    return page(
        "admin/settings/form.html",
        status=saved.status if saved is not None else 200,
        heading=heading,
        form=form,
        delete=delete,
        general_errors=[] if conflict else form.form_errors,
        conflict=conflict,
        note=sum_up(coupon) if coupon is not None else "",
        badge=state_of(coupon) if coupon is not None else None,
        trail=[(_("Coupons"), url_for("admin.coupons")), (heading, None)],
        sections=[
            {
                "title": _("Coupon"),
                "text": _("Case and spaces do not matter."),
                "fields": [
                    form.code,
                    form.type,
                    form.value,
                    form.maximum_discount,
                    form.description,
                    form.is_active,
                ],
            },
            {
                "title": _("When"),
                "text": _("In the time zone of the shop. Empty: always."),
                "fields": [form.starts_at, form.ends_at],
            },
            {
                "title": _("For what"),
                "text": _("Nothing ticked: for everything."),
                "fields": [form.minimum_amount, form.category_ids, form.exclude_sale_items],
            },
            {
                "title": _("How often"),
                "text": _("Empty: without limit."),
                "fields": [form.usage_limit, form.usage_limit_per_customer, form.first_order_only],
            },
        ],
    )


@bp.get("/coupons/<uuid:coupon_id>/delete")
@allow(Role.MANAGER)
def ask_delete_coupon(coupon_id: UUID) -> Response:
    coupon = coupons.get_coupon(coupon_id)
    return page(
        "admin/confirm.html",
        heading=_("Delete “%(name)s”?", name=coupon.code),
        button=_("Delete"),
        text=_("It can't be used any more. Orders that used it keep their discount."),
        action=url_for("admin.delete_coupon", coupon_id=coupon_id),
        back=url_for("admin.edit_coupon", coupon_id=coupon_id),
    )


@bp.post("/coupons/<uuid:coupon_id>/delete")
@allow(Role.MANAGER)
def delete_coupon(coupon_id: UUID) -> Response:
    coupons.delete_coupon(coupon_id, actor=actor())
    flash(_("The coupon is deleted."), "success")
    return go("admin.coupons")

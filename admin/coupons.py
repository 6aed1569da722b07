"""Coupons and promotions: the list, the editor with its sentence and its sample cart, and files of codes."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.coupon_view import preset_values, presets, rows, sections, state_of, trial_view
from admin.files import csv_file
from admin.form_page import ask_first, deletion
from admin.frame import page
from forms.promotions import FORMS, CodesOrderForm, RuleForm, SampleForm
from kit.actor import Role
from kit.errors import Invalid
from kit.i18n import _
from models.promotions import Coupon, Offered
from services.catalog import categories, tags
from services.promotions import codes, coupons, sentence, trying
from services.promotions.reading import figures_of
from web.access import allow
from web.auth import actor
from web.htmx import go
from web.lists import Filter, listing, page_arg, page_url, size_arg, text_arg
from web.saving import Saved, catch_up, save

MAKE: dict[Offered, Callable[..., Coupon]] = {
    Offered.CODE: coupons.create_coupon,
    Offered.AUTOMATIC: coupons.create_promotion,
    Offered.CODES: coupons.create_codes,
}


def offered_filter() -> Filter:
    words = {"code": _("One code"), "codes": _("Many codes"), "automatic": _("By itself")}
    return Filter("offered", _("How it comes"), words)


@bp.get("/coupons", endpoint="coupons")
@allow(Role.MANAGER)
def list_coupons() -> Response:
    chosen = offered_filter()
    offered = Offered(chosen.value) if chosen.value else None
    found = coupons.list_coupons(page_arg(), size_arg(), offered=offered)
    shown = rows(found.items, sentence.names_for(found.items), figures_of(found.items))
    return page(
        "admin/coupons/index.html",
        coupons=listing(found, lambda coupon: shown[coupon.id]),
        page_url=page_url,
        filters=[chosen.shown()],
        is_filtered=bool(chosen.value),
    )


@bp.route("/coupons/new", methods=["GET", "POST"], defaults={"kind": "code"})
@bp.route("/coupons/new/<any(automatic, codes):kind>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_coupon(kind: str) -> Response:
    offered = Offered(kind)
    if request.method == "GET":
        first = preset_values(text_arg("preset"))
        return _coupon_page(_offer(FORMS[offered](None, first)), None, begin=presets(kind))
    form = _offer(FORMS[offered](request.form))
    if _is_trial():
        return _try_page(form, None)
    saved = save(form, lambda draft: MAKE[offered](draft, actor=actor()))
    if not saved:
        return _coupon_page(form, None, saved)
    if offered is Offered.CODES:
        flash(_("The rule is saved. Now order its codes."), "success")
        return go("admin.edit_coupon", coupon_id=saved.thing.id)
    flash(
        _("The promotion is saved.") if offered is Offered.AUTOMATIC else _("The coupon is saved."), "success"
    )
    return go("admin.coupons")


@bp.route("/coupons/<uuid:coupon_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_coupon(coupon_id: UUID) -> Response:
    coupon = coupons.get_coupon(coupon_id)
    kind = FORMS[coupon.offered]
    if request.method == "GET":
        return _coupon_page(_offer(kind.of(coupon)), coupon)
    form = _offer(kind(request.form))
    if _is_trial():
        return _try_page(form, coupon)
    version = form.seen_version
    saved = save(form, lambda draft: coupons.update_coupon(coupon_id, draft, actor=actor(), version=version))
    if not saved:
        return _coupon_page(form, coupons.get_coupon(coupon_id), saved)
    flash(_("Saved."), "success")
    return go("admin.coupons")


# --- trying -------------------------------------------------------------------------------------------------------


def _is_trial() -> bool:
    return request.form.get("action") == "try"


def _try_page(form: RuleForm, coupon: Coupon | None) -> Response:
    """The editor as it was sent, with what the rule would do. Nothing is saved."""
    sample = SampleForm(request.form)
    try:
        rule = trying.rule_of(form.checked(), form.offered)
    except Invalid:
        return _coupon_page(form, coupon, Saved(status=422), sample=sample)
    try:
        trial = trying.try_out(rule, sample.checked())
    except Invalid as error:
        sample.absorb(error)
        return _coupon_page(form, coupon, Saved(status=422), sample=sample, rule=rule)
    return _coupon_page(form, coupon, sample=sample, rule=rule, trial=trial_view(trial))


# --- the page -----------------------------------------------------------------------------------------------------


def _offer(form: RuleForm) -> RuleForm:
    return form.offer(categories.flat(categories.tree(include_inactive=True)), tags.list_tags())


def _coupon_page(
    form: RuleForm,
    coupon: Coupon | None,
    saved: Saved | None = None,
    *,
    sample: SampleForm | None = None,
    rule: Coupon | None = None,
    trial: dict[str, Any] | None = None,
    order: CodesOrderForm | None = None,
    begin: Sequence[dict[str, str]] = (),
) -> Response:
    conflict = []
    if coupon is not None and form.is_stale:
        conflict = catch_up(form, _offer(type(form).of(coupon)))
    told = rule or coupon
    heading = _heading(coupon, form.offered)
    return page(
        "admin/coupons/edit.html",
        status=saved.status if saved is not None else 200,
        heading=heading,
        form=form,
        sample=sample or SampleForm(),
        sections=sections(form),
        begin=begin,
        trial=trial,
        sentence=sentence.describe(told, sentence.names_for([told])) if told is not None else "",
        is_draft=rule is not None,
        delete=_delete(coupon, heading) if coupon is not None else None,
        general_errors=[] if conflict else form.form_errors,
        conflict=conflict,
        badge=state_of(coupon) if coupon is not None else None,
        many=_codes(coupon, order) if coupon is not None and coupon.offered is Offered.CODES else None,
        trail=[(_("Coupons"), url_for("admin.coupons")), (heading, None)],
    )


def _heading(coupon: Coupon | None, offered: Offered) -> str:
    if coupon is not None:
        return coupon.code or coupon.name
    new = {
        Offered.CODE: _("New coupon"),
        Offered.AUTOMATIC: _("New promotion"),
        Offered.CODES: _("New rule with many codes"),
    }
    return new[offered]


def _delete(coupon: Coupon, heading: str) -> dict[str, str]:
    return {"title": _("Delete “%(name)s”?", name=heading),
            "text": _("It can't be used any more. Orders that used it keep their discount."),
            "ask": url_for("admin.ask_delete_coupon", coupon_id=coupon.id),
            "action": url_for("admin.delete_coupon", coupon_id=coupon.id)}  # fmt: skip


def _codes(coupon: Coupon, order: CodesOrderForm | None) -> dict[str, Any]:
    made = codes.count_codes(coupon.id)
    return {
        "form": order or CodesOrderForm(values={"count": 100}),
        "action": url_for("admin.order_codes", coupon_id=coupon.id),
        "csv": url_for("admin.export_codes", coupon_id=coupon.id) if made else "",
        "made": made,
        "used": codes.count_codes(coupon.id, used=True),
        "waiting": coupon.codes_wanted - made,
    }


@bp.post("/coupons/<uuid:coupon_id>/codes")
@allow(Role.MANAGER)
def order_codes(coupon_id: UUID) -> Response:
    coupon = coupons.get_coupon(coupon_id, offered=Offered.CODES)
    order = CodesOrderForm(request.form)
    saved = save(order, lambda draft: codes.order_codes(coupon_id, draft, actor=actor()))
    if not saved:
        return _coupon_page(_offer(FORMS[coupon.offered].of(coupon)), coupon, saved, order=order)
    flash(_("The codes are being made. This takes a moment."), "success")
    return go("admin.edit_coupon", coupon_id=coupon_id)


@bp.get("/coupons/<uuid:coupon_id>/codes.csv")
@allow(Role.MANAGER)
def export_codes(coupon_id: UUID) -> Response:
    pieces = codes.export_codes(coupon_id, actor=actor())
    return csv_file("codes", pieces)


@bp.get("/coupons/<uuid:coupon_id>/delete")
@allow(Role.MANAGER)
def ask_delete_coupon(coupon_id: UUID) -> Response:
    coupon = coupons.get_coupon(coupon_id)
    text = _("It can't be used any more. Orders that used it keep their discount.")
    about = deletion("coupon", coupon.code or coupon.name, text, coupon_id=coupon_id)
    return ask_first(about, back=url_for("admin.edit_coupon", coupon_id=coupon_id))


@bp.post("/coupons/<uuid:coupon_id>/delete")
@allow(Role.MANAGER)
def delete_coupon(coupon_id: UUID) -> Response:
    coupons.delete_coupon(coupon_id, actor=actor())
    flash(_("It is deleted."), "success")
    return go("admin.coupons")

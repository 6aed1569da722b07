"""What the platform sells: the plans and addons, their terms, and how many stores have each."""

from typing import Any

from flask import Response, flash, request, url_for

from console import bp
from console.frame import page
from forms.plans import AddonForm, NewPlanForm, PlanForm
from kit.actor import Role
from kit.i18n import _
from services import offers
from services.offers import Addon, Plan
from services.platform import plan_requests, terms
from services.platform.terms import AddonDraft, PlanDraft
from web.access import allow
from web.auth import actor
from web.filters import number, percent
from web.htmx import go
from web.plan_words import FEATURE_NAMES, feature_names, limits_of, money
from web.saving import Saved, catch_up, save


@bp.get("/platform/plans", endpoint="plans")
@allow(Role.SYSADMIN)
def list_plans() -> Response:
    book, held = offers.book(), terms.count_holders()
    return page(
        "platform/plans/index.html",
        plans=[_plan(plan, held.plans[plan.slug]) for plan in book.plans.values()],
        addons=[_addon(addon, held.addons[addon.slug]) for addon in book.addons.values()],
        waiting=plan_requests.count_waiting(),
    )  # fmt: skip


def _plan(plan: Plan, stores: int) -> dict[str, Any]:
    return {"slug": plan.slug, "name": plan.title, "price": money(plan.price), "fee": percent(plan.fee),
            "limits": [one["value"] for one in limits_of(plan)], "features": feature_names(plan.extras),
            "is_sold": plan.is_sold, "stores": number(stores),
            "stores_url": url_for("platform.stores", plan=plan.slug)}  # fmt: skip


def _addon(addon: Addon, stores: int) -> dict[str, Any]:
    return {"slug": addon.slug, "name": addon.title, "text": addon.text, "price": money(addon.price),
            "feature": ", ".join(feature_names([addon.feature])), "is_sold": addon.is_sold,
            "stores": number(stores)}  # fmt: skip


@bp.route("/platform/plans/new", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def new_plan() -> Response:
    if request.method == "GET":
        return _plan_page(NewPlanForm(values={"is_sold": True}), _("New plan"))
    form = NewPlanForm(request.form)
    saved = save(form, lambda draft: terms.create_plan(draft, actor=actor()))
    if not saved:
        return _plan_page(form, _("New plan"), saved)
    flash(_("The plan %(plan)s is there.", plan=saved.thing.title), "success")
    return go("platform.plans")


@bp.route("/platform/plans/<slug>", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def edit_plan(slug: str) -> Response:
    plan = offers.get_plan(slug)
    if request.method == "GET":
        return _plan_page(_plan_form(plan), plan.title)
    form = PlanForm(request.form)
    version = form.seen_version
    saved = save(form, lambda draft: terms.update_plan(slug, draft, actor=actor(), version=version))
    if not saved:
        return _plan_page(form, plan.title, saved, _plan_form(offers.get_plan(slug)))
    flash(_("Saved. It counts for the stores that have this plan, too."), "success")
    return go("platform.plans")


def _plan_form(plan: Plan) -> PlanForm:
    return PlanForm(values={**PlanDraft.of(plan), "version": plan.version})


def _plan_page(
    form: PlanForm, heading: str, saved: Saved | None = None, theirs: PlanForm | None = None
) -> Response:
    form.offer(FEATURE_NAMES)
    named = [form.slug, form.name] if isinstance(form, NewPlanForm) else [form.name]
    sections = [
        {"title": _("Price"), "fields": [*named, form.price, form.fee, form.is_sold],
         "text": _("A plan that is not on sale stays with the stores that have it.")},
        {"title": _("Limits"), "fields": [
            form.products, form.staff, form.orders_per_month, form.storage_mb, form.audit_days],
         "text": _("Empty is without limit. What a store has beyond a limit stays and works; nothing new is made.")},
        {"title": _("Features"), "fields": [form.features],
         "text": _("Besides what every plan has: %(names)s.", names=", ".join(feature_names(offers.BASE)))},
    ]  # fmt: skip
    return _form_page(form, heading, sections, saved, theirs.offer(FEATURE_NAMES) if theirs else None)


@bp.route("/platform/plans/addons/<slug>", methods=["GET", "POST"])
@allow(Role.SYSADMIN)
def edit_addon(slug: str) -> Response:
    addon = offers.get_addon(slug)
    if request.method == "GET":
        return _addon_page(_addon_form(addon), addon.title)
    form = AddonForm(request.form)
    version = form.seen_version
    saved = save(form, lambda draft: terms.update_addon(slug, draft, actor=actor(), version=version))
    if not saved:
        return _addon_page(form, addon.title, saved, _addon_form(offers.get_addon(slug)))
    flash(_("Saved."), "success")
    return go("platform.plans")


def _addon_form(addon: Addon) -> AddonForm:
    return AddonForm(values={**AddonDraft.of(addon), "version": addon.version})


def _addon_page(
    form: AddonForm, heading: str, saved: Saved | None = None, theirs: AddonForm | None = None
) -> Response:
    sections = [{"title": _("Addon"), "fields": [form.name, form.description, form.price, form.is_sold],
                 "text": _("One that is not on sale stays with the stores that have it.")}]  # fmt: skip
    return _form_page(form, heading, sections, saved, theirs)


def _form_page(form: Any, heading: str, sections: list[Any], saved: Saved | None, theirs: Any) -> Response:
    return page(
        "platform/form.html", status=saved.status if saved is not None else 200, heading=heading, form=form,
        general_errors=form.form_errors, conflict=catch_up(form, theirs), sections=sections,
        back=url_for("platform.plans"), trail=[(_("Plans"), url_for("platform.plans")), (heading, None)],
    )  # fmt: skip

"""The store's plan: how much of it is used, what it has, what another one would bring, and asking for that one."""

from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.plans import PlanRequestForm
from kit.actor import Role
from kit.errors import NotFound
from kit.i18n import _, mark
from models.plans import PlanRequest, RequestState
from services import offers, plan_requests, plans, tenants
from services.offers import BASE, EXTRA, Book
from web.access import allow
from web.auth import actor
from web.filters import day, percent
from web.htmx import go
from web.plan_words import FEATURE_NAMES, addon_names, brings, limits_of, meter, money, plan_name
from web.saving import save

STATES = {
    RequestState.GRANTED: (mark("Done"), "good"),
    RequestState.DECLINED: (mark("Declined"), "bad"),
    RequestState.WITHDRAWN: (mark("Taken back"), "neutral"),
}


@bp.get("/settings/plan", endpoint="plan")
@allow(Role.ADMIN)
def show_plan() -> Response:
    book, store = offers.book(), tenants.current()
    used = plans.usage()
    waiting = plan_requests.find_waiting()
    choosable = [plan for plan in book.plans.values() if plan.is_sold or plan.slug == store.plan]
    return page(
        "admin/settings/plan.html",
        trail=[(_("Settings"), url_for("admin.settings")), (_("Plan"), None)],
        name=store.offer.title, price=money(book.monthly_price(store.offer.slug, store.addons)),
        fee=percent(store.offer.fee), meters=[meter(one) for one in plans.meters(used=used)],
        features=_features(book), addons=_addons(book),
        plans=[_plan(plan, store.offer.slug, plans.preview(plan.slug, store.addons, used=used, book=book))
               for plan in choosable],
        waiting=_waiting(waiting, book) if waiting else None,
        earlier=[_earlier(one, book) for one in plan_requests.list_latest()],
    )  # fmt: skip


def _features(book: Book) -> list[dict[str, Any]]:
    """Each with where it comes from; those that are off with what would bring them."""
    store = tenants.current()
    sold = {addon.feature: addon for addon in book.addons.values() if addon.is_sold}
    return [
        {"label": _(FEATURE_NAMES[name]), "is_on": name in store.features,
         "how": _("with the addon for %(price)s a month", price=money(sold[name].price))
         if name not in store.features and name in sold else ""}
        for name in (*BASE, *EXTRA)
    ]  # fmt: skip


def _addons(book: Book) -> list[dict[str, Any]]:
    """To be ticked: what the store has, and what is sold; not what its plan has anyway."""
    store = tenants.current()
    return [
        {"slug": addon.slug, "title": addon.title, "text": addon.text, "price": money(addon.price),
         "is_on": addon.slug in store.addons, "is_in_plan": addon.feature in store.offer.features}
        for addon in book.addons.values() if addon.is_sold or addon.slug in store.addons
    ]  # fmt: skip


def _plan(plan: offers.Plan, current: str, found: plans.Preview) -> dict[str, Any]:
    return {"slug": plan.slug, "title": plan.title, "price": money(plan.price), "fee": percent(plan.fee),
            "limits": limits_of(plan), "is_current": plan.slug == current, "over": len(found.over),
            "lost": len(found.lost)}  # fmt: skip


def _waiting(one: PlanRequest, book: Book) -> dict[str, Any]:
    return {**_named(one, book), "since": day(one.created_at), "note": one.note}


def _earlier(one: PlanRequest, book: Book) -> dict[str, Any]:
    text, tone = STATES[one.state]
    return {**_named(one, book), "when": day(one.answered_at or one.created_at), "state": (_(text), tone),
            "answer": one.answer}  # fmt: skip


def _named(one: PlanRequest, book: Book) -> dict[str, Any]:
    return {"plan": plan_name(one.plan, book), "addons": addon_names(one.addons, book)}


@bp.route("/settings/plan/change", methods=["GET", "POST"])
@allow(Role.ADMIN)
def change_plan() -> Response:
    """What a choice of plan and addons would bring, the numbers that no longer fit by name; sent, it is asked for."""
    form = PlanRequestForm(request.form if request.method == "POST" else request.args)
    status = 200
    if request.method == "POST":
        saved = save(form, lambda draft: plan_requests.ask(draft, actor=actor()))
        if saved:
            flash(_("Asked for. The platform answers by mail, and here."), "success")
            return go("admin.plan")
        status = saved.status
    try:
        found = plans.preview(form.plan.data or "", form.addons.data or [])
    except NotFound:
        if status == 200:
            raise
        flash(_("There is no such plan."), "error")
        return go("admin.plan")
    book, store = offers.book(), tenants.current()
    return page(
        "admin/settings/plan_change.html", status=status, form=form, found=brings(found),
        addons=addon_names(found.addons, book),
        current={"plan": store.offer.title, "price": money(book.monthly_price(store.offer.slug, store.addons))},
        is_same=(found.plan.slug, found.addons) == (store.plan, tuple(sorted(store.addons))),
        trail=[(_("Settings"), url_for("admin.settings")), (_("Plan"), url_for("admin.plan")), (_("Change"), None)],
    )  # fmt: skip


@bp.post("/settings/plan/withdraw")
@allow(Role.ADMIN)
def withdraw_plan_request() -> Response:
    plan_requests.withdraw(actor=actor())
    flash(_("Your request is taken back."), "success")
    return go("admin.plan")

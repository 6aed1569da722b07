"""Domains of the store's own: what to enter at their name servers, whether it is seen, and which one is the address."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.opening import DomainForm
from kit.actor import Role
from kit.errors import Conflict
from kit.i18n import _
from models.tenants import TenantDomain
from services import domains, plans, tenants
from web.access import allow
from web.auth import actor
from web.filters import moment
from web.htmx import go
from web.limits import limit
from web.saving import Saved, save


@bp.route("/settings/domains", methods=["GET", "POST"], endpoint="domains")
@allow(Role.ADMIN)
def list_domains() -> Response:
    form = DomainForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _page(form)
    saved = save(form, lambda draft: domains.add_domain(draft, actor=actor()))
    if not saved:
        return _page(form, saved)
    flash(_("Now enter the record below at the domain’s name server."), "success")
    return go("admin.domains")


def _page(form: DomainForm, saved: Saved | None = None) -> Response:
    store = tenants.current()
    own = f"{store.slug}.{tenants.platform_domain()}"
    return page(
        "admin/settings/domains.html",
        status=saved.status if saved is not None else 200,
        form=form,
        general_errors=form.form_errors,
        rows=[_row(domain) for domain in domains.list_domains()],
        own={"host": own, "is_primary": store.host == own},
        is_offered=plans.has_feature("custom_domain"),
        trail=[(_("Settings"), url_for("admin.settings")), (_("Domains"), None)],
    )


def _row(domain: TenantDomain) -> dict[str, Any]:
    is_proven = domain.verified_at is not None
    return {
        "id": domain.id, "host": domain.host, "proof": domains.proof_for(domain.host), "is_proven": is_proven,
        "is_primary": domain.is_primary and is_proven, "points_here": domain.points_here,
        "checked": moment(domain.checked_at, "short") if domain.checked_at else "",
    }  # fmt: skip


@bp.post("/settings/domains/<uuid:domain_id>/check")
@allow(Role.ADMIN)
@limit("10 per minute")
def check_domain(domain_id: UUID) -> Response:
    try:
        domain = domains.check_domain(domain_id, actor=actor())
    except Conflict as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("%(host)s is yours, and leads here.", host=domain.host) if domain.points_here
              else _("%(host)s is yours, but does not lead here yet.", host=domain.host), "success")  # fmt: skip
    return go("admin.domains")


@bp.post("/settings/domains/<uuid:domain_id>/primary")
@allow(Role.ADMIN)
def make_primary(domain_id: UUID) -> Response:
    try:
        domains.make_primary(domain_id, actor=actor())
    except Conflict as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("That is the shop’s address now; the others lead to it."), "success")
    return go("admin.domains")


@bp.post("/settings/domains/own")
@allow(Role.ADMIN)
def use_platform_host() -> Response:
    domains.make_primary(None, actor=actor())
    flash(_("That is the shop’s address now; the others lead to it."), "success")
    return go("admin.domains")


@bp.post("/settings/domains/<uuid:domain_id>/remove")
@allow(Role.ADMIN)
def remove_domain(domain_id: UUID) -> Response:
    domains.remove_domain(domain_id, actor=actor())
    flash(_("The domain is given up."), "success")
    return go("admin.domains")

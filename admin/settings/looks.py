"""A look tried on before it is worn: seen by the team only, then published, left, or taken back."""

from flask import Response, flash, make_response, request

from admin import bp
from forms.settings import BrandingForm
from kit.actor import Role
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services import looks, tenants
from services.themes import THEMES, ThemeDraft
from web.access import allow
from web.apart import begin_trying, end_trying
from web.auth import actor
from web.htmx import go


@bp.post("/settings/appearance/try")
@allow(Role.ADMIN)
def try_theme() -> Response:
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        flash(_("There is no such theme."), "error")
        return go("admin.appearance")
    looks.try_theme(ThemeDraft(template_slug=chosen))
    if request.form.get("act") == "keep":
        return make_response("", 204)
    begin_trying()
    return go("shop.home")


@bp.post("/settings/appearance/try-colours")
@allow(Role.ADMIN)
def try_branding() -> Response:
    """`act=keep`: the page's script, which shows what is typed beside it."""
    form = BrandingForm(request.form).offer()
    is_script = request.form.get("act") == "keep"
    try:
        looks.try_branding(form.checked(**form.unshown(tenants.row())))
    except Invalid as refusal:
        if is_script:
            return make_response(refusal.said, 422)
        flash(refusal.said, "error")
        return go("admin.appearance")
    if is_script:
        return make_response("", 204)
    begin_trying()
    return go("shop.home")


@bp.post("/settings/appearance/publish")
@allow(Role.ADMIN)
def publish_look() -> Response:
    try:
        looks.publish(actor=actor())
    except Conflict as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("The shop looks like that now."), "success")
    end_trying()
    return go("admin.appearance")


@bp.post("/settings/appearance/discard")
@allow(Role.ADMIN)
def discard_look() -> Response:
    looks.discard()
    end_trying()
    flash(_("What was tried on is gone; the shop is as it was."), "success")
    return go("admin.appearance")


@bp.post("/settings/appearance/restore")
@allow(Role.ADMIN)
def restore_look() -> Response:
    try:
        looks.restore(actor=actor())
    except Conflict as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("The look before is on again."), "success")
    return go("admin.appearance")


@bp.post("/settings/appearance/end")
@allow(Role.STAFF)
def end_preview() -> Response:
    """What is tried on stays; this browser shows the shop as everybody sees it again."""
    end_trying()
    return go("shop.home")

"""How the shop looks: its theme, its colours, its pictures."""

from typing import Any

from flask import Response, flash, request, url_for

from admin import bp
from admin.frame import page
from forms.settings import BrandingForm, theme_choices
from kit.actor import Role
from kit.colors import AA, WHITE, contrast
from kit.errors import ShopError
from kit.i18n import _, mark
from models.tenants import Tenant
from services import branding, tenants, themes
from services.themes import ThemeDraft
from web.access import allow
from web.apart import show_frame
from web.auth import actor
from web.filters import number
from web.htmx import go
from web.saving import Saved, catch_up, save
from web.tenant import current_store

KINDS = {
    "logo": mark("Logo"),
    "hero": mark("Picture on the first page"),
    "banner": mark("Banner"),
    "favicon": mark("Small sign in the browser’s tab"),
    "social_image": mark("Picture for other sites"),
}


@bp.route("/settings/appearance", methods=["GET", "POST"])
@allow(Role.ADMIN)
def appearance() -> Response:
    tenant = tenants.row()
    if request.method == "GET":
        return _page(_saved_form(tenant))
    form = BrandingForm(request.form).offer()
    version = form.seen_version
    act = lambda draft: branding.update_branding(draft, actor=actor(), version=version)  # noqa: E731
    saved = save(form, act, **form.unshown(tenant))
    if not saved:
        return _page(form, saved)
    flash(_("Saved."), "success")
    return go("admin.appearance")


def _saved_form(tenant: Tenant) -> BrandingForm:
    return BrandingForm(values={**branding.full(tenant), "version": tenant.version}).offer()


def _contrasts(look: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each colour that is set with the text on it."""
    pairs = (("primary", _("Main colour")), ("accent", _("Accent")))
    ratios = [
        (label, contrast(color, look[f"{name}_text_color"] or WHITE))
        for name, label in pairs
        if (color := look[f"{name}_color"])
    ]
    return [
        {"label": label, "ratio": f"{number(round(ratio, 1))}:1", "is_enough": ratio >= AA}
        for label, ratio in ratios
    ]


def _page(form: BrandingForm, saved: Saved | None = None) -> Response:
    show_frame()
    conflict, tenant = [], tenants.row()
    if form.is_stale:
        conflict = catch_up(form, _saved_form(tenant))
    look = branding.full(tenant)
    return page(
        "admin/settings/appearance.html",
        status=saved.status if saved is not None else 200,
        heading=_("Appearance"),
        form=form,
        general_errors=[] if conflict else form.form_errors,
        conflict=conflict,
        themes=theme_choices(tenant.theme),
        pictures=[
            {"kind": kind, "url": look.get(f"{kind}_url"), "label": _(label)} for kind, label in KINDS.items()
        ],
        is_draft=bool(tenant.draft_look),
        can_restore=bool(tenant.last_look),
        contrasts=_contrasts(look),
        trail=[(_("Settings"), url_for("admin.settings")), (_("Appearance"), None)],
        delete=None,
        sections=[
            {"title": _("Words"), "fields": [form.tagline, form.footer_text]},
            {
                "title": _("Colours"),
                "text": _(
                    "Written like #0e6264. Text on them has to be readable; what is not is refused with a better one."
                ),
                "fields": [
                    form.primary_color,
                    form.primary_text_color,
                    form.accent_color,
                    form.accent_text_color,
                ],
            },
            {"title": _("Typeface"), "fields": [form.font]},
        ],
    )


@bp.post("/settings/appearance/theme")
@allow(Role.ADMIN)
def choose_theme() -> Response:
    """At once; contents stay, and the way back is the same button."""
    chosen = request.form.get("theme", "")
    if chosen not in themes.THEMES:
        flash(_("There is no such theme."), "error")
        return go("admin.appearance")
    themes.wear(ThemeDraft(template_slug=chosen), actor=actor())
    flash(_("The shop wears “%(theme)s” now.", theme=_(themes.get_theme(chosen).name)), "success")
    return go("admin.appearance")


@bp.post("/settings/appearance/pictures/<kind>")
@allow(Role.ADMIN)
def upload_brand(kind: str) -> Response:
    current_store()
    file = request.files.get("file")
    if kind not in KINDS or file is None or not file.filename:
        flash(_("Choose a picture first."), "error")
        return go("admin.appearance")
    try:
        branding.upload_image(kind, file.read(branding.UPLOAD_MAX + 1), actor=actor())
    except ShopError as error:
        flash(error.said, "error")
    else:
        flash(_("The picture is up."), "success")
    return go("admin.appearance")

"""“Tell me when it is back”: the form beside what is sold out, and the pages that the mails lead to."""

from flask import Response, flash, request, url_for

from forms.stock_alerts import AlertForm
from kit.actor import GUEST
from kit.errors import Conflict, Invalid
from kit.i18n import _
from services import stock_alerts
from services.catalog import product_page, products
from shop import bp
from shop.choice import choose
from shop.mail_links import answer, dead_link
from shop.product_page import product_context
from web.access import PUBLIC, allow
from web.auth import actor
from web.htmx import go_to, render, wants_fragment
from web.limits import limit
from web.visitor import visitor


@bp.post("/stock-alerts")
@allow(PUBLIC)
@limit("10 per minute")
def ask_for_alert() -> Response:
    """The same answer for every address."""
    form = AlertForm(request.form)
    product = products.get_product(request.form.get("product_id", ""), actor=GUEST)
    try:
        stock_alerts.ask(form.checked(), actor=actor())
    except (Invalid, Conflict) as error:
        if isinstance(error, Conflict):
            form.refuse(error.message, "email")
        return _refused(product.slug, form, 409 if isinstance(error, Conflict) else 422)
    said = _("Please look into your mailbox: if you confirm, we write once as soon as it is back.")
    if wants_fragment():
        return render("shop/catalog/_alert_sent.html", said=said)
    flash(said, "success")
    return go_to(url_for("shop.product", slug=product.slug, variant=request.form.get("variant_id") or None))


def _refused(slug: str, form: AlertForm, status: int) -> Response:
    found = product_page.read_page(slug, actor=GUEST)
    choice = choose(found.variants, request.form, request.form.get("variant_id", ""))
    context = product_context(found, choice, alert_form=form)
    if (
        wants_fragment() and not context["choice"]["alert"]
    ):  # it can be bought by now: there is no such form any more
        return render(
            "shop/catalog/_alert_sent.html",
            status=status,
            said=" ".join(one.message for one in form.problems),
        )
    name = "shop/catalog/_alert.html" if wants_fragment() else None
    return render("shop/catalog/product.html", name, status, visitor=visitor(), **context)


# --- the links of the mails -----------------------------------------------------------------------------------------


@bp.get("/stock-alerts/confirm/<token>")
@allow(PUBLIC)
def alert_to_confirm(token: str) -> Response:
    """Asks for a press of a button: programs that look at links in mails confirm nothing."""
    try:
        stock_alerts.get_waiting(token)
    except Invalid as error:
        return dead_link(error)
    text = _("One mail, as soon as it can be bought again; then we forget your address.")
    return answer(_("Tell you when it is back?"), text, button=_("Yes, tell me"))


@bp.post("/stock-alerts/confirm/<token>", endpoint="confirm_alert")
@allow(PUBLIC)
@limit("20 per minute")
def confirm_alert(token: str) -> Response:
    try:
        stock_alerts.confirm(token)
    except Invalid as error:
        return dead_link(error)
    return answer(_("We will tell you"), _("One mail, as soon as it can be bought again."))


@bp.get("/unsubscribe/stock-alerts/<token>")
@allow(PUBLIC)
def alert_to_stop(token: str) -> Response:
    try:
        stock_alerts.check_stop(token)
    except Invalid as error:
        return dead_link(error)
    text = _("We take your address off the list of those who wait for this product.")
    return answer(_("Forget that you asked?"), text, button=_("Yes, forget it"))


@bp.post("/unsubscribe/stock-alerts/<token>", endpoint="stop_alert")
@allow(PUBLIC)
@limit("20 per minute")
def stop_alert(token: str) -> Response:
    """Mail programs press it by themselves (one-click unsubscribing), without a cookie."""
    try:
        stock_alerts.stop(token)
    except Invalid as error:
        return dead_link(error)
    return answer(_("Forgotten"), _("You will hear nothing more about this product."))

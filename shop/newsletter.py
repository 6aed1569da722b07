"""The newsletter: the form at the foot of each page, and the pages that its mails lead to."""

from flask import Response, flash, request

from forms.newsletter import NewsletterForm
from kit.errors import Invalid
from kit.i18n import _
from services import newsletter
from shop import bp
from shop.frame import page
from shop.mail_links import answer, dead_link
from web.access import PUBLIC, allow
from web.htmx import go, render, wants_fragment
from web.limits import limit


@bp.get("/newsletter", endpoint="newsletter")
@allow(PUBLIC)
def sign_up_page() -> Response:
    return page("shop/newsletter/sign_up.html", form=NewsletterForm())


@bp.post("/newsletter")
@allow(PUBLIC)
@limit("10 per minute")
def subscribe() -> Response:
    """The same answer for every address."""
    form = NewsletterForm(request.form)
    try:
        newsletter.ask(form.checked(), source="footer")
    except Invalid as error:
        if wants_fragment():
            said = " ".join(one.message for one in error.errors) or error.message
            return render("shop/newsletter/_form.html", status=422, error=said, typed=form.email.data or "")
        return page("shop/newsletter/sign_up.html", status=422, form=form)
    said = _("Please look into your mailbox: if you confirm, you get the newsletter.")
    if wants_fragment():
        return render("shop/newsletter/_sent.html", said=said)
    flash(said, "success")
    return go("shop.newsletter")


def _said(heading: str, text: str, button: str = "") -> Response:
    return answer(heading, text, button=button, symbol="mail", newsletter=True)


# --- the links of the mails -----------------------------------------------------------------------------------------


@bp.get("/newsletter/confirm/<token>")
@allow(PUBLIC)
def newsletter_to_confirm(token: str) -> Response:
    """Asks for a press of a button: programs that look at links in mails confirm nothing."""
    try:
        newsletter.get_waiting(token)
    except Invalid as error:
        return dead_link(error, newsletter=True)
    return _said(_("Do you want the newsletter?"), _("You can unsubscribe at any time, with one press."),
                 button=_("Yes, send it to me"))  # fmt: skip


@bp.post("/newsletter/confirm/<token>", endpoint="confirm_newsletter")
@allow(PUBLIC)
@limit("20 per minute")
def confirm_newsletter(token: str) -> Response:
    try:
        newsletter.confirm(token)
    except Invalid as error:
        return dead_link(error, newsletter=True)
    return _said(_("You are on the list"), _("The next newsletter comes to you, too."))


@bp.get("/unsubscribe/newsletter/<token>")
@allow(PUBLIC)
def newsletter_to_leave(token: str) -> Response:
    try:
        newsletter.check_stop(token)
    except Invalid as error:
        return dead_link(error, newsletter=True)
    return _said(_("Unsubscribe from the newsletter?"), _("We take your address off the list."),
                 button=_("Yes, unsubscribe"))  # fmt: skip


@bp.post("/unsubscribe/newsletter/<token>", endpoint="leave_newsletter")
@allow(PUBLIC)
@limit("20 per minute")
def leave_newsletter(token: str) -> Response:
    """Mail programs press it by themselves (one-click unsubscribing, RFC 8058), without a cookie."""
    try:
        newsletter.leave(token)
    except Invalid as error:
        return dead_link(error, newsletter=True)
    return _said(_("You are off the list"), _("No newsletter comes to you any more."))

"""Every mail of the store as it is sent, in each language, with made-up data; and one for a trial."""

from flask import Response, flash, make_response, request, url_for

from admin import bp
from admin.frame import page
from kit.actor import Role
from kit.errors import NotFound
from kit.i18n import LANGUAGES, _
from services.notifications import samples
from web.access import allow
from web.apart import show_frame
from web.auth import actor
from web.htmx import go
from web.limits import limit
from web.lists import choice_arg
from web.tenant import current_store


@bp.get("/settings/mails", endpoint="mails")
@allow(Role.ADMIN)
def list_mails() -> Response:
    groups: dict[str, list[dict[str, str]]] = {}
    for name, sample in samples.SAMPLES.items():
        shown = {"label": _(sample.label), "url": url_for("admin.show_mail", name=name)}
        groups.setdefault(_(sample.group), []).append(shown)
    return page("admin/settings/mails.html", groups=groups)


def _language(given: str) -> str:
    return given if given in LANGUAGES else current_store().locale


@bp.get("/settings/mails/<name>")
@allow(Role.ADMIN)
def show_mail(name: str) -> Response:
    language = _language(choice_arg("in", LANGUAGES))
    letter = samples.draw(name, language)
    show_frame()
    return page(
        "admin/settings/mail.html",
        heading=_(samples.SAMPLES[name].label),
        letter={"subject": letter.subject, "text": letter.text, "sender": letter.sender,
                "reply_to": letter.reply_to},
        language=language,
        spoken=LANGUAGES,
        here=url_for("admin.show_mail", name=name),
        html_url=url_for("admin.show_mail_html", name=name, **{"in": language}),
        test_url=url_for("admin.send_test_mail", name=name),
        to=actor().email,
        trail=[(_("Settings"), url_for("admin.settings")), (_("Mails"), url_for("admin.mails")),
               (_(samples.SAMPLES[name].label), None)],
    )  # fmt: skip


# A mail has its styles on its elements; no script runs in it, nothing is sent from it, and links open nothing here.
MAIL_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; base-uri 'none'; "
               "form-action 'none'; frame-ancestors 'self'; sandbox")  # fmt: skip


@bp.get("/settings/mails/<name>/html")
@allow(Role.ADMIN)
def show_mail_html(name: str) -> Response:
    """The letter alone, for the frame."""
    letter = samples.draw(name, _language(choice_arg("in", LANGUAGES)))
    response = make_response(letter.html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/settings/mails/<name>/test")
@allow(Role.ADMIN)
@limit("10 per minute")
def send_test_mail(name: str) -> Response:
    language = request.form.get("in", "")
    if language not in LANGUAGES:
        raise NotFound(_("There is no such mail."))
    samples.request_test(name, language, actor=actor())
    flash(_("The mail is on its way to %(address)s.", address=actor().email), "success")
    return go("admin.show_mail", name=name, **{"in": language})

"""In development: the mails that were written, to be read in the browser. In production there is no such page."""

from flask import Response, current_app

from console import bp
from gateways import letterbox
from gateways.letterbox import Kept
from kit.errors import NotFound
from kit.i18n import _
from web.access import PUBLIC, allow
from web.htmx import render
from web.tenant import is_platform_host

# A mail brings its styles along; it may show them, and pictures, and nothing else.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; sandbox allow-popups"
)


def _only_in_development() -> None:
    if current_app.config["VITRINE"].is_production or not is_platform_host():
        raise NotFound(_("There is nothing here."))


def _find(name: str) -> Kept:
    _only_in_development()
    found = letterbox.find_kept(name)
    if found is None:
        raise NotFound(_("There is no such mail."))
    return found


@bp.get("/platform/mails")
@allow(PUBLIC)
def mails() -> Response:
    _only_in_development()
    return render("platform/mails.html", mails=letterbox.list_kept(), is_kept=letterbox.folder() is not None)


@bp.get("/platform/mails/<name>")
@allow(PUBLIC)
def show_mail(name: str) -> Response:
    return render("platform/mail.html", mail=_find(name))


@bp.get("/platform/mails/<name>/html")
@allow(PUBLIC)
def show_mail_html(name: str) -> Response:
    """As a mail program shows it."""
    response = Response(_find(name).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response

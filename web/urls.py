"""Addresses that can name nothing: a NUL can not be stored, and PostgreSQL does not even compare it."""

from flask import Flask, request

from kit.errors import NotFound
from kit.i18n import _


def init_app(app: Flask) -> None:
    app.before_request(check)


def check() -> None:
    """The API names the parameter itself."""
    in_query = "%00" in request.query_string.decode("latin-1") and not request.path.startswith("/api/")
    if "\x00" in request.path or in_query:
        raise NotFound(_("There is no page at this address."))

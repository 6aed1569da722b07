"""For the process manager: alive without asking anyone; ready where the database answers."""

from flask import Flask, Response
from sqlalchemy import text

from kit.db import db
from kit.tenancy import every_tenant
from web.access import PUBLIC, allow


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "alive", alive)
    app.add_url_rule("/readyz", "ready", ready)


@allow(PUBLIC)
def alive() -> Response:
    return Response("alive\n", mimetype="text/plain")


@allow(PUBLIC)
def ready() -> Response:
    with every_tenant():
        db.session.execute(text("SELECT 1"))
    return Response("ready\n", mimetype="text/plain")

"""For the process manager: alive without asking anyone; ready where what requests need is there."""

from flask import Flask, Response

from services import readiness
from web.access import PUBLIC, allow


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "alive", alive)
    app.add_url_rule("/readyz", "ready", ready)


@allow(PUBLIC)
def alive() -> Response:
    return Response("alive\n", mimetype="text/plain")


@allow(PUBLIC)
def ready() -> Response:
    """503 names what is missing, one in a line. What shops can do without is named, too, with 200."""
    missing = readiness.unready()
    lines = "".join(f"{name}: {why}\n" for name, why in missing.items())
    if missing.keys() - readiness.BEARABLE:
        return Response(lines, status=503, mimetype="text/plain")
    return Response(f"ready\n{lines}", mimetype="text/plain")

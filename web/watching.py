"""How a request went: counted for the monitor, and told in the log where it failed or took long.

Neither holds what a visitor sent: a route is the view's name, since addresses carry links that open orders.
"""

import hmac
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request, request_started

from kit import log as lines
from kit import meters
from kit.errors import NotFound
from kit.i18n import _
from kit.version import VERSION
from services.figures import figures
from web.access import PUBLIC, allow
from web.tenant import is_platform_host

ROUTE = "vitrine.route"  # in the environ: the view that answers
SLOW = 1.0  # seconds
LOOPBACK = {"127.0.0.1", "::1"}
PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
log = structlog.get_logger("web")


class Watched:
    """Around everything, so that kept pages and failures count, too."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]]):
        self.wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, status = time.perf_counter(), "500"

        def start(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, *rest)

        try:
            return self.wsgi(environ, start)
        finally:
            took = time.perf_counter() - began
            meters.request(environ.get(ROUTE, "none"), environ["REQUEST_METHOD"], status, took)


def init_app(app: Flask) -> None:
    app.wsgi_app = Watched(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/metrics", "metrics", show_metrics)
    app.after_request(tell)
    request_started.connect(begin, app)
    if where not in lines.context:
        lines.context.append(where)
    if dsn := app.config["VITRINE"].sentry_dsn:
        _report_to(dsn)


def _report_to(dsn: str) -> None:
    """Errors go to Sentry, without who it was and without what the variables held."""
    import sentry_sdk  # only who reports pays for its import

    sentry_sdk.init(dsn, release=VERSION, send_default_pii=False, include_local_variables=False,
                    max_request_body_size="never", before_send=_anonymous)  # fmt: skip


def _anonymous(event: Any, hint: Any) -> Any:
    """Addresses carry links that open orders; texts may name people."""
    event.pop("request", None)
    event.pop("user", None)
    for one in (event.get("exception") or {}).get("values", ()):
        one["value"] = lines.plain(str(one.get("value") or ""))
    event["tags"] = {**(event.get("tags") or {}), **where()}
    event.pop("breadcrumbs", None)
    return event


def begin(app: Flask, **_: Any) -> None:
    g.began = time.perf_counter()
    request.environ[ROUTE] = request.endpoint or "none"


def where() -> dict[str, str]:
    """What a line of the log says beside its own words."""
    if not has_request_context():
        return {}
    store = g.get("store")
    said = {"request_id": g.get("request_id", ""), "route": request.endpoint or "none",
            "store": store.slug if store else ""}  # fmt: skip
    return {name: value for name, value in said.items() if value}


def tell(response: Response) -> Response:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    if response.status_code >= 500 or took > SLOW or current_app.config["VITRINE"].access_log:
        log.info("request", method=request.method, status=response.status_code, ms=round(took * 1000))
    return response


@allow(PUBLIC)
def show_metrics() -> Response:
    """Figures for Prometheus. With METRICS_TOKEN for who brings it; without, for this machine alone. Everybody else
    finds nothing here."""
    if not is_platform_host() or not _may_read():
        raise NotFound(_("There is nothing here."))
    return Response(meters.told(figures()), content_type=meters.CONTENT_TYPE)


def _may_read() -> bool:
    if token := current_app.config["VITRINE"].metrics_token:
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine asks from here for everybody.
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in PASSED_ON)

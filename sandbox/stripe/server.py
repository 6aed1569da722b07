"""The program: Flask in front, SQLite behind, threads for the webhooks."""

import json
import threading
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import console, control, pages, vies
from .api import Api, Call
from .core import Sandbox, reached_at
from .facts import Facts
from .money import show
from .store import Store
from .webhooks import Deliverer

_CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'"


def create_app(sandbox: Sandbox, deliverer: Deliverer) -> Flask:
    app = Flask(__name__)
    app.extensions.update(sandbox=sandbox, deliverer=deliverer)
    app.jinja_env.filters["money"] = lambda amount, currency: show(amount or 0, currency or "eur")
    app.jinja_env.filters["moment"] = console.moment
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    api = Api(sandbox)

    @app.before_request
    def learn_host() -> None:
        reached_at.set(request.host_url.rstrip("/"))

    @app.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    def v1(rest: str) -> Response:
        answer = api.answer(_call())
        deliverer.wake()
        text = json.dumps(answer.body, indent=2)
        return Response(text, answer.status, answer.headers, mimetype="application/json")

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _CSP)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    app.register_blueprint(pages.blueprint)
    app.register_blueprint(console.blueprint)
    app.register_blueprint(control.blueprint)
    app.register_blueprint(vies.blueprint)  # not Stripe's, but one stand-in is enough to start
    return app


def _call() -> Call:
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return Call(
        method=request.method,
        path=request.path,
        pairs=pairs,
        authorization=request.headers.get("Authorization", ""),
        account=request.headers.get("Stripe-Account", ""),
        version=request.headers.get("Stripe-Version", ""),
        idempotency_key=request.headers.get("Idempotency-Key", ""),
    )


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Requests are shown on the control page, not in the log."""


class Server:
    """A running sandbox; `port=0` picks a free one."""

    def __init__(
        self,
        state: str,
        host: str = "127.0.0.1",
        port: int = 8001,
        public_url: str | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.store = Store(state)
        with self.store.transaction():
            self.store.set(**(settings or {}))
        self.sandbox = Sandbox(self.store, Facts(), public_url)
        self.deliverer = Deliverer(self.sandbox)
        app = create_app(self.sandbox, self.deliverer)
        self.http: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=_Quiet)
        # Kept-alive connections must not hold up the end.
        self.http.daemon_threads = True  # type: ignore[attr-defined]
        self.http.block_on_close = False  # type: ignore[attr-defined]
        self.port: int = self.http.server_port

    def run(self) -> None:
        """Serve until `stop` is called, from a signal handler or another thread."""
        self.deliverer.start()
        try:
            self.http.serve_forever(poll_interval=0.2)
        finally:
            self.http.server_close()
            self.deliverer.stop()
            self.store.close()

    def stop(self) -> None:
        # shutdown() waits for serve_forever, which the calling thread may be running.
        threading.Thread(target=self.http.shutdown, daemon=True).start()

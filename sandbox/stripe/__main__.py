"""`python -m sandbox.stripe`: run the local Stripe."""

import argparse
import logging
import signal
import sys
from typing import Any

from .server import Server


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.stripe",
        description="A small stateful local Stripe for development and tests. No real money moves.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8001, help="0 picks a free port")
    parser.add_argument("--public-url", help="where browsers reach this; default: as they came")
    parser.add_argument("--webhook-url", help="where events go; several with commas")
    parser.add_argument("--webhook-secret", help="the secret that signs them (whsec_…)")
    parser.add_argument("--state", default="instance/stripe-sandbox.sqlite", help="SQLite file")
    parser.add_argument("--deliver", action=argparse.BooleanOptionalAction, default=True, help="send events")
    return parser.parse_args(argv)


def main() -> int:
    given = arguments()
    logging.basicConfig(level=logging.WARNING, format="stripe sandbox: %(message)s")
    settings: dict[str, Any] = {"deliver": given.deliver}
    if given.webhook_url is not None:
        settings["webhook_url"] = given.webhook_url
    if given.webhook_secret is not None:
        settings["webhook_secret"] = given.webhook_secret
    public = given.public_url.rstrip("/") if given.public_url else None
    try:
        server = Server(given.state, given.host, given.port, public, settings)
    except OSError as error:
        print(f"Cannot listen on {given.host}:{given.port}: {error}", file=sys.stderr)
        return 1
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: server.stop())
    print(f"Stripe sandbox on http://{given.host}:{server.port}", flush=True)
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

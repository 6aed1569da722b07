"""Writes what was counted in memory (views of products) after an answer has gone out, every quarter of a minute."""

import threading
import time

import structlog
from flask import Flask, Response

from services.catalog import views

EVERY = 15.0  # seconds
log = structlog.get_logger()


def init_app(app: Flask) -> None:
    turn = threading.Lock()
    written_at = time.monotonic()

    def write() -> None:
        """In the thread of the request, but after its last byte; one thread at a time, the others pass by."""
        nonlocal written_at
        if time.monotonic() - written_at < EVERY or not views.waiting() or not turn.acquire(blocking=False):
            return
        try:
            written_at = time.monotonic()
            with app.app_context():
                views.flush()
        except Exception:  # a lost count must not end a worker
            log.exception("views were not written")
        finally:
            turn.release()

    app.extensions["vitrine_write_counts"] = write

    @app.after_request
    def later(response: Response) -> Response:
        response.call_on_close(write)
        return response

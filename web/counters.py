"""Writes what was noted in memory after an answer has gone out, every quarter of a minute: views of products, when
sessions were used, what was not found."""

import threading
import time

import structlog
from flask import Flask, Response

from services.accounts import sessions
from services.catalog import views
from services.search import misses

EVERY = 15.0  # seconds
log = structlog.get_logger()


def init_app(app: Flask) -> None:
    turn = threading.Lock()
    written_at = time.monotonic()

    def write() -> None:
        """In the thread of the request, but after its last byte; one thread at a time, the others pass by."""
        nonlocal written_at
        waiting = views.waiting() or sessions.waiting() or misses.waiting()
        if time.monotonic() - written_at < EVERY or not waiting or not turn.acquire(blocking=False):
            return
        try:
            written_at = time.monotonic()
            with app.app_context():
                views.flush()
                sessions.flush()
                misses.flush()
        except Exception:  # a lost count must not end a worker
            log.exception("what was noted was not written")
        finally:
            turn.release()

    app.extensions["vitrine_write_counts"] = write

    @app.after_request
    def later(response: Response) -> Response:
        response.call_on_close(write)
        return response

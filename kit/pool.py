"""Is a pooled connection still there? Asked only where it has rested: asking costs each request a round trip."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DisconnectionError

from kit import meters

RESTED = 5.0  # seconds; a busy server meets a lost connection sooner than that, and answers one error


def _note_rest(connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _ask_after_rest(connection: Any, record: Any, proxy: Any) -> None:
    rests_since = record.info.get("rests_since")
    if rests_since is None or time.monotonic() - rests_since < RESTED:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error  # the pool makes a new one


def _count(state: str, by: int) -> Callable[..., None]:
    return lambda *_: meters.connection(state, by)


# A connection that is refused at its checkout is never counted: the pool asks the last ones for the next only.
EVENTS: list[tuple[Callable[..., None], str]] = [
    (_note_rest, "checkin"),
    (_ask_after_rest, "checkout"),
    (_count("open", 1), "connect"),
    (_count("open", -1), "close"),
    (_count("open", -1), "close_detached"),
    (_count("in_use", 1), "checkout"),
    (_count("in_use", -1), "checkin"),
]

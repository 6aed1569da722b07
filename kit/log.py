"""Structured lines: JSON in production, readable ones in development. The libraries' lines take the same way.

What is somebody's own or secret does not get in: values under such names are hidden, addresses and tokens in texts are
made unreadable. Tracebacks are without the values of variables.
"""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from kit import tenancy

HIDDEN = "•••"
SECRET_NAMES = re.compile(r"password|secret|token|authorization|cookie|api_?key|credential|iban|card", re.I)
PERSONAL_NAMES = re.compile(r"e_?mail|phone|address|(?:first|last|full|customer)_?name", re.I)
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Keys of Stripe, bearer tokens, our own signed links.
_TOKEN = re.compile(r"\b(?:sk|rk|pk|whsec|ord)_[\w.=-]{8,}|\bBearer\s+[\w.=-]{8,}|\beyJ[\w-]{8,}\.[\w.-]+")
# The floors above say here what they know of the moment: the request, the message.
context: list[Callable[[], dict[str, str]]] = []
Event = dict[str, Any]


def configure(env: str) -> None:
    readable = env != "production"
    structlog.configure(
        processors=[*_shared(), *_rendered(readable)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.name = "vitrine"
    handler.setFormatter(formatter(readable=readable))
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if one.name != handler.name), handler]


def formatter(*, readable: bool) -> logging.Formatter:
    """What makes the lines of libraries (and of the web server) look as ours do."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(readable)],
    )


def _shared() -> list[Any]:
    return [
        _say_where,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        hide,
    ]


def _rendered(readable: bool) -> list[Any]:
    if readable:
        return [
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        ]
    return [structlog.processors.format_exc_info, _hide_in_traceback, structlog.processors.JSONRenderer()]


def _say_where(logger: Any, method: str, event: Event) -> Event:
    for source in context:
        for name, value in source().items():
            event.setdefault(name, value)
    if isinstance(tenant := tenancy.scope(), UUID):
        event.setdefault("tenant", str(tenant))
    return event


def hide(logger: Any, method: str, event: Event) -> Event:
    """Nothing personal and no secret in a line, whoever wrote it."""
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return HIDDEN if _is_hidden(name) else plain(value)
    if isinstance(value, dict):
        return {key: _shown(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple) and name != "exc_info":
        return [_shown(name, part) for part in value]
    return value


def _is_hidden(name: str) -> bool:
    return bool(SECRET_NAMES.search(name) or PERSONAL_NAMES.search(name))


def plain(text: str) -> str:
    """A text without addresses of people and without tokens."""
    return _TOKEN.sub(HIDDEN, _MAIL.sub(HIDDEN, text))


def _hide_in_traceback(logger: Any, method: str, event: Event) -> Event:
    if "exception" in event:
        event["exception"] = plain(event["exception"])
    return event

"""How often one may ask, per client and store. Counted in Redis where there is one, else in each process."""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from flask_limiter import Limiter


def _who() -> str:
    store = g.get("store")
    return f"{store.id if store else 'platform'}:{request.remote_addr}"


limiter = Limiter(
    key_func=_who, default_limits=["1200 per minute"], headers_enabled=True, strategy="moving-window"
)


def init_app(app: Flask) -> None:
    config = app.config["VITRINE"]
    app.config.update(
        RATELIMIT_STORAGE_URI=config.redis_url or "memory://",
        RATELIMIT_ENABLED=config.rate_limits,
        RATELIMIT_HEADER_LIMIT="RateLimit-Limit",
        RATELIMIT_HEADER_REMAINING="RateLimit-Remaining",
        RATELIMIT_HEADER_RESET="RateLimit-Reset",
        RATELIMIT_SWALLOW_ERRORS=True,  # Redis away must not close the shop
    )
    limiter.init_app(app)

    @limiter.request_filter
    def exempt() -> bool:
        """Pages and files are cheap; what guesses or writes is counted."""
        return request.method in {"GET", "HEAD", "OPTIONS"} and not request.path.startswith("/api/")


def limit(rate: str, *methods: str) -> Callable[[Any], Any]:
    """A tighter limit for one view: `@limit("10 per minute")`. `methods`: only these count."""
    return limiter.limit(rate, methods=list(methods) or None)

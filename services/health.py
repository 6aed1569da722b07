"""Is the installation well? Asked by monitors: no secrets, no store's data."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateways import storage
from kit.db import db
from kit.tenancy import every_tenant
from kit.version import VERSION
from services import deliveries

LAG_WORRIES_AFTER = 300  # seconds for which the oldest message has been waiting
_redis: Any = None  # a Redis, where there are queues


@dataclass(frozen=True)
class Health:
    """`status` is ok, degraded (it sells, something waits or is missing) or down."""

    status: str
    checks: dict[str, Any]
    version: str = VERSION


def configure(config: Any) -> None:
    """Set once at start: `redis_url` where there are queues."""
    global _redis
    _redis = None
    if config.redis_url:
        from redis import Redis  # only an installation with queues waits for this at every start

        _redis = Redis.from_url(config.redis_url, socket_timeout=2, socket_connect_timeout=2)


def check() -> Health:
    if database() != "ok":
        return Health("down", {"database": "down", "queue": "unknown", "storage": _storage(),
                               "outbox_lag_seconds": None})  # fmt: skip
    lag = round(deliveries.lag().total_seconds(), 1)
    checks = {"database": "ok", "queue": queue(), "storage": _storage(), "outbox_lag_seconds": lag}
    is_well = checks["queue"] == checks["storage"] == "ok" and lag < LAG_WORRIES_AFTER
    return Health("ok" if is_well else "degraded", checks)


def database() -> str:
    try:
        with every_tenant():
            db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "down"
    return "ok"


def queue() -> str:
    """Without Redis the worker drains the table itself, and the lag tells of it."""
    if _redis is None:
        return "ok"
    from redis.exceptions import RedisError

    try:
        _redis.ping()
    except (RedisError, OSError):
        return "down"
    return "ok"


def queue_lengths() -> dict[str, int] | None:
    """How many jobs wait in each queue of RQ; None where there is no Redis, or it does not answer."""
    if _redis is None:
        return None
    from redis.exceptions import RedisError

    try:
        return {name: int(_redis.llen(f"rq:queue:{name}")) for name in deliveries.QUEUES}
    except (RedisError, OSError):
        return None


def _storage() -> str:
    """The store of files answers; whether a file is there does not matter."""
    try:
        storage.has("health/probe.txt")
    except Exception:  # each door fails in its own way
        return "down"
    return "ok"

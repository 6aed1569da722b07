"""The state of the installation as JSON."""

from typing import Literal

from api.schemas.base import Out


class ChecksOut(Out):
    database: Literal["ok", "down"]
    queue: Literal["ok", "down", "unknown"]
    storage: Literal["ok", "down"]
    outbox_lag_seconds: float | None


class HealthOut(Out):
    status: Literal["ok", "degraded", "down"]
    checks: ChecksOut
    version: str

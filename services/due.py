"""What the clock does in every store: row by row, each in its own store."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import structlog

from services import tenants

log = structlog.get_logger("services.due")


def work_through(due: Iterable[Any], work: Callable[[UUID], Any]) -> int:
    """`due`: pairs of a store and a row, read outside of any store. One row that breaks is logged and must not keep
    the others. How many there were."""
    count = 0
    for tenant_id, ident in due:
        count += 1
        try:
            with tenants.in_store(tenant_id):
                work(ident)
        except Exception:
            log.exception(
                "what is due could not be done", work=f"{work.__module__}.{work.__name__}", row=str(ident)
            )
    return count

"""Lists with Stripe's cursors and filters, newest first."""

import json
from typing import Any

from .errors import StripeError, invalid
from .store import Store

_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    store: Store,
    kind: str,
    account: str,
    params: dict[str, Any],
    url: str,
    filters: tuple[str, ...] = (),
) -> dict[str, Any]:
    """`filters` name the parameters that must equal the object's top field."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid limit: {limit}. Must be between 1 and 100", "limit")
    where, values = _where(kind, account, params, filters)
    order = "DESC"
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You can use only one of starting_after and ending_before")
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            row = store.row(params[name])
            if row is None or row["kind"] != kind or row["account"] != account:
                raise StripeError(f"No such {kind}: '{params[name]}'", code="resource_missing", param=name)
            where.append(f"(created, seq) {sign} (?, ?)")
            values += [row["created"], row["seq"]]
            order = "DESC" if sign == "<" else "ASC"
    rows = store.db.execute(
        f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY created {order}, seq {order} LIMIT ?",
        [*values, limit + 1],
    ).fetchall()
    found = [json.loads(row["body"]) for row in rows[:limit]]
    if order == "ASC":
        found.reverse()
    return {"object": "list", "data": found, "has_more": len(rows) > limit, "url": url}


def _where(
    kind: str, account: str, params: dict[str, Any], filters: tuple[str, ...]
) -> tuple[list[str], list[Any]]:
    where, values = ["kind = ?", "account = ?"], [kind, account]
    created = params.get("created")
    if isinstance(created, int):
        created = {"gte": created, "lte": created}
    for bound, value in (created or {}).items():
        where.append(f"created {_BOUNDS[bound]} ?")
        values.append(value)
    for name in filters:
        if name in params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            values.append(params[name])
    return where, values


def of(items: list[dict[str, Any]], params: dict[str, Any], url: str) -> dict[str, Any]:
    """A page of a list that is not stored as objects of its own, in its own order."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid limit: {limit}. Must be between 1 and 100", "limit")
    places = {item["id"]: place for place, item in enumerate(items)}
    start, end = 0, len(items)
    if "starting_after" in params:
        start = places.get(params["starting_after"], len(items)) + 1
    if "ending_before" in params:
        end = places.get(params["ending_before"], 0)
        start = max(0, end - limit)
    part = items[start:end][:limit]
    more = start > 0 if "ending_before" in params else start + limit < end
    return {"object": "list", "data": part, "has_more": more, "url": url}

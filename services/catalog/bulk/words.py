"""A command and what it changes, in the reader's words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.i18n import _, mark
from kit.ids import parse_id
from kit.tenancy import current_tenant_id
from models.batches import Batch, BatchRow
from models.catalog import AttributeValue, Category, Tag, variant_values
from services import tenants
from services.batches.kinds import Change

LABELS = {
    "price": mark("Price"),
    "sale_price": mark("Sale price"),
    "sale_starts_at": mark("Sale from"),
    "sale_ends_at": mark("Sale until"),
    "is_active": mark("Shown in the shop"),
    "publish_at": mark("Show from"),
    "unpublish_at": mark("Show until"),
    "categories": mark("Categories"),
    "tags": mark("Tags"),
    "is_featured": mark("Featured"),
    "brand": mark("Brand"),
    "deleted": mark("Deleted"),
    "on_hand": mark("On hand"),
}
_AMOUNTS = {"price", "sale_price"}
_KINDS: Mapping[str, Any] = {"categories": Category, "tags": Tag}


def show(rows: Sequence[BatchRow]) -> list[list[Change]]:
    """What of each row is before and after, with names instead of ids. At most three queries."""
    names = _names(rows)
    return [_changes(row, names) for row in rows]


def _changes(row: BatchRow, names: Mapping[UUID, str]) -> list[Change]:
    before, after = row.before or {}, row.after or {}
    found = [
        Change(_(LABELS[name]), _word(name, before.get(name), names), _word(name, after[name], names))
        for name in after
        if name in LABELS
    ]
    for ident, part in (after.get("variants") or {}).items():
        old = (before.get("variants") or {}).get(ident) or {}
        label = names.get(UUID(ident), "–")
        found += [
            Change(
                f"{label}: {_(LABELS[name])}", _word(name, old.get(name), names), _word(name, value, names)
            )
            for name, value in part.items()
        ]
    return found


def _word(name: str, value: Any, names: Mapping[UUID, str]) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None:
        return ""
    if name in _AMOUNTS:
        return tenants.money(value)
    if isinstance(value, list):
        return ", ".join(sorted(names.get(UUID(ident), "–") for ident in value))
    return str(value)[:16].replace("T", " ") if name.endswith("_at") else str(value)


def _names(rows: Sequence[BatchRow]) -> dict[UUID, str]:
    """Of the categories, tags and variants that the rows speak of."""
    found: dict[UUID, str] = {}
    sides = [side for row in rows for side in (row.before or {}, row.after or {})]
    for key, kind in _KINDS.items():
        if ids := {UUID(ident) for side in sides for ident in side.get(key) or ()}:
            found |= _named(kind, ids)
    if ids := {UUID(ident) for side in sides for ident in side.get("variants") or ()}:
        found |= _of_variants(ids)
    return found


def _of_variants(ids: set[UUID]) -> dict[UUID, str]:
    """`S / Red`, the values that make them."""
    rows = db.session.execute(
        select(variant_values.c.variant_id, AttributeValue.value)
        .join(AttributeValue, AttributeValue.id == variant_values.c.value_id)
        .where(variant_values.c.tenant_id == current_tenant_id(), variant_values.c.variant_id.in_(ids))
        .order_by(AttributeValue.attribute_id, AttributeValue.position)
    )
    found: dict[UUID, list[str]] = {}
    for ident, value in rows:
        found.setdefault(ident, []).append(value)
    return {ident: " / ".join(values) for ident, values in found.items()}


def _named(kind: Any, ids: set[UUID]) -> dict[UUID, str]:
    return {
        row.id: row.name for row in db.session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))
    }


# --- what was asked -------------------------------------------------------------------------------------------------


def describe(batch: Batch) -> str:
    """`−10 %`, `+ New, Sale`: the command in a few words."""
    say = _SAYERS.get(batch.kind.partition(".")[2])
    return say(batch.params) if say else ""


def _of_price(params: Mapping[str, Any]) -> str:
    how = params.get("how")
    if how == "percent":
        return f"{_signed(params.get('percent'))} %"
    return _money(params.get("price")) if how == "set" else _signed(params.get("amount"))


def _of_sale(params: Mapping[str, Any]) -> str:
    if params.get("how") == "end":
        return _("End the sale")
    if params.get("how") == "percent":
        return _("%(percent)s percent less", percent=params.get("percent"))
    return _money(params.get("price") if params.get("how") == "set" else params.get("amount"))


def _signed(value: Any) -> str:
    text = str(value or "0")
    return text.replace("-", "\N{MINUS SIGN}") if text.startswith("-") else f"+{text}"


def _money(value: Any) -> str:
    return f"{value} {tenants.current().currency}"


def _of_status(params: Mapping[str, Any]) -> str:
    return _("Show in the shop") if params.get("status") == "active" else _("Make drafts of them")


def _of_list(kind: Any) -> Callable[[Mapping[str, Any]], str]:
    def say(params: Mapping[str, Any]) -> str:
        ids = {
            name: [ident for text in params.get(name) or () if (ident := parse_id(text))]
            for name in ("add", "remove")
        }
        wanted = {ident for part in ids.values() for ident in part}
        names = _named(kind, wanted)
        signs = {"add": "+", "remove": "\N{MINUS SIGN}"}
        said = [f"{signs[key]} {names.get(ident, '–')}" for key, part in ids.items() for ident in part]
        return ", ".join(said)

    return say


def _of_stock(params: Mapping[str, Any]) -> str:
    count = str(params.get("quantity", ""))
    return f"= {count}" if params.get("how") == "set" else _signed(count)


_SAYERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "price": _of_price,
    "sale": _of_sale,
    "status": _of_status,
    "categories": _of_list(Category),
    "tags": _of_list(Tag),
    "featured": lambda params: _("Yes") if params.get("featured") else _("No"),
    "stock": _of_stock,
    "brand": lambda params: str(params.get("brand") or _("none")),
}

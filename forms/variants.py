"""The rows of the matrix: what each cell shows, what was typed, and what somebody else saved meanwhile.

A row carries what it showed (`was-<id>`). Only cells that were changed are written; one that somebody else changed,
too, is refused with what stands there now.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from forms.base import canonical_number
from kit.drafts import read
from kit.errors import Invalid
from kit.i18n import _
from kit.money import to_text
from models.catalog import Variant
from services import tenants
from services.catalog.product_draft import thousandths_text
from services.catalog.variant_draft import VariantDraft

CELLS = ("sku", "barcode", "price", "sale", "stock", "weight", "measure", "image", "active")
FIELD_OF = {"price": "price", "sale": "sale_price", "stock": "stock_quantity", "image": "image_id",
            "active": "is_active"}  # fmt: skip
_NUMBERS = ("price", "sale", "weight", "measure")
FILLED = ("price", "sale", "stock", "weight", "measure", "active")  # the columns that can be filled at once


def shown(variant: Variant) -> dict[str, str]:
    """What the cells show of the variant as it is saved."""
    currency = tenants.current().currency

    def money(minor: int | None) -> str:
        return "" if minor is None else to_text(minor, currency)

    return {
        "sku": variant.sku or "",
        "barcode": variant.barcode or "",
        "price": money(variant.price),
        "sale": money(variant.sale_price),
        "stock": str(variant.stock_quantity),
        "weight": thousandths_text(variant.weight) or "",
        "measure": thousandths_text(variant.measure) or "",
        "image": str(variant.image_id or ""),
        "active": "1" if variant.is_active else "",
    }


def row_values(variant: Variant, sent: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The row: as saved, or as typed on top of what is saved now."""
    saved = shown(variant)
    typed = saved if sent is None else _typed(variant.id, sent, saved)
    return {**typed, "was": "|".join(quote(saved[name]) for name in CELLS)}


def read_rows(
    variants: Iterable[Variant], sent: Mapping[str, str]
) -> tuple[dict[UUID, VariantDraft], dict[str, str]]:
    """Drafts of the rows that were changed, and what is wrong as `<variant>.<cell>` → message."""
    drafts: dict[UUID, VariantDraft] = {}
    errors: dict[str, str] = {}
    for variant in variants:
        if f"was-{variant.id}" not in sent:
            continue
        now = shown(variant)
        was = dict(zip(CELLS, map(unquote, sent[f"was-{variant.id}"].split("|")), strict=False))
        typed = _typed(variant.id, sent, was)
        changed = {name: text for name, text in typed.items() if not _same(name, text, was.get(name, ""))}
        for name, text in changed.items():
            if now[name] != was.get(name, "") and not _same(name, text, now[name]):
                errors[f"{variant.id}.{name}"] = _(
                    "Somebody else has saved “%(value)s” meanwhile. Save again to keep yours.",
                    value=now[name],
                )
        changed = {name: text for name, text in changed.items() if not _same(name, text, now[name])}
        if not changed:
            continue
        row = {FIELD_OF.get(name, name): _value(name, text) for name, text in changed.items()}
        try:
            drafts[variant.id] = read(VariantDraft, {**VariantDraft.of(variant), **row}, form=True)
        except Invalid as error:
            errors |= cell_errors((f"{variant.id}.{e.field}", e.message) for e in error.errors)
    return drafts, errors


def cell_errors(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """`<variant>.<field>` of a draft → `<variant>.<cell>`."""
    cells = {field: cell for cell, field in FIELD_OF.items()}
    errors = {}
    for path, message in found:
        variant, field = path.split(".")[:2]
        errors[f"{variant}.{cells.get(field, field)}"] = message
    return errors


def fill(variants: Iterable[Variant], sent: MutableMapping[str, str]) -> int:
    """Write one value into a column of the rows as they were sent, of all or of those with one value of an option;
    how many rows that were. Nothing is saved by it."""
    column, value, group = (sent.get(f"fill-{name}", "").strip() for name in ("column", "value", "for"))
    if column not in FILLED:
        return 0
    count = 0
    for variant in variants:
        if f"was-{variant.id}" in sent and (not group or group in {str(v.id) for v in variant.values}):
            sent[f"{column}-{variant.id}"] = ("1" if value else "") if column == "active" else value
            count += 1
    return count


def _typed(variant_id: UUID, sent: Mapping[str, str], otherwise: Mapping[str, str]) -> dict[str, str]:
    """What stands in the cells; a column that the table does not show stays as it is."""
    typed = {
        name: sent[key].strip() if (key := f"{name}-{variant_id}") in sent else otherwise.get(name, "")
        for name in CELLS
    }
    return typed | {"active": sent.get(f"active-{variant_id}", "")}


def _same(name: str, one: str, other: str) -> bool:
    if name in _NUMBERS:
        one, other = canonical_number(one), canonical_number(other)
        if name in ("weight", "measure", "price", "sale"):
            return _bare(one) == _bare(other)
    return one == other


def _bare(number: str) -> str:
    """`5.00` and `5` are one amount."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _value(name: str, text: str) -> Any:
    if name == "active":
        return text == "1"
    if name in _NUMBERS:
        return canonical_number(text) or None
    return text or None

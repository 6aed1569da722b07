"""Which products a command is for: those that were ticked, or all that the list's address finds."""

from dataclasses import dataclass
from uuid import UUID

from flask import request

from admin.products import filters, rows
from kit.ids import parse_id
from services.catalog import staff_list

TICKED_MAX = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """`things`: id and name of each. `fields`: what a form carries to choose the same again. `back`: the list.
    `total`: how many were meant, where they are more than could be read."""

    things: list[tuple[UUID, str]]
    fields: list[tuple[str, str]]
    back: str
    total: int = 0


def read_chosen(most: int = staff_list.CHOOSE_MAX) -> Chosen:
    """What the form says, `most` at most; ids of another store, or of nothing, are left out."""
    text = request.form.get("state", "")
    state = filters.state_in(text)
    if request.form.get("all") == "1":
        wanted = filters.read_filter(state)
        things = staff_list.list_chosen(wanted, limit=most)
        total = staff_list.count(wanted) if len(things) == most else len(things)
        return Chosen(things, [("all", "1"), ("state", text)], rows.place(state), total)
    ids = [ident for one in request.form.getlist("ids") if (ident := parse_id(one))][:TICKED_MAX]
    things = staff_list.list_by_ids(ids)
    return Chosen(
        things, [*(("ids", str(ident)) for ident, _name in things), ("state", text)], rows.place(state)
    )

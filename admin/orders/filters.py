"""What the address of the list of orders says, as a filter; and the filter as fields and chips."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import url_for

from admin.wording import FULFILMENT, METHODS, PAYMENT, STATUS, options
from kit.countries import country_name
from kit.errors import NotFound
from kit.i18n import _
from kit.ids import parse_id
from services import shipping
from services.catalog import products
from services.orders import reading, tagging
from services.orders.filtering import SORTS, VIEWS, OrderFilter
from services.reports.periods import start_of
from web.filters import money
from web.lists import TEXT_MAX, amount_in, here
from web.tenant import current_store

# The names that the list's address may hold, for saved views, exports and commands for all that match.
NAMES = ("view", "q", "status", "payment", "fulfilment", "method", "delivery", "country", "tag", "channel", "hold",
         "product", "since", "until", "least", "most", "sort", "dir", "size")  # fmt: skip
State = Mapping[str, str]
CHANNELS = ("shop", "staff")


def state_of(args: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name in (*NAMES, "saved", "page") if (value := args.get(name, "").strip()[:TEXT_MAX])
    }


def state_in(text: str) -> dict[str, str]:
    """The same of a query string that a form carries along."""
    return state_of(dict(parse_qsl(text, max_num_fields=60)))


def place(state: State) -> str:
    """The list's address in this state; never quite bare, for that opens with one's own view."""
    return f"{url_for('admin.orders')}?{urlencode(sorted(state.items()) or [('view', 'all')])}"


def read_filter(state: State) -> OrderFilter:
    """What is no choice is passed over: a list never fails for an address typed wrong."""
    since, until = day(state, "since"), day(state, "until")
    return OrderFilter(
        view=_one(state, "view", VIEWS),
        search=state.get("q", ""),
        status=_one(state, "status", STATUS),
        payment_status=_one(state, "payment", PAYMENT),
        fulfillment_status=_one(state, "fulfilment", FULFILMENT),
        payment_method=_one(state, "method", METHODS),
        shipping_method=state.get("delivery", ""),
        country=state.get("country", "")[:2].upper(),
        tag=tagging.key_of(state.get("tag", "")),
        channel=_one(state, "channel", CHANNELS),
        on_hold=True if state.get("hold") == "1" else None,
        product_id=parse_id(state.get("product", "")),
        since=start_of(since) if since else None,
        before=start_of(until + timedelta(days=1)) if until else None,
        least=amount_in(state.get("least", "")),
        most=amount_in(state.get("most", "")),
        current_only=True,
    )


def read_sort(state: State) -> tuple[str, bool]:
    sort = _one(state, "sort", SORTS) or "placed_at"
    return sort, state.get("dir") == "desc" or "sort" not in state


def _one(state: State, name: str, choices: Any) -> str:
    value = state.get(name, "")
    return value if value in {str(choice) for choice in choices} else ""


def day(state: State, name: str) -> date | None:
    try:
        return date.fromisoformat(state.get(name, "")[:10])
    except ValueError:
        return None


# --- as people see it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """`fields` stand in the bar, `more` behind a button; `chips` say what holds now."""

    fields: list[dict[str, Any]]
    more: list[dict[str, Any]]
    chips: list[dict[str, str]]


def shown(state: State) -> Shown:
    fields = [
        _field(state, "status", _("Status"), options(STATUS)),
        _field(state, "payment", _("Payment"), options(PAYMENT)),
        _field(state, "fulfilment", _("Fulfilment"), options(FULFILMENT)),
    ]
    tags = {key: f"{name} ({count})" for key, name, count in tagging.list_tags()}
    more = [
        _field(state, "method", _("Paid by"), options(METHODS)),
        _field(state, "delivery", _("Delivery"), {name: name for name in reading.shipping_methods()}),
        _field(state, "country", _("Country"), _countries()),
        _field(state, "tag", _("Tag"), tags),
        _field(state, "channel", _("Made by"), {"shop": _("The customer"), "staff": _("Staff")}),
        _field(state, "hold", _("On hold"), {"1": _("On hold")}),
    ]
    return Shown(fields, [field for field in more if field["options"]], _chips(state, [*fields, *more]))


def _countries() -> dict[str, str]:
    codes = {*shipping.served_countries(), current_store().country}
    return dict(sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1]))


def _field(state: State, name: str, label: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {"name": name, "label": label, "options": [{"value": key, "label": word} for key, word in words.items()],
            "value": state.get(name, "") if state.get(name) in words else ""}  # fmt: skip


def _chips(state: State, fields: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Each with the address of the list without it."""
    said = {"q": f"“{state['q']}”"} if "q" in state else {}
    for field in fields:
        word = next(
            (o["label"] for o in field["options"] if o["value"] == field["value"] and field["value"]), ""
        )
        if word:
            said[field["name"]] = f"{field['label']}: {word}"
    wanted = read_filter(state)
    if since := day(state, "since"):
        said["since"] = _("From %(day)s", day=since.isoformat())
    if until := day(state, "until"):
        said["until"] = _("Until %(day)s", day=until.isoformat())
    if wanted.least is not None:
        said["least"] = _("At least %(amount)s", amount=money(wanted.least))
    if wanted.most is not None:
        said["most"] = _("At most %(amount)s", amount=money(wanted.most))
    if wanted.product_id is not None:
        said["product"] = _("With %(product)s", product=_product(wanted.product_id))
    return [{"label": label, "url": here(**{name: None})} for name, label in said.items()]


def _product(product_id: UUID) -> str:
    try:
        return products.get_product(product_id).name
    except NotFound:
        return "–"

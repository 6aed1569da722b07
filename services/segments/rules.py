"""The rules of which a store makes its groups. Each is a word and a value; the database does the asking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import model_validator
from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_, true

from kit import clock, countries
from kit.drafts import Draft, Text, ambient_currency, wrong
from kit.i18n import LANGUAGES, _, mark
from kit.money import to_minor, to_text
from models.accounts import User
from models.addresses import Address
from models.carts import Cart, CartItem
from services.segments.standing import SEGMENTS, column

DAYS_MAX, NUMBER_MAX = 3650, 1_000_000
Clause = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """`takes`: number, days, money, country, language, segment, or nothing."""

    label: str
    takes: str
    clause: Callable[[Any, str], Clause]


def _orders(query: Any) -> Any:
    return column(query, "orders_count")


def _spent(query: Any) -> Any:
    return column(query, "total_spent")


def _last(query: Any) -> Any:
    return column(query, "last_order_at")


def _ago(days: str) -> Any:
    return clock.now() - timedelta(days=int(days))


def _lives_in(country: str) -> Clause:
    return exists().where(
        Address.user_id == User.id, Address.tenant_id == User.tenant_id, Address.country == country
    )


def _has_a_full_cart() -> Clause:
    return exists().where(
        Cart.user_id == User.id, Cart.tenant_id == User.tenant_id,
        CartItem.cart_id == Cart.id, CartItem.tenant_id == Cart.tenant_id,
    )  # fmt: skip


def _wants(purpose: str) -> Clause:
    return User.preferences[purpose].as_boolean().is_(True)


KINDS: dict[str, Kind] = {
    "orders_at_least": Kind(mark("Orders: at least"), "number", lambda q, v: _orders(q) >= int(v)),
    "orders_at_most": Kind(mark("Orders: at most"), "number", lambda q, v: _orders(q) <= int(v)),
    "spent_at_least": Kind(mark("Spent: at least"), "money", lambda q, v: _spent(q) >= int(v)),
    "spent_at_most": Kind(mark("Spent: at most"), "money", lambda q, v: _spent(q) <= int(v)),
    "ordered_within": Kind(mark("Ordered within the last … days"), "days", lambda q, v: _last(q) >= _ago(v)),
    "not_ordered_for": Kind(mark("Has ordered, but not for … days"), "days", lambda q, v: _last(q) < _ago(v)),
    "since_within": Kind(
        mark("Customer since less than … days"), "days", lambda q, v: User.created_at >= _ago(v)
    ),
    "since_before": Kind(
        mark("Customer for more than … days"), "days", lambda q, v: User.created_at < _ago(v)
    ),
    "country": Kind(mark("Has an address in"), "country", lambda q, v: _lives_in(v)),
    "not_country": Kind(mark("Has no address in"), "country", lambda q, v: not_(_lives_in(v))),
    "language": Kind(mark("Speaks"), "language", lambda q, v: User.locale == v),
    "segment": Kind(mark("Is of the group"), "segment", lambda q, v: column(q, "segment") == v),
    "marketing": Kind(mark("Agreed to offers"), "", lambda q, v: User.accepts_marketing.is_(True)),
    "no_marketing": Kind(mark("Did not agree to offers"), "", lambda q, v: User.accepts_marketing.is_(False)),
    "newsletter": Kind(mark("Agreed to the newsletter"), "", lambda q, v: _wants("newsletter")),
    "cart": Kind(mark("Has something in the cart"), "", lambda q, v: _has_a_full_cart()),
    "confirmed": Kind(
        mark("Has confirmed the e-mail address"), "", lambda q, v: User.email_verified_at.is_not(None)
    ),
}


class RuleDraft(Draft):
    """Amounts are written like 49.90 and kept in minor units; countries and languages by their codes."""

    rule: Annotated[str, Text(40, min=1)]
    value: Annotated[str, Text(40)] = ""

    @model_validator(mode="after")
    def _fits(self) -> "RuleDraft":
        if self.rule not in KINDS:
            raise wrong("rule", "not_a_choice", _("There is no such rule."))
        object.__setattr__(self, "value", _READ[KINDS[self.rule].takes](self.value))
        return self


def shown_value(rule: str, value: str) -> str:
    """As a person would type it."""
    return to_text(int(value), ambient_currency.get()) if KINDS[rule].takes == "money" else value


def _number(most: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not (value.isascii() and value.isdigit()) or int(value) > most:
            raise wrong("value", "not_a_number", _("Must be a whole number up to %(most)s.", most=most))
        return str(int(value))

    return read


def _money(value: str) -> str:
    try:
        amount = to_minor(value.replace(",", "."), ambient_currency.get())
    except (ValueError, ArithmeticError) as error:
        raise wrong("value", "not_an_amount", _("Must be an amount like 49.90.")) from error
    if not 0 <= amount <= 10**12:
        raise wrong("value", "not_an_amount", _("Must be an amount like 49.90."))
    return str(amount)


def _one_of(known: Callable[[], Any], upper: bool = False) -> Callable[[str], str]:
    def read(value: str) -> str:
        value = value.upper() if upper else value.lower()
        if value not in known():
            raise wrong("value", "not_a_choice", _("Choose one of the list."))
        return value

    return read


_READ: dict[str, Callable[[str], str]] = {
    "number": _number(NUMBER_MAX),
    "days": _number(DAYS_MAX),
    "money": _money,
    "country": _one_of(lambda: countries.CODES, upper=True),
    "language": _one_of(lambda: LANGUAGES),
    "segment": _one_of(lambda: SEGMENTS),
    "": lambda value: "",
}


def conditions(query: Select[Any], rules: list[dict[str, Any]], *, matches_all: bool) -> Clause:
    """What `with_stats()` is narrowed by. Without rules: everybody."""
    clauses = [
        KINDS[one["rule"]].clause(query, one.get("value", "")) for one in rules if one["rule"] in KINDS
    ]
    if not clauses:
        return true()
    return and_(*clauses) if matches_all else or_(*clauses)

"""Where something goes to: a place, and the postcode patterns that shipping zones and tax rules share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from kit import slugs
from kit.drafts import Text, wrong
from kit.i18n import _

PATTERNS_MAX = 500


@dataclass(frozen=True, slots=True)
class Place:
    country: str
    region: str = ""
    postal_code: str = ""

    @classmethod
    def of_address(cls, address: dict[str, Any]) -> "Place":
        return cls(
            address.get("country") or "", address.get("region") or "", address.get("postal_code") or ""
        )


def plain_postcode(text: str) -> str:
    """`1050-100`, `sw1a 1aa` → `1050100`, `SW1A1AA`: how two codes are compared."""
    return re.sub(r"[\s-]", "", text).upper()


def matches(pattern: str, postal_code: str) -> bool:
    """A prefix `10*`, a range `1000-000...1999-999` (both ends included), or the code itself.

    A range looks at as many characters as both have, so `1000...1999` holds `1050-100` too.
    """
    code = plain_postcode(postal_code)
    if not code:
        return False
    if pattern.endswith("*"):
        return code.startswith(plain_postcode(pattern[:-1]))
    low, dots, high = pattern.partition("...")
    if not dots:
        return code == plain_postcode(pattern)
    return _within(plain_postcode(low), code, plain_postcode(high))


def _within(low: str, code: str, high: str) -> bool:
    length = min(len(low), len(code))
    return low[:length] <= code[:length] <= high[:length]


def find_match(patterns: Iterable[str], postal_code: str) -> str | None:
    """The first pattern that the code fits."""
    return next((pattern for pattern in patterns if matches(pattern, postal_code)), None)


def same_region(one: str, other: str) -> bool:
    return slugs.fold(one.strip()) == slugs.fold(other.strip())


def _pattern(text: str) -> str:
    low, dots, high = text.partition("...")
    if dots:
        ends = plain_postcode(low), plain_postcode(high)
        good = all(re.fullmatch(r"[A-Z0-9]+", end) for end in ends) and len(ends[0]) == len(ends[1])
        good = good and ends[0] <= ends[1]
    else:
        good = re.fullmatch(r"[A-Z0-9]+\*?", plain_postcode(text)) is not None
    if not good:
        raise wrong("", "not_a_pattern", _("Write a postcode, “10*” or “1000-000...1999-999”."))
    return text


def none_is_empty(value: Any) -> Any:
    return [] if value is None else value


Pattern = Annotated[str, Text(60, min=1), AfterValidator(_pattern)]
NoneIsEmpty = BeforeValidator(none_is_empty)

"""Input: one set of rules for JSON and for browser forms.

A draft is a frozen pydantic model beside the service that takes it. JSON must use JSON's own types ("5" is no
number there); a form has only strings, and `form=True` lets the same types read them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from annotated_types import GroupedMetadata
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from kit import slugs
from kit.countries import CODES
from kit.errors import FieldError, Invalid
from kit.i18n import _, mark
from kit.ids import parse_id
from kit.money import exponent, to_minor

# Set with the store (services/tenants): how amounts and times without a zone are read.
ambient_currency: ContextVar[str] = ContextVar("currency", default="EUR")
ambient_zone: ContextVar[str] = ContextVar("zone", default="UTC")
accept_test_domains = True  # app.py switches it off in production
AMOUNT_MAX = 10**12
INT_MAX = 2**31 - 1  # what a column holds on every database
DIGITS_MAX = 20  # before or after the point; the limits of each kind are far below

D = TypeVar("D", bound="Draft")


class Draft(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def wrong(field: str, code: str, message: str) -> PydanticCustomError:
    """An error for a validator to raise; `message` is already in the reader's language. An empty `field` keeps the
    place where it was raised."""
    return PydanticCustomError(code, "{text}", {"text": message, "field": field})


def read(draft: type[D], data: Mapping[str, Any], *, form: bool = False) -> D:
    """The draft, or Invalid that names every field that is wrong."""
    try:
        return draft.model_validate(dict(data), context={"form": form})
    except ValidationError as error:
        raise Invalid(_("Please correct the marked fields."), errors=field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    return [_field_error(dict(e)) for e in error.errors(include_url=False)]


_SENTENCES = {
    "missing": mark("This field is required."),
    "extra_forbidden": mark("There is no such field."),
    "string_too_long": mark("At most %(max_length)s characters."),
    "string_too_short": mark("This field is required."),
    "greater_than_equal": mark("Must be at least %(ge)s."),
    "greater_than": mark("Must be more than %(gt)s."),
    "less_than_equal": mark("Must be at most %(le)s."),
    "less_than": mark("Must be less than %(lt)s."),
    "too_long": mark("At most %(max_length)s entries."),
    "too_short": mark("At least %(min_length)s entries."),
    "enum": mark("Must be one of: %(expected)s."),
    "literal_error": mark("Must be one of: %(expected)s."),
    "string_type": mark("Must be text."),
    "list_type": mark("Must be a list."),
    "bool_type": mark("Must be true or false."),
    "dict_type": mark("Must be an object."),
    "model_type": mark("Must be an object."),
    "string_pattern_mismatch": mark("Is not written as it should be."),
}
_CODES = {"missing": "required", "extra_forbidden": "unknown_field", "string_too_short": "required",
          "string_too_long": "too_long", "enum": "not_a_choice", "literal_error": "not_a_choice",
          "greater_than_equal": "too_small", "greater_than": "too_small", "less_than_equal": "too_large",
          "less_than": "too_large"}  # fmt: skip


def _field_error(e: dict[str, Any]) -> FieldError:
    context = e.get("ctx") or {}
    path = ".".join(str(part) for part in e["loc"])
    if "field" in context:
        return FieldError(_inside(path, context["field"]), e["type"], context["text"])
    sentence = _SENTENCES.get(e["type"])
    if "expected" in context:
        context = {**context, "expected": _listed(context["expected"])}
    text = _(sentence) % context if sentence else e["msg"]
    return FieldError(path, _CODES.get(e["type"], e["type"]), text)


def _listed(expected: str) -> str:
    """pydantic's `'a', 'b' or 'c'` without its English: `a, b, c`."""
    return ", ".join(re.findall(r"'([^']*)'", expected)) or expected


def _inside(path: str, field: str) -> str:
    """A check of a nested draft names its own field: `shipping_address` + `postal_code`."""
    return path if not field or path.rpartition(".")[2] == field else f"{path}.{field}".lstrip(".")


def _is_form(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get("form"))


def _int(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and _is_form(info) and re.fullmatch(r"-?[0-9]{1,15}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong("", "not_a_number", _("Must be a whole number."))
    if not -INT_MAX <= value <= INT_MAX:  # before it is made an int: 1e999999999 would be a long one
        raise wrong("", "too_large", _("Is too large."))
    if value != int(value):
        raise wrong("", "not_a_number", _("Must be a whole number."))
    return int(value)


def _flag(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and _is_form(info):
        return value.strip().lower() in {"on", "true", "1", "yes", "y"}
    if not isinstance(value, bool):
        raise wrong("", "not_a_boolean", _("Must be true or false."))
    return value


def _decimal(value: Any, digits: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise wrong("", "not_a_number", _("Must be a number, as text: “49.90”."))
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", value.strip()):
        raise wrong("", "not_a_number", _("Must be a number, as text: “49.90”."))
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise wrong("", "not_a_number", _("Must be a number.")) from error
    if number.adjusted() > DIGITS_MAX:
        raise wrong("", "too_large", _("Is too large."))
    if number.adjusted() < -DIGITS_MAX and number:
        raise wrong("", "too_many_digits", _("At most %(digits)s digits after the point.", digits=digits))
    scaled = number.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise wrong("", "too_many_digits", _("At most %(digits)s digits after the point.", digits=digits))
    return number


def _amount(value: Any) -> int:
    currency = ambient_currency.get()
    number = _decimal(value, exponent(currency))
    minor = to_minor(number, currency)
    if minor < 0:
        raise wrong("", "too_small", _("Must not be negative."))
    if minor > AMOUNT_MAX:
        raise wrong("", "too_large", _("Is too large."))
    return minor


def _scaled(digits: int, limit: int) -> Callable[[Any], int]:
    def scale(value: Any) -> int:
        number = int(_decimal(value, digits).scaleb(digits))
        if not 0 <= number <= limit:
            raise wrong("", "out_of_range", _("Is out of range."))
        return number

    return scale


def _email(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("", "not_an_email", _("Must be an e-mail address."))
    text = value.strip()
    domain = text.rpartition("@")[2].lower()
    test = accept_test_domains and (domain.endswith(".test") or domain == "localhost")
    try:
        found = validate_email(text, check_deliverability=False, test_environment=test)
    except EmailNotValidError as error:
        raise wrong("", "not_an_email", _("Must be an e-mail address, like name@example.com.")) from error
    return found.normalized


def _moment(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and 10 < len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise wrong("", "not_a_time", _("Must be a time like 2026-12-31T23:59:00Z.")) from error
    else:
        raise wrong("", "not_a_time", _("Must be a time like 2026-12-31T23:59:00Z."))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(ambient_zone.get()))
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise wrong("", "not_a_time", _("Is out of range.")) from error


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise wrong("", "not_a_date", _("Must be a date like 2026-12-31."))


def _country(value: Any) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in CODES:
        raise wrong("", "not_a_country", _("Must be a country code of two letters, like PT."))
    return code


def _color(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value.strip()):
        raise wrong("", "not_a_color", _("Must be a colour like #aa3300."))
    return value.strip().lower()


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(slugs.PATTERN, value.strip()) or len(value) > 120:
        raise wrong("", "not_a_slug", _("Use lower-case letters, digits and single hyphens, at most 120."))
    return value.strip()


def _id(value: Any) -> UUID:
    found = parse_id(value) if isinstance(value, str | UUID) else None
    if found is None:
        raise wrong("", "unknown_id", _("There is no such thing."))
    return found


def _text(value: Any) -> Any:
    """A null is an empty text; a NUL can't be stored."""
    if value is None:
        return ""
    if isinstance(value, str) and ("\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value)):
        raise wrong("", "bad_character", _("Contains a character that can't be stored."))
    return value


@dataclass(frozen=True)
class Text(GroupedMetadata):
    """`Annotated[str, Text(200, min=1)]`: at most `max` characters; with `min` = 0 a null counts as empty."""

    max: int
    min: int = 0

    def __iter__(self) -> Iterator[Any]:
        yield StringConstraints(min_length=self.min, max_length=self.max)
        yield BeforeValidator(_text)


def blank_to_none(value: Any) -> Any:
    """A form's emptied field is a null."""
    return None if isinstance(value, str) and value.strip() == "" else value


_MONEY_SCHEMA = {"anyOf": [{"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"},
                           {"type": "number", "minimum": 0, "maximum": 10**9}],
                 "description": "An amount in the store's currency, with at most that currency's digits."}  # fmt: skip
Int = Annotated[int, BeforeValidator(_int)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Amount = Annotated[int, BeforeValidator(_amount), WithJsonSchema(_MONEY_SCHEMA)]
_RATE = {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$", "description": "Percent, like “23.00”."}
_WEIGHT = {
    "type": "string",
    "pattern": r"^[0-9]{1,5}(\.[0-9]{1,3})?$",
    "description": "Kilograms, like “0.270”.",
}
Rate = Annotated[int, BeforeValidator(_scaled(2, 10_000)), WithJsonSchema(_RATE)]
Weight = Annotated[int, BeforeValidator(_scaled(3, 10_000_000)), WithJsonSchema(_WEIGHT)]
_THOUSANDTHS = {**_WEIGHT, "description": "A number like “0.750”."}
Thousandths = Annotated[int, BeforeValidator(_scaled(3, 10_000_000)), WithJsonSchema(_THOUSANDTHS)]
Number = Annotated[
    Decimal,
    BeforeValidator(lambda value: _decimal(value, 3)),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"}),
]
Email = Annotated[
    str, BeforeValidator(_email), WithJsonSchema({"type": "string", "format": "email", "maxLength": 254})
]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
Country = Annotated[
    str, BeforeValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
Color = Annotated[
    str, BeforeValidator(_color), WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})
]
SlugText = Annotated[str, BeforeValidator(_slug), WithJsonSchema(
    {"type": "string", "pattern": slugs.PATTERN, "maxLength": 120})]  # fmt: skip
IdRef = Annotated[UUID, BeforeValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]

"""The types of answers, and how a row or a page of rows becomes one."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from kit.drafts import ambient_currency
from kit.money import to_text
from kit.paging import Page


class Out(BaseModel):
    """An answer. Built from a row's attributes, or by the class's own `of(row)` where it has one."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


MoneyOut = Annotated[
    int,
    PlainSerializer(lambda minor: to_text(minor, ambient_currency.get()), return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["49.90"]}, mode="serialization"
    ),
]
WeightOut = Annotated[
    int,
    PlainSerializer(lambda grams: f"{grams // 1000}.{grams % 1000:03d}", return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]+\.[0-9]{3}$", "examples": ["0.270"]}, mode="serialization"
    ),
]
RateOut = Annotated[
    int,
    PlainSerializer(lambda rate: f"{rate // 100}.{rate % 100:02d}", return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "examples": ["23.00"]}, mode="serialization"
    ),
]
Time = Annotated[
    datetime,
    PlainSerializer(_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
Date = date
IdOut = UUID


def present(thing: Any, answer: type[Out] | None) -> Any:
    """The answer's model, ready for to_json. Without one the thing is plain already."""
    if answer is None or isinstance(thing, answer):
        return thing
    build = getattr(answer, "of", None) or answer.model_validate
    return build(thing)


def envelope(page: Page[Any], answer: type[Out] | None) -> dict[str, Any]:
    return {
        "items": [present(item, answer) for item in page.items],
        "total": page.total,
        "page": page.page,
        "page_size": page.page_size,
        "pages": page.pages,
        **page.extra,
    }

"""The refusals of a shop. Each has a stable code for machines and a sentence for people; none knows HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of the input. `field` is a dotted path: `items.0.quantity`."""

    field: str
    code: str
    message: str


class ShopError(Exception):
    """A refusal the caller can understand and act on. Anything else is a bug.

    `extra` goes into the answer as it is (e.g. `available`, `allowed`)."""

    code = "error"

    def __init__(
        self, message: str, *, code: str | None = None, errors: list[FieldError] | None = None, **extra: Any
    ):
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.errors = errors or []
        self.extra: Mapping[str, Any] = extra

    @property
    def said(self) -> str:
        """In one sentence: what is wrong with the first field, else the refusal as a whole."""
        return self.errors[0].message if self.errors else self.message


class Unreadable(ShopError):
    """The body is not what it claims to be (broken JSON, not an object)."""

    code = "unreadable-body"


class Unauthenticated(ShopError):
    code = "unauthenticated"


class Forbidden(ShopError):
    code = "forbidden"


class FeatureOff(Forbidden):
    code = "feature-not-active"


class PlanLimit(Forbidden):
    code = "plan-limit-reached"


class NotFound(ShopError):
    code = "not-found"


class Conflict(ShopError):
    """The input is fine, the state of things is not."""

    code = "conflict"


class TooLarge(ShopError):
    code = "too-large"


class WrongMediaType(ShopError):
    code = "unsupported-media-type"


class Invalid(ShopError):
    """The input is wrong; `errors` says which part of it and why."""

    code = "invalid"

    @classmethod
    def field(cls, field: str, code: str, message: str) -> "Invalid":
        return cls(message, errors=[FieldError(field, code, message)])


class TooMany(ShopError):
    """Asked too often. `retry_after` in `extra` is in seconds."""

    code = "rate-limited"


class Unavailable(ShopError):
    """Something outside does not answer or is not set up."""

    code = "unavailable"

"""The form that owns no rules: it renders WTForms fields, hands the raw strings to a draft, and puts what the draft
or the service refuses beside the fields."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, SelectMultipleField

from kit.drafts import Draft, read
from kit.errors import FieldError, Invalid
from kit.i18n import _
from kit.numbers import canonical_number


def version_in(text: str | None) -> int | None:
    """A row's version, or another count, as a form carries it; None where it carries none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class DraftForm(Form):
    """`makes` is the draft. `numbers` names the fields in which people write their own decimal sign."""

    makes: ClassVar[type[Draft]]
    numbers: ClassVar[tuple[str, ...]] = ()
    form_errors: list[str]
    is_stale = False  # was it refused because somebody else had saved meanwhile?

    def __init__(
        self, sent: Mapping[str, Any] | None = None, values: Mapping[str, Any] | None = None, **kw: Any
    ):
        """`sent`: what the browser posted. `values`: what to show at first (a draft's `of(row)`)."""
        super().__init__(sent if isinstance(sent, MultiDict) else MultiDict(sent) if sent else None,
                         data=dict(values or {}), **kw)  # fmt: skip
        self.problems: list[FieldError] = []
        self.absorbed: Invalid | None = None
        for field in self:  # labels are written with mark(): classes are made before there is a reader
            field.label.text = _(str(field.label.text)) if field.label.text else ""

    @property
    def seen_version(self) -> int | None:
        """The version that the form was made from, where it carries one in a field `version`."""
        return version_in(self["version"].data) if "version" in self else None

    def raw(self) -> dict[str, Any]:
        """Every field of the form as the draft reads it: an absent checkbox is false, an emptied field null."""
        return {name: self._raw(name, field) for name, field in self._fields.items()}

    def _raw(self, name: str, field: Field) -> Any:
        if isinstance(field, BooleanField):
            return bool(field.raw_data and field.raw_data[0] not in ("", "false", "0"))
        if isinstance(field, SelectMultipleField):
            return [value for value in field.raw_data or [] if value]
        value = (field.raw_data or [None])[0]
        if value is None or (isinstance(value, str) and value.strip() == ""):
            return None
        return canonical_number(value) if name in self.numbers else value

    def checked(self, **more: Any) -> Any:
        """The draft, or Invalid after the errors were put beside their fields. `more` are values of no field."""
        values = {name: value for name, value in self.raw().items() if name in self.makes.model_fields}
        # An emptied field that has a default takes it; a required one is reported as missing.
        values = {
            name: value for name, value in values.items() if value is not None or self._takes_null(name)
        }
        try:
            return read(self.makes, {**values, **more}, form=True)
        except Invalid as error:
            self.absorb(error)
            raise

    def _takes_null(self, name: str) -> bool:
        info = self.makes.model_fields[name]
        return not info.is_required() and info.default is None

    def absorb(self, error: Invalid) -> "DraftForm":
        """Put a refusal beside the fields it speaks of; the rest stands at the top of the form. The same one twice
        (`checked` has done it already) changes nothing."""
        if error is self.absorbed:
            return self
        self.absorbed = error
        self.problems = list(error.errors) or [FieldError("", error.code, error.message)]
        for problem in self.problems:
            name = problem.field.partition(".")[0]
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, problem.message]
            else:
                self.form_errors = [*self.form_errors, problem.message]
        return self

    def refuse(self, message: str, field: str = "") -> "DraftForm":
        return self.absorb(Invalid(message, errors=[FieldError(field, "refused", message)]))


def choices(kind: Iterable[Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(str(member), _(labels[str(member)])) for member in kind]


__all__ = ["DraftForm", "canonical_number", "choices", "version_in"]

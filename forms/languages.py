"""Forms of things that have words in several languages: the fields of each other language, named `pt_name`."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Self

from wtforms import StringField, TextAreaField

from forms.base import DraftForm
from kit.i18n import LANGUAGES

LINES = ("name", "meta_title")  # one line each; the others are longer


class TranslatedForm(DraftForm):
    """`translated` names the fields that each language has, with their labels; `locales` the languages of this form.
    The draft takes them as `translations`."""

    translated: ClassVar[Mapping[str, str]] = {}
    locales: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def speaking(cls, locales: Sequence[str]) -> type[Self]:
        """The form with these other languages."""
        return _with_languages(cls, tuple(locales))  # type: ignore[arg-type]

    def languages(self) -> list[dict[str, Any]]:
        """For templates."""
        found = []
        for locale in self.locales:
            fields = {name: self[f"{locale}_{name}"] for name in self.translated}
            found.append({"code": locale, "name": LANGUAGES[locale], "fields": fields,
                          "is_open": any(field.errors for field in fields.values())})  # fmt: skip
        return found

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        values["translations"] = {
            locale: {name: values[f"{locale}_{name}"] or "" for name in self.translated}
            for locale in self.locales
        }
        return values

    def absorb(self, error: Any) -> DraftForm:
        """A refusal of a translation belongs to its own field."""
        super().absorb(error)
        for problem in self.problems:
            parts = problem.field.split(".")
            if parts[0] != "translations" or len(parts) < 3:
                continue
            field = self._fields.get(f"{parts[1]}_{parts[2]}")
            if field is not None and problem.message not in field.errors:
                field.errors = [*field.errors, problem.message]
        return self


@cache
def _with_languages(form: Any, locales: tuple[str, ...]) -> Any:
    fields: dict[str, Any] = {"locales": locales}
    for locale in locales:
        for name, label in form.translated.items():
            fields[f"{locale}_{name}"] = (StringField if name in LINES else TextAreaField)(label)
    return type(form.__name__, (form,), fields)

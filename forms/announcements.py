"""What the platform tells all stores."""

from dataclasses import replace
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField

from forms.base import DraftForm
from forms.fields import MomentField, TickListField
from kit.errors import Invalid
from kit.i18n import LANGUAGES, _, mark
from services.offers import Book
from services.platform.announcements import AnnouncementDraft

LEVELS = {"info": mark("Information"), "warning": mark("Warning"), "urgent": mark("Urgent")}


class AnnouncementForm(DraftForm):
    """Each language has a field of its own, `text_de`; the draft has them in one."""

    makes = AnnouncementDraft

    level = SelectField(mark("Level"), validate_choice=False)
    text = TextAreaField(mark("Text"))
    text_pt = TextAreaField("Português")
    text_es = TextAreaField("Español")
    text_fr = TextAreaField("Français")
    text_de = TextAreaField("Deutsch")
    text_it = TextAreaField("Italiano")
    starts_at = MomentField(mark("From (UTC)"))
    ends_at = MomentField(mark("Until (UTC)"))
    plans = TickListField(mark("Stores with the plan"))
    version = HiddenField()

    def offer(self, book: Book) -> "AnnouncementForm":
        self.level.choices = [(level, _(label)) for level, label in LEVELS.items()]
        self.plans.choices = [(plan.slug, plan.title) for plan in book.plans.values()]
        return self

    @classmethod
    def values_of(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A draft's values with the languages apart."""
        return {**values, **{f"text_{language}": text for language, text in values["translations"].items()}}

    @property
    def translated(self) -> list[Any]:
        """The fields of the languages."""
        return [self[f"text_{language}"] for language in LANGUAGES if f"text_{language}" in self]

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        texts = {language: values.pop(f"text_{language}", None) for language in LANGUAGES}
        return {**values, "translations": {language: text for language, text in texts.items() if text}}

    def absorb(self, error: Invalid) -> "DraftForm":
        """What is wrong with a language's text stands beside its own field."""
        if error is not self.absorbed:
            for at, problem in enumerate(error.errors):
                error.errors[at] = replace(problem, field=problem.field.replace("translations.", "text_"))
        return super().absorb(error)

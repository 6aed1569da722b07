"""What a store tells its search."""

from typing import Any

from forms.base import DraftForm
from forms.fields import LinesField, entries_of
from kit.i18n import mark
from services.search.synonyms import SynonymDraft


class SynonymForm(DraftForm):
    makes = SynonymDraft

    words = LinesField(mark("Words"))
    means = LinesField(mark("Also means, one way"))

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return {name: list(dict.fromkeys(entries_of(text))) for name, text in values.items()}

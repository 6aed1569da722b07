"""What a store tells its search."""

from typing import Any

from forms.base import DraftForm
from forms.fields import LinesField
from kit.i18n import mark
from services.search.synonyms import SynonymDraft


class SynonymForm(DraftForm):
    makes = SynonymDraft

    words = LinesField(mark("Words"))
    means = LinesField(mark("Also means, one way"))

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        return {name: _phrases(text) for name, text in values.items()}


def _phrases(text: Any) -> list[str]:
    """One to a line, or with commas; each once."""
    lines = str(text or "").replace(",", "\n").splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

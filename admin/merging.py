"""Two people change one thing: what only one of them changed is kept of each; what both did is for a person to decide.

A form carries a digest of every field as it was shown (`seen`). So it can be told which of the two touched a field,
and nobody is asked about what they never touched.
"""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

from werkzeug.datastructures import MultiDict

from forms.base import DraftForm
from web.saving import shown


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both have changed. `name` is the field's."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """`sent`: the form with what the other one changed; `taken`: the labels of those fields; `clashes`: what is left
    to decide."""

    sent: MultiDict[str, Any]
    taken: list[str]
    clashes: list[Clash]


def seen_of(form: DraftForm) -> str:
    """The digests of all fields as they are shown, for the form's hidden field."""
    return " ".join(f"{field.name}:{_digest(field)}" for field in _visible(form))


def merge(mine: DraftForm, sent: MultiDict[str, Any], theirs: DraftForm) -> Merged:
    """`mine` was made of `sent`; `theirs` is what is saved now. Without digests every difference is a clash."""
    base = dict(part.split(":", 1) for part in str(sent.get("seen", "")).split() if ":" in part)
    result, taken, clashes = sent.copy(), [], []
    for field in _visible(mine):
        other = theirs[field.name]
        here, there = _digest(field), _digest(other)
        before = base.get(field.name)
        if here == there or there == before:
            continue
        if here == before:
            put(result, other)
            taken.append(str(field.label.text))
        else:
            clashes.append(Clash(field.name, str(field.label.text), shown(field), shown(other)))
    return Merged(result, taken, clashes)


def decided(sent: MultiDict[str, Any], theirs: DraftForm) -> MultiDict[str, Any]:
    """The form after somebody chose: `keep-<field>` says whose value it shall be."""
    result = sent.copy()
    for field in _visible(theirs):
        if sent.get(f"keep-{field.name}") == "theirs":
            put(result, field)
    return result


def put(sent: MultiDict[str, Any], field: Any) -> None:
    """Write a field's value into what was sent, as a browser would."""
    sent.poplist(field.name)
    if field.type == "BooleanField":
        if field.data:
            sent[field.name] = "y"
    elif hasattr(field, "iter_choices") and field.type != "SelectField":
        sent.setlist(field.name, [str(value) for value in field.data or ()])
    else:
        sent[field.name] = _written(field)


def _visible(form: DraftForm) -> list[Any]:
    return [field for field in form if field.type != "HiddenField"]


def _written(field: Any) -> str:
    if field.type == "BooleanField":
        return "1" if field.data else ""
    if field.type == "SelectField":
        return str(field.data if field.data not in (None, "None") else "")
    if hasattr(field, "iter_choices"):
        return ",".join(sorted(str(value) for value in field.data or ()))
    return str(field._value() or "")


def _digest(field: Any) -> str:
    """Browsers end lines in their own way, and a text area loses the first of them."""
    plain = _written(field).replace("\r\n", "\n").strip()
    return f"{crc32(plain.encode()):x}"

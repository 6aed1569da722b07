"""The sections of the first page as one form: each section's fields carry its key, and the order of the keys is the
order of the sections."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from kit.drafts import read
from kit.errors import Invalid
from kit.i18n import _, mark
from services.home_sections import KINDS, SECTIONS_MAX, HomeDraft

LABELS = {
    "title": mark("Heading"),
    "text": mark("Text"),
    "label": mark("Words on the button"),
    "link": mark("Leads to"),
    "picture": mark("Picture"),
}
HINTS = {
    "link": mark("A path of your shop, like /products, or a web address."),
    "text": mark("An empty line begins a new paragraph."),
}
MOVES = {"up": -1, "down": 1}


class HomeForm:
    """`sections` as they were sent or are; what is wrong stands in `problems`: {(place, field): message}."""

    def __init__(self, sections: list[dict[str, Any]], keys: list[str] | None = None):
        self.sections = sections
        self.keys = keys or []  # as the browser sent them, in the order that it has made of them
        self.problems: dict[tuple[int, str], str] = {}
        self.form_errors: list[str] = []

    @classmethod
    def sent(cls, form: MultiDict[str, str], pictures: Mapping[str, str]) -> "HomeForm":
        """`pictures`: the addresses of those that came with it, by key."""
        keys = keys_of(form)
        return cls([_section(form, key, pictures.get(key)) for key in keys], keys)

    def act(self, name: str) -> bool:
        """Move, add or remove a section; False where the name is no such act."""
        what, _colon, which = name.partition(":")
        if what == "add" and which in KINDS:
            self.sections.append({"kind": which, "is_on": True})
        elif what in {*MOVES, "remove"} and which in self.keys:
            place = self.keys.index(which)
            section = self.sections.pop(place)
            if what in MOVES:
                self.sections.insert(max(0, place + MOVES[what]), section)
        else:
            return False
        return True

    def draft(self) -> HomeDraft:
        """Invalid, after what is wrong was put beside the fields."""
        try:
            return read(HomeDraft, {"sections": self.sections}, form=True)
        except Invalid as error:
            self.absorb(error)
            raise

    def absorb(self, error: Invalid) -> None:
        for problem in error.errors:
            parts = problem.field.split(".")
            if len(parts) == 3 and parts[1].isdecimal():
                self.problems[int(parts[1]), parts[2]] = problem.message
            else:
                self.form_errors.append(problem.message)

    def rows(self) -> list[dict[str, Any]]:
        """For the page."""
        return [self._row(place, section) for place, section in enumerate(self.sections)]

    def _row(self, place: int, section: Mapping[str, Any]) -> dict[str, Any]:
        about = KINDS[section["kind"]]
        fields = [
            {"name": name, "id": f"s{place}-{name}", "label": _(LABELS[name]), "value": section.get(name, ""),
             "hint": _(HINTS[name]) if name in HINTS else "", "error": self.problems.get((place, name), "")}
            for name in about.fields
        ]  # fmt: skip
        return {"key": f"s{place}", "kind": section["kind"], "name": _(about.name), "text": _(about.text),
                "title": section.get("title", ""), "is_on": section.get("is_on", True), "repeats": about.repeats,
                "fields": fields, "is_wrong": any(field["error"] for field in fields)}  # fmt: skip


def keys_of(form: MultiDict[str, str]) -> list[str]:
    """Of the sections that are of a kind there is; more than there may be are not read."""
    keys = list(dict.fromkeys(form.getlist("order")))[: SECTIONS_MAX + 1]
    return [key for key in keys if form.get(f"{key}-kind") in KINDS]


def _section(form: MultiDict[str, str], key: str, picture: str | None) -> dict[str, Any]:
    kind = form[f"{key}-kind"]
    values = {name: form.get(f"{key}-{name}", "").replace("\r\n", "\n") for name in KINDS[kind].fields}
    if picture is not None:
        values["picture"] = picture
    elif form.get(f"{key}-no-picture"):
        values["picture"] = ""
    return {"kind": kind, "is_on": bool(form.get(f"{key}-on")), **values}

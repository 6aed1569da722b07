"""The first page of a store: which sections it has, in which order, and what the store says in them.

A store that has chosen nothing wears its theme's own composition, so a change of theme changes it, too.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from kit import images
from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Flag, Text, wrong
from kit.i18n import _, mark
from kit.tenancy import current_tenant_id
from models.tenants import Tenant
from services import pictures, settings, themes
from services.catalog.images import url as file_url

SECTIONS_MAX = 14
REPEATS_MAX = 4  # of one kind
PICTURE_MAX = 5 * 1024 * 1024
WIDTH = 1280


@dataclass(frozen=True)
class Kind:
    """`fields`: what a store may say in it. `repeats`: there may be several."""

    name: str
    text: str
    fields: tuple[str, ...] = ("title",)
    repeats: bool = False


KINDS = {
    "hero": Kind(mark("Opening"), mark("One sentence, one picture, one way in."),
                 ("title", "text", "label", "link", "picture")),
    "categories": Kind(mark("Categories"), mark("The departments, with pictures.")),
    "featured": Kind(mark("Favourites"), mark("What you have marked as featured.")),
    "newest": Kind(mark("New"), mark("What came in last.")),
    "sale": Kind(mark("Reduced"), mark("What costs less now; nothing where nothing does.")),
    "promises": Kind(mark("Promises"), mark("Delivery, returns, payment, as your settings are."), ()),
    "reviews": Kind(mark("Voices"), mark("What buyers said: the newest reviews with four or five stars.")),
    "newsletter": Kind(mark("Newsletter"), mark("Leads to the page where one signs up."), ("title", "text", "label")),
    "text": Kind(mark("Text"), mark("A heading and some paragraphs."), ("title", "text", "label", "link"), True),
    "picture": Kind(mark("Picture and text"), mark("A picture beside words, and a way on."),
                    ("title", "text", "label", "link", "picture"), True),
}  # fmt: skip


def _link(value: str) -> str:
    is_path = value.startswith("/") and not value.startswith(("//", "/\\"))
    if value and not (is_path or value.startswith("https://")) or any(sign in value for sign in " \\\"'<>"):
        raise wrong("", "not_an_url", _("Must be a path of your shop, like /products, or a web address."))
    return value


def _picture(value: str) -> str:
    if value and not value.startswith(f"/media/{current_tenant_id().hex}/"):
        raise wrong("", "not_a_picture", _("Must be a picture that was uploaded here."))
    return value


class SectionDraft(Draft):
    kind: Literal[
        "hero", "categories", "featured", "newest", "sale", "promises", "reviews", "newsletter", "text", "picture"
    ]  # fmt: skip
    is_on: Flag = True
    title: Annotated[str, Text(120)] = ""
    text: Annotated[str, Text(2_000)] = ""
    label: Annotated[str, Text(60)] = ""
    link: Annotated[str, Text(300), AfterValidator(_link)] = ""
    picture: Annotated[str, Text(300), AfterValidator(_picture)] = ""

    def stored(self) -> dict[str, Any]:
        """What its kind has no place for falls away."""
        kept = ("kind", "is_on", *KINDS[self.kind].fields)
        return {name: value for name, value in self.model_dump(include=set(kept)).items() if value != ""}


class HomeDraft(Draft):
    sections: Annotated[list[SectionDraft], Field(max_length=SECTIONS_MAX)] = []

    @model_validator(mode="after")
    def _each_as_often_as_it_may(self) -> "HomeDraft":
        for kind, about in KINDS.items():
            count = sum(section.kind == kind for section in self.sections)
            if count > (REPEATS_MAX if about.repeats else 1):
                raise wrong(
                    "sections", "repeated", _("“%(section)s” is there too often.", section=_(about.name))
                )
        return self

    def stored(self) -> list[dict[str, Any]]:
        return [section.stored() for section in self.sections]


def sections_of(chosen: list[dict[str, Any]], theme: str) -> list[dict[str, Any]]:
    """All sections in their order, those that are switched off, too."""
    return chosen or [{"kind": kind, "is_on": True} for kind in themes.layout_of(theme)]


def shown(chosen: list[dict[str, Any]], theme: str) -> list[dict[str, Any]]:
    return [
        section for section in sections_of(chosen, theme) if section["is_on"] and section["kind"] in KINDS
    ]


def may_be_added(sections: list[dict[str, Any]]) -> list[str]:
    if len(sections) >= SECTIONS_MAX:
        return []
    there = [section["kind"] for section in sections]
    return [kind for kind, about in KINDS.items()
            if there.count(kind) < (REPEATS_MAX if about.repeats else 1)]  # fmt: skip


@transaction()
def set_sections(draft: HomeDraft, *, actor: Actor, version: int | None = None) -> Tenant:
    """At once, for everybody. Without a section the theme's own composition is worn again."""
    with pictures.changing_look() as tenant:
        settings.check_version(tenant, version)
        before = {"home_sections": tenant.home_sections}
        tenant.home_sections = draft.stored()
        settings.worn(tenant, "home_sections", before["home_sections"])
    after = {"home_sections": tenant.home_sections}
    settings.changed(tenant, before, after, actor=actor, kind="home_page")
    return tenant


def keep_picture(data: bytes) -> str:
    """Clean it and put it up; the section that names it is saved after. Answers where it is."""
    picture = images.clean_narrow(data, limit=PICTURE_MAX, width=WIDTH)
    return file_url(pictures.keep(picture, "home"))

"""The themes a store can wear. Their styles are `static/themes/<slug>.css`, their own templates `templates/themes/`."""

from dataclasses import dataclass, field

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, SlugText
from kit.errors import Invalid, NotFound
from kit.i18n import _, mark
from models.tenants import Tenant
from services import pictures, settings


@dataclass(frozen=True)
class Theme:
    slug: str
    name: str
    description: str
    tokens: dict[str, str] = field(default_factory=dict)
    layout: tuple[str, ...] = ()  # the sections of its first page (see services/home_sections.py)


PLAIN = ("hero", "categories", "featured", "promises", "newest")
THEMES = {theme.slug: theme for theme in (
    Theme(
        "market", mark("Market"),
        mark("Warm paper, clear cards and big buttons: for shops with many things and quick decisions."),
        {"ground": "#faf9f7", "ink": "#1d1b19", "accent": "#0e6264", "corners": "rounded", "type": "sans"},
        PLAIN,
    ),
    Theme(
        "atelier", mark("Atelier"),
        mark("An exhibition catalogue: white walls, hairlines and a large serif, for few things shown well."),
        {"ground": "#fdfcfa", "ink": "#181613", "accent": "#7a2b1c", "corners": "square", "type": "serif"},
        PLAIN,
    ),
    Theme(
        "circuit", mark("Circuit"),
        mark("A data sheet: ruled cells, machine type for numbers, much on one screen, at home in the dark."),
        {"ground": "#eef1f1", "ink": "#12171a", "accent": "#c8f04b", "corners": "square", "type": "mono"},
        ("hero", "featured", "categories", "sale", "newest", "promises"),
    ),
    Theme(
        "confetti", mark("Confetti"),
        mark("Round, loud and cheerful: blocks of colour, thick outlines, letters like sweets."),
        {"ground": "#fff9ec", "ink": "#241a3d", "accent": "#5a2bd6", "corners": "round", "type": "rounded"},
        ("hero", "promises", "categories", "newest", "featured", "reviews"),
    ),
)}  # fmt: skip


class ThemeDraft(Draft):
    template_slug: SlugText


def list_themes() -> list[Theme]:
    return list(THEMES.values())


def layout_of(slug: str) -> tuple[str, ...]:
    """The composition of its first page; of a theme that no longer exists, the plain one."""
    return THEMES[slug].layout if slug in THEMES else PLAIN


def get_theme(slug: str) -> Theme:
    if slug not in THEMES:
        raise NotFound(_("There is no such template."))
    return THEMES[slug]


@transaction()
def wear(draft: ThemeDraft, *, actor: Actor) -> Tenant:
    """Put the theme on, at once; contents stay, and the way back is the same call."""
    if draft.template_slug not in THEMES:
        raise Invalid.field("template_slug", "unknown_id", _("There is no such template."))
    with pictures.changing_look() as tenant:
        before = {"theme": tenant.theme}
        tenant.theme = draft.template_slug
        settings.worn(tenant, "theme", before["theme"])
    settings.changed(tenant, before, {"theme": tenant.theme}, actor=actor, kind="theme")
    return tenant

"""A theme may bring its own version of any storefront template: `themes/<theme>/home/home.html` stands in for
`shop/home/home.html` in the stores that wear it."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from flask import Flask, g, has_app_context
from flask.templating import Environment
from jinja2 import Template

FACE = "shop/"


class ThemedEnvironment(Environment):
    """Chooses by name before anything is loaded, so that the template cache never mixes two themes up."""

    own: frozenset[str] = frozenset()  # the templates that themes have of their own

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        if isinstance(name, str) and name.startswith(FACE) and (theme := current_theme()):
            themed = f"themes/{theme}/{name.removeprefix(FACE)}"
            # A theme's template may build on the one that it stands in for.
            if themed in self.own and themed != parent:
                name = themed
        return super().get_template(name, parent, globals)


def current_theme() -> str:
    store = g.get("store") if has_app_context() else None
    return store.theme if store else ""


def stylesheet(names: Mapping[str, str], theme: str) -> str:
    """The bundle of a theme; of one that no longer exists, the plain one."""
    return f"shop-{theme}.css" if f"shop-{theme}.css" in names else "shop.css"


def init_app(app: Flask) -> None:
    """Before anything touches the templates: Flask makes its environment once."""
    app.jinja_environment = ThemedEnvironment
    folder = Path(app.root_path) / "templates"
    app.jinja_env.own = frozenset(  # type: ignore[attr-defined]
        path.relative_to(folder).as_posix() for path in (folder / "themes").rglob("*.html")
    )
    # Pieces that every template may use without an import.
    app.jinja_env.globals["shop_css"] = lambda: stylesheet(app.extensions["vitrine_assets"], current_theme())

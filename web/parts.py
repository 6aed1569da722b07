"""Parts of a public page that are the same on many: drawn once, then taken as they are.

A page that is not kept, or no longer, is mostly made of such parts. `{{ part('shop/_masthead.html', current_path) }}`
includes the template; what follows its name must say, with the store as it is now and the language, everything that it
shows. A page for somebody who is known is drawn whole, so nothing of a visitor's can get into a part.
"""

from collections.abc import Hashable

from flask import Flask, g
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from kit.cache import Cache
from kit.i18n import current_locale
from web.cache import page_key

_drawn = Cache(1_000)


@pass_context
def part(context: Context, template: str, *key: Hashable) -> Markup:
    """`template` with the variables of the page around it."""

    def draw() -> Markup:
        return Markup(context.environment.get_template(template).render(context.get_all()))  # noqa: S704

    if not g.get("is_kept"):
        return draw()
    return _drawn.remember((page_key(g.store, (False, template, current_locale(), key))), draw)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["part"] = part

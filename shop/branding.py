"""A store's colours as a small stylesheet on top of its theme. What stands on them is computed, so it can be read."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g, request

from kit.colors import AA, contrast, mix, readable_on, text_on
from shop import bp
from web.access import PUBLIC, allow

# The grounds of the themes on which colour is hardest to read, in light and in dark.
LIGHT, DARK = "#f1e9de", "#2e2621"
VISIBLE = 3.0  # what a button needs against the page to be seen as one
NAMES = ("primary_color", "accent_color")
FONTS = {
    "serif": '"Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif',
    "rounded": 'ui-rounded, "Hiragino Maru Gothic ProN", Quicksand, "Nunito Sans", "Segoe UI", sans-serif',
    "mono": 'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace',
    "sans": '"Helvetica Neue", "Segoe UI", Roboto, Arial, sans-serif',
}


@bp.get("/branding.css")
@allow(PUBLIC)
def branding_css() -> Response:
    response = Response(stylesheet(g.store.branding), mimetype="text/css")
    is_current = request.args.get("v") == str(g.store.version)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return response


def is_branded(branding: Mapping[str, Any]) -> bool:
    return any(branding.get(name) for name in NAMES) or branding.get("font") in FONTS


def stylesheet(branding: Mapping[str, Any]) -> str:
    values = {
        **_brand(branding.get("primary_color"), branding.get("primary_text_color")),
        **_accent(branding.get("accent_color")),
    }
    if font := FONTS.get(str(branding.get("font"))):
        values["--font-display"] = font
    lines = "".join(f"{name}:{value};" for name, value in values.items())
    return f"@layer theme{{:root{{{lines}}}}}\n" if lines else ""


def _brand(color: str | None, wished: str | None) -> dict[str, str]:
    """`wished`: the text on it that the store has chosen, where that can be read."""
    if not color:
        return {}
    light, dark = readable_on(color, LIGHT, VISIBLE), readable_on(color, DARK, VISIBLE)
    on_light, on_dark = (
        wished if wished and contrast(wished, c) >= AA else text_on(c) for c in (light, dark)
    )
    return {
        "--brand": _pair(light, dark),
        "--on-brand": _pair(on_light, on_dark),
        # Away from the text on it, so that hovering never costs contrast.
        "--brand-hover": _pair(mix(light, _opposite(on_light), 0.12), mix(dark, _opposite(on_dark), 0.12)),
        "--brand-text": _pair(readable_on(color, LIGHT), readable_on(color, DARK)),
    }


def _accent(color: str | None) -> dict[str, str]:
    return {"--accent": _pair(readable_on(color, LIGHT), readable_on(color, DARK))} if color else {}


def _opposite(text: str) -> str:
    return "#000000" if text_on(text) == "#000000" else "#ffffff"


def _pair(light: str, dark: str) -> str:
    return f"light-dark({light},{dark})"

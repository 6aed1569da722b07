"""Can it be read? Contrast by WCAG 2.2, and the nearest shade that reaches it."""

from functools import lru_cache

AA = 4.5  # text of normal size
WHITE, BLACK = "#ffffff", "#000000"

RGB = tuple[int, int, int]


def to_rgb(color: str) -> RGB:
    """`#b0412a` → (176, 65, 42)"""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def to_hex(rgb: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def luminance(color: str) -> float:
    """Relative luminance: 0 is black, 1 is white."""
    red, green, blue = (_linear(channel / 255) for channel in to_rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(color: str) -> str:
    """White or black, whichever reads better on it. One of them always reaches AA."""
    return WHITE if contrast(WHITE, color) >= contrast(BLACK, color) else BLACK


def mix(color: str, other: str, part: float) -> str:
    """`part` of the other colour mixed in, 0 to 1."""
    pairs = zip(to_rgb(color), to_rgb(other), strict=True)
    red, green, blue = (round(a + (b - a) * part) for a, b in pairs)
    return to_hex((red, green, blue))


@lru_cache(maxsize=1000)
def readable_on(color: str, background: str, at_least: float = AA) -> str:
    """The colour itself, or the nearest darker or lighter shade of it that can be read on the background."""
    if contrast(color, background) >= at_least:
        return color
    towards = BLACK if luminance(background) > 0.18 else WHITE
    for step in range(1, 50):
        shade = mix(color, towards, step / 50)
        if contrast(shade, background) >= at_least:
            return shade
    return towards

"""Contrast: known pairs, and the promise that what we compute can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import colors

any_color = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
        ("#abc123", "#abc123", 1),
    ],
)
def test_contrast_of_known_pairs(one: str, other: str, expected: float) -> None:
    assert colors.contrast(one, other) == pytest.approx(expected, abs=0.01)
    assert colors.contrast(other, one) == pytest.approx(expected, abs=0.01)


@given(any_color)
def test_text_on_any_colour_can_be_read(color: str) -> None:
    assert colors.contrast(colors.text_on(color), color) >= colors.AA


@given(any_color, st.sampled_from(["#fcf8f2", "#ffffff", "#1a1512", "#251e1a"]))
def test_any_colour_is_made_readable_on_a_page(color: str, background: str) -> None:
    assert colors.contrast(colors.readable_on(color, background), background) >= colors.AA


@given(any_color)
def test_a_readable_colour_stays_what_it_is(color: str) -> None:
    if colors.contrast(color, "#ffffff") >= colors.AA:
        assert colors.readable_on(color, "#ffffff") == color


def test_mixing() -> None:
    assert colors.mix("#000000", "#ffffff", 0.5) == "#808080"
    assert colors.to_hex(colors.to_rgb("#0fa9c3")) == "#0fa9c3"

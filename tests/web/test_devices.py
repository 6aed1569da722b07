"""Browsers in words."""

import pytest

from web.devices import device

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "Chrome, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/130.0.0.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME}", "Chrome, Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox, Linux"),
        (f"{MAC} Version/18.0 Safari/605.1.15", "Safari, Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/130.0 Safari/604.1",
         "Chrome, iPhone"),
        ("okhttp/4.9.3", "okhttp/4.9.3"),
        ("", "Unknown device"),
        ("<script>" * 20, ("<script>" * 20)[:60]),
    ],
)  # fmt: skip
def test_a_browser_is_said_in_words(app, said, shown):
    assert device(said) == shown

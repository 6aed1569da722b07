"""Static files: bundles put together at start, named by their content, compressed once, cached for a year.

There is no build step: the sources in `static/` are what is written, and a bundle is its files one after another.
"""

import gzip
import hashlib
import re
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from config import ROOT

STATIC = ROOT / "static"
BASE = ("css/tokens.css", "css/base.css", "css/components.css")
THEMES = sorted(path.stem for path in (STATIC / "themes").glob("*.css"))
BUNDLES: dict[str, tuple[str, ...]] = {
    "admin.css": (*BASE, "css/admin.css"),
    "shop.css": (*BASE, "css/shop.css"),
    **{f"shop-{theme}.css": (*BASE, "css/shop.css", f"themes/{theme}.css") for theme in THEMES},
    "shop.js": ("vendor/htmx.min.js", "js/common.js", "js/shop.js"),
    "admin.js": ("vendor/htmx.min.js", "js/common.js", "js/admin.js", "js/editor.js"),
}
SINGLE = (".svg", ".png", ".ico", ".webp", ".webmanifest", ".js", ".css")


def slim(css: str) -> str:
    """Comments and indentation need not travel."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*(?!!).*?\*/", "", css, flags=re.S)).strip()


def init_app(app: Flask) -> None:
    folder: Path = app.config["VITRINE"].instance / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    for name, parts in BUNDLES.items():
        found = [STATIC / part for part in parts if (STATIC / part).exists()]
        text = "\n".join(path.read_text() for path in found)
        names[name] = _publish(folder, name, (slim(text) if name.endswith(".css") else text).encode())
    bundled = {part for parts in BUNDLES.values() for part in parts}
    for path in STATIC.rglob("*"):
        relative = path.relative_to(STATIC).as_posix()
        if path.suffix in SINGLE and relative not in bundled:
            names[relative] = _publish(folder, path.name, path.read_bytes())
    app.extensions["vitrine_assets"] = names
    app.jinja_env.globals["asset"] = lambda name: f"/static/{names[name]}"
    server = WhiteNoise(app.wsgi_app, immutable_file_test=lambda path, url: True, max_age=31_536_000)
    server.add_files(str(folder), prefix="static/")
    app.wsgi_app = server  # type: ignore[method-assign]


def _publish(folder: Path, name: str, body: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
    path = folder / hashed
    if not path.exists():
        if suffix in {"css", "js", "svg", "webmanifest"}:
            _write(path.with_name(hashed + ".gz"), gzip.compress(body, 9, mtime=0))
        _write(path, body)
    return hashed


def _write(path: Path, body: bytes) -> None:
    """Several processes may start at once: none may read half a file."""
    part = path.with_name(f".{path.name}.{id(body)}")
    part.write_bytes(body)
    part.replace(path)

"""The .mo files of the tree, made before the first test: `make` makes them too, a bare pytest does not."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kit.i18n import FOLDER


def compile_all() -> None:
    for source in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    """In one step: somebody else may be reading it."""
    made = target.with_suffix(f".{os.getpid()}")
    with source.open("rb") as words, made.open("wb") as out:
        write_mo(out, read_po(words, locale=source.parts[-3]))
    made.replace(target)

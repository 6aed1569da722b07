"""Where files are: a folder of this machine, or an S3 bucket. Five ways in, the same for both.

STORAGE_URL is `file:///srv/media` or `s3://bucket/prefix?endpoint=https://…&region=…`; the bucket's keys come from
the environment in the way of AWS. Files are named by their content, so writing one twice does no harm.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from kit.db import is_writing

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*\.[a-z0-9]{2,5}")
TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
}


class Door(Protocol):
    def write(self, key: str, body: bytes) -> None: ...
    def read(self, key: str) -> bytes | None: ...
    def has(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def keys(self, prefix: str) -> Iterator[str]: ...


class Folder:
    def __init__(self, root: Path):
        self.root = root

    def write(self, key: str, body: bytes) -> None:
        """All or nothing: a reader never sees half a file."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def read(self, key: str) -> bytes | None:
        try:
            return (self.root / key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def has(self, key: str) -> bool:
        return (self.root / key).is_file()

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        for path in sorted((self.root / prefix).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.root).as_posix()


def open_door(url: str) -> Door:
    """The store that a STORAGE_URL names. ValueError where it is neither file: nor s3:."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        from gateways.buckets import Bucket  # boto3 is heavy, and a folder needs none of it

        more = parse_qs(parts.query)
        return Bucket(parts.netloc, parts.path.strip("/"), more.get("endpoint", [None])[0],
                      more.get("region", [None])[0])  # fmt: skip
    raise ValueError(f"STORAGE_URL is {url!r}; it must be file:///… or s3://bucket/….")


_door: Door | None = None


def configure(config: Any) -> None:
    """Set once at start, from `storage_url`."""
    global _door
    _door = open_door(config.storage_url)


def _open() -> Door:
    if _door is None:
        raise RuntimeError("the file store is not configured")
    return _door


def write(key: str, body: bytes) -> None:
    if is_writing():
        raise RuntimeError("a file was about to be written inside a transaction")
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no name for a file")
    _open().write(key, body)


def read(key: str) -> bytes | None:
    """None where there is no such file, or the name can't be one (it may come from a URL)."""
    return _open().read(key) if _KEY.fullmatch(key) else None


def has(key: str) -> bool:
    return bool(_KEY.fullmatch(key)) and _open().has(key)


def delete(key: str) -> None:
    if is_writing():
        raise RuntimeError("a file was about to be deleted inside a transaction")
    if _KEY.fullmatch(key):
        _open().delete(key)


def keys(prefix: str) -> Iterator[str]:
    """All files of a folder, e.g. of one store."""
    return _open().keys(prefix)

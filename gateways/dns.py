"""Questions to the domain name system.

Outside of production a file stands in for it, so that nothing is asked of the net: each line is `name TYPE value`.
"""

from pathlib import Path
from typing import Protocol

import dns.exception
import dns.resolver

from kit.db import is_writing

SECONDS = 5.0


class Settings(Protocol):
    @property
    def dns_zone(self) -> str: ...


_zone: Path | None = None


def configure(settings: Settings) -> None:
    """Once at start."""
    global _zone
    _zone = Path(settings.dns_zone) if settings.dns_zone else None


def find_txt(name: str) -> list[str]:
    """The TXT records at a name; none where there are none or nobody answers in time."""
    return _ask(name, "TXT")


def points_to(name: str, target: str) -> bool:
    """Does the name lead to where `target` leads: as an alias of it, or by an address of it? No, where nobody
    answers in time."""
    if target in (alias.rstrip(".").lower() for alias in _ask(name, "CNAME")):
        return True
    return any(set(_ask(name, kind)) & set(_ask(target, kind)) for kind in ("A", "AAAA"))


def _ask(name: str, kind: str) -> list[str]:
    if is_writing():
        raise RuntimeError("a name server was about to be asked inside a transaction")
    if _zone is not None:
        return _stand_in(_zone, name, kind)
    try:
        answer = dns.resolver.resolve(name, kind, lifetime=SECONDS)
    except dns.exception.DNSException:
        return []
    if kind == "TXT":
        return ["".join(part.decode("utf-8", "replace") for part in record.strings) for record in answer]
    return [record.to_text() for record in answer]


def _stand_in(zone: Path, name: str, kind: str) -> list[str]:
    try:
        lines = zone.read_text().splitlines()
    except FileNotFoundError:
        return []
    records = [line.split(maxsplit=2) for line in lines]
    return [one[2].strip().strip('"') for one in records if len(one) == 3 and one[:2] == [name, kind]]

"""The EU's register of VAT numbers, by its REST interface (https://ec.europa.eu/taxation_customs/vies/#/technical-information)."""

import logging
from dataclasses import dataclass
from typing import Protocol

import requests

from kit.db import end_reading, is_writing

SECONDS = 8.0
ADDRESS = "https://ec.europa.eu/taxation_customs/vies/rest-api"
log = logging.getLogger(__name__)


class Settings(Protocol):
    @property
    def vies_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """`consultation`: the register's number of its answer, given where the requester names itself."""

    is_valid: bool
    name: str
    address: str
    consultation: str


_url = ADDRESS


def configure(settings: Settings) -> None:
    """Once at start."""
    global _url
    _url = settings.vies_url or ADDRESS


def check(country: str, number: str, *, requester: str = "") -> Answer | None:
    """None: no answer in time, or the country's own register is down."""
    if is_writing():
        raise RuntimeError("The register was about to be asked inside a transaction")
    end_reading()
    asked = {"countryCode": country, "vatNumber": number}
    if requester:
        asked |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
    try:
        answer = requests.post(f"{_url}/check-vat-number", json=asked, timeout=SECONDS)
        found = answer.json() if answer.ok else None
    except (requests.RequestException, ValueError) as error:
        log.warning("VIES gave no answer: %s", error)
        return None
    if not isinstance(found, dict) or not isinstance(found.get("valid"), bool):
        log.warning("VIES could not say: %s", str(found)[:200])
        return None
    return Answer(
        found["valid"], _text(found, "name"), _text(found, "address"), _text(found, "requestIdentifier")
    )


def _text(found: dict[str, object], name: str) -> str:
    """The register writes `---` where a country does not tell."""
    text = str(found.get(name) or "").strip()
    return "" if text == "---" else text

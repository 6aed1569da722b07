"""VAT numbers of businesses in the EU: what one looks like, and whether the register knows it.

A number counts only with a proof: an answer of VIES, kept with the register's own number of it. Where the register
can't be reached there is none, and the tax is charged (fail closed).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from stdnum.eu import vat

from gateways import vies
from kit import clock
from kit.cache import Cache
from kit.db import db, transaction
from models.taxes import VatCheck
from services import tenants
from services.tax_presets import EU_RATES

GOOD_FOR = timedelta(days=1)  # an answer; businesses come and go
SILENCE = timedelta(minutes=1)  # a register that gave none is let alone: each question may take seconds
_unanswered = Cache(1_000)
_PREFIXES = {"EL": "GR"}  # Greece's numbers begin otherwise than its country code


@dataclass(frozen=True, slots=True)
class VatProof:
    number: str
    name: str
    address: str
    consultation: str
    checked_at: datetime

    def plain(self) -> dict[str, Any]:
        """As an order keeps it."""
        return {**asdict(self), "checked_at": self.checked_at.isoformat()}


def canonical(number: str, country: str = "") -> str:
    """`el 123.456.789` → `EL123456789`; '' where it is no number of a member state. `country` (of the address) says
    whose it is where the number does not."""
    prefix = next((p for p, c in _PREFIXES.items() if c == country), country)
    for candidate in (number, prefix + number):
        try:
            return str(vat.validate(candidate))
        except vat.ValidationError:
            continue
    return ""


def country_of(number: str) -> str:
    """The country of a canonical number."""
    return _PREFIXES.get(number[:2], number[:2])


def prove(number: str, country: str = "") -> VatProof | None:
    """Ask the register, unless it has answered within a day. Outside of any transaction. None: no proof, for
    whatever reason; what was answered is kept."""
    number = canonical(number, country)
    if not number or not may_be_relieved(number) or country == tenants.current().country:
        return None
    if (known := _latest(number)) is not None:
        return _proof(known)
    store = tenants.current()
    silent = (store.id, number, int(clock.now().timestamp() // SILENCE.total_seconds()))
    if _unanswered.find(silent):
        return None
    answer = vies.check(number[:2], number[2:], requester=canonical(store.vat_number))
    if answer is None:
        _unanswered.put(silent, True)
        return None
    with transaction():
        check = VatCheck(number=number, is_valid=answer.is_valid, name=answer.name[:300],
                         address=answer.address[:500], consultation=answer.consultation[:60],
                         checked_at=clock.now())  # fmt: skip
        db.session.add(check)
    return _proof(check)


def find_proof(number: str, country: str = "") -> VatProof | None:
    """What `prove` has found within a day; asks nobody."""
    number = canonical(number, country)
    check = _latest(number) if number and may_be_relieved(number) else None
    return _proof(check) if check is not None else None


def is_in_doubt(number: str, country: str = "") -> bool:
    """A number that was given, and would take the tax away if it were proven."""
    if not number.strip():
        return False
    known = canonical(number, country)
    is_abroad = country != tenants.current().country and country in EU_RATES
    return is_abroad and (not known or (may_be_relieved(known) and find_proof(known) is None))


def may_be_relieved(number: str) -> bool:
    """Reverse charge is between two member states, and needs a seller who is registered, too."""
    store = tenants.current()
    return (
        store.country in EU_RATES and bool(store.vat_number) and country_of(number) not in ("", store.country)
    )


def _latest(number: str) -> VatCheck | None:
    recent = select(VatCheck).where(VatCheck.number == number, VatCheck.checked_at > clock.now() - GOOD_FOR)
    return db.session.scalar(recent.order_by(VatCheck.checked_at.desc()).limit(1))


def _proof(check: VatCheck) -> VatProof | None:
    if not check.is_valid:
        return None
    return VatProof(check.number, check.name, check.address, check.consultation, check.checked_at)

"""After a change of keys: what is kept sealed, sealed anew under the newest one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from kit import seal
from kit.db import db, transaction
from kit.tenancy import every_tenant
from models.accounts import PlatformSecondFactor, SecondFactor

PORTION = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    sealed: int
    broken: int


def reseal_all() -> Resealed:
    """In small transactions; bears to be stopped and repeated."""
    sealed = broken = 0
    for kind in (SecondFactor, PlatformSecondFactor):
        after = None
        while True:
            with every_tenant(), transaction():
                rows = _portion(kind, after)
                for row in rows:
                    try:
                        row.sealed_secret = seal.reseal(row.sealed_secret)
                        sealed += 1
                    except seal.Broken:
                        broken += 1
            if not rows:
                break
            after = rows[-1].id
    return Resealed(sealed, broken)


def _portion(kind: Any, after: Any) -> list[Any]:
    query = select(kind).order_by(kind.id).limit(PORTION).with_for_update()
    return list(db.session.scalars(query.where(kind.id > after) if after else query))

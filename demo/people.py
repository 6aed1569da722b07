"""Who buys in the demo: people with an account, and guests."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from demo.accounts import PASSWORD
from demo.texts import names
from kit import clock
from kit.actor import GUEST, Actor, Role
from kit.db import db
from kit.ids import uuid7
from kit.passwords import hash_password
from kit.slugs import slugify
from models.accounts import User
from models.addresses import Address

# Where they live, and of a hundred how many.
COUNTRIES = {
    "demo": {"PT": 62, "ES": 10, "FR": 8, "DE": 8, "IT": 4, "NL": 3, "GB": 3, "US": 2},
    "atelier": {"PT": 80, "ES": 8, "FR": 6, "DE": 4, "US": 2},
}
LOCALES = {"PT": "pt", "ES": "es", "FR": "fr", "DE": "de", "IT": "it"}


@dataclass(eq=False)
class Shopper:
    """`eagerness`: how often this one comes, against the others."""

    user: User | None
    first_name: str
    last_name: str
    email: str
    address: dict[str, Any]
    since: datetime
    eagerness: float

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def actor(self) -> Actor:
        if self.user is None:
            return GUEST
        return Actor("user", id=self.user.id, role=Role.CUSTOMER, name=self.name, email=self.email)


def invite(store: str, count: int, known: User, rng: random.Random, *, opened: datetime) -> list[Shopper]:
    """Rows for `count` people with accounts, most of them of the last year; `known` is the demo's own customer."""
    now = clock.now()
    password_hash = hash_password(PASSWORD)
    taken: set[str] = set()
    shoppers = [_known(known, opened, rng)]
    while len(shoppers) < count:
        first, last, address = _somebody(store, rng)
        email = f"{slugify(first)}.{slugify(last)}@mail.test"
        if email in taken:
            continue
        taken.add(email)
        since = opened + (now - opened) * rng.random() ** 0.8
        shoppers.append(_shopper(first, last, email, address, since, password_hash, rng))
    for shopper in shoppers:
        db.session.add_all(_rows(shopper))
    return shoppers


def guest(store: str, rng: random.Random, moment: datetime) -> Shopper:
    first, last, address = _somebody(store, rng)
    email = f"{slugify(first)}{rng.randint(1, 99)}@post.test"
    return Shopper(None, first, last, email, address, moment, 1.0)


def _somebody(store: str, rng: random.Random) -> tuple[str, str, dict[str, Any]]:
    shares = COUNTRIES[store]
    country = rng.choices(list(shares), list(shares.values()))[0]
    first, last = rng.choice(names.FIRST[country]), rng.choice(names.LAST[country])
    places = names.PLACES["PT-islands" if country == "PT" and rng.random() < 0.08 else country]
    city, postcode, street = rng.choice(places)
    number = rng.randint(1, 180)
    line1 = f"{number} {street}" if country in ("FR", "GB", "US") else f"{street} {number}"
    return first, last, {
        "first_name": first, "last_name": last, "company": "", "vat_number": "", "line1": line1,
        "line2": rng.choice(["", "", "", "2.º Esq."]) if country == "PT" else "", "city": city,
        "region": names.REGIONS.get(postcode, ""), "postal_code": postcode, "country": country, "phone": "",
    }  # fmt: skip


def _shopper(
    first: str,
    last: str,
    email: str,
    address: dict[str, Any],
    since: datetime,
    password_hash: str,
    rng: random.Random,
) -> Shopper:
    user = User(
        id=uuid7(),
        email=email,
        email_key=email,
        password_hash=password_hash,
        first_name=first,
        last_name=last,
        role=Role.CUSTOMER,
        locale=LOCALES.get(address["country"], "en"),
        accepts_marketing=rng.random() < 0.4,
        email_verified_at=since if rng.random() < 0.8 else None,
        created_at=since,
        updated_at=since,
        last_login_at=since + (clock.now() - since) * rng.random(),
    )
    # A few come often, many once or never.
    return Shopper(user, first, last, email, address, since, rng.paretovariate(1.4))


def _known(user: User, opened: datetime, rng: random.Random) -> Shopper:
    city, postcode, street = names.PLACES["PT"][0]
    address = {
        "first_name": user.first_name, "last_name": user.last_name, "company": "", "vat_number": "",
        "line1": f"{street} 12", "line2": "3.º Dto.", "city": city, "region": "", "postal_code": postcode,
        "country": "PT", "phone": "+351 912 345 678",
    }  # fmt: skip
    user.email_verified_at = user.created_at = opened + timedelta(days=20)
    return Shopper(
        user, user.first_name, user.last_name, user.email, address, opened + timedelta(days=20), 9.0
    )


def _rows(shopper: Shopper) -> list[Any]:
    user = shopper.user
    assert user is not None
    book = Address(
        user_id=user.id,
        label="",
        is_default_shipping=True,
        is_default_billing=True,
        created_at=shopper.since,
        updated_at=shopper.since,
        **shopper.address,
    )
    return [user, book]


def ids(shoppers: list[Shopper]) -> list[UUID]:
    return [shopper.user.id for shopper in shoppers if shopper.user]

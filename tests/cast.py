"""The people of the tests, always the same: two stores that must never see each other, and who works there."""

from dataclasses import dataclass
from uuid import UUID

from kit.actor import Actor, Role
from kit.db import db, transaction
from kit.passwords import hash_password
from kit.tenancy import every_tenant
from models.accounts import PlatformUser, User
from models.tenants import Tenant

PASSWORD = "Demo-Pass-1"
ROAST = UUID("018f0000-0000-7000-8000-000000000001")
RIVAL = UUID("018f0000-0000-7000-8000-000000000002")


@dataclass(frozen=True)
class Person:
    """`host` is where the person signs in."""

    id: UUID
    email: str
    role: Role
    host: str
    tenant_id: UUID | None

    @property
    def actor(self) -> Actor:
        kind = "platform" if self.role is Role.SYSADMIN else "user"
        return Actor(kind, id=self.id, role=self.role, name=self.email.split("@")[0], email=self.email)


def _person(n: int, name: str, role: Role, tenant: UUID | None) -> Person:
    host = {ROAST: "roast.localhost", RIVAL: "rival.localhost", None: "localhost"}[tenant]
    domain = {ROAST: "roast.test", RIVAL: "rival.test", None: "platform.test"}[tenant]
    return Person(
        UUID(int=0x018F0000_0000_7000_8000_000000000100 + n), f"{name}@{domain}", role, host, tenant
    )


ALICE = _person(1, "alice", Role.ADMIN, ROAST)
MIA = _person(2, "mia", Role.MANAGER, ROAST)
STAN = _person(3, "stan", Role.STAFF, ROAST)
CARLA = _person(4, "carla", Role.CUSTOMER, ROAST)
CARL = _person(5, "carl", Role.CUSTOMER, ROAST)
RITA = _person(6, "rita", Role.ADMIN, RIVAL)
RUDI = _person(7, "rudi", Role.CUSTOMER, RIVAL)
PAT = _person(8, "pat", Role.SYSADMIN, None)
EVERYBODY = (ALICE, MIA, STAN, CARLA, CARL, RITA, RUDI, PAT)


def invite() -> None:
    """Put the two stores and everybody into an empty database."""
    password_hash = hash_password(PASSWORD)
    with every_tenant(), transaction() as session:
        for tenant_id, slug in ((ROAST, "roast"), (RIVAL, "rival")):
            session.add(
                Tenant(
                    id=tenant_id,
                    slug=slug,
                    name=slug.title(),
                    country="PT",
                    payment_methods={"bank_transfer": {"enabled": True, "instructions": "IBAN PT50 …"}},
                    contact_email=f"hello@{slug}.test",
                    notification_email=f"orders@{slug}.test",
                )
            )
        session.flush()
        for who in EVERYBODY:
            common = {
                "id": who.id,
                "email": who.email,
                "email_key": who.email,
                "password_hash": password_hash,
                "first_name": who.email.split("@")[0].title(),
                "last_name": "Test",
                "role": who.role,
            }
            if who.tenant_id is None:
                session.add(PlatformUser(**common))
            else:
                session.add(User(tenant_id=who.tenant_id, **common))
    db.session.remove()

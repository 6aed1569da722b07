"""Who acts. Services take an actor by name; forgetting who acted must be a missing argument."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"
    ADMIN = "admin"
    SYSADMIN = "sysadmin"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def covers(self, other: "Role") -> bool:
        """Is this role at least the other one?"""
        return self.rank >= other.rank


_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is user (an account of the store), platform (of the platform), guest, order (holder of an order's
    link) or system. Only users and platform people have a role."""

    kind: str
    id: UUID | None = None
    role: Role | None = None
    name: str = ""
    email: str = ""
    order_id: UUID | None = None  # the one order that an order token opens
    has_second_factor: bool = False
    impersonator: str = ""  # the address of the platform's person who acts as this one
    ip: str = ""
    user_agent: str = ""
    request_id: str = ""

    def is_at_least(self, role: Role) -> bool:
        return self.role is not None and self.role.covers(role)

    @property
    def is_staff(self) -> bool:
        return self.is_at_least(Role.STAFF)


SYSTEM = Actor("system", name="Vitrine")
GUEST = Actor("guest")

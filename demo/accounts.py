"""Who can sign in to the demo, and how. Light to import: `make run` prints it at every start."""

from dataclasses import dataclass

from kit.actor import Role

PASSWORD = "Demo-Pass-1"
SYSADMIN = "sysadmin@platform.test"
STORES = ("demo", "atelier")


@dataclass(frozen=True, slots=True)
class Account:
    role: Role
    first_name: str
    last_name: str

    def email(self, store: str) -> str:
        return f"{self.role}@{store}.test"


ACCOUNTS = {
    "demo": (
        Account(Role.ADMIN, "Ana", "Bettencourt"),
        Account(Role.MANAGER, "Miguel", "Arruda"),
        Account(Role.STAFF, "Sofia", "Neves"),
        Account(Role.CUSTOMER, "Clara", "Vidal"),
    ),
    "atelier": (
        Account(Role.ADMIN, "Rita", "Sampaio"),
        Account(Role.MANAGER, "Tomás", "Quintela"),
        Account(Role.STAFF, "Joana", "Prates"),
        Account(Role.CUSTOMER, "Duarte", "Moreira"),
    ),
}


def told() -> list[str]:
    """The lines that `make run` prints."""
    names = ", ".join(str(account.role) for account in ACCOUNTS["demo"])
    return [
        f"Accounts: {names} @demo.test and @atelier.test, and {SYSADMIN}",
        f"Password of all of them: {PASSWORD}",
    ]

"""How the kinds of people are called."""

from kit.actor import Role
from kit.i18n import mark

ROLE_NAMES = {
    Role.CUSTOMER: mark("Customer"),
    Role.STAFF: mark("Staff"),
    Role.MANAGER: mark("Manager"),
    Role.ADMIN: mark("Admin"),
    Role.SYSADMIN: mark("Platform team"),
}

"""What the commands share: who acts, refusals as one line, and finding a store by its slug."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from kit.actor import Actor, Role
from kit.errors import ShopError
from services import tenants
from services.tenants import Store

# Whoever may run commands on the server has the database as well.
OPERATOR = Actor("platform", role=Role.SYSADMIN, name="command line")


def plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal is said in a line on stderr, with exit code 1."""

    @wraps(command)
    def run(*args: Any, **kw: Any) -> Any:
        try:
            return command(*args, **kw)
        except ShopError as error:
            lines = [error.message, *(f"{e.field}: {e.message}" for e in error.errors)]
            raise click.ClickException("\n".join(lines)) from error

    return run


def store_named(slug: str) -> Store:
    store = tenants.find_by_host(f"{slug}.{tenants.platform_domain()}")
    if store is None:
        raise click.ClickException(f"There is no store {slug!r}. `flask tenants list` names them.")
    return store

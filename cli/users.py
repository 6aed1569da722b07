"""`flask users`: who works in a store, and a way in for who has lost theirs."""

import click
from flask.cli import AppGroup

from cli.ground import OPERATOR, plainly, store_named
from kit.actor import Role
from kit.drafts import read
from models.accounts import User
from services import tenants
from services.accounts import invitations, passwords, people, roles, two_factor
from services.notifications import letters

commands = AppGroup("users", help="The people who work in a store.")
ROLES = [str(role) for role in (Role.STAFF, Role.MANAGER, Role.ADMIN)]


@commands.command("list")
@click.argument("store")
def list_team(store: str) -> None:
    """The store's team, the highest role first."""
    with tenants.in_store(store_named(store)):
        for user in roles.list_team():
            click.echo(
                f"{user.role:<8} {user.email:<40} {user.name}{'' if user.is_active else '  (switched off)'}"
            )


@commands.command("invite")
@click.argument("store")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default=ROLES[0], show_default=True)
@plainly
def invite(store: str, email: str, role: str) -> None:
    """Ask somebody to work in the store: they get a mail with a link that is good for a week."""
    with tenants.in_store(store_named(store)):
        found = invitations.invite(read(roles.InviteDraft, {"email": email, "role": role}), actor=OPERATOR)
        click.echo(f"{found.email} is invited to be {found.role} of {store}.")


@commands.command("reset-link")
@click.argument("store")
@click.argument("email")
@plainly
def reset_link(store: str, email: str) -> None:
    """Print a link with which this person can choose a new password, once and for an hour."""
    with tenants.in_store(store_named(store)):
        user = people.find_by_email(email)
        if not isinstance(user, User):
            raise click.ClickException(f"{store} has no account {email}.")
        click.echo(letters.url(f"/password/reset/{passwords.open_reset(user)}"))


@commands.command("reset-two-factor")
@click.argument("store")
@click.argument("email")
@plainly
def reset_two_factor(store: str, email: str) -> None:
    """Take a colleague's two-factor sign-in away, e.g. when a store's only admin has lost phone and recovery codes."""
    with tenants.in_store(store_named(store)):
        user = people.find_by_email(email)
        if not isinstance(user, User):
            raise click.ClickException(f"{store} has no account {email}.")
        two_factor.reset(user.id, actor=OPERATOR)
        click.echo(f"{user.email} signs in by password alone until it is set up again.")


@commands.command("reset-platform-two-factor")
@click.argument("email")
@plainly
def reset_platform_two_factor(email: str) -> None:
    """Take the two-factor sign-in of one of the platform's people away, who has lost phone and recovery codes. Every
    session of theirs ends."""
    two_factor.reset_of_platform(email, actor=OPERATOR)
    click.echo(f"{email} signs in by password, and sets a new one up.")

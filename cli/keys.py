"""`flask keys`: the change of a key."""

import secrets

import click
from flask.cli import AppGroup

from cli.ground import plainly
from services import resealing

commands = AppGroup("keys", help="The keys of this installation.")


@commands.command("new")
def new() -> None:
    """Print a new key, good for SECRET_KEY or CREDENTIALS_KEY."""
    click.echo(secrets.token_urlsafe(48))


@commands.command("reseal")
@plainly
def reseal() -> None:
    """Seal everything under the first key of CREDENTIALS_KEY; then the older ones can be taken out. Exit code 1 where
    something can't be opened by any of the keys."""
    done = resealing.reseal_all()
    click.echo(f"{done.sealed} secrets are sealed under the newest key.")
    if done.broken:
        raise click.ClickException(
            f"{done.broken} can be opened by none of the keys: their owners set them up anew."
        )

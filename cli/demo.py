"""`flask demo`: fill the demo stores into a database that has none."""

import click
from flask import current_app
from flask.cli import with_appcontext

from config import Config
from demo import accounts, state


@click.command("demo")
@with_appcontext
def commands() -> None:
    """Fill in the two demo stores, unless there are stores already. Never in production."""
    from demo import build  # it brings what nobody else needs; every start would wait for it

    config: Config = current_app.config["VITRINE"]
    if config.is_production:
        raise click.ClickException("The demo has accounts with a known password: not in production.")
    if state.is_filled(config):
        raise click.ClickException("There are stores in this database already; nothing was changed.")
    build.fill(config, say=click.echo)
    click.echo("\n".join(accounts.told()))

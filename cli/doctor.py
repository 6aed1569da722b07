"""`flask doctor`: is this installation set up well, and does everything it needs answer?"""

import click
from flask import current_app
from flask.cli import with_appcontext

from cli.ground import plainly
from services import checkup

SIGNS = {checkup.GOOD: "ok  ", checkup.ODD: "look", checkup.BAD: "BAD "}


@click.command("doctor")
@click.option("--strict", is_flag=True, help="Exit code 1 for what should be looked at, too.")
@with_appcontext
@plainly
def commands(strict: bool) -> None:
    """Look at the settings, the database, files, mail, queues and the worker; one line each, with what to do.

    Exit code 1 where something is bad. It changes nothing, but for a file that it writes into the store of files and
    takes away again.
    """
    states = []
    for found in checkup.look(current_app.config["VITRINE"]):
        states.append(found.state)
        click.echo(f"{SIGNS[found.state]}  {found.what:<22} {found.says}")
    bad, odd = states.count(checkup.BAD), states.count(checkup.ODD)
    if bad or (strict and odd):
        raise click.ClickException(f"{bad} bad, {odd} to be looked at.")
